"""What the proxy is doing, as frozen pictures of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .audience import Watching
from .broadcast import BroadcastStats, StreamState
from .content import ContentKey
from .engine import EngineStats, SessionStatus
from .errors import ProxyError
from .mpegts import PictureFormat, Program
from .traffic import Traffic

_TROUBLE: Final = (StreamState.STALLED, StreamState.RECONNECTING, StreamState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStats:
    """What is known of one running stream at one moment."""

    content: ContentKey
    """What it plays; by its infohash, once an engine has said so."""

    names: frozenset[ContentKey]
    """All the names that are known to lead to it."""

    title: str
    """What its broadcaster calls it; empty where no engine said."""

    infohash: str
    """What the engine plays; empty until a session is open."""

    since: float | None
    """When it was started, in Unix time; None if it never was."""

    engine_id: str | None
    """The engine that plays it; None until a session is open."""

    program: Program | None
    """What the stream carries; None until that was seen."""

    picture: PictureFormat | None
    """What its pictures are like; None until that was seen, and for radio."""

    broadcast: BroadcastStats
    """The stream on our side."""

    session: SessionStatus
    """The stream on the network's side."""

    rate_in: float
    """Bytes a second from the engine, over the last sample interval."""

    rate_out: float
    """Bytes a second to all viewers, over the last sample interval."""

    @property
    def has_failed(self) -> bool:
        """Whether it is over, and should not be."""
        return self.broadcast.state is StreamState.FAILED

    @property
    def is_in_trouble(self) -> bool:
        """Whether those who watch see nothing, or soon will not."""
        return self.broadcast.state in _TROUBLE


def never_started(content: ContentKey, error: ProxyError) -> StreamStats:
    """Return the picture of a stream that failed before there was any."""
    return StreamStats(
        content=content,
        names=frozenset((content,)),
        title="",
        infohash="",
        since=None,
        engine_id=None,
        program=None,
        picture=None,
        broadcast=BroadcastStats(state=StreamState.FAILED, error=str(error)),
        session=SessionStatus(),
        rate_in=0.0,
        rate_out=0.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyStats:
    """What the proxy was doing at one moment."""

    streams: tuple[StreamStats, ...]
    """Streams that run, also those that are starting."""

    failed: tuple[StreamStats, ...]
    """Streams that failed a moment ago, as they last were."""

    engines: tuple[EngineStats, ...]
    """Engines that are set up."""

    watching: Mapping[str, tuple[Watching, ...]]
    """What those watch that have addresses of their own, by the viewer's ID."""

    refused: int
    """Viewers and streams that were one too many for the proxy, since it started."""

    traffic: Traffic
    """What has passed since the proxy began, also through streams that are over."""

    @property
    def is_in_trouble(self) -> bool:
        """Whether no engine is there, or a stream is not well."""
        reachable = any(engine.reachable for engine in self.engines)
        return not reachable or any(one.is_in_trouble for one in (*self.streams, *self.failed))

    @property
    def viewers(self) -> int:
        """People or devices watching, over all streams."""
        return sum(stream.broadcast.viewers for stream in self.streams)

    @property
    def rate_in(self) -> float:
        """Bytes a second from all engines."""
        return sum(stream.rate_in for stream in self.streams)

    @property
    def rate_out(self) -> float:
        """Bytes a second to all viewers."""
        return sum(stream.rate_out for stream in self.streams)

    def engine(self, engine_id: str) -> EngineStats | None:
        """Return an engine by the name it was added under."""
        return next((one for one in self.engines if one.engine_id == engine_id), None)

    def stream(self, content: ContentKey) -> StreamStats | None:
        """Return the stream of some content, by any of its names: running, or just failed."""
        known = (*self.streams, *self.failed)
        return next((stream for stream in known if content in stream.names), None)
