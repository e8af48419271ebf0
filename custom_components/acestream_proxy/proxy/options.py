"""How the proxy behaves."""

from dataclasses import dataclass, field

from .audience import Limits
from .broadcast import BroadcastOptions
from .engine import EngineOptions, SessionOptions
from .hls import HlsOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyOptions:
    """How the proxy behaves; times in seconds."""

    linger: float = 10.0
    """How long a broadcast outlives its last viewer."""

    drop_after: float = 30.0
    """How long a player may take nothing before it is closed."""

    may_return: float = 5.0
    """How long a viewer may be gone before it has left, as events have it. Players open streams
    twice and the parts of films one by one; less than `linger`, so that who left is told first."""

    ffmpeg: str | None = None
    """The path of ffmpeg, for what browsers cannot decode; None where there is none."""

    audio_language: str = ""
    """The language to hear channels in, as an ISO 639-2 code; see `ChannelOptions`."""

    limits: Limits = field(default_factory=Limits)

    sample_interval: float = 5.0
    """Between two looks at how much has passed, for rates."""

    broadcast: BroadcastOptions = field(default_factory=BroadcastOptions)
    engine: EngineOptions = field(default_factory=EngineOptions)
    session: SessionOptions = field(default_factory=SessionOptions)
    hls: HlsOptions = field(default_factory=HlsOptions)
