"""What the proxy, its engines and its channels are doing; the rest is in `lineup_sensors`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory, UnitOfDataRate
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .const import SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .entity import ChannelEntity, EngineEntity, ProxyEntity
from .lineup_sensors import FEED_SENSORS, ON_AIR, WATCHING, FeedSensor, OnAirSensor, WatchingSensor
from .proxy import EngineStats, ProxyStats, StreamState, StreamStats

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ProxySensorDescription(SensorEntityDescription):
    """A figure of all streams together."""

    value: Callable[[ProxyStats], StateType]


@dataclass(frozen=True, kw_only=True)
class EngineSensorDescription(SensorEntityDescription):
    """A figure of one engine."""

    value: Callable[[EngineStats], StateType]


@dataclass(frozen=True, kw_only=True)
class ChannelSensorDescription(SensorEntityDescription):
    """A figure of one channel; what it is while nobody watches comes from `stopped`."""

    value: Callable[[StreamStats], StateType]
    stopped: StateType = 0
    attributes: Callable[[StreamStats], dict[str, Any]] | None = None


def stream_attributes(stream: StreamStats) -> dict[str, Any]:
    """Return what a stream carries, as far as it is known yet."""
    attributes: dict[str, Any] = {}
    if program := stream.program:
        sound = [track for track in program.streams if track.codec.is_audio]
        attributes["video_codec"] = program.video.codec.value if program.video else None
        attributes["audio_codecs"] = [track.codec.value for track in sound]
        # One for each codec, empty where unknown.
        attributes["audio_languages"] = [track.language for track in sound]
    if picture := stream.picture:
        attributes["resolution"] = f"{picture.width}x{picture.height}"
        attributes["frame_rate"] = picture.frame_rate
        attributes["interlaced"] = picture.interlaced
    return attributes


PROXY_SENSORS: Final = (
    ProxySensorDescription(
        key="active_streams",
        translation_key="active_streams",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda stats: len(stats.streams),
    ),
    ProxySensorDescription(
        key="viewers",
        translation_key="viewers",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda stats: stats.viewers,
    ),
    ProxySensorDescription(
        key="rate_in",
        translation_key="rate_in",
        device_class=SensorDeviceClass.DATA_RATE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfDataRate.BYTES_PER_SECOND,
        suggested_unit_of_measurement=UnitOfDataRate.MEGABITS_PER_SECOND,
        suggested_display_precision=1,
        value=lambda stats: round(stats.rate_in),
    ),
    ProxySensorDescription(
        key="rate_out",
        translation_key="rate_out",
        device_class=SensorDeviceClass.DATA_RATE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfDataRate.BYTES_PER_SECOND,
        suggested_unit_of_measurement=UnitOfDataRate.MEGABITS_PER_SECOND,
        suggested_display_precision=1,
        value=lambda stats: round(stats.rate_out),
    ),
)

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

CHANNEL_SENSORS: Final = (
    ChannelSensorDescription(
        key="status",
        translation_key="status",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in StreamState],
        value=lambda stream: stream.broadcast.state.value,
        stopped=StreamState.STOPPED.value,
        attributes=stream_attributes,
    ),
    ChannelSensorDescription(
        key="viewers",
        translation_key="viewers",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda stream: stream.broadcast.viewers,
    ),
    ChannelSensorDescription(
        key="peers",
        translation_key="peers",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda stream: stream.session.peers,
    ),
    ChannelSensorDescription(
        key="speed_down",
        translation_key="speed_down",
        device_class=SensorDeviceClass.DATA_RATE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        native_unit_of_measurement=UnitOfDataRate.BYTES_PER_SECOND,
        suggested_unit_of_measurement=UnitOfDataRate.MEGABITS_PER_SECOND,
        suggested_display_precision=1,
        value=lambda stream: stream.session.speed_down,
    ),
    ChannelSensorDescription(
        key="speed_up",
        translation_key="speed_up",
        device_class=SensorDeviceClass.DATA_RATE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        native_unit_of_measurement=UnitOfDataRate.BYTES_PER_SECOND,
        suggested_unit_of_measurement=UnitOfDataRate.MEGABITS_PER_SECOND,
        suggested_display_precision=1,
        value=lambda stream: stream.session.speed_up,
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


class ProxySensor(ProxyEntity, SensorEntity):
    """A figure of all streams together."""

    entity_description: ProxySensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value(self.coordinator.data)


class EngineSensor(EngineEntity, SensorEntity):
    """A figure of one engine."""

    entity_description: EngineSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value(self.engine) if self.engine else None


class ChannelSensor(ChannelEntity, SensorEntity):
    """A figure of one channel."""

    entity_description: ChannelSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        if stream := self.stream:
            return self.entity_description.value(stream)
        return self.entity_description.stopped

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        attributes, stream = self.entity_description.attributes, self.stream
        return attributes(stream) if attributes and stream else None
