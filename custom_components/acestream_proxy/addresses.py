"""The addresses of the house: those a viewer is given, and those of logos."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_PASSWORD
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .const import CONF_SECRET
from .proxy.audience.viewers import plain_username

VIEWER_PREFIX: Final = "/api/acestream_proxy/{secret}"
LINK_PATH: Final = "/api/acestream_proxy/link/{token}"
LOGO_PATH: Final = "/api/acestream_proxy/logo/{number}"
LOGO_URL: Final = "/api/acestream_proxy/logo/{number:[0-9]{1,10}}"


def addresses_of(hass: HomeAssistant, name: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Return what to fill in in an IPTV app, by name."""
    server = _server(hass)
    prefix = f"{server}{VIEWER_PREFIX.format(secret=data[CONF_SECRET])}"
    return {
        "playlist": f"{prefix}/playlist.m3u",
        "guide": f"{prefix}/guide.xml",
        "server": server,
        "username": plain_username(name),
        "password": data[CONF_PASSWORD],
    }


def address_of_link(hass: HomeAssistant, token: str, form: str) -> str:
    """Return where a link is, as `ts` or `m3u8`."""
    return f"{_server(hass)}{LINK_PATH.format(token=token)}.{form}"


def _server(hass: HomeAssistant) -> str:
    try:
        return get_url(hass, prefer_external=False)
    except NoURLAvailableError:
        return "http://homeassistant.local:8123"
