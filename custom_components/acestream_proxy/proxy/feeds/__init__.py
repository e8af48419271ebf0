"""What channels and guides are read from: fetched now and then, and kept.

    address, file, text or search ──▶ bytes ──parse, filter, merge mirrors──▶ Listing ──▶ Catalog
                                        └──▶ folder
    address or file ──▶ file ──▶ guide's file ──▶ Guides

What is kept is for the next start, and for when the source is down. Who calls `refresh`, and when,
is for others to decide: Home Assistant's coordinators, or the command's own loop.
"""

from .feed import DAY, Feed, Origin, pause_after
from .guides import GuideFeed
from .kept import forget_others
from .lists import ListFeed, Search, named_guides, read_channels

__all__ = [
    "DAY",
    "Feed",
    "GuideFeed",
    "ListFeed",
    "Origin",
    "Search",
    "forget_others",
    "named_guides",
    "pause_after",
    "read_channels",
]
