"""What the forms ask for, and whether what was filled in can be."""

from typing import Any, Final

from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import (
    CONF_ALTERNATIVES,
    CONF_AUDIO_LANGUAGE,
    CONF_CONTENT,
    CONF_ENABLED,
    CONF_EXCLUDE_GROUPS,
    CONF_EXCLUDE_NAMES,
    CONF_FILE,
    CONF_GROUPS,
    CONF_GUIDE_ID,
    CONF_INCLUDE_GROUPS,
    CONF_INCLUDE_NAMES,
    CONF_LOGO,
    CONF_MOST_STREAMS,
    CONF_NUMBER,
    CONF_REFRESH_HOURS,
    CONF_SEARCH,
    CONF_TEXT,
    CONF_TRANSCODE_VIDEO,
)
from .feeds import DEFAULT_HOURS, is_address, is_readable
from .proxy import (
    EngineClient,
    EngineError,
    EngineUnreachableError,
    FetchError,
    InvalidContentError,
    is_language,
)
from .proxy.errors import EngineTimeoutError, Why

_URL: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
_TEXTS: Final = TextSelector(TextSelectorConfig(multiple=True))

# From as often as a source bears it to once a month.
_HOURS: Final = NumberSelector(
    NumberSelectorConfig(min=1, max=720, step=1, mode=NumberSelectorMode.BOX)
)
_STREAMS: Final = NumberSelector(
    NumberSelectorConfig(min=1, max=100, step=1, mode=NumberSelectorMode.BOX)
)

ENGINE_SCHEMA: Final = vol.Schema({vol.Required(CONF_URL): _URL})
CHANNEL_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_CONTENT): TextSelector(),
        vol.Optional(CONF_ALTERNATIVES): _TEXTS,
        vol.Optional(CONF_LOGO): _URL,
        vol.Optional(CONF_NUMBER): TextSelector(),
        vol.Optional(CONF_GUIDE_ID): TextSelector(),
        vol.Optional(CONF_AUDIO_LANGUAGE): TextSelector(),
        vol.Optional(CONF_TRANSCODE_VIDEO): BooleanSelector(),
    }
)
LISTED_SCHEMA: Final = vol.Schema({vol.Required(CONF_SEARCH): TextSelector()})
PLAYLIST_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Optional(CONF_URL): _URL,
        vol.Optional(CONF_FILE): TextSelector(),
        vol.Optional(CONF_SEARCH): TextSelector(),
        vol.Optional(CONF_TEXT): TextSelector(TextSelectorConfig(multiline=True)),
        vol.Optional(CONF_INCLUDE_GROUPS): _TEXTS,
        vol.Optional(CONF_EXCLUDE_GROUPS): _TEXTS,
        vol.Optional(CONF_INCLUDE_NAMES): _TEXTS,
        vol.Optional(CONF_EXCLUDE_NAMES): _TEXTS,
        vol.Optional(CONF_REFRESH_HOURS, default=DEFAULT_HOURS): _HOURS,
    }
)
GUIDE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Optional(CONF_URL): _URL,
        vol.Optional(CONF_FILE): TextSelector(),
        vol.Optional(CONF_REFRESH_HOURS, default=DEFAULT_HOURS): _HOURS,
    }
)
VIEWER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Optional(CONF_GROUPS): _TEXTS,
        vol.Optional(CONF_MOST_STREAMS): _STREAMS,
        vol.Required(CONF_ENABLED, default=True): BooleanSelector(),
    }
)

# Translated texts may hold no addresses, so examples come from here.
PLACEHOLDERS: Final = {
    "example_engine": "http://192.168.1.20:6878",
    "example_playlist": "https://example.org/channels.m3u",
    "example_guide": "https://example.org/guide.xml.gz",
    "example_content": "acestream://94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209",
}

# What a user may have to mend in an address; of all else it is enough that nothing comes.
_SAID: Final = (Why.NO_SERVER, Why.INSECURE, Why.ASTRAY, Why.BAD_STATUS, Why.TOO_LARGE)


async def try_engine(
    hass: HomeAssistant, address: str
) -> tuple[EngineClient | None, dict[str, str]]:
    """Return an engine that answers at an address, or what to tell the user instead."""
    try:
        client = EngineClient(async_get_clientsession(hass), address)
        await client.version()
    except InvalidContentError:
        return None, {CONF_URL: "invalid_address"}
    except EngineUnreachableError, EngineTimeoutError:
        return None, {CONF_URL: "cannot_connect"}
    except EngineError:
        # Something else answers; a web server's "404: Not Found" reads like an engine's refusal.
        return None, {CONF_URL: "no_engine"}
    return client, {}


def check_name(data: dict[str, Any]) -> dict[str, str]:
    """Return what to tell the user of the name, if it is none."""
    has_name = any(letter.isalnum() for letter in data.get(CONF_NAME, ""))
    return {} if has_name else {CONF_NAME: "no_name"}


def check_language(user_input: dict[str, Any]) -> dict[str, str]:
    """Return what to tell the user of the language, if it is none."""
    language = user_input.get(CONF_AUDIO_LANGUAGE)
    if not language or is_language(language):
        return {}
    return {CONF_AUDIO_LANGUAGE: "invalid_language"}


def check_origin(
    hass: HomeAssistant, data: dict[str, Any], origins: tuple[str, ...]
) -> dict[str, str]:
    """Return what to tell the user of where a list or a guide comes from, if it cannot be."""
    if len(set(origins) & data.keys()) != 1:
        return {CONF_URL: "one_source"}
    if CONF_URL in data and not is_address(data[CONF_URL]):
        return {CONF_URL: "invalid_address"}
    if CONF_FILE in data and not is_readable(hass, data[CONF_FILE]):
        return {CONF_FILE: "no_file"}
    return {}


def not_there(error: FetchError) -> dict[str, str]:
    """Return what to tell the user of a list or a guide that cannot be had."""
    if error.why is Why.NO_FILE:
        return {CONF_FILE: "no_file"}
    return {CONF_URL: error.why.value if error.why in _SAID else "cannot_connect"}


def tidy(user_input: dict[str, Any]) -> dict[str, Any]:
    """Return what was filled in without what was left empty, and whole numbers as such."""
    filled = {
        key: value.strip() if isinstance(value, str) else value for key, value in user_input.items()
    }
    return {
        key: int(value) if isinstance(value, float) else value
        for key, value in filled.items()
        if value or isinstance(value, bool)
    }


def engine_title(client: EngineClient) -> str:
    """Return what an engine is called."""
    return client.url.removeprefix("http://")
