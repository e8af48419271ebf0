"""The proxy itself: everything that works without Home Assistant.

The integration around this package gives it a face in Home Assistant; the command and the app run
it alone. To keep both true, nothing here imports `homeassistant`, and imports inside the package
are relative, so that the folder works under any name.
"""

from .audience import Ticket, Viewer
from .broadcast import StreamState
from .catalog import Channel, Filter, Listing, StreamAddress
from .content import ContentKey, ContentKind
from .engine import EngineClient, EngineStats, EngineVersion
from .errors import (
    EngineError,
    EngineProtocolError,
    EngineUnreachableError,
    FetchError,
    InvalidContentError,
    ProxyError,
    UnknownPlayError,
)
from .events import STREAM_EVENTS, VIEWER_EVENTS, EventKind, ProxyEvent
from .feeds import Feed, GuideFeed, ListFeed, Origin
from .lineup import Lineup
from .options import ProxyOptions
from .runtime import Proxy
from .stats import ProxyStats, StreamStats
from .traffic import Traffic
from .transcode import ChannelOptions, is_language

__all__ = [
    "STREAM_EVENTS",
    "VIEWER_EVENTS",
    "Channel",
    "ChannelOptions",
    "ContentKey",
    "ContentKind",
    "EngineClient",
    "EngineError",
    "EngineProtocolError",
    "EngineStats",
    "EngineUnreachableError",
    "EngineVersion",
    "EventKind",
    "Feed",
    "FetchError",
    "Filter",
    "GuideFeed",
    "InvalidContentError",
    "Lineup",
    "ListFeed",
    "Listing",
    "Origin",
    "Proxy",
    "ProxyError",
    "ProxyEvent",
    "ProxyOptions",
    "ProxyStats",
    "StreamAddress",
    "StreamState",
    "StreamStats",
    "Ticket",
    "Traffic",
    "UnknownPlayError",
    "Viewer",
    "is_language",
]
