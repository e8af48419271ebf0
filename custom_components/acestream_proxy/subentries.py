"""Follows what a user adds to the proxy, changes and removes."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_PASSWORD
from homeassistant.core import callback

from .const import (
    CONF_ALTERNATIVES,
    CONF_AUDIO_LANGUAGE,
    CONF_CONTENT,
    CONF_ENABLED,
    CONF_GROUPS,
    CONF_GUIDE_ID,
    CONF_KEEP_WARM,
    CONF_LOGO,
    CONF_MOST_STREAMS,
    CONF_NUMBER,
    CONF_SECRET,
    CONF_TRANSCODE_VIDEO,
    FAVOURITES,
    SubentryType,
)
from .proxy import Channel, ChannelOptions, ContentKey, Listing, Viewer

type _Listener = Callable[[ConfigSubentry], None]

# Each entity of a favourite asks for its sources whenever any stream changes: more favourites than
# anybody has.
_MOST_REMEMBERED: Final = 4096


def channel_options(entry: ConfigEntry) -> dict[ContentKey, ChannelOptions]:
    """Return what the user wishes of each favourite, whichever of its sources plays."""
    return {
        source: ChannelOptions(
            audio_language=favourite.data.get(CONF_AUDIO_LANGUAGE, ""),
            transcode_video=favourite.data.get(CONF_TRANSCODE_VIDEO, False),
        )
        for favourite in entry.get_subentries_of_type(SubentryType.CHANNEL)
        for source in sources_of(favourite)
    }


def sources_of(favourite: ConfigSubentry) -> tuple[ContentKey, ...]:
    """Return where a favourite can be had, the one to try first in front."""
    return _sources((favourite.data[CONF_CONTENT], *favourite.data.get(CONF_ALTERNATIVES, ())))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _sources(texts: tuple[str, ...]) -> tuple[ContentKey, ...]:
    return tuple(dict.fromkeys(map(ContentKey.parse, texts)))


def warm_channels(entry: ConfigEntry) -> list[tuple[ContentKey, ...]]:
    """Return the sources of each favourite that runs although nobody watches."""
    return [
        sources_of(favourite)
        for favourite in entry.get_subentries_of_type(SubentryType.CHANNEL)
        if favourite.data.get(CONF_KEEP_WARM, False)
    ]


def favourites(entry: ConfigEntry, title: str) -> Listing:
    """Return the channels that the user added one by one, by name, as a list among the others.

    The list is called by its title, and so is the group that all of them are in.
    """
    found = sorted(
        entry.get_subentries_of_type(SubentryType.CHANNEL), key=lambda one: one.title.casefold()
    )
    channels = {one.subentry_id: _channel(one, title) for one in found}
    return Listing(FAVOURITES, title, channels)


def _channel(favourite: ConfigSubentry, group: str) -> Channel:
    """Return a favourite as a channel."""
    return Channel(
        name=favourite.title,
        sources=sources_of(favourite),
        logo=favourite.data.get(CONF_LOGO, ""),
        groups=(group,),
        number=favourite.data.get(CONF_NUMBER, ""),
        guide_id=favourite.data.get(CONF_GUIDE_ID, ""),
    )


def viewer_of(subentry: ConfigSubentry) -> Viewer:
    """Return the viewer that a subentry describes."""
    data = subentry.data
    return Viewer(
        viewer_id=subentry.subentry_id,
        name=subentry.title,
        secret=data[CONF_SECRET],
        password=data[CONF_PASSWORD],
        groups=tuple(data.get(CONF_GROUPS, ())),
        most_streams=data.get(CONF_MOST_STREAMS),
        enabled=data.get(CONF_ENABLED, True),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubentryChanges:
    """What became of the subentries since the last look."""

    added: list[ConfigSubentry]
    changed: list[ConfigSubentry]
    removed: list[ConfigSubentry]

    @property
    def all(self) -> list[ConfigSubentry]:
        """What changed in any way."""
        return [*self.added, *self.changed, *self.removed]


class SubentryWatcher:
    """Tells platforms of subentries as they come; Home Assistant itself cleans up as they go."""

    def __init__(self, entry: ConfigEntry) -> None:
        self._entry = entry
        self._known = self._copies()
        self._listeners: list[tuple[SubentryType, _Listener]] = []

    @callback
    def async_on_add(self, subentry_type: SubentryType, listener: _Listener) -> None:
        """Call a listener for each subentry of a type that is announced."""
        self._listeners.append((subentry_type, listener))

    async def async_announce_all(self) -> None:
        """Tell the listeners of what is there already, one after the other.

        There may be hundreds with a dozen entities each, and streams that must not wait for them.
        """
        for subentry in list(self._entry.subentries.values()):
            self.async_announce([subentry])
            await asyncio.sleep(0)

    @callback
    def async_diff(self) -> SubentryChanges:
        """Return what changed since the last look."""
        before, self._known = self._known, self._copies()
        return SubentryChanges(
            added=[new for key, new in self._known.items() if key not in before],
            changed=[new for key, new in self._known.items() if before.get(key, new) != new],
            removed=[old for key, old in before.items() if key not in self._known],
        )

    @callback
    def async_announce(self, added: Iterable[ConfigSubentry]) -> None:
        """Tell the listeners of new subentries."""
        for subentry in added:
            for subentry_type, listener in self._listeners:
                if subentry.subentry_type == subentry_type:
                    listener(subentry)

    def _copies(self) -> dict[str, ConfigSubentry]:
        """Return the subentries as they are now: Home Assistant changes them in place."""
        return {key: replace(one) for key, one in self._entry.subentries.items()}
