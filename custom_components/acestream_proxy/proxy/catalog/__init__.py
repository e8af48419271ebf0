"""Lists of channels: bytes in, channels out. No I/O, no clock.

bytes ──parse_playlist──▶ Playlist ──Filter──▶ channels ──merge_mirrors──▶ channels with mirrors
SearchResults ──channels_of────────────────────▲                 Listing ◀──────┘
                                                                    └──▶ Catalog ──▶ Entry
"""

from .catalog import Catalog, Entry
from .channel import MAX_TEXT, Channel, Source, StreamAddress, tidy
from .filter import Filter
from .listing import Listing, number_of_group
from .mirrors import channel_id, merge_mirrors, plain_name
from .playlist import Playlist, Problem, parse_playlist
from .search import SearchResult, channels_of
from .source import is_http, read_path

__all__ = [
    "MAX_TEXT",
    "Catalog",
    "Channel",
    "Entry",
    "Filter",
    "Listing",
    "Playlist",
    "Problem",
    "SearchResult",
    "Source",
    "StreamAddress",
    "channel_id",
    "channels_of",
    "is_http",
    "merge_mirrors",
    "number_of_group",
    "parse_playlist",
    "plain_name",
    "read_path",
    "tidy",
]
