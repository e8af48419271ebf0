"""The proxy in Home Assistant's life: set up, changed while people watch, unloaded, stopped."""

import asyncio
from datetime import timedelta

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_NAME, CONF_URL, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

import custom_components.acestream_proxy as integration
from custom_components.acestream_proxy.const import (
    CONF_AUDIO_LANGUAGE,
    CONF_CONTENT,
    CONF_LOW_LATENCY,
    CONF_TRANSCODE_VIDEO,
    DOMAIN,
)
from custom_components.acestream_proxy.proxy import ChannelOptions
from demo import CHANNELS, EmulatedEngine, Faults
from tests.proxy.waiting import until

from .common import (
    CONTENT_ONE,
    CONTENT_TWO,
    ENGINE_ID,
    MANIFEST,
    ONE,
    ONE_ID,
    STREAM,
    TWO_ID,
    add_subentry,
    catch_up,
    channel_subentry,
    engine_subentry,
    play,
    state_of,
)

THREE = CHANNELS[2]

STOP_TIMEOUT = 2
"""Seconds that unloading and stopping may take, players or not."""


def our_tasks() -> list[str]:
    """Return what the proxy is doing."""
    names = [task.get_name() for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith((DOMAIN, "session status"))]


def entities_of(hass: HomeAssistant, subentry_id: str) -> list[str]:
    """Return the entities of a subentry."""
    return [
        entity.entity_id
        for entity in er.async_get(hass).entities.values()
        if entity.config_subentry_id == subentry_id
    ]


def device_of(hass: HomeAssistant, entry: MockConfigEntry, subentry_id: str) -> str | None:
    """Return the name of a subentry's device; None where it has none."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    names = [device.name for device in devices if (DOMAIN, subentry_id) in device.identifiers]
    return next(iter(names), None)


# Setting up ---------------------------------------------------------------------------------------


async def test_devices_of_the_proxy(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
) -> None:
    """One for the proxy, and one by way of it for the engine and each channel."""
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)

    proxy = next(device for device in devices if device.name == "AceStream Proxy")
    assert {device.name: device.via_device_id for device in devices} == {
        "AceStream Proxy": None,
        "Engine": proxy.id,
        "Demo One": proxy.id,
        "Demo Two": proxy.id,
    }


async def test_the_proxy_is_not_ready_while_no_engine_can_be_reached(
    hass: HomeAssistant, config_entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """The reason names the addresses that were tried, in the user's words."""
    await engine.stop()

    assert not await hass.config_entries.async_setup(config_entry.entry_id)

    assert config_entry.state is ConfigEntryState.SETUP_RETRY
    assert config_entry.error_reason_translation_key == "no_engine_reachable"
    assert config_entry.error_reason_translation_placeholders == {"addresses": engine.url}
    assert our_tasks() == []


