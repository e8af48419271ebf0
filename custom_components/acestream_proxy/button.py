"""What is done at the press of a button.

Stopping and restarting what does not run is nothing. A look at a list or a guide that fails is
said to whoever pressed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_PASSWORD, EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_SECRET, SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .entity import ChannelEntity, EngineEntity, FeedEntity, ProxyEntity, ViewerEntity
from .proxy import ContentKey, Proxy
from .proxy.audience.viewers import make_password, make_secret

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class ChannelButtonDescription(ButtonEntityDescription):
    """Something that is done to the stream of a channel."""

    press: Callable[[Proxy, tuple[ContentKey, ...]], None]


CHANNEL_BUTTONS: Final = (
    ChannelButtonDescription(
        key="stop", translation_key="stop", press=lambda proxy, names: proxy.end(*names)
    ),
    ChannelButtonDescription(
        key="restart", translation_key="restart", press=lambda proxy, names: proxy.restart(*names)
    ),
)

STOP_ALL: Final = ButtonEntityDescription(key="stop_all", translation_key="stop_all")
REFRESH: Final = ButtonEntityDescription(key="refresh", translation_key="refresh")
CHECK: Final = ButtonEntityDescription(
    key="check", translation_key="check", entity_category=EntityCategory.DIAGNOSTIC
)
ROTATE: Final = ButtonEntityDescription(
    key="rotate", translation_key="rotate", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add that of the proxy, and those of subentries as they come."""
    subentries = entry.runtime_data.subentries

    @callback
    def add_channel(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [ChannelButton(entry, subentry, description) for description in CHANNEL_BUTTONS],
            config_subentry_id=subentry.subentry_id,
        )

    @callback
    def add_engine(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [CheckButton(entry, subentry, CHECK)], config_subentry_id=subentry.subentry_id
        )

    @callback
    def add_feed(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [RefreshButton(entry, subentry, REFRESH)], config_subentry_id=subentry.subentry_id
        )

    @callback
    def add_viewer(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [RotateButton(entry, subentry, ROTATE)], config_subentry_id=subentry.subentry_id
        )

    async_add_entities([StopAllButton(entry, STOP_ALL)])
    subentries.async_on_add(SubentryType.CHANNEL, add_channel)
    subentries.async_on_add(SubentryType.ENGINE, add_engine)
    subentries.async_on_add(SubentryType.PLAYLIST, add_feed)
    subentries.async_on_add(SubentryType.GUIDE, add_feed)
    subentries.async_on_add(SubentryType.VIEWER, add_viewer)


class ChannelButton(ChannelEntity, ButtonEntity):
    """Stops or restarts the stream of a channel."""

    entity_description: ChannelButtonDescription

    @override
    async def async_press(self) -> None:
        """Do so, for all who watch it."""
        self.entity_description.press(self.coordinator.proxy, self.sources)


class StopAllButton(ProxyEntity, ButtonEntity):
    """Stops all streams."""

    @override
    async def async_press(self) -> None:
        """Also those that nobody has among their channels."""
        proxy = self.coordinator.proxy
        proxy.end(*(stream.content for stream in proxy.stats().streams))


class CheckButton(EngineEntity, ButtonEntity):
    """Asks whether the engine is there."""

    @override
    async def async_press(self) -> None:
        """Ask all of them, as every half minute; what is found shows."""
        await self.coordinator.async_refresh()


class RefreshButton(FeedEntity, ButtonEntity):
    """Looks at a list or a guide now."""

    @property
    @override
    def available(self) -> bool:
        """Also while there is nothing yet, when it is wanted most."""
        return self.feed is not None

    @override
    async def async_press(self) -> None:
        """Look, and say what is wrong."""
        feed = self.feed
        assert feed is not None  # noqa: S101 - it is not available otherwise
        if error := await feed.async_look():
            raise error


class RotateButton(ViewerEntity, ButtonEntity):
    """Makes the addresses and the password of a viewer anew; the old ones are good for nothing."""

    @override
    async def async_press(self) -> None:
        """What plays at the old ones ends."""
        subentry = self._entry.subentries[self._subentry_id]
        secrets = {CONF_SECRET: make_secret(), CONF_PASSWORD: make_password()}
        self.hass.config_entries.async_update_subentry(
            self._entry, subentry, data={**subentry.data, **secrets}
        )
