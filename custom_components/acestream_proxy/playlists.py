"""Lists of channels that a user added: read, kept, and looked at again once a day.

    address, file or text ──read──▶ bytes ──parse, filter, merge mirrors──▶ channels
                                      └──▶ Store

What is kept is for the next start, and for when the source is down.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, override

from aiohttp import ClientError, ClientSession, hdrs
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.storage import Store
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from yarl import URL

from .const import (
    CONF_EXCLUDE_GROUPS,
    CONF_EXCLUDE_NAMES,
    CONF_FILE,
    CONF_INCLUDE_GROUPS,
    CONF_INCLUDE_NAMES,
    CONF_TEXT,
    DOMAIN,
    LOGGER,
    SubentryType,
)
from .proxy.catalog import Channel, Filter, channel_id, merge_mirrors, parse_playlist
from .proxy.catalog.playlist import MAX_BYTES
from .subentries import SubentryChanges

_INTERVAL: Final = timedelta(days=1)
_TIMEOUT: Final = 60.0
_VERSION: Final = 1
_OK: Final = 200
_NOT_MODIFIED: Final = 304

type Channels = dict[str, Channel]
"""The channels of a list by their ID, in its order."""


class PlaylistError(Exception):
    """A list could not be fetched; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A list as its source sent it, and what to ask with the next time."""

    body: bytes
    etag: str = ""
    modified: str = ""


async def async_fetch(session: ClientSession, url: str, known: Fetched | None = None) -> Fetched:
    """Fetch a list; return the one that is known if it is still the same (RFC 9110 section 13.1).

    Raises:
        PlaylistError: There is no list at the address, or it does not come in time.
    """
    headers = {}
    if known and known.etag:
        headers[hdrs.IF_NONE_MATCH] = known.etag
    if known and known.modified:
        headers[hdrs.IF_MODIFIED_SINCE] = known.modified
    try:
        async with asyncio.timeout(_TIMEOUT), session.get(url, headers=headers) as response:
            if known and response.status == _NOT_MODIFIED:
                return known
            if response.status != _OK:
                raise PlaylistError(f"the server answers with status {response.status}")
            body = b""
            # One byte more than a list may have, which the parser then says is too much.
            while len(body) <= MAX_BYTES and (data := await response.content.read(1 << 20)):
                body += data
    except TimeoutError:
        raise PlaylistError(f"it did not come within {_TIMEOUT:.0f} seconds") from None
    except (ClientError, ValueError) as error:
        raise PlaylistError(f"{error or type(error).__name__}") from error
    return Fetched(
        body=body,
        etag=response.headers.get(hdrs.ETAG, ""),
        modified=response.headers.get(hdrs.LAST_MODIFIED, ""),
    )


async def async_read(
    hass: HomeAssistant, data: Mapping[str, Any], known: Fetched | None = None
) -> Fetched:
    """Return a list from where a user has it: an address, a file, or the text itself.

    Raises:
        PlaylistError: It is not there, or not to be had.
    """
    if url := data.get(CONF_URL):
        return await async_fetch(async_get_clientsession(hass), url, known)
    if path := data.get(CONF_FILE):
        body = await hass.async_add_executor_job(_read_file, hass, path)
        return known if known and known.body == body else Fetched(body=body)
    return known or Fetched(body=data[CONF_TEXT].encode())


def _read_file(hass: HomeAssistant, path: str) -> bytes:
    """Return what is in a file that the user may show: of the configuration, or of the media."""
    file = Path(hass.config.path(path)).resolve()
    folders = (hass.config.config_dir, *hass.config.media_dirs.values())
    if not any(file.is_relative_to(Path(folder).resolve()) for folder in folders):
        raise PlaylistError("the file is neither in the configuration nor in the media")
    try:
        with file.open("rb") as content:
            return content.read(MAX_BYTES + 1)
    except OSError as error:
        raise PlaylistError(f"the file cannot be read ({error.strerror})") from error


def origin_of(data: Mapping[str, Any]) -> str:
    """Return what tells lists apart: where each comes from."""
    return str(data.get(CONF_URL) or data.get(CONF_FILE) or data[CONF_TEXT])


def filter_of(data: Mapping[str, Any]) -> Filter:
    """Return which channels of a list the user wants."""
    return Filter(
        include_groups=tuple(data.get(CONF_INCLUDE_GROUPS, ())),
        exclude_groups=tuple(data.get(CONF_EXCLUDE_GROUPS, ())),
        include_names=tuple(data.get(CONF_INCLUDE_NAMES, ())),
        exclude_names=tuple(data.get(CONF_EXCLUDE_NAMES, ())),
    )


def read_channels(body: bytes, wanted: Filter) -> Channels:
    """Return the channels of a list that are wanted, each once; takes long for long lists."""
    listed = [channel for channel in parse_playlist(body).channels if wanted.allows(channel)]
    return {channel_id(channel): channel for channel in merge_mirrors(listed)}


class PlaylistCoordinator(DataUpdateCoordinator[Channels]):
    """Keeps one list up to date."""

    config_entry: ConfigEntry

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry) -> None:
        """Prepare; there are no channels before something was loaded or fetched."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"list of channels {subentry.title}",
            update_interval=_INTERVAL,
            always_update=False,
        )
        self.title = subentry.title
        """What the user calls it."""
        self.data = {}
        self._given = dict(subentry.data)
        self._wanted = filter_of(subentry.data)
        self._known: Fetched | None = None
        self._store: Store[dict[str, Any]] = Store(
            hass, _VERSION, f"{DOMAIN}.playlist.{subentry.subentry_id}"
        )

    async def async_load(self) -> None:
        """Take what was there before Home Assistant started anew."""
        stored = await self._store.async_load()
        if stored and stored["origin"] == origin_of(self._given):
            self._known = Fetched(
                body=stored["body"].encode("latin-1"),
                etag=stored["etag"],
                modified=stored["modified"],
            )
            self.data = await self._read(self._known.body)

    async def async_remove(self) -> None:
        """Forget what is kept: the user took the list away."""
        await self.async_shutdown()
        await self._store.async_remove()

    async def _read(self, body: bytes) -> Channels:
        return await self.hass.async_add_executor_job(read_channels, body, self._wanted)

    @override
    async def _async_update_data(self) -> Channels:
        """Fetch the list if it has changed; keep what there is if its source is down."""
        try:
            fetched = await async_read(self.hass, self._given, self._known)
        except PlaylistError as error:
            raise UpdateFailed(str(error)) from error
        if fetched is self._known:
            return self.data
        channels = await self._read(fetched.body)
        if not channels and self.data:
            # A page that says that the source is closed is no list without channels.
            raise UpdateFailed("there are no channels in it any more")
        self._known = fetched
        await self._store.async_save(
            {
                "origin": origin_of(self._given),
                # JSON holds text: any bytes are that in Latin-1.
                "body": fetched.body.decode("latin-1"),
                "etag": fetched.etag,
                "modified": fetched.modified,
            }
        )
        return channels