async def test_the_proxy_sets_itself_up_once_its_engine_is_there(
    hass: HomeAssistant, config_entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Nobody has to press anything: Home Assistant tries again."""
    await engine.stop()
    await hass.config_entries.async_setup(config_entry.entry_id)

    await engine.start()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=1))

    await until(lambda: config_entry.state is ConfigEntryState.LOADED)
    await hass.async_block_till_done()


async def test_one_engine_of_two_is_enough(
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """The dead one shows as such, and channels play on the other."""
    hass.config_entries.async_add_subentry(
        config_entry, engine_subentry(other_engine.url, title="Spare")
    )
    await engine.stop()

    assert await hass.config_entries.async_setup(config_entry.entry_id)
    await hass.async_block_till_done()

    assert state_of(hass, "binary_sensor.engine_connectivity") == "off"
    assert state_of(hass, "binary_sensor.spare_connectivity") == "on"
    await play(await hass_client())
    assert other_engine.starts == 1


async def test_a_proxy_whose_engines_were_all_removed_still_sets_up(hass: HomeAssistant) -> None:
    """Otherwise its user could not see what is missing."""
    entry = MockConfigEntry(domain=DOMAIN, unique_id=DOMAIN)
    entry.add_to_hass(hass)

    assert await hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(entry.entry_id)


# Changing while people watch ----------------------------------------------------------------------


async def test_a_new_engine_shows_at_once_and_takes_the_next_stream(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Who watches goes on watching where the stream was opened."""
    client = await hass_client()
    viewer = await play(client)

    added = await add_subentry(hass, entry, engine_subentry(other_engine.url, title="Spare"))

    assert device_of(hass, entry, added) == "Spare"
    assert state_of(hass, "binary_sensor.spare_connectivity") == "on"
    assert state_of(hass, "sensor.spare_version") == "3.2.3"
    await play(client, f"/ace/getstream?id={THREE.content_id}")
    assert [engine.starts, other_engine.starts] == [1, 1]
    await catch_up(viewer)


async def test_a_new_channel_shows_at_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """A device with its entities, which know what plays already."""
    client = await hass_client()
    viewer = await play(client)
    await play(client, f"/ace/getstream?id={THREE.content_id}")

    added = await add_subentry(hass, entry, channel_subentry("Three", THREE.content_id))

    assert device_of(hass, entry, added) == "Three"
    await until(lambda: state_of(hass, "sensor.three_status") == "streaming")
    await catch_up(viewer)
    assert engine.starts == 2


async def test_a_removed_channel_takes_its_entities_along_but_nobody_is_cut(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Also who watches that very channel watches on."""
    viewer = await play(await hass_client())

    hass.config_entries.async_remove_subentry(entry, ONE_ID)
    await hass.async_block_till_done()

    assert entities_of(hass, ONE_ID) == []
    assert state_of(hass, "sensor.demo_one_status") is None
    assert device_of(hass, entry, ONE_ID) is None
    assert device_of(hass, entry, TWO_ID) == "Demo Two"
    assert entry.state is ConfigEntryState.LOADED
    await catch_up(viewer)
    assert engine.starts == 1


async def test_a_removed_engine_plays_on_for_who_watches_and_opens_nothing_more(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Its entities and its device go at once."""
    client = await hass_client()
    viewer = await play(client)

    hass.config_entries.async_remove_subentry(entry, ENGINE_ID)
    await hass.async_block_till_done()

    assert entities_of(hass, ENGINE_ID) == []
    assert device_of(hass, entry, ENGINE_ID) is None
    refused = await client.get(f"/ace/getstream?id={THREE.content_id}")
    assert refused.status == 503
    assert "No AceStream engine is set up" in await refused.text()
    await catch_up(viewer)
    viewer.close()
    await until(lambda: engine.open_sessions == [])
    assert engine.stops == 1


async def test_an_engine_with_a_new_address_keeps_its_entities_and_nobody_is_cut(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """What plays goes on at the old address, what starts goes to the new one."""
    client = await hass_client()
    viewer = await play(client)
    entities = entities_of(hass, ENGINE_ID)

    hass.config_entries.async_update_subentry(
        entry,
        entry.subentries[ENGINE_ID],
        data={CONF_URL: other_engine.url},
        title="Engine upstairs",
        unique_id=other_engine.url,
    )
    await hass.async_block_till_done()

    assert entities_of(hass, ENGINE_ID) == entities
    assert device_of(hass, entry, ENGINE_ID) == "Engine upstairs"
    assert state_of(hass, "sensor.engine_version") == "3.2.3"
    await play(client, f"/ace/getstream?id={THREE.content_id}")
    assert [engine.starts, other_engine.starts] == [1, 1]
    await catch_up(viewer)


async def test_a_changed_channel_shows_what_it_is_now_and_nobody_is_cut(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """The old content plays on for who watches it; the channel is the new content."""
    client = await hass_client()
    viewer = await play(client)
    await until(lambda: state_of(hass, "sensor.demo_one_status") == "streaming")

    hass.config_entries.async_update_subentry(
        entry,
        entry.subentries[ONE_ID],
        data={CONF_NAME: "Three", CONF_CONTENT: THREE.content_id},
        title="Three",
        unique_id=f"content_id-{THREE.content_id}",
    )
    await hass.async_block_till_done()

    assert device_of(hass, entry, ONE_ID) == "Three"
    assert state_of(hass, "sensor.demo_one_status") == "stopped"
    await catch_up(viewer)
    await play(client, f"/ace/getstream?id={THREE.content_id}")
    await until(lambda: state_of(hass, "sensor.demo_one_status") == "streaming")


async def test_what_is_wished_of_channels_reaches_the_proxy_and_nobody_is_cut(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """At once, whether it is wished of one channel or of all."""
    proxy = entry.runtime_data.proxy
    viewer = await play(await hass_client())
    one = entry.subentries[ONE_ID]

    hass.config_entries.async_update_subentry(
        entry, one, data={**one.data, CONF_AUDIO_LANGUAGE: "spa", CONF_TRANSCODE_VIDEO: True}
    )
    hass.config_entries.async_update_entry(
        entry, options={CONF_AUDIO_LANGUAGE: "eng", CONF_LOW_LATENCY: False}
    )
    await hass.async_block_till_done()

    assert proxy.audio_language == "eng"
    assert not proxy.low_latency
    assert proxy.channels == {
        CONTENT_ONE: ChannelOptions(audio_language="spa", transcode_video=True),
        CONTENT_TWO: ChannelOptions(),
    }
    await catch_up(viewer)


async def test_a_device_that_the_user_named_keeps_that_name(
    hass: HomeAssistant, entry: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    """A new title changes only what is underneath."""
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    device = next(device for device in devices if device.name == ONE.name)
    device_registry.async_update_device(device.id, name_by_user="Mine")

    hass.config_entries.async_update_subentry(entry, entry.subentries[ONE_ID], title="Uno")
    await hass.async_block_till_done()

    changed = device_registry.async_get(device.id)
    assert changed is not None
    assert (changed.name, changed.name_by_user) == ("Uno", "Mine")


# Unloading ----------------------------------------------------------------------------------------


async def test_unloading_ends_everybody_cleanly_and_quickly(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Players of MPEG-TS get the end of the stream, and nothing is left in the engine or here."""
    client = await hass_client()
    viewers = [await play(client), await play(client)]
    playlist = await client.get(MANIFEST)

    async with asyncio.timeout(STOP_TIMEOUT):
        assert await hass.config_entries.async_unload(entry.entry_id)
        for viewer in viewers:
            await viewer.content.read()  # raises where the end is not a clean one

    assert our_tasks() == []
    assert (engine.starts, engine.stops, engine.open_sessions) == (1, 1, [])
    await until(lambda: not any(session.reading for session in engine.sessions))
    assert (await client.get(playlist.url.path)).status == 404


async def test_unloading_while_a_stream_starts_says_so_to_whoever_waits(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    faults: Faults,
    hass_client: ClientSessionGenerator,
) -> None:
    """No player is left hanging, and the session that was just opened is closed."""
    faults.prebuffer = 60
    client = await hass_client()
    waiting = asyncio.create_task(client.get(STREAM))
    await until(lambda: engine.open_sessions)

    async with asyncio.timeout(STOP_TIMEOUT):
        await hass.config_entries.async_unload(entry.entry_id)
        response = await waiting

    assert response.status == 503
    assert (engine.stops, engine.open_sessions) == (1, [])
    assert our_tasks() == []


async def test_unloading_does_not_wait_for_an_engine_that_hangs(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    faults: Faults,
    hass_client: ClientSessionGenerator,
) -> None:
    """It is asked to stop, but nobody waits for it longer than a moment."""
    viewer = await play(await hass_client())
    faults.hang = {"cmd"}

    async with asyncio.timeout(STOP_TIMEOUT):
        await hass.config_entries.async_unload(entry.entry_id)
        await viewer.content.read()

    assert our_tasks() == []


async def test_a_reloaded_proxy_plays_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """The views are registered once and find the new proxy."""
    client = await hass_client()
    await play(client)

    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()

    await play(client)
    assert (engine.starts, engine.stops) == (2, 1)
    await until(lambda: state_of(hass, "sensor.demo_one_status") == "streaming")


async def test_removing_the_proxy_leaves_no_entity_and_no_device(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    """As if it had never been there."""
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()

    assert not er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert not dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert hass.states.async_entity_ids("sensor") == []


# Stopping -----------------------------------------------------------------------------------------


async def test_home_assistant_stops_quickly_and_players_get_a_clean_end(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Home Assistant unloads nothing when it stops: the proxy has to see to it by itself."""
    client = await hass_client()
    viewers = [await play(client), await play(client)]
    await client.get(MANIFEST)

    async with asyncio.timeout(STOP_TIMEOUT):
        await hass.async_stop(force=True)
        for viewer in viewers:
            await viewer.content.read()

    assert our_tasks() == []
    assert (engine.stops, engine.open_sessions) == (1, [])


async def test_players_get_their_end_before_home_assistant_waits_for_anything(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Streams are background tasks, which go first; somebody else may hold up what comes then."""
    viewer = await play(await hass_client())
    ended = asyncio.create_task(viewer.content.read())
    over = asyncio.Event()

    async def wait_for_the_viewer(_: object) -> None:
        await asyncio.wait({ended}, timeout=STOP_TIMEOUT)
        over.set()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, wait_for_the_viewer)
    # What the proxy itself does at that event must not be what ends the stream here.
    monkeypatch.setattr(entry.runtime_data.proxy, "stop", over.wait)

    await hass.async_stop(force=True)

    assert ended.done()


async def test_change_that_is_heard_of_too_late_is_nothing(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The proxy was unloaded in between."""
    await hass.config_entries.async_unload(entry.entry_id)
    await integration._async_update(hass, entry)
