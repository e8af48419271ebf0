"""The addresses of the house: those a viewer is given, and those of logos."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_PASSWORD
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .const import CONF_SECRET
from .proxy.audience.viewers import plain_username

VIEWER_PREFIX: Final = "/api/acestream_proxy/{secret}"
LOGO_PATH: Final = "/api/acestream_proxy/logo/{number}"
LOGO_URL: Final = "/api/acestream_proxy/logo/{number:[0-9]{1,10}}"


def addresses_of(hass: HomeAssistant, name: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Return what to fill in in an IPTV app, by name."""
    try:
        server = get_url(hass, prefer_external=False)
    except NoURLAvailableError:
        server = "http://homeassistant.local:8123"
    prefix = f"{server}{VIEWER_PREFIX.format(secret=data[CONF_SECRET])}"
    return {
        "playlist": f"{prefix}/playlist.m3u",
        "guide": f"{prefix}/guide.xml",
        "server": server,
        "username": plain_username(name),
        "password": data[CONF_PASSWORD],
    }
