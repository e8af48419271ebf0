"""Whether engines are there, channels run, anybody watches, and anything is wrong with that."""

from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .entity import ChannelEntity, EngineEntity, ProxyEntity, ViewerEntity

PARALLEL_UPDATES = 0

CONNECTIVITY: Final = BinarySensorEntityDescription(
    key="connectivity",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)

WATCHING: Final = BinarySensorEntityDescription(
    key="is_watching", translation_key="is_watching", device_class=BinarySensorDeviceClass.RUNNING
)

RUNNING: Final = BinarySensorEntityDescription(
    key="running", device_class=BinarySensorDeviceClass.RUNNING
)

PROBLEM: Final = BinarySensorEntityDescription(
    key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add that of the proxy, and those of subentries as they come."""

    @callback
    def add_channel(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [
                ChannelRunning(entry, subentry, RUNNING),
                ChannelProblem(entry, subentry, PROBLEM),
            ],
            config_subentry_id=subentry.subentry_id,
        )

    @callback
    def add_engine(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [EngineConnectivity(entry, subentry, CONNECTIVITY)],
            config_subentry_id=subentry.subentry_id,
        )

    @callback
    def add_viewer(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [ViewerWatching(entry, subentry, WATCHING)], config_subentry_id=subentry.subentry_id
        )

    async_add_entities([ProxyProblem(entry, PROBLEM)])
    entry.runtime_data.subentries.async_on_add(SubentryType.CHANNEL, add_channel)
    entry.runtime_data.subentries.async_on_add(SubentryType.ENGINE, add_engine)
    entry.runtime_data.subentries.async_on_add(SubentryType.VIEWER, add_viewer)


class EngineConnectivity(EngineEntity, BinarySensorEntity):
    """Whether an engine answered the last time it was asked."""

    @property
    @override
    def is_on(self) -> bool | None:
        return self.engine.reachable if self.engine else None


class ViewerWatching(ViewerEntity, BinarySensorEntity):
    """Whether a viewer watches anything."""

    @property
    @override
    def is_on(self) -> bool:
        return bool(self.watching)


class ChannelRunning(ChannelEntity, BinarySensorEntity):
    """Whether a channel runs, also while nobody watches."""

    @property
    @override
    def is_on(self) -> bool:
        return self.stream is not None and not self.stream.has_failed


class ChannelProblem(ChannelEntity, BinarySensorEntity):
    """Whether a channel that runs gives nothing, or has just failed."""

    @property
    @override
    def is_on(self) -> bool:
        return self.stream is not None and self.stream.is_in_trouble


class ProxyProblem(ProxyEntity, BinarySensorEntity):
    """Whether no engine can be reached, or any stream is in trouble."""

    def __init__(
        self, entry: AceStreamProxyConfigEntry, description: BinarySensorEntityDescription
    ) -> None:
        super().__init__(entry, description)
        self._engines = entry.runtime_data.engines

    @override
    async def async_added_to_hass(self) -> None:
        """Hear of engines, too, whenever they were asked."""
        await super().async_added_to_hass()
        self.async_on_remove(self._engines.async_add_listener(self._handle_coordinator_update))

    @property
    @override
    def is_on(self) -> bool:
        # Asked of the proxy itself: the picture of the streams is older than that of the engines.
        return self.coordinator.proxy.stats().is_in_trouble
