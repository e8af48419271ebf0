"""What happens to streams and viewers, for automations: see `EventKind` for what each word means.

The same event shows on the proxy, on the engine, on the channel and on the viewer that it concerns.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
import re
from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .entity import ActivityEntity
from .proxy import STREAM_EVENTS, VIEWER_EVENTS, EventKind, ProxyEvent
from .subentries import sources_of

PARALLEL_UPDATES = 0

# What is shown of a name or a reason: they may be somebody else's words.
_MOST_SHOWN: Final = 255

# What is looked at of it, as looking for what is private takes a while.
_MOST_READ: Final = 1000

# What may be in names of channels and is nobody's business: addresses, and what names content.
_IN_NAMES: Final = r"""\w+://[^\s"')]+|\d+(?:\.\d+){3}|[0-9a-f]{32,}"""

# And in reasons: also names of machines with a port, and addresses of IPv6.
_IN_REASONS: Final = rf"{_IN_NAMES}|[\w.-]+:\d+|(?:[0-9a-f]{{0,4}}:){{2,}}[0-9a-f:.]*"


@dataclass(frozen=True, kw_only=True)
class ActivityDescription(EventEntityDescription):
    """What happens to something, or to everything where there is no subentry."""

    concerns: Callable[[ProxyEvent, ConfigSubentry | None], bool]


def _is_on_engine(event: ProxyEvent, engine: ConfigSubentry | None) -> bool:
    """Return whether an event is of a stream that an engine plays, or moved away from."""
    return engine is not None and engine.subentry_id in (event.engine_id, event.left_engine_id)


def _is_of_channel(event: ProxyEvent, channel: ConfigSubentry | None) -> bool:
    """Return whether an event is of a favourite, whichever of its sources plays."""
    return channel is not None and not event.names.isdisjoint(sources_of(channel))


def _is_of_viewer(event: ProxyEvent, viewer: ConfigSubentry | None) -> bool:
    """Return whether an event is something that a viewer did."""
    return viewer is not None and viewer.subentry_id == event.viewer_id


def _description(
    of: str,
    kinds: Iterable[EventKind],
    concerns: Callable[[ProxyEvent, ConfigSubentry | None], bool],
) -> ActivityDescription:
    return ActivityDescription(
        key="activity",
        translation_key=f"{of}_activity",
        event_types=[kind.value for kind in kinds],
        concerns=concerns,
    )


PROXY: Final = _description("proxy", EventKind, lambda _event, _subentry: True)
SUBENTRIES: Final = {
    SubentryType.ENGINE: _description("engine", STREAM_EVENTS, _is_on_engine),
    SubentryType.CHANNEL: _description("channel", EventKind, _is_of_channel),
    SubentryType.VIEWER: _description("viewer", VIEWER_EVENTS, _is_of_viewer),
}


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one for the proxy, and one for each engine, channel and viewer as they come."""

    @callback
    def add(description: ActivityDescription, subentry: ConfigSubentry) -> None:
        async_add_entities(
            [Activity(entry, subentry, description)], config_subentry_id=subentry.subentry_id
        )

    async_add_entities([Activity(entry, None, PROXY)])
    for subentry_type, description in SUBENTRIES.items():
        entry.runtime_data.subentries.async_on_add(subentry_type, partial(add, description))


class Activity(ActivityEntity, EventEntity):
    """What happens to something."""

    entity_description: ActivityDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Hear of everything that happens."""
        await super().async_added_to_hass()
        self.async_on_remove(self._entry.runtime_data.proxy.on_event(self._async_heard))

    @callback
    def _async_heard(self, event: ProxyEvent) -> None:
        """Show an event, if it is of what this is about."""
        # As it is now: the user may have changed a channel's sources.
        subentry = self._entry.subentries.get(self._subentry_id or "")
        if self.entity_description.concerns(event, subentry):
            self._trigger_event(event.kind.value, _attributes(self._entry, event))
            self.async_write_ha_state()


def _attributes(entry: AceStreamProxyConfigEntry, event: ProxyEvent) -> dict[str, str | None]:
    """Return what is told of an event; None for what does not apply."""
    return {
        "channel": _channel(entry, event),
        "engine": _title(entry, event.engine_id),
        "viewer": _title(entry, event.viewer_id),
        "app": event.device or None,
        "reason": _shown(event.reason, _IN_REASONS),
    }


def _channel(entry: AceStreamProxyConfigEntry, event: ProxyEvent) -> str | None:
    """Return what the user calls a channel, or else what others do."""
    favourites = entry.get_subentries_of_type(SubentryType.CHANNEL)
    titles = (one.title for one in favourites if _is_of_channel(event, one))
    return next(titles, None) or _shown(event.title, _IN_NAMES)


def _title(entry: AceStreamProxyConfigEntry, subentry_id: str | None) -> str | None:
    """Return what the user calls an engine or a viewer."""
    subentry = entry.subentries.get(subentry_id or "")
    return subentry.title if subentry else None


def _shown(words: str, private: str) -> str | None:
    """Return some words without what is nobody's business; None if there are none."""
    # An engine's JSON can hold half a character, which no answer of Home Assistant's could.
    whole = words[:_MOST_READ].encode(errors="replace").decode()
    return re.sub(private, "…", whole, flags=re.IGNORECASE)[:_MOST_SHOWN] or None
