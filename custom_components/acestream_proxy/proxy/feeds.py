"""What channels and guides are read from: fetched now and then, and kept.

    address, file, text or search ──▶ bytes ──parse, filter, merge mirrors──▶ Listing ──▶ Catalog
                                        └──▶ folder
    address or file ──▶ file ──▶ guide's file ──▶ Guides

What is kept is for the next start, and for when the source is down. Who calls `refresh`, and when,
is for others to decide: Home Assistant's coordinators, or the command's own loop.
"""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
import json
from pathlib import Path
import re
from time import time
from typing import Any, ClassVar, Final, override

from .catalog import Channel, Filter, Listing, Playlist, channel_id
from .catalog.m3u import write_channels
from .catalog.mirrors import merged
from .catalog.packed import ChannelsById, PackedChannels
from .catalog.playlist import MAX_BYTES, read_playlist
from .errors import FetchError
from .fetch import Validators, WholeFile, download, fetch
from .guide import GuideFacts, build
from .lineup import Lineup

DAY: Final = 24 * 3600.0

# Lists that were put together of others name the guides of all of them.
_MOST_GUIDES: Final = 4

# Seconds until what failed is tried again; twice as many each time, up to the interval. Most
# servers are back within minutes, and those that are not should not be asked for ever.
_FIRST_RETRY: Final = 300.0

# Seconds for a list of 32 MB over a slow line, and for a guide of 300.
_LIST_TIMEOUT: Final = 120.0
_GUIDE_TIMEOUT: Final = 900.0
_MAX_GUIDE: Final = 512 * 1024 * 1024

# What the files of a feed are called, also while they are written.
_KEPT: Final = re.compile(r"\.?([0-9a-f]{32})(?:\.|$)")

type Search = Callable[[str], Awaitable[Sequence[Channel]]]
"""Finds channels by a text, as an engine does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a list or a guide comes from: one of these is not empty."""

    address: str = ""
    """An http or https address."""

    path: str = ""
    """A file on this machine; that it may be read is for others to check."""

    text: str = ""
    """The list itself."""

    query: str = ""
    """What to have an engine search for."""

    @property
    def mark(self) -> str:
        """What tells origins apart without giving away what is in them, such as a password."""
        return blake2b(json.dumps(asdict(self)).encode(), digest_size=16).hexdigest()


