"""Keeps Home Assistant's picture of the proxy up to date.

Several coordinators, because their rhythms differ: engines have to be asked, streams speak up, and
what is on changes with the clock. One for all would not do: every push puts off the next poll, so a
busy stream would hide a dead engine. Lists and guides have theirs in `feeds`.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .const import DOMAIN, FAVOURITES, LOGGER
from .feeds import Feeds
from .proxy import EngineStats, Lineup, Proxy, ProxyStats
from .proxy.guide import OnAir
from .subentries import SubentryWatcher
from .troubles import Troubles

_POLL_INTERVAL: Final = timedelta(seconds=30)

# Programmes begin on the minute.
_ON_AIR_INTERVAL: Final = timedelta(minutes=1)

# Changes come in bursts (a stream starts, its viewer joins); the first shows at once, the rest
# together after this many seconds.
_PUSH_COOLDOWN: Final = 1.0


@dataclass(slots=True)
class AceStreamProxyRuntimeData:
    """What lives as long as the entry is loaded."""

    proxy: Proxy
    lineup: Lineup
    engines: EnginesCoordinator
    streams: StreamsCoordinator
    on_air: OnAirCoordinator
    subentries: SubentryWatcher
    feeds: Feeds
    troubles: Troubles


type AceStreamProxyConfigEntry = ConfigEntry[AceStreamProxyRuntimeData]


class EnginesCoordinator(DataUpdateCoordinator[dict[str, EngineStats]]):
    """Asks the engines whether they are there; keyed by subentry."""

    config_entry: AceStreamProxyConfigEntry

    def __init__(self, hass: HomeAssistant, entry: AceStreamProxyConfigEntry, proxy: Proxy) -> None:
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} engines",
            update_interval=_POLL_INTERVAL,
            # Also when both looks found the same: a player may have found something else between
            # them, and the entities show that.
            always_update=True,
        )
        self._proxy = proxy

    @override
    async def _async_update_data(self) -> dict[str, EngineStats]:
        """Ask all engines at once.

        One that does not answer is a state of its own, not a failure to update.
        """
        await asyncio.gather(*(engine.check() for engine in self._proxy.engines))
        return {engine.engine_id: engine.stats() for engine in self._proxy.engines}


class StreamsCoordinator(DataUpdateCoordinator[ProxyStats]):
    """Hears from the proxy whenever a stream changes; never polls."""

    config_entry: AceStreamProxyConfigEntry

    def __init__(self, hass: HomeAssistant, entry: AceStreamProxyConfigEntry, proxy: Proxy) -> None:
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} streams",
            update_interval=None,
            always_update=False,
        )
        self.proxy = proxy
        self.data = proxy.stats()
        self._push: Debouncer[None] = Debouncer(
            hass, LOGGER, cooldown=_PUSH_COOLDOWN, immediate=True, function=self._async_push
        )
        entry.async_on_unload(proxy.on_change(self._push.async_schedule_call))
        entry.async_on_unload(self._push.async_shutdown)

    @override
    async def _async_update_data(self) -> ProxyStats:
        """Look now, for whoever asks an entity to update."""
        return self.proxy.stats()

    @callback
    def _async_push(self) -> None:
        self.async_set_updated_data(self.proxy.stats())


class OnAirCoordinator(DataUpdateCoordinator[dict[str, OnAir]]):
    """Looks up what is on the favourites; keyed by subentry."""

    config_entry: AceStreamProxyConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: AceStreamProxyConfigEntry, lineup: Lineup
    ) -> None:
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} guide",
            update_interval=_ON_AIR_INTERVAL,
            always_update=False,
        )
        self._lineup = lineup
        self.data = {}

    @override
    async def _async_update_data(self) -> dict[str, OnAir]:
        """Look at the guides that are there now."""
        listing = self._lineup.catalog.get(FAVOURITES)
        channels = listing.channels if listing else {}
        on_air = await self._lineup.on_air(channels.values(), dt_util.utcnow().timestamp())
        return {key: on_air[channel] for key, channel in channels.items() if channel in on_air}

    @callback
    def async_request_look(self) -> None:
        """Look now: there is another favourite, or something new in a guide."""
        self.config_entry.async_create_background_task(
            self.hass, self.async_refresh(), f"{DOMAIN} guide"
        )
