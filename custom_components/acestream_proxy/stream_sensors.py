"""What streams are doing: all of them together, and that of each channel.

Figures that change with every look are written down only now and then, as the recorder keeps each
of them: at once where a stream begins, ends or stumbles, or where a figure comes from nothing or
goes back to it, and else after `pace` seconds.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from time import monotonic
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfDataRate, UnitOfInformation
from homeassistant.core import callback
from homeassistant.helpers.typing import StateType

from .entity import ChannelEntity, ProxyEntity
from .proxy import ProxyStats, StreamState, StreamStats, Traffic

# Rates and peers: one row a minute for each of them, and the eye sees no difference.
_PACE: Final = 60.0

# Sums are for statistics, which Home Assistant makes every five minutes.
_PACE_OF_SUMS: Final = 300.0

# Rates are shown with one decimal: bytes a second in 0.1 Mbit/s.
_STEP: Final = 12_500


@dataclass(frozen=True, kw_only=True)
class _PacedDescription(SensorEntityDescription):
    """A figure that need not be shown whenever it changes."""

    pace: float = 0.0
    """Seconds between two times that it is, while nothing else happens."""


@dataclass(frozen=True, kw_only=True)
class ProxySensorDescription(_PacedDescription):
    """A figure of all streams together."""

    value: Callable[[ProxyStats], StateType]


@dataclass(frozen=True, kw_only=True)
class ChannelSensorDescription(_PacedDescription):
    """A figure of one channel; what it is while nobody watches comes from `stopped`."""

    value: Callable[[StreamStats], StateType | datetime]
    stopped: StateType = 0
    attributes: Callable[[StreamStats], dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class TrafficSensorDescription(_PacedDescription):
    """What has passed of one channel since the proxy began."""

    value: Callable[[Traffic], int]


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


def _rounded(rate: float) -> int:
    """Return a rate in bytes a second as it is shown."""
    return round(rate / _STEP) * _STEP


def _began(stream: StreamStats) -> datetime | None:
    """Return when a stream that runs began."""
    if stream.since is None or stream.has_failed:
        return None
    return datetime.fromtimestamp(int(stream.since), UTC)


# What rates and sums have in common.
_RATE: Final[dict[str, Any]] = {
    "device_class": SensorDeviceClass.DATA_RATE,
    "state_class": SensorStateClass.MEASUREMENT,
    "native_unit_of_measurement": UnitOfDataRate.BYTES_PER_SECOND,
    "suggested_unit_of_measurement": UnitOfDataRate.MEGABITS_PER_SECOND,
    "suggested_display_precision": 1,
    "pace": _PACE,
}
_SUM: Final[dict[str, Any]] = {
    "device_class": SensorDeviceClass.DATA_SIZE,
    "state_class": SensorStateClass.TOTAL_INCREASING,
    "entity_category": EntityCategory.DIAGNOSTIC,
    "native_unit_of_measurement": UnitOfInformation.BYTES,
    "suggested_unit_of_measurement": UnitOfInformation.GIGABYTES,
    "suggested_display_precision": 2,
    "pace": _PACE_OF_SUMS,
}

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
        **_RATE,
        value=lambda stats: _rounded(stats.rate_in),
    ),
    ProxySensorDescription(
        key="rate_out",
        translation_key="rate_out",
        **_RATE,
        value=lambda stats: _rounded(stats.rate_out),
    ),
    ProxySensorDescription(
        key="total_in",
        translation_key="total_in",
        **_SUM,
        value=lambda stats: stats.traffic.received,
    ),
    ProxySensorDescription(
        key="total_out",
        translation_key="total_out",
        **_SUM,
        value=lambda stats: stats.traffic.sent,
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
        pace=_PACE,
        value=lambda stream: stream.session.peers,
    ),
    ChannelSensorDescription(
        key="speed_down",
        translation_key="speed_down",
        entity_category=EntityCategory.DIAGNOSTIC,
        **_RATE,
        value=lambda stream: _rounded(stream.session.speed_down),
    ),
    ChannelSensorDescription(
        key="speed_up",
        translation_key="speed_up",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        **_RATE,
        value=lambda stream: _rounded(stream.session.speed_up),
    ),
    ChannelSensorDescription(
        key="running_since",
        translation_key="running_since",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=_began,
        stopped=None,
    ),
)

TRAFFIC_SENSORS: Final = (
    TrafficSensorDescription(
        key="total_in",
        translation_key="total_in",
        # Each figure of each channel is a row of statistics every five minutes.
        entity_registry_enabled_default=False,
        **_SUM,
        value=lambda traffic: traffic.received,
    ),
    TrafficSensorDescription(
        key="total_out",
        translation_key="total_out",
        entity_registry_enabled_default=False,
        **_SUM,
        value=lambda traffic: traffic.sent,
    ),
)


class _PacedSensor(SensorEntity):
    """Knows when a figure is due."""

    entity_description: _PacedDescription
    _mark: Hashable = None
    _shown_at = -inf

    def _is_due(self, moment: Hashable) -> bool:
        """Return whether to show the figure now; `moment` is what it is shown at once for."""
        mark, now = (moment, bool(self.native_value)), monotonic()
        if mark == self._mark and now - self._shown_at < self.entity_description.pace:
            return False
        self._mark, self._shown_at = mark, now
        return True


class ProxySensor(ProxyEntity, _PacedSensor):
    """A figure of all streams together."""

    entity_description: ProxySensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value(self.coordinator.data)

    @override
    @callback
    def _handle_coordinator_update(self) -> None:
        if self._is_due(tuple(one.broadcast.state for one in self.coordinator.data.streams)):
            super()._handle_coordinator_update()


class _ChannelFigure(ChannelEntity, _PacedSensor):
    """A figure of one channel, shown when it is due."""

    @override
    @callback
    def async_show(self) -> None:
        if self._is_due(self.stream.broadcast.state if self.stream else None):
            super().async_show()


class ChannelSensor(_ChannelFigure):
    """What the stream of one channel is doing."""

    entity_description: ChannelSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        if stream := self.stream:
            return self.entity_description.value(stream)
        return self.entity_description.stopped

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        attributes, stream = self.entity_description.attributes, self.stream
        return attributes(stream) if attributes and stream else None


class TrafficSensor(_ChannelFigure):
    """What has passed of one channel since the proxy began, over all its streams."""

    entity_description: TrafficSensorDescription

    @property
    @override
    def native_value(self) -> int:
        return self.entity_description.value(self._entry.runtime_data.proxy.traffic(self.sources))
