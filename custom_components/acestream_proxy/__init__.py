"""AceStream Proxy: reads each AceStream channel once and writes it to everyone watching.

The entry is the proxy; its engines, channels, lists, guides and viewers are subentries. Adding,
changing or removing one changes what runs without reloading the entry, since a reload would cut
everybody's stream.
"""

import asyncio
from collections.abc import Coroutine
from functools import partial
from shutil import rmtree

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import (
    CONF_URL,
    EVENT_CORE_CONFIG_UPDATE,
    EVENT_HOMEASSISTANT_STOP,
    Platform,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.typing import ConfigType

from .const import CONF_AUDIO_LANGUAGE, CONF_LOW_LATENCY, DOMAIN, SubentryType
from .coordinator import (
    AceStreamProxyConfigEntry,
    AceStreamProxyRuntimeData,
    EnginesCoordinator,
    OnAirCoordinator,
    StreamsCoordinator,
)
from .entity import proxy_device
from .feeds import Feeds
from .lineup import lineup_folder, make_lineup
from .options import adjust
from .proxy import Lineup, Proxy, ProxyOptions
from .services import async_register_actions
from .subentries import (
    SubentryChanges,
    SubentryWatcher,
    channel_options,
    favourites,
    viewer_of,
    warm_channels,
)
from .troubles import Troubles, async_find_ffmpeg, async_forget_troubles, async_note_engines
from .views import async_register_views
from .words import async_word

PLATFORMS: list[Platform] = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
]

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:  # noqa: ARG001
    """Register what does not depend on an entry; views cannot be taken back."""
    async_register_views(hass)
    async_register_actions(hass)

    @callback
    def forget(_: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Have nothing wrong with a proxy that is switched off, also while it waits for engines."""
        if entry.domain == DOMAIN and entry.disabled_by:
            async_forget_troubles(hass)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, forget)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AceStreamProxyConfigEntry) -> bool:
    """Start the proxy."""

    def spawn(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        # Background tasks are cancelled as soon as Home Assistant stops, before it waits for
        # anything: players get a clean end at once.
        return entry.async_create_background_task(hass, work, f"{DOMAIN} {name}", eager_start=False)

    proxy = Proxy(async_get_clientsession(hass), options=ProxyOptions(), spawn=spawn)
    _set_wishes(entry, proxy)
    subentries = SubentryWatcher(entry)
    for subentry in entry.get_subentries_of_type(SubentryType.ENGINE):
        proxy.engines.add(subentry.subentry_id, subentry.data[CONF_URL])
    engines = EnginesCoordinator(hass, entry, proxy)
    await engines.async_config_entry_first_refresh()
    async_note_engines(hass, engines.data.values())
    if engines.data and not any(engine.reachable for engine in engines.data.values()):
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="no_engine_reachable",
            translation_placeholders={
                "addresses": ", ".join(engine.url for engine in engines.data.values())
            },
        )
    proxy.ffmpeg = await async_find_ffmpeg(hass)
    streams = StreamsCoordinator(hass, entry, proxy)
    troubles = Troubles(hass, entry, proxy)
    entry.async_on_unload(troubles.async_clear)
    # The engines are asked only as long as somebody listens, which entities do not that are
    # disabled; the media browser wants to know of them, too.
    entry.async_on_unload(engines.async_add_listener(troubles.async_look))
    entry.async_on_unload(streams.async_add_listener(troubles.async_look))
    lineup = make_lineup(hass)
    await _async_set_favourites(hass, entry, lineup)
    for subentry in entry.get_subentries_of_type(SubentryType.VIEWER):
        proxy.audience.set_viewer(viewer_of(subentry))
    feeds = Feeds(hass, entry, proxy, lineup)
    on_air = OnAirCoordinator(hass, entry, lineup)
    entry.runtime_data = AceStreamProxyRuntimeData(
        proxy, lineup, engines, streams, on_air, subentries, feeds, troubles
    )
    entry.async_on_unload(feeds.async_shutdown)
    # Guides first: one that a list names, too, is not fetched for the list again.
    for subentry in sorted(
        entry.subentries.values(), key=lambda one: one.subentry_type != SubentryType.GUIDE
    ):
        await feeds.async_add(subentry)
    await feeds.async_clean()
    await on_air.async_refresh()

    async def stop(_: Event) -> None:
        await proxy.stop()

    entry.async_on_unload(proxy.stop)
    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))

    async def rename(_: Event) -> None:
        await _async_set_favourites(hass, entry, lineup)

    entry.async_on_unload(hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, rename))
    _clean_devices(hass, entry)
    # The devices of engines and channels name this one, so it has to be there first.
    dr.async_get(hass).async_get_or_create(config_entry_id=entry.entry_id, **proxy_device(entry))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    await subentries.async_announce_all()
    entry.async_on_unload(entry.add_update_listener(_async_update))
    proxy.warm.keep(warm_channels(entry))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: AceStreamProxyConfigEntry) -> bool:
    """Take the entities away, one platform after the other; the proxy stops after that.

    All at once they would hold up everything else where there are hundreds of channels.
    """
    unloaded = []
    for platform in PLATFORMS:
        unloaded.append(await hass.config_entries.async_unload_platforms(entry, [platform]))
        await asyncio.sleep(0)
    return all(unloaded)


async def async_remove_entry(
    hass: HomeAssistant,
    entry: AceStreamProxyConfigEntry,  # noqa: ARG001
) -> None:
    """Keep no list, guide, logo or trouble of a proxy that is not there any more."""
    async_forget_troubles(hass)
    await hass.async_add_executor_job(partial(rmtree, lineup_folder(hass), ignore_errors=True))


async def async_remove_config_entry_device(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
    device: dr.DeviceEntry,
) -> bool:
    """Return whether a device may be removed by hand: only if nothing is behind it any more.

    The device of something that is there would come back at the next start. It goes, with what it
    stands for, where that was added.
    """
    return not _stands_for_something(entry, device)


def _clean_devices(hass: HomeAssistant, entry: AceStreamProxyConfigEntry) -> None:
    """Remove devices whose subentry went while nobody saw to it, as from a restored backup."""
    devices = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        if not _stands_for_something(entry, device):
            devices.async_remove_device(device.id)


def _stands_for_something(entry: AceStreamProxyConfigEntry, device: dr.DeviceEntry) -> bool:
    """Return whether a device is the proxy, or one of what was added to it."""
    known = {(DOMAIN, key) for key in (entry.entry_id, *entry.subentries)}
    return not known.isdisjoint(device.identifiers)


async def _async_set_favourites(
    hass: HomeAssistant, entry: AceStreamProxyConfigEntry, lineup: Lineup
) -> None:
    """Have the favourites as they are now, under a name in Home Assistant's language."""
    lineup.catalog.set(favourites(entry, await async_word(hass, "favourites")))


def _set_wishes(entry: AceStreamProxyConfigEntry, proxy: Proxy) -> None:
    """Tell the proxy what the user wishes; what plays now goes on as it is."""
    adjust(proxy, entry.options, ProxyOptions())
    proxy.audio_language = entry.options.get(CONF_AUDIO_LANGUAGE, "")
    proxy.channels = channel_options(entry)
    proxy.low_latency = entry.options.get(CONF_LOW_LATENCY, True)


async def _async_update(hass: HomeAssistant, entry: AceStreamProxyConfigEntry) -> None:
    """Follow what was added to the proxy, changed or removed."""
    if entry.state is not ConfigEntryState.LOADED:  # it is unloaded meanwhile
        return
    runtime = entry.runtime_data
    limits = runtime.proxy.limits
    _set_wishes(entry, runtime.proxy)
    if runtime.proxy.limits != limits:
        runtime.troubles.async_forget_refusals()
    changes = runtime.subentries.async_diff()
    _follow(runtime.proxy, changes)
    runtime.proxy.warm.keep(warm_channels(entry))
    if any(one.subentry_type == SubentryType.CHANNEL for one in changes.all):
        await _async_set_favourites(hass, entry, runtime.lineup)
        runtime.on_air.async_request_look()
    devices = dr.async_get(hass)
    for subentry in changes.changed:
        for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
            if (DOMAIN, subentry.subentry_id) in device.identifiers:
                devices.async_update_device(device.id, name=subentry.title)
    runtime.subentries.async_announce(changes.added)
    runtime.streams.async_update_listeners()
    await runtime.feeds.async_follow(changes)
    if any(one.subentry_type == SubentryType.ENGINE for one in changes.all):
        await runtime.engines.async_refresh()


def _follow(proxy: Proxy, changes: SubentryChanges) -> None:
    """Have the engines and viewers that there are after some changes."""
    for subentry in changes.removed:
        if subentry.subentry_type == SubentryType.ENGINE:
            proxy.engines.remove(subentry.subentry_id)
        elif subentry.subentry_type == SubentryType.VIEWER:
            proxy.audience.remove_viewer(subentry.subentry_id)
    for subentry in (*changes.added, *changes.changed):
        if subentry.subentry_type == SubentryType.ENGINE:
            proxy.engines.add(subentry.subentry_id, subentry.data[CONF_URL])
        elif subentry.subentry_type == SubentryType.VIEWER:
            proxy.audience.set_viewer(viewer_of(subentry))
