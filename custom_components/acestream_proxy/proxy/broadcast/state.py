"""What a broadcast can be doing, may take, and has done."""

from dataclasses import dataclass
from enum import StrEnum


class StreamState(StrEnum):
    """What a stream is doing; the same words in sensors, status, logs and metrics."""

    STARTING = "starting"
    PREBUFFERING = "prebuffering"
    STREAMING = "streaming"
    STALLED = "stalled"
    RECONNECTING = "reconnecting"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastOptions:
    """Limits and waits of a broadcast, in seconds and bytes."""

    start_timeout: float = 30.0
    """From an open session to its first bytes."""

    stall_after: float = 10.0
    """Silence after which a stream counts as stalled."""

    reconnect_after: float = 30.0
    """Silence after which the upstream is opened anew."""

    give_up_after: float = 90.0
    """Time without data, over all attempts to reconnect, after which the stream has failed."""

    random_access_patience: float = 5.0
    """How long to look for a random access point before passing on whatever comes."""

    max_patience: float = 1.0
    """For how long in each burst the upstream slows down for subscribers that are slow over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastStats:
    """What a broadcast was doing at one moment."""

    state: StreamState
    """See `StreamState`."""

    viewers: int = 0
    """People or devices watching, over all subscribers."""

    bytes_in: int = 0
    """Bytes read from the upstream since the start, as far as they were packets."""

    bytes_out: int = 0
    """Bytes given to subscribers since the start, all of them together."""

    lag: int = 0
    """Bytes that the slowest subscriber is behind the live edge."""

    skips: int = 0
    """Times a subscriber fell out of the backlog and went on later, since the start."""

    dropped: int = 0
    """Subscribers closed since the start because they took nothing for long."""

    attempt: int = 0
    """Attempts to reconnect since the stream last was stable."""

    reconnects: int = 0
    """Times the upstream was opened anew since the start."""

    error: str | None = None
    """Why the stream broke the last time, as a sentence; None while it never did."""
