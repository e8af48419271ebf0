"""How an engine is talked to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """Waits for an engine, in seconds, and what it is told of us."""

    connect_timeout: float = 5.0
    """For a connection to be accepted."""

    version_timeout: float = 5.0
    """For the answer to what it is."""

    facts_timeout: float = 6.0
    """For the answer to what some content is. A known one is named within a second, an unknown ID
    is given up on by the engine after 4.7."""

    start_timeout: float = 15.0
    """For a session to open. Unknown infohashes take an engine some 28 s to give up on; who watches
    will not wait that long."""

    late_timeout: float = 45.0
    """For a session to open after all, when nobody waits for it any more, so that it is stopped."""

    status_timeout: float = 5.0
    """For a session's figures."""

    stop_timeout: float = 3.0
    """For a session to be stopped."""

    connections: int = 10
    """Calls that wait for an answer at once. Asking whether the engine is there and stopping a
    session wait for no others."""

    user_agent: str = "VLC/3.0.21 LibVLC/3.0.21"
    """What the engine takes for a player it knows; a few builds look at it."""
