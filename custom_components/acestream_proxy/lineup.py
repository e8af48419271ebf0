"""Where the integration keeps what can be watched."""

from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.storage import STORAGE_DIR

from .const import DOMAIN
from .proxy import Lineup

_FOLDER: Final = DOMAIN


def lineup_folder(hass: HomeAssistant) -> Path:
    """Return the folder for lists, guides and logos."""
    return Path(hass.config.path(STORAGE_DIR, _FOLDER))


def make_lineup(hass: HomeAssistant) -> Lineup:
    """Return a lineup without channels."""
    return Lineup(async_get_clientsession(hass), lineup_folder(hass))
