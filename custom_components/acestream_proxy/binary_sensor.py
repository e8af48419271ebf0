"""Whether the engines are there."""

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
from .entity import EngineEntity

PARALLEL_UPDATES = 0

CONNECTIVITY: Final = BinarySensorEntityDescription(
    key="connectivity",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one for each engine, as they come."""

    @callback
    def add_engine(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [EngineConnectivity(entry, subentry, CONNECTIVITY)],
            config_subentry_id=subentry.subentry_id,
        )

    entry.runtime_data.subentries.async_on_add(SubentryType.ENGINE, add_engine)


class EngineConnectivity(EngineEntity, BinarySensorEntity):
    """Whether an engine answered the last time it was asked."""

    @property
    @override
    def is_on(self) -> bool | None:
        return self.engine.reachable if self.engine else None
