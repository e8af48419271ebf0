"""What the entities share: the devices they belong to, and where their figures come from.

AceStream Proxy                 the entry
├── 192.168.1.20:6878           an engine
└── Demo One                    a channel
"""

from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_CONTENT, DOMAIN
from .coordinator import AceStreamProxyConfigEntry, EnginesCoordinator, StreamsCoordinator
from .proxy import ContentKey, EngineStats, StreamStats


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


class EngineEntity(CoordinatorEntity[EnginesCoordinator]):
    """Something about one engine."""

    _attr_has_entity_name = True

    def __init__(
        self,
        entry: AceStreamProxyConfigEntry,
        subentry: ConfigSubentry,
        description: EntityDescription,
    ) -> None:
        super().__init__(entry.runtime_data.engines)
        self.entity_description = description
        self._proxy = entry.runtime_data.proxy
        self._streams = entry.runtime_data.streams
        self._engine_id = subentry.subentry_id
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        self._attr_device_info = _subentry_device(
            self.coordinator, entry, subentry, "AceStream engine"
        )

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
        return self._proxy.stats().engine(self._engine_id)

    @property
    @override
    def available(self) -> bool:
        return super().available and self.engine is not None


class ChannelEntity(CoordinatorEntity[StreamsCoordinator]):
    """Something about one channel, whether it runs or not."""

    _attr_has_entity_name = True

    def __init__(
        self,
        entry: AceStreamProxyConfigEntry,
        subentry: ConfigSubentry,
        description: EntityDescription,
    ) -> None:
        super().__init__(entry.runtime_data.streams)
        self.entity_description = description
        self._entry = entry
        self._subentry_id = subentry.subentry_id
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        self._attr_device_info = _subentry_device(
            self.coordinator, entry, subentry, "AceStream channel"
        )

    @property
    def stream(self) -> StreamStats | None:
        """The channel's stream, if it runs.

        Its content is looked up each time: the user may have changed it since.
        """
        subentry = self._entry.subentries.get(self._subentry_id)
        if subentry is None:
            return None
        return self.coordinator.data.stream(ContentKey.parse(subentry.data[CONF_CONTENT]))


def _subentry_device(
    coordinator: EnginesCoordinator | StreamsCoordinator,
    entry: AceStreamProxyConfigEntry,
    subentry: ConfigSubentry,
    model: str,
) -> DeviceInfo:
    """Describe what a subentry stands for, as something of the proxy's."""
    device = DeviceInfo(
        identifiers={(DOMAIN, subentry.subentry_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=subentry.title,
        model=model,
    )
    if proxy_id := dr.async_get_device_id_by_identifier(
        coordinator.hass, (DOMAIN, entry.entry_id), config_entry_id=entry.entry_id
    ):
        device["via_device_id"] = proxy_id
    return device
