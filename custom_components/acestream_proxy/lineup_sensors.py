"""What channels show, what lists and guides hold, and what viewers watch."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.helpers.typing import StateType

from .entity import FeedEntity, OnAirEntity, ViewerEntity
from .feeds import FeedCoordinator
from .proxy import GuideFeed, ListFeed
from .proxy.guide import Programme

# The longest state that Home Assistant takes.
_MAX_STATE: Final = 255


@dataclass(frozen=True, kw_only=True)
class FeedSensorDescription(SensorEntityDescription):
    """A figure of a list or a guide."""

    value: Callable[[FeedCoordinator], StateType | datetime]


def _channels(coordinator: FeedCoordinator) -> int | None:
    feed = coordinator.feed
    if isinstance(feed, ListFeed):
        return len(feed.listing.channels) if feed.listing else None
    return feed.facts.channels if isinstance(feed, GuideFeed) and feed.facts else None


def _refreshed(coordinator: FeedCoordinator) -> datetime | None:
    return datetime.fromtimestamp(coordinator.data, UTC) if coordinator.data else None


FEED_SENSORS: Final = (
    FeedSensorDescription(
        key="channels",
        translation_key="channels",
        state_class=SensorStateClass.MEASUREMENT,
        value=_channels,
    ),
    FeedSensorDescription(
        key="refreshed",
        translation_key="refreshed",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=_refreshed,
    ),
)

ON_AIR: Final = SensorEntityDescription(key="on_air", translation_key="on_air")
WATCHING: Final = SensorEntityDescription(key="watching", translation_key="watching")


class FeedSensor(FeedEntity, SensorEntity):
    """A figure of a list or a guide."""

    entity_description: FeedSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value(self.feed) if self.feed else None


class OnAirSensor(OnAirEntity, SensorEntity):
    """What a channel shows."""

    # What a guide says of a programme is no history of the house's.
    _unrecorded_attributes = frozenset({"description", "next_title", "next_start", "next_stop"})

    @property
    @override
    def native_value(self) -> StateType:
        on_air = self.on_air
        return on_air.now.title[:_MAX_STATE] if on_air and on_air.now else None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        on_air = self.on_air
        attributes: dict[str, Any] = {}
        if on_air and (now := on_air.now):
            attributes |= {
                "subtitle": now.subtitle or None,
                "description": now.description or None,
                "start": _moment(now.start),
                "stop": _moment(now.stop),
            }
        if on_air and (following := on_air.next):
            attributes |= _next(following)
        return attributes


class WatchingSensor(ViewerEntity, SensorEntity):
    """What a viewer watches."""

    @property
    @override
    def native_value(self) -> StateType:
        """The channel that they began with last; unknown while they watch nothing."""
        return self.watching[-1].title[:_MAX_STATE] or None if self.watching else None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        return {
            "streams": len(self.watching),
            "since": _moment(self.watching[-1].since) if self.watching else None,
            "app": self.watching[-1].device or None if self.watching else None,
        }


def _next(programme: Programme) -> dict[str, Any]:
    """Return what is said of what comes next."""
    return {
        "next_title": programme.title,
        "next_start": _moment(programme.start),
        "next_stop": _moment(programme.stop),
    }


def _moment(seconds: float) -> str:
    """Return a Unix time as automations read it."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()
