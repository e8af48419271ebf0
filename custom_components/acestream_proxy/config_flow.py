"""Setting up the proxy, and what holds for all channels."""

from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_URL
from homeassistant.core import callback
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig
import voluptuous as vol

from .const import CONF_ADVANCED, CONF_ENGINE, DOMAIN, SubentryType
from .discovery import DiscoveryFlow
from .forms import ENGINE_SCHEMA, PLACEHOLDERS, check_language, engine_title, try_engine
from .options import OPTIONS_SCHEMA
from .subentry_flows import (
    ChannelSubentryFlow,
    EngineSubentryFlow,
    GuideSubentryFlow,
    PlaylistSubentryFlow,
    ViewerSubentryFlow,
)


class AceStreamProxyConfigFlow(DiscoveryFlow, domain=DOMAIN):
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

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where an engine is now: that is what setting up asked for."""
        entry = self._get_reconfigure_entry()
        engines = {
            one.subentry_id: one for one in entry.get_subentries_of_type(SubentryType.ENGINE)
        }
        if not engines:
            return self.async_abort(reason="no_engines")
        first = next(iter(engines))
        errors: dict[str, str] = {}
        if user_input is not None:
            engine = engines[user_input.get(CONF_ENGINE, first)]
            errors = await self._async_move(entry, engine, user_input[CONF_URL])
            if not errors:
                return self.async_abort(reason="reconfigure_successful")
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                _reconfigure_schema(engines), user_input or engines[first].data
            ),
            errors=errors,
            description_placeholders=PLACEHOLDERS,
        )

    async def _async_move(
        self, entry: ConfigEntry, engine: ConfigSubentry, address: str
    ) -> dict[str, str]:
        """Have an engine at another address; return what to tell the user if it cannot be."""
        client, errors = await try_engine(self.hass, address)
        if client is None:
            return errors
        others = (one for one in entry.subentries.values() if one is not engine)
        if any(one.unique_id == client.url for one in others):
            return {CONF_URL: "engine_is_there"}
        self.hass.config_entries.async_update_subentry(
            entry,
            engine,
            title=engine_title(client),
            data={CONF_URL: client.url},
            unique_id=client.url,
        )
        if entry.state is not ConfigEntryState.LOADED:  # it waits for an engine
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return {}


class ProxyOptionsFlow(OptionsFlow):
    """Changes what holds for all channels."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what should be different."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = check_language(user_input)
            if not errors:
                advanced = {key: int(value) for key, value in user_input[CONF_ADVANCED].items()}
                return self.async_create_entry(data={**user_input, CONF_ADVANCED: advanced})
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                OPTIONS_SCHEMA, user_input or self.config_entry.options
            ),
            errors=errors,
        )


def _reconfigure_schema(engines: dict[str, ConfigSubentry]) -> vol.Schema:
    """Return the form for an engine's address; it asks for which one, if there are several."""
    if len(engines) == 1:
        return ENGINE_SCHEMA
    options = [SelectOptionDict(value=key, label=one.title) for key, one in engines.items()]
    which = SelectSelector(SelectSelectorConfig(options=options))
    return vol.Schema({vol.Required(CONF_ENGINE): which, **ENGINE_SCHEMA.schema})
