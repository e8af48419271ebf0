"""Adds the sensors: those of engines, which are here, of `stream_sensors` and `lineup_sensors`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .const import SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .entity import EngineEntity
from .lineup_sensors import FEED_SENSORS, ON_AIR, WATCHING, FeedSensor, OnAirSensor, WatchingSensor
from .proxy import EngineStats
from .stream_sensors import (
    CHANNEL_SENSORS,
    PROXY_SENSORS,
    TRAFFIC_SENSORS,
    ChannelSensor,
    ProxySensor,
    TrafficSensor,
)

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class EngineSensorDescription(SensorEntityDescription):
    """A figure of one engine."""

    value: Callable[[EngineStats], StateType]


ENGINE_SENSORS: Final = (
    EngineSensorDescription(
        key="version",
        translation_key="version",
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda engine: engine.version.version if engine.version else None,
    ),
    EngineSensorDescription(
        key="active_streams",
        translation_key="active_streams",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda engine: engine.sessions,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors, and those of subentries as they come."""
    subentries = entry.runtime_data.subentries

    @callback
    def add_engine(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [EngineSensor(entry, subentry, description) for description in ENGINE_SENSORS],
            config_subentry_id=subentry.subentry_id,
        )

    @callback
    def add_channel(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [
                *(ChannelSensor(entry, subentry, description) for description in CHANNEL_SENSORS),
                *(TrafficSensor(entry, subentry, description) for description in TRAFFIC_SENSORS),
                OnAirSensor(entry, subentry, ON_AIR),
            ],
            config_subentry_id=subentry.subentry_id,
        )

    @callback
    def add_feed(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [FeedSensor(entry, subentry, description) for description in FEED_SENSORS],
            config_subentry_id=subentry.subentry_id,
        )

    @callback
    def add_viewer(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [WatchingSensor(entry, subentry, WATCHING)], config_subentry_id=subentry.subentry_id
        )

    async_add_entities(ProxySensor(entry, description) for description in PROXY_SENSORS)
    subentries.async_on_add(SubentryType.ENGINE, add_engine)
    subentries.async_on_add(SubentryType.CHANNEL, add_channel)
    subentries.async_on_add(SubentryType.PLAYLIST, add_feed)
    subentries.async_on_add(SubentryType.GUIDE, add_feed)
    subentries.async_on_add(SubentryType.VIEWER, add_viewer)


class EngineSensor(EngineEntity, SensorEntity):
    """A figure of one engine."""

    entity_description: EngineSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value(self.engine) if self.engine else None
