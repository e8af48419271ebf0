"""What is switched on and off: viewers, and channels that run although nobody watches.

Both are kept in the data of their subentry, as what the user wished there is: it is known before
there are entities, and to the backup, and whoever turns an entity off does not change it. To change
it reloads nothing.
"""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_ENABLED, CONF_KEEP_WARM, SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .entity import ChannelEntity, ViewerEntity

PARALLEL_UPDATES = 1

ENABLED: Final = SwitchEntityDescription(key="enabled", translation_key="enabled")
KEEP_WARM: Final = SwitchEntityDescription(key="keep_warm", translation_key="keep_warm")


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one for each viewer and each channel, as they come."""

    @callback
    def add_channel(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [KeepWarmSwitch(entry, subentry, KEEP_WARM)], config_subentry_id=subentry.subentry_id
        )

    @callback
    def add_viewer(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [ViewerSwitch(entry, subentry, ENABLED)], config_subentry_id=subentry.subentry_id
        )

    entry.runtime_data.subentries.async_on_add(SubentryType.CHANNEL, add_channel)
    entry.runtime_data.subentries.async_on_add(SubentryType.VIEWER, add_viewer)


class ViewerSwitch(ViewerEntity, SwitchEntity):
    """Whether anything is played for a viewer."""

    @property
    @override
    def is_on(self) -> bool:
        return self.viewer is not None and self.viewer.enabled

    @override
    async def async_turn_on(self, **_: Any) -> None:
        """Let the viewer watch."""
        self._set(enabled=True)

    @override
    async def async_turn_off(self, **_: Any) -> None:
        """Let the viewer watch no more; what plays ends."""
        self._set(enabled=False)

    def _set(self, *, enabled: bool) -> None:
        subentry = self._entry.subentries[self._subentry_id]
        self.hass.config_entries.async_update_subentry(
            self._entry, subentry, data={**subentry.data, CONF_ENABLED: enabled}
        )


class KeepWarmSwitch(ChannelEntity, SwitchEntity):
    """Whether a channel runs although nobody watches, so that it starts at once."""

    @property
    @override
    def is_on(self) -> bool:
        subentry = self._entry.subentries.get(self._subentry_id)
        return subentry is not None and subentry.data.get(CONF_KEEP_WARM, False)

    @override
    async def async_turn_on(self, **_: Any) -> None:
        """Have the channel run from now on."""
        self._set(keep_warm=True)

    @override
    async def async_turn_off(self, **_: Any) -> None:
        """Let the channel end once nobody watches."""
        self._set(keep_warm=False)

    def _set(self, *, keep_warm: bool) -> None:
        subentry = self._entry.subentries[self._subentry_id]
        self.hass.config_entries.async_update_subentry(
            self._entry, subentry, data={**subentry.data, CONF_KEEP_WARM: keep_warm}
        )
        self.async_write_ha_state()
