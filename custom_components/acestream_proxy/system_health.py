"""What Home Assistant's page of its system says of the proxy.

That page is copied into reports, so there are no addresses on it: engines go by their number, in
the order in which they were added.
"""

from typing import Any, Final

from homeassistant.components.system_health import (
    SystemHealthRegistration,
    async_check_can_reach_url,
)
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .const import DOMAIN, SubentryType
from .coordinator import AceStreamProxyConfigEntry

# The cheapest thing that an engine answers.
_VERSION_PATH: Final = "/webui/api/service?method=get_version"


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:  # noqa: ARG001
    """Have it said."""
    register.async_register_info(async_health)


async def async_health(hass: HomeAssistant) -> dict[str, Any]:
    """Return how the proxy is, and whether its engines can be reached now."""
    health: dict[str, Any] = {"version": str((await async_get_integration(hass, DOMAIN)).version)}
    entry: AceStreamProxyConfigEntry
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        health |= _proxy_health(entry)
    for entry in hass.config_entries.async_entries(DOMAIN):
        engines = entry.get_subentries_of_type(SubentryType.ENGINE)
        for number, engine in enumerate(engines, start=1):
            address = f"{engine.data[CONF_URL]}{_VERSION_PATH}"
            health[f"can_reach_engine_{number}"] = async_check_can_reach_url(hass, address)
    return health


def _proxy_health(entry: AceStreamProxyConfigEntry) -> dict[str, Any]:
    """Return figures of a proxy that is set up."""
    runtime = entry.runtime_data
    stats = runtime.proxy.stats()
    versions = sorted({engine.version.version for engine in stats.engines if engine.version})
    reachable = sum(engine.reachable for engine in stats.engines)
    return {
        "engines": f"{reachable}/{len(stats.engines)}",
        "engine_versions": ", ".join(versions),
        "streams": len(stats.streams),
        "viewers": stats.viewers,
        "channels": len(runtime.lineup.catalog),
        "ffmpeg": runtime.proxy.ffmpeg is not None,
    }
