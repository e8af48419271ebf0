"""The lists and guides that there are: those of the file, and the guides that lists name."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Final

from ..config import GuideConfig, PlaylistConfig
from ..feeds import DAY, Feed, GuideFeed, ListFeed, Origin, Search, forget_others, named_guides
from ..lineup import Lineup
from .favourites import FAVOURITES
from .lookout import Lookout

_HOUR: Final = 3600.0

# Between the parts of a key. No name and no address has one inside.
_SEPARATOR: Final = "\n"

type _FeedConfig = PlaylistConfig | GuideConfig


class Feeds:
    """Has lists and guides looked at, each by itself."""

    def __init__(self, lineup: Lineup, *, search: Search) -> None:
        """Start without any; `search` finds the channels of lists that are a search."""
        self._lineup = lineup
        self._search = search
        self._configs: dict[str, _FeedConfig] = {}
        self._lookouts: dict[str, Lookout] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_swept = False
        # The file changes them, and so does each list that names guides.
        self._changing = asyncio.Lock()

    async def follow(
        self, playlists: Iterable[PlaylistConfig], guides: Iterable[GuideConfig]
    ) -> None:
        """Have these lists and guides in this order, and nothing that was kept of others.

        Those that are as before go on as they were.
        """
        lists = {_key(ListFeed, one.name): one for one in playlists}
        # Guides first: one that a list names, too, is not fetched for the list again.
        wanted = {_key(GuideFeed, one.name): one for one in guides} | lists
        self._lineup.catalog.arrange([FAVOURITES, *lists])
        self._lineup.guides.arrange(wanted)
        async with self._changing:
            for key in self._configs.keys() - wanted.keys():
                self._forget(key)
            for key, config in wanted.items():
                if self._configs.get(key) != config:
                    await self._have(self._make(key, config))
                    self._configs[key] = config
            if not self._is_swept:
                # Whoever changes the file may well do so before a start.
                known = [lookout.feed for lookout in self._lookouts.values()]
                await asyncio.to_thread(forget_others, self._lineup.folder, known)
                self._is_swept = True

    async def stop(self) -> None:
        """Look at nothing any more; a look that has begun is cut off."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _make(self, key: str, config: _FeedConfig) -> Feed:
        interval = config.refresh_hours * _HOUR
        path = str(config.file) if config.file else ""
        if isinstance(config, GuideConfig):
            origin = Origin(address=config.url, path=path)
            return GuideFeed(self._lineup, key, config.name, origin, interval=interval)
        return ListFeed(
            self._lineup,
            key,
            config.name,
            Origin(address=config.url, path=path, text=config.text, query=config.search),
            wanted=config.filter,
            search=self._search,
            interval=interval,
        )

    async def _have(self, feed: Feed) -> None:
        """Take what was kept of a list or guide, and look at it from now on."""
        if old := self._lookouts.get(feed.key):
            old.end()
        lookout = self._lookouts[feed.key] = Lookout(feed, looked=self._looked)
        await feed.load()
        await self._have_guides(feed)
        self._start(lookout.run(), f"{feed.kind} {feed.title}")

    async def _looked(self, lookout: Lookout) -> None:
        """Have the guides that a list names now, unless it is gone."""
        async with self._changing:
            if self._lookouts.get(lookout.feed.key) is lookout:
                await self._have_guides(lookout.feed)

    async def _have_guides(self, feed: Feed) -> None:
        """Have the guides that a list names, and no others of it."""
        own = self._named_by(feed.key)
        others = [one.feed for key, one in self._lookouts.items() if key not in own]
        addresses = named_guides(feed, others)
        named = {f"{feed.key}{_SEPARATOR}{address}": address for address in addresses}
        for key in own - named.keys():
            self._forget(key)
        for key, address in named.items():
            if key not in self._lookouts:
                origin = Origin(address=address)
                await self._have(GuideFeed(self._lineup, key, feed.title, origin, interval=DAY))

    def _named_by(self, key: str) -> set[str]:
        """Return the keys of the guides that a list names."""
        return {one for one in self._lookouts if one.startswith(f"{key}{_SEPARATOR}")}

    def _forget(self, key: str) -> None:
        """Look at a list or guide no more, and keep nothing of it or of the guides it names."""
        self._configs.pop(key, None)
        lookout = self._lookouts.pop(key)
        lookout.end()
        # It is out of sight at once, but its files only go once nobody writes to them any more.
        self._start(lookout.feed.forget(), f"forget {lookout.feed.title}")
        for named in self._named_by(key):
            self._forget(named)

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name, eager_start=True)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _key(kind: type[Feed], name: str) -> str:
    """Return the key of a list or guide of the file; a guide may be called as a list is."""
    return f"{kind.folder}{_SEPARATOR}{name}"
