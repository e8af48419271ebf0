"""The AceStream engine's HTTP API, and several engines as one.

EnginePool ──▶ EngineClient ──JSON──▶ engine        start, status, stop, version, search
                    │
               PlaybackSession ──bytes──▶           the media of one content
"""

from .client import EngineClient, EngineVersion, SessionStatus
from .engine import Engine, EngineStats
from .media import MediaReader
from .options import EngineOptions
from .pool import EnginePool
from .resolver import ResolvedContent, Resolver
from .search import MAX_PAGE, SearchPage
from .session import PlaybackSession, SessionOptions

__all__ = [
    "MAX_PAGE",
    "Engine",
    "EngineClient",
    "EngineOptions",
    "EnginePool",
    "EngineStats",
    "EngineVersion",
    "MediaReader",
    "PlaybackSession",
    "ResolvedContent",
    "Resolver",
    "SearchPage",
    "SessionOptions",
    "SessionStatus",
]