class Playlists:
    """The lists that a user added, by subentry."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Start without lists."""
        self._hass = hass
        self._entry = entry
        self._lists: dict[str, PlaylistCoordinator] = {}

    def __iter__(self) -> Iterator[tuple[str, PlaylistCoordinator]]:
        """Go through subentries and lists, by name."""
        return iter(sorted(self._lists.items(), key=lambda one: one[1].title.casefold()))

    def get(self, subentry_id: str) -> PlaylistCoordinator | None:
        """Return a list, if it is there."""
        return self._lists.get(subentry_id)

    async def async_add(self, subentry: ConfigSubentry) -> None:
        """Have a list, from now on kept up to date, or have it anew if it has changed."""
        if old := self._lists.pop(subentry.subentry_id, None):
            await old.async_shutdown()
        playlist = PlaylistCoordinator(self._hass, self._entry, subentry)
        await playlist.async_load()
        self._lists[subentry.subentry_id] = playlist
        # Only with a listener it is looked at again; nobody else has to be told.
        playlist.async_add_listener(lambda: None)
        self._entry.async_create_background_task(
            self._hass, playlist.async_refresh(), f"{DOMAIN} {playlist.name}"
        )

    async def async_follow(self, changes: SubentryChanges) -> None:
        """Have the lists that there are after some changes, and nothing that was kept of others."""
        for subentry in changes.removed:
            if playlist := self._lists.pop(subentry.subentry_id, None):
                await playlist.async_remove()
        for subentry in (*changes.added, *changes.changed):
            if subentry.subentry_type == SubentryType.PLAYLIST:
                await self.async_add(subentry)

    async def async_shutdown(self) -> None:
        """Look at nothing any more."""
        while self._lists:
            await self._lists.popitem()[1].async_shutdown()


def is_address(text: str) -> bool:
    """Return whether a text is an address that lists are fetched from."""
    try:
        url = URL(text)
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.host)
