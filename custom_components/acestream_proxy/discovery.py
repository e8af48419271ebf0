"""The app (formerly add-on), as the Supervisor tells of it: one more engine.

Where the app listens it answers as an engine does. The Supervisor passes on where that is when the
app first says so, when the app says something else, and whenever Home Assistant starts.

    where the app is                what becomes of it
    ─────────────────────────       ──────────────────────────────────────────────────────────
    where an engine is already      nothing, whoever added that engine
    elsewhere than it was           its engine moves there; what plays goes on until it ends
    not seen before                 the user is asked; it is the first engine, or one more

The app is known by its slug. The UUID of the Supervisor's message would not do: an app that is
installed anew has another one. An engine that the user moves by hand is the app's no longer, or
each start would move it back.

When the app goes, Home Assistant removes the entry whose unique ID is the UUID of its message. Ours
never has that one, and so stays with all its channels; the engine is the user's to remove.
"""

from types import MappingProxyType
from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
)
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
import voluptuous as vol
from yarl import URL

from .const import CONF_APP, DOMAIN, SubentryType
from .forms import engine_title, try_engine
from .proxy import EngineClient, InvalidContentError

_ADDRESS: Final = vol.Schema(
    {vol.Required(CONF_HOST): cv.string, vol.Required(CONF_PORT): cv.port}, extra=vol.REMOVE_EXTRA
)


class DiscoveryFlow(ConfigFlow):
    """Asks whether an app that was found is to be an engine of the proxy."""

    _app: HassioServiceInfo
    _engine: ConfigSubentry

    @override
    async def async_step_hassio(self, discovery_info: HassioServiceInfo) -> ConfigFlowResult:
        """Hear of an app; ask, unless it is known."""
        self._app = discovery_info
        try:
            self._engine = _engine_of(self.hass, discovery_info)
        except vol.Invalid, ValueError, InvalidContentError:
            return self.async_abort(reason="invalid_discovery_info")
        entry = await self._async_proxy()
        if entry and self._async_is_known(entry):
            return self.async_abort(reason="already_configured")
        # Under this one the user can ignore the app, and no other.
        await self.async_set_unique_id(discovery_info.slug, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        for older in self._async_in_progress(match_context={"unique_id": discovery_info.slug}):
            # Its question is about an address that the app has left.
            self.hass.config_entries.flow.async_abort(older["flow_id"])
        self.context["title_placeholders"] = {"name": discovery_info.name}
        self.context["configuration_url"] = f"homeassistant://app/{discovery_info.slug}"
        return await self.async_step_hassio_confirm()

    async def async_step_hassio_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add the app as an engine, once the user agrees and it answers."""
        errors: dict[str, str] = {}
        if user_input is not None:
            client, errors = await try_engine(self.hass, self._engine.data[CONF_URL])
            if client:
                return await self._async_add()
            errors = {"base": errors[CONF_URL]}  # there is no field to show it at
        self._set_confirm_only()
        return self.async_show_form(
            step_id="hassio_confirm",
            errors=errors,
            description_placeholders={"app": self._app.name},
        )

    async def _async_add(self) -> ConfigFlowResult:
        """Add the engine to the proxy, or set up the proxy with it."""
        # Looked for once more: the user may have set it up elsewhere while this form was open.
        entry = await self._async_proxy()
        if entry is None:
            return self.async_create_entry(
                title="AceStream Proxy", data={}, subentries=[self._engine.as_dict()]
            )
        # This refuses an address that was added by hand meanwhile.
        self.hass.config_entries.async_add_subentry(entry, self._engine)
        _wake(self.hass, entry)
        return self.async_abort(reason="engine_added")

    async def _async_proxy(self) -> ConfigEntry | None:
        """Return the proxy's entry, if there is one.

        With its unique ID, Home Assistant notes in it what was found. When the user removes the
        proxy, the app is found again at once.
        """
        return await self.async_set_unique_id(DOMAIN, raise_on_progress=False)

    @callback
    def _async_is_known(self, entry: ConfigEntry) -> bool:
        """Return whether the app is an engine of the proxy, which is then where the app is."""
        engines = list(entry.get_subentries_of_type(SubentryType.ENGINE))
        if any(one.unique_id == self._engine.unique_id for one in engines):
            return True
        mine = next((one for one in engines if one.data.get(CONF_APP) == self._app.slug), None)
        if mine is None:
            return False
        self.hass.config_entries.async_update_subentry(
            entry,
            mine,
            data=self._engine.data,
            title=self._engine.title,
            unique_id=self._engine.unique_id,
        )
        _wake(self.hass, entry)
        return True


def _engine_of(hass: HomeAssistant, app: HassioServiceInfo) -> ConfigSubentry:
    """Return an app as an engine of the proxy.

    Raises:
        vol.Invalid, ValueError, InvalidContentError: It does not say where it is.
    """
    address = URL.build(scheme="http", **_ADDRESS(app.config))
    client = EngineClient(async_get_clientsession(hass), str(address))
    return ConfigSubentry(
        data=MappingProxyType({CONF_URL: client.url, CONF_APP: app.slug}),
        subentry_type=SubentryType.ENGINE,
        title=engine_title(client),
        unique_id=client.url,
    )


@callback
def _wake(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Have a proxy start that waits for an engine; one that runs follows by itself."""
    if entry.state is not ConfigEntryState.LOADED:
        hass.config_entries.async_schedule_reload(entry.entry_id)
