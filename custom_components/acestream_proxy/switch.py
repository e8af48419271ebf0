"""What is switched on and off: viewers."""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_ENABLED, SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .entity import ViewerEntity

PARALLEL_UPDATES = 1

ENABLED: Final = SwitchEntityDescription(key="enabled", translation_key="enabled")


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one for each viewer, as they come."""

    @callback
    def add_viewer(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [ViewerSwitch(entry, subentry, ENABLED)], config_subentry_id=subentry.subentry_id
        )

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