class Feed(ABC):
    """Something that is fetched now and then, and kept."""

    kind: ClassVar[str]
    """What it is, in words."""

    folder: ClassVar[str]
    """Where in the lineup's folder it is kept."""

    def __init__(
        self, lineup: Lineup, key: str, title: str, origin: Origin, *, interval: float = DAY
    ) -> None:
        """Prepare; nothing is there before something was loaded or fetched."""
        self.key = key
        """What tells it from others as long as it is there."""
        self.title = title
        """What the user calls it."""
        self.interval = interval
        """Seconds from one look to the next."""
        self.updated: float | None = None
        """When it was last fetched, or found to be still the same, in Unix time."""
        self._lineup = lineup
        self.origin = origin
        """Where it comes from."""
        self._validators: Validators | None = None
        self._is_retired = False
        name = blake2b(key.encode(), digest_size=16).hexdigest()  # a key may be any text
        self.kept = lineup.folder / self.folder / name
        """The file that it is kept in; others beside it are called the same, with an ending."""
        self._facts = self.kept.with_suffix(".json")

    async def load(self) -> None:
        """Take what was kept, unless it comes from elsewhere or is damaged."""
        facts = await asyncio.to_thread(self._read_facts)
        if facts.get("origin") != self.origin.mark or not await self._take_kept():
            return
        self._validators = Validators(
            etag=str(facts.get("etag", "")), modified=str(facts.get("modified", ""))
        )
        self.updated = float(facts.get("updated", 0))

    async def refresh(self) -> None:
        """Fetch it if it has changed.

        Raises:
            ProxyError: It cannot be had; what there is stays.
        """
        # One after the other: what is there and the one that replaces it have the same files.
        async with self._lineup.lock(self.key):
            if not self._is_retired:
                await self._refresh()
            if not self._is_retired:
                self.updated = time()
                await asyncio.to_thread(self._write_facts)

    def retire(self) -> None:
        """Have nothing more of it: another one takes its place, or none."""
        self._is_retired = True

    async def forget(self) -> None:
        """Retire, and keep nothing."""
        self.retire()
        async with self._lineup.lock(self.key):
            for path in (self._facts, self.kept):
                await asyncio.to_thread(path.unlink, missing_ok=True)

    @abstractmethod
    async def _take_kept(self) -> bool:
        """Have what was kept; return whether there is anything."""

    @abstractmethod
    async def _refresh(self) -> None:
        """Have what is there now, and keep it."""

    def _write_facts(self) -> None:
        validators = self._validators or Validators()
        facts = {"origin": self.origin.mark, "updated": self.updated, **asdict(validators)}
        write_whole(self._facts, json.dumps(facts).encode())

    def _read_facts(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            facts = json.loads(self._facts.read_bytes())
            if isinstance(facts, dict):
                return facts
        return {}


class ListFeed(Feed):
    """A list of channels."""

    kind = "list of channels"
    folder = "lists"

    def __init__(
        self,
        lineup: Lineup,
        key: str,
        title: str,
        origin: Origin,
        *,
        wanted: Filter | None = None,
        search: Search | None = None,
        interval: float = DAY,
    ) -> None:
        """Prepare; `search` is what finds channels where the origin is a query."""
        super().__init__(lineup, key, title, origin, interval=interval)
        self._wanted = wanted or Filter()
        self._search = search
        self._digest: bytes | None = None
        self.playlist = Playlist()
        """What the list said, without its channels: those are in the catalog."""

    @property
    def listing(self) -> Listing | None:
        """The channels; None before they were there."""
        return self._lineup.catalog.get(self.key)

    @override
    async def forget(self) -> None:
        """Retire, and keep nothing, here or in the catalog."""
        self._lineup.catalog.remove(self.key)
        await super().forget()

    @override
    async def _take_kept(self) -> bool:
        try:
            body = await asyncio.to_thread(self.kept.read_bytes)
        except OSError:
            return False
        await self._take(body, await asyncio.to_thread(_digest, body))
        return True

    @override
    async def _refresh(self) -> None:
        known = self._validators
        body = await self.fetch()
        if body is None:
            return
        digest = await asyncio.to_thread(_digest, body)
        if digest == self._digest or self._is_retired:
            return
        try:
            await self._take(body, digest)
        except FetchError:
            self._validators = known  # of what is kept, not of what was refused
            raise
        await asyncio.to_thread(write_whole, self.kept, body)

    async def fetch(self) -> bytes | None:
        """Return the list as it is now; None if it is still the same.

        Raises:
            ProxyError: It cannot be had.
        """
        origin = self.origin
        if origin.text:
            return origin.text.encode()
        if origin.path:
            return await asyncio.to_thread(_read_file, Path(origin.path))
        if origin.query:
            assert self._search is not None  # noqa: S101 - who has a query has a search
            found = await self._search(origin.query)
            return "".join(write_channels(found)).encode()
        fetched = await fetch(
            self._lineup.session,
            origin.address,
            validators=self._validators if self._digest is not None else None,
            max_bytes=MAX_BYTES,
            timeout=_LIST_TIMEOUT,
        )
        if fetched is None:
            return None
        self._validators = fetched.validators
        return fetched.body

    async def _take(self, body: bytes, digest: bytes) -> None:
        """Have the channels of a list in the catalog.

        Raises:
            FetchError: There are none, but there were: what says that the source is closed is no
                list without channels. If other ones were wanted then, that is no such sign.
        """
        catalog = self._lineup.catalog
        playlist, channels = await asyncio.to_thread(read_channels, body, self._wanted)
        if not channels and self._digest is not None and self.listing and self.listing.channels:
            raise FetchError("There are no channels in it any more.")
        listing = await asyncio.to_thread(
            Listing, self.key, self.title, channels, catalog.numbers_without(self.key)
        )
        if self._is_retired:
            return
        catalog.set(listing)
        self.playlist, self._digest = playlist, digest


class GuideFeed(Feed):
    """A guide."""

    kind = "guide"
    folder = "guides"

    facts: GuideFacts | None = None
    """What was in the guide when it was last looked at; None before it was there."""

    @override
    async def forget(self) -> None:
        """Retire, and keep nothing, here or among the guides."""
        self._lineup.guides.remove(self.key)
        await super().forget()

    @override
    async def _take_kept(self) -> bool:
        # In a thread, one that is set at the same time might get lost.
        guides = self._lineup.guides
        guides.set(self.key, self.kept)
        self.facts = await asyncio.to_thread(guides.facts, self.key)
        return self.facts is not None

    @override
    async def _refresh(self) -> None:
        if self.origin.path:
            await self._build(Path(self.origin.path))
            return
        downloaded = self.kept.with_suffix(".download")
        try:
            validators = await download(
                self._lineup.session,
                self.origin.address,
                downloaded,
                validators=self._validators if self.facts else None,
                max_bytes=_MAX_GUIDE,
                timeout=_GUIDE_TIMEOUT,
            )
            if validators is not None:
                await self._build(downloaded)
                self._validators = validators
        finally:
            await asyncio.to_thread(downloaded.unlink, missing_ok=True)

    async def _build(self, source: Path) -> None:
        try:
            await asyncio.to_thread(self.kept.parent.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise FetchError(f"It cannot be kept ({error.strerror}).") from error
        await asyncio.to_thread(build, source, self.kept, now=time())
        if not self._is_retired:
            await self._take_kept()


def named_guides(playlist: Feed, feeds: Iterable[Feed]) -> tuple[str, ...]:
    """Return the addresses of guides to have because a list names them.

    Not those that others of the feeds have already, as the user's own guides or other lists do.
    """
    if not isinstance(playlist, ListFeed):
        return ()
    known = {one.origin.address for one in feeds if isinstance(one, GuideFeed)}
    return tuple(one for one in playlist.playlist.guides[:_MOST_GUIDES] if one not in known)


def pause_after(failures: int, interval: float) -> float:
    """Return the seconds until the next look, after some failures in a row."""
    if not failures:
        return interval
    # More doublings than this would be numbers without end; the interval comes long before.
    return min(_FIRST_RETRY * 2.0 ** min(failures - 1, 20), interval)


def read_channels(body: bytes, wanted: Filter) -> tuple[Playlist, Mapping[str, Channel]]:
    """Return what a list says beside its channels, and those that are wanted, each once.

    That takes seconds for long lists.
    """
    listed = PackedChannels()
    playlist = read_playlist(body, listed)
    if wanted != Filter():
        listed = PackedChannels(filter(wanted.allows, listed))
    channels = ChannelsById((channel_id(channel), channel) for channel in merged(listed))
    return playlist, channels


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


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there as a whole or not at all.

    Raises:
        FetchError: There is no room for it.
    """
    try:
        file = WholeFile(path)
        try:
            file.write(data)
            file.keep()
        finally:
            file.discard()
    except OSError as error:
        raise FetchError(f"It cannot be kept ({error.strerror}).") from error


def _digest(body: bytes) -> bytes:
    """Return what tells lists apart in place of all their text."""
    return blake2b(body, digest_size=16).digest()


def _read_file(path: Path) -> bytes:
    """Return a file, as far as it is no longer than a list may be.

    Raises:
        FetchError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FetchError(f"The file cannot be read ({error.strerror}).") from error
