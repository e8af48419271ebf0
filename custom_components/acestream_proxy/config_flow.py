"""Setting up the proxy, and what a user adds to it."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import (
    CONF_AUDIO_LANGUAGE,
    CONF_CONTENT,
    CONF_EXCLUDE_GROUPS,
    CONF_EXCLUDE_NAMES,
    CONF_FILE,
    CONF_INCLUDE_GROUPS,
    CONF_INCLUDE_NAMES,
    CONF_LOGO,
    CONF_LOW_LATENCY,
    CONF_TEXT,
    CONF_TRANSCODE_VIDEO,
    DOMAIN,
    SubentryType,
)
from .playlists import PlaylistError, async_read, filter_of, is_address, origin_of, read_channels
from .proxy import (
    ContentKey,
    EngineClient,
    EngineError,
    EngineUnreachableError,
    InvalidContentError,
    is_language,
)
from .proxy.errors import EngineTimeoutError

_URL: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))

_PATTERNS: Final = TextSelector(TextSelectorConfig(multiple=True))

ENGINE_SCHEMA: Final = vol.Schema({vol.Required(CONF_URL): _URL})
CHANNEL_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_CONTENT): TextSelector(),
        vol.Optional(CONF_LOGO): _URL,
        vol.Optional(CONF_AUDIO_LANGUAGE): TextSelector(),
        vol.Optional(CONF_TRANSCODE_VIDEO): BooleanSelector(),
    }
)
PLAYLIST_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Optional(CONF_URL): _URL,
        vol.Optional(CONF_FILE): TextSelector(),
        vol.Optional(CONF_TEXT): TextSelector(TextSelectorConfig(multiline=True)),
        vol.Optional(CONF_INCLUDE_GROUPS): _PATTERNS,
        vol.Optional(CONF_EXCLUDE_GROUPS): _PATTERNS,
        vol.Optional(CONF_INCLUDE_NAMES): _PATTERNS,
        vol.Optional(CONF_EXCLUDE_NAMES): _PATTERNS,
    }
)
OPTIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_LOW_LATENCY, default=True): BooleanSelector(),
        vol.Optional(CONF_AUDIO_LANGUAGE): TextSelector(),
    }
)

# Translated texts may hold no addresses, so examples come from here.
_PLACEHOLDERS: Final = {
    "example_engine": "http://192.168.1.20:6878",
    "example_playlist": "https://example.org/channels.m3u",
    "example_content": "acestream://94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209",
}


class AceStreamProxyConfigFlow(ConfigFlow, domain=DOMAIN):
    """Sets up the proxy, which is there once, with its first engine."""

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Say what can be added to the proxy."""
        return {
            SubentryType.ENGINE: EngineSubentryFlow,
            SubentryType.CHANNEL: ChannelSubentryFlow,
            SubentryType.PLAYLIST: PlaylistSubentryFlow,
        }

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Say what can be changed about the proxy."""
        return ProxyOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the first engine."""
        # A form that is open elsewhere is no reason to refuse; whoever is first sets up the proxy.
        await self.async_set_unique_id(DOMAIN, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        errors: dict[str, str] = {}
        if user_input is not None:
            client, errors = await _test_engine(self.hass, user_input[CONF_URL])
            if client:
                return self.async_create_entry(
                    title="AceStream Proxy",
                    data={},
                    subentries=[
                        {
                            "subentry_type": SubentryType.ENGINE,
                            "title": _engine_title(client),
                            "unique_id": client.url,
                            "data": {CONF_URL: client.url},
                        }
                    ],
                )
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(ENGINE_SCHEMA, user_input),
            errors=errors,
            description_placeholders=_PLACEHOLDERS,
        )


class ProxyOptionsFlow(OptionsFlow):
    """Changes what holds for all channels."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what should be different."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = _test_language(user_input)
            if not errors:
                return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                OPTIONS_SCHEMA, user_input or self.config_entry.options
            ),
            errors=errors,
        )


@dataclass(frozen=True, slots=True)
class _Subentry:
    """What a form came to."""

    title: str
    unique_id: str
    data: dict[str, Any]


class _SubentryFlow(ConfigSubentryFlow):
    """Adds something to the proxy, or changes it: one form for both.

    Home Assistant itself lets no unique ID be there twice.
    """

    schema: ClassVar[vol.Schema]

    @abstractmethod
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return what was filled in, or what to tell the user instead."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for something new."""
        errors: dict[str, str] = {}
        if user_input is not None:
            new, errors = await self.read(user_input)
            if new:
                return self.async_create_entry(
                    title=new.title, data=new.data, unique_id=new.unique_id
                )
        return self._form("user", user_input, errors)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for what should be different."""
        entry, old = self._get_entry(), self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            new, errors = await self.read(user_input)
            if new:
                return self.async_update_and_abort(
                    entry, old, title=new.title, data=new.data, unique_id=new.unique_id
                )
        return self._form("reconfigure", user_input or dict(old.data), errors)

    def _form(
        self, step: str, values: dict[str, Any] | None, errors: dict[str, str]
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(self.schema, values),
            errors=errors,
            description_placeholders=_PLACEHOLDERS,
        )


class EngineSubentryFlow(_SubentryFlow):
    """Adds an engine, or changes the address of one."""

    schema = ENGINE_SCHEMA

    @override
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return the engine that answers at the address."""
        client, errors = await _test_engine(self.hass, user_input[CONF_URL])
        if client is None:
            return None, errors
        return _Subentry(_engine_title(client), client.url, {CONF_URL: client.url}), {}


class ChannelSubentryFlow(_SubentryFlow):
    """Adds a channel, or changes one."""

    schema = CHANNEL_SCHEMA

    @override
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return the channel with the content that was named."""
        try:
            content = ContentKey.parse(user_input[CONF_CONTENT])
        except InvalidContentError:
            return None, {CONF_CONTENT: "invalid_content"}
        if errors := _test_language(user_input):
            return None, errors
        return _Subentry(user_input[CONF_NAME], content.slug, user_input), {}


class PlaylistSubentryFlow(_SubentryFlow):
    """Adds a list of channels, or changes one."""

    schema = PLAYLIST_SCHEMA

    @override
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return the list that was given, if there are channels in it."""
        data = {key: value for key, value in user_input.items() if value}
        for key in {CONF_URL, CONF_FILE} & data.keys():
            data[key] = data[key].strip()
        if len({CONF_URL, CONF_FILE, CONF_TEXT} & data.keys()) != 1:
            return None, {CONF_URL: "one_source"}
        if CONF_URL in data and not is_address(data[CONF_URL]):
            return None, {CONF_URL: "invalid_address"}
        try:
            fetched = await async_read(self.hass, data)
        except PlaylistError:
            if CONF_FILE in data:
                return None, {CONF_FILE: "no_file"}
            return None, {CONF_URL: "cannot_connect"}
        wanted = filter_of(data)
        if not await self.hass.async_add_executor_job(read_channels, fetched.body, wanted):
            return None, {CONF_URL: "no_channels"}
        return _Subentry(data[CONF_NAME], origin_of(data), data), {}


async def _test_engine(
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


def _test_language(user_input: dict[str, Any]) -> dict[str, str]:
    """Return what to tell the user of the language, if it is none."""
    language = user_input.get(CONF_AUDIO_LANGUAGE)
    if not language or is_language(language):
        return {}
    return {CONF_AUDIO_LANGUAGE: "invalid_language"}


def _engine_title(client: EngineClient) -> str:
    return client.url.removeprefix("http://")
