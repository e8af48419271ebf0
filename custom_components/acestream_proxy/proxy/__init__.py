"""The proxy itself: everything that works without Home Assistant.

The integration around this package gives it a face in Home Assistant; the command and the app run
it alone. To keep both true, nothing here imports `homeassistant`, and imports inside the package
are relative, so that the folder works under any name.
"""

from .audience import Ticket
from .broadcast import StreamState
from .content import ContentKey, ContentKind
from .engine import EngineClient, EngineStats, EngineVersion
from .errors import (
    EngineError,
    EngineProtocolError,
    EngineUnreachableError,
    InvalidContentError,
    ProxyError,
    UnknownPlayError,
)
from .runtime import Proxy, ProxyOptions
from .stats import ProxyStats, StreamStats
from .transcode import ChannelOptions, is_language

__all__ = [
    "ChannelOptions",
    "ContentKey",
    "ContentKind",
    "EngineClient",
    "EngineError",
    "EngineProtocolError",
    "EngineStats",
    "EngineUnreachableError",
    "EngineVersion",
    "InvalidContentError",
    "Proxy",
    "ProxyError",
    "ProxyOptions",
    "ProxyStats",
    "StreamState",
    "StreamStats",
    "Ticket",
    "UnknownPlayError",
    "is_language",
]
