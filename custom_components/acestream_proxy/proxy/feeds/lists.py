"""Lists of channels, from wherever they come."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final, override

from ..catalog import Channel, Filter, Listing, Playlist, channel_id
from ..catalog.m3u import write_channels
from ..catalog.mirrors import merged
from ..catalog.packed import ChannelsById, PackedChannels
from ..catalog.playlist import MAX_BYTES, read_playlist
from ..errors import FetchError, Why
from ..fetch import fetch
from ..lineup import Lineup
from .feed import DAY, Feed, Origin, write_whole
from .guides import GuideFeed

# Lists that were put together of others name the guides of all of them.
_MOST_GUIDES: Final = 4

# Seconds for a list of 32 MB over a slow line.
_TIMEOUT: Final = 120.0

type Search = Callable[[str], Awaitable[Sequence[Channel]]]
"""Finds channels by a text, as an engine does."""


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
        self._is_kept = False  # what the catalog has
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
        self._is_kept = True
        return True

    @override
    async def _refresh(self) -> None:
        known = self._validators
        body = await self.fetch()
        if body is None:
            return
        digest = await asyncio.to_thread(_digest, body)
        if self._is_retired:
            return
        if digest != self._digest:
            try:
                await self._take(body, digest)
            except FetchError:
                self._validators = known  # of what is kept, not of what was refused
                raise
            self._is_kept = False
        if not self._is_kept:
            await asyncio.to_thread(write_whole, self.kept, body)
            self._is_kept = True

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
            # What is not kept has to come again, to be kept then.
            validators=self._validators if self._is_kept else None,
            max_bytes=MAX_BYTES,
            timeout=_TIMEOUT,
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
            raise FetchError("There are no channels in it any more.", Why.NO_CHANNELS)
        listing = await asyncio.to_thread(
            Listing, self.key, self.title, channels, catalog.numbers_without(self.key)
        )
        if self._is_retired:
            return
        catalog.set(listing)
        self.playlist, self._digest = playlist, digest


def named_guides(playlist: Feed, feeds: Iterable[Feed]) -> tuple[str, ...]:
    """Return the addresses of guides to have because a list names them.

    Not those that others of the feeds have already, as the user's own guides or other lists do.
    """
    if not isinstance(playlist, ListFeed):
        return ()
    known = {one.origin.address for one in feeds if isinstance(one, GuideFeed)}
    return tuple(one for one in playlist.playlist.guides[:_MOST_GUIDES] if one not in known)


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
        raise FetchError(f"The file cannot be read ({error.strerror}).", Why.NO_FILE) from error
