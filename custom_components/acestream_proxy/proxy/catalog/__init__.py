"""Lists of channels: bytes in, channels out. No I/O, no clock.

bytes ──parse_playlist──▶ Playlist ──Filter──▶ channels ──merge_mirrors──▶ channels with mirrors
                                                                 Listing ◀──────┘
                                                                    └──▶ Catalog ──▶ Entry
"""

from .catalog import Catalog, Entry
from .channel import Channel, Source, StreamAddress
from .filter import Filter
from .listing import Listing
from .mirrors import channel_id, merge_mirrors
from .playlist import Playlist, Problem, parse_playlist

__all__ = [
    "Catalog",
    "Channel",
    "Entry",
    "Filter",
    "Listing",
    "Playlist",
    "Problem",
    "Source",
    "StreamAddress",
    "channel_id",
    "merge_mirrors",
    "parse_playlist",
]
