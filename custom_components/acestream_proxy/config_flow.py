"""Setting up the proxy, and what holds for all channels."""

from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_URL
from homeassistant.core import callback
from homeassistant.helpers.selector import BooleanSelector, TextSelector
import voluptuous as vol

from .const import CONF_AUDIO_LANGUAGE, CONF_LOW_LATENCY, DOMAIN, SubentryType
from .forms import ENGINE_SCHEMA, PLACEHOLDERS, check_language, engine_title, try_engine
from .subentry_flows import (
    ChannelSubentryFlow,
    EngineSubentryFlow,
    GuideSubentryFlow,
    PlaylistSubentryFlow,
    ViewerSubentryFlow,
)

OPTIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_LOW_LATENCY, default=True): BooleanSelector(),
        vol.Optional(CONF_AUDIO_LANGUAGE): TextSelector(),
    }
)


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
            SubentryType.GUIDE: GuideSubentryFlow,
            SubentryType.VIEWER: ViewerSubentryFlow,
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
            client, errors = await try_engine(self.hass, user_input[CONF_URL])
            if client:
                return self.async_create_entry(
                    title="AceStream Proxy",
                    data={},
                    subentries=[
                        {
                            "subentry_type": SubentryType.ENGINE,
                            "title": engine_title(client),
                            "unique_id": client.url,
                            "data": {CONF_URL: client.url},
                        }
                    ],
                )
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(ENGINE_SCHEMA, user_input),
            errors=errors,
            description_placeholders=PLACEHOLDERS,
        )


class ProxyOptionsFlow(OptionsFlow):
    """Changes what holds for all channels."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what should be different."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = check_language(user_input)
            if not errors:
                return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                OPTIONS_SCHEMA, user_input or self.config_entry.options
            ),
            errors=errors,
        )
