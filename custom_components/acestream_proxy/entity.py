"""What the entities share: the devices they belong to, and where their figures come from.

AceStream Proxy                 the entry
├── 192.168.1.20:6878           an engine
├── Demo One                    a channel
├── My list                     a list of channels
├── My guide                    a guide
└── Kids' TV                    a viewer
"""

from typing import Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN, SubentryType
from .coordinator import (
    AceStreamProxyConfigEntry,
    EnginesCoordinator,
    OnAirCoordinator,
    StreamsCoordinator,
)
from .feeds import FeedCoordinator
from .proxy import ContentKey, EngineStats, StreamStats, Viewer
from .proxy.audience import Watching
from .proxy.guide import OnAir
from .subentries import sources_of

_MODELS: Final = {
    SubentryType.ENGINE: "AceStream engine",
    SubentryType.CHANNEL: "AceStream channel",
    SubentryType.PLAYLIST: "List of channels",
    SubentryType.GUIDE: "Guide",
    SubentryType.VIEWER: "Viewer",
}


def proxy_device(entry: AceStreamProxyConfigEntry) -> DeviceInfo:
    """Describe the proxy itself."""
    return DeviceInfo(
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=entry.title,
        model="AceStream Proxy",
    )


class ProxyEntity(CoordinatorEntity[StreamsCoordinator]):
    """Something about all streams together."""

    _attr_has_entity_name = True

    def __init__(self, entry: AceStreamProxyConfigEntry, description: EntityDescription) -> None:
        super().__init__(entry.runtime_data.streams)
        self.entity_description = description
        self._attr_unique_id = f"{entry.entry_id}_{description.key}"
        self._attr_device_info = proxy_device(entry)


class ActivityEntity(Entity):
    """What happens: to all streams, or to what a subentry stands for."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self,
        entry: AceStreamProxyConfigEntry,
        subentry: ConfigSubentry | None,
        description: EntityDescription,
    ) -> None:
        self.entity_description = description
        self._entry = entry
        self._subentry_id = subentry.subentry_id if subentry else None
        self._attr_unique_id = f"{self._subentry_id or entry.entry_id}_{description.key}"
        self._attr_device_info = (
            _subentry_device(entry, subentry) if subentry else proxy_device(entry)
        )


class _SubentryEntity(Entity):
    """Something about what a subentry stands for."""

    _attr_has_entity_name = True

    def _belong_to(
        self,
        entry: AceStreamProxyConfigEntry,
        subentry: ConfigSubentry,
        description: EntityDescription,
    ) -> None:
        self.entity_description = description
        self._entry = entry
        self._subentry_id = subentry.subentry_id
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        self._attr_device_info = _subentry_device(entry, subentry)


class EngineEntity(CoordinatorEntity[EnginesCoordinator], _SubentryEntity):
    """Something about one engine."""

    def __init__(
        self,
        entry: AceStreamProxyConfigEntry,
        subentry: ConfigSubentry,
        description: EntityDescription,
    ) -> None:
        super().__init__(entry.runtime_data.engines)
        self._belong_to(entry, subentry, description)
        self._proxy = entry.runtime_data.proxy
        self._streams = entry.runtime_data.streams

    @override
    async def async_added_to_hass(self) -> None:
        """Hear of sessions as they open and close, not only when the engine is asked."""
        await super().async_added_to_hass()
        self.async_on_remove(self._streams.async_add_listener(self._handle_coordinator_update))

    @property
    def engine(self) -> EngineStats | None:
        """What is known of the engine; None for the moment in which it is being removed.

        Asked of the proxy itself: each coordinator's picture lacks what the other one heard.
        """
        engine = self._proxy.engines.get(self._subentry_id)
        return engine.stats() if engine else None

    @property
    @override
    def available(self) -> bool:
        return super().available and self.engine is not None


class ChannelEntity(CoordinatorEntity[StreamsCoordinator], _SubentryEntity):
    """Something about one channel, whether it runs or not."""

    def __init__(
        self,
        entry: AceStreamProxyConfigEntry,
        subentry: ConfigSubentry,
        description: EntityDescription,
    ) -> None:
        super().__init__(entry.runtime_data.streams)
        self._belong_to(entry, subentry, description)
        self._seen: StreamStats | None = None

    @property
    def sources(self) -> tuple[ContentKey, ...]:
        """Where the channel can be had; looked up each time, as the user may have changed them."""
        subentry = self._entry.subentries.get(self._subentry_id)
        return sources_of(subentry) if subentry else ()

    @property
    def stream(self) -> StreamStats | None:
        """The channel's stream, if one of its sources runs, or has just failed."""
        data = self.coordinator.data
        if not (data.streams or data.failed):
            return None
        found = [stream for one in self.sources if (stream := data.stream(one))]
        # One that runs says more than one that failed before it.
        running = (stream for stream in found if not stream.has_failed)
        return next(running, found[0] if found else None)

    @override
    @callback
    def _handle_coordinator_update(self) -> None:
        """Show what changed, but for what stood still: there may be hundreds of channels."""
        before, self._seen = self._seen, self.stream
        if before or self._seen:
            self.async_show()

    @callback
    def async_show(self) -> None:
        """Show what the channel is doing now."""
        self.async_write_ha_state()


