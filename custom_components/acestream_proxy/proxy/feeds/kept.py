"""The files of lists and guides that are not there any more."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
import re
from typing import Final

from .feed import Feed
from .guides import GuideFeed
from .lists import ListFeed

# What the files of a feed are called, also while they are written.
_KEPT: Final = re.compile(r"\.?([0-9a-f]{32})(?:\.|$)")


def forget_others(folder: Path, feeds: Iterable[Feed]) -> None:
    """Keep nothing of lists and guides other than these, as of those of an earlier start.

    `folder` is the lineup's. This is for threads.
    """
    known = {feed.kept for feed in feeds}
    for kind in (ListFeed, GuideFeed):
        for path in (folder / kind.folder).glob("*"):
            # What is called otherwise is not ours: a folder may be the wrong one.
            name = _KEPT.match(path.name)
            if name and path.with_name(name[1]) not in known:
                with suppress(OSError):
                    path.unlink()
