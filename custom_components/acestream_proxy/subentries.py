"""Follows the engines and channels that a user adds to the proxy, changes and removes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import callback

from .const import CONF_AUDIO_LANGUAGE, CONF_CONTENT, CONF_TRANSCODE_VIDEO, SubentryType
from .proxy import ChannelOptions, ContentKey

type _Listener = Callable[[ConfigSubentry], None]


def channel_options(entry: ConfigEntry) -> dict[ContentKey, ChannelOptions]:
    """Return what the user wishes of each channel."""
    return {
        ContentKey.parse(channel.data[CONF_CONTENT]): ChannelOptions(
            audio_language=channel.data.get(CONF_AUDIO_LANGUAGE, ""),
            transcode_video=channel.data.get(CONF_TRANSCODE_VIDEO, False),
        )
        for channel in entry.get_subentries_of_type(SubentryType.CHANNEL)
    }


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
        """Call a listener for each subentry of a type, those that are there already included."""
        self._listeners.append((subentry_type, listener))
        for subentry in self._entry.get_subentries_of_type(subentry_type):
            listener(subentry)

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
