"""Whether the engines are there, and whether anybody watches."""

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
from .entity import EngineEntity, ViewerEntity

PARALLEL_UPDATES = 0

CONNECTIVITY: Final = BinarySensorEntityDescription(
    key="connectivity",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


WATCHING: Final = BinarySensorEntityDescription(
    key="is_watching", translation_key="is_watching", device_class=BinarySensorDeviceClass.RUNNING
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one for each engine and each viewer, as they come."""

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
