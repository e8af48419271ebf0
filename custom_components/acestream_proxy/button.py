"""What is done at the press of a button: giving a viewer new addresses."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_PASSWORD, EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_SECRET, SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .entity import ViewerEntity
from .proxy.audience.viewers import make_password, make_secret

PARALLEL_UPDATES = 1

ROTATE: Final = ButtonEntityDescription(
    key="rotate", translation_key="rotate", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one for each viewer, as they come."""

    @callback
    def add_viewer(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [RotateButton(entry, subentry, ROTATE)], config_subentry_id=subentry.subentry_id
        )

    entry.runtime_data.subentries.async_on_add(SubentryType.VIEWER, add_viewer)


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