class OnAirEntity(CoordinatorEntity[OnAirCoordinator], _SubentryEntity):
    """Something about what a channel shows."""

    def __init__(
        self,
        entry: AceStreamProxyConfigEntry,
        subentry: ConfigSubentry,
        description: EntityDescription,
    ) -> None:
        super().__init__(entry.runtime_data.on_air)
        self._belong_to(entry, subentry, description)

    @property
    def on_air(self) -> OnAir | None:
        """What it shows; None if no guide knows the channel."""
        return self.coordinator.data.get(self._subentry_id)


class FeedEntity(_SubentryEntity):
    """Something about a list of channels or a guide."""

    _attr_should_poll = False

    def __init__(
        self,
        entry: AceStreamProxyConfigEntry,
        subentry: ConfigSubentry,
        description: EntityDescription,
    ) -> None:
        self._belong_to(entry, subentry, description)
        self._feeds = entry.runtime_data.feeds

    @override
    async def async_added_to_hass(self) -> None:
        """Hear of each look."""
        await super().async_added_to_hass()
        listen = self._feeds.async_on_look(self._subentry_id, self.async_write_ha_state)
        self.async_on_remove(listen)

    @property
    def feed(self) -> FeedCoordinator | None:
        """The list or the guide; another one after the user changed where it comes from."""
        return self._feeds.get(self._subentry_id)

    @property
    @override
    def available(self) -> bool:
        return self.feed is not None and self.feed.data is not None


class ViewerEntity(CoordinatorEntity[StreamsCoordinator], _SubentryEntity):
    """Something about somebody who watches by an address of their own."""

    def __init__(
        self,
        entry: AceStreamProxyConfigEntry,
        subentry: ConfigSubentry,
        description: EntityDescription,
    ) -> None:
        super().__init__(entry.runtime_data.streams)
        self._belong_to(entry, subentry, description)

    @property
    def viewer(self) -> Viewer | None:
        """The viewer; None for the moment in which it is being removed."""
        return self._entry.runtime_data.proxy.audience.viewers.get(self._subentry_id)

    @property
    def watching(self) -> tuple[Watching, ...]:
        """What they watch, what they began with first."""
        return self.coordinator.data.watching.get(self._subentry_id, ())

    @property
    @override
    def available(self) -> bool:
        return super().available and self.viewer is not None


def _subentry_device(entry: AceStreamProxyConfigEntry, subentry: ConfigSubentry) -> DeviceInfo:
    """Describe what a subentry stands for, as something of the proxy's."""
    device = DeviceInfo(
        identifiers={(DOMAIN, subentry.subentry_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=subentry.title,
        model=_MODELS[SubentryType(subentry.subentry_type)],
    )
    if proxy_id := dr.async_get_device_id_by_identifier(
        entry.runtime_data.streams.hass, (DOMAIN, entry.entry_id), config_entry_id=entry.entry_id
    ):
        device["via_device_id"] = proxy_id
    return device
