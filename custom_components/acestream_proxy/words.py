"""Words that nobody else translates: in the media browser, and in lists for IPTV apps.

They are in Home Assistant's own language. Which one the person speaks who looks is not known here.
"""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN


async def async_word(hass: HomeAssistant, key: str) -> str:
    """Return a word in Home Assistant's language; in English if it is in that one only."""
    words = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    return words[f"component.{DOMAIN}.common.{key}"]
