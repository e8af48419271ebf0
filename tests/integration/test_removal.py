"""Devices go with what they stand for, and not before; the proxy's own page can move an engine."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.acestream_proxy.const import CONF_ENGINE, DOMAIN
from demo import EmulatedEngine
from tests.proxy.waiting import until

from .common import ENGINE_ID, ONE_ID, add_subentry, catch_up, engine_subentry, play, state_of
from .test_config_flow import suggestions
from .test_viewers import VIEWER_ID, add_viewer

type Result = dict[str, Any]

NOBODY_THERE = "http://127.0.0.1:1"


def devices_of(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Return the devices, by what they stand for."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {key: device.id for device in devices for _, key in device.identifiers}


def add_stale_device(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Have a device of something that is not there."""
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "gone")}, name="Gone"
    )
    return device.id


async def remove_by_hand(hass: HomeAssistant, ws: WebSocketGenerator, device_id: str) -> bool:
    """Press what the page of a device has."""
    assert await async_setup_component(hass, "config", {})
    client = await ws(hass)
    answer = await client.remove_device(device_id)
    return bool(answer["success"])


# Devices ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["the-proxy", ENGINE_ID, ONE_ID, VIEWER_ID])
async def test_device_of_something_that_is_there_is_not_removed_by_hand(
    key: str, hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """It would only come back."""
    add_viewer(hass, entry)
    await hass.async_block_till_done()
    device_id = devices_of(hass, entry)[key]
    assert not await remove_by_hand(hass, hass_ws_client, device_id)
    assert devices_of(hass, entry)[key] == device_id


async def test_device_of_something_that_is_gone_is_removed_by_hand(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """Nothing is behind it."""
    device_id = add_stale_device(hass, entry)
    assert await remove_by_hand(hass, hass_ws_client, device_id)
    assert "gone" not in devices_of(hass, entry)


async def test_device_of_something_that_is_gone_goes_at_the_start(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """All others stay as they were."""
    await hass.config_entries.async_setup(config_entry.entry_id)
    before = devices_of(hass, config_entry)
    add_stale_device(hass, config_entry)
    await hass.config_entries.async_reload(config_entry.entry_id)
    assert devices_of(hass, config_entry) == before
    await hass.config_entries.async_unload(config_entry.entry_id)


@pytest.mark.parametrize("key", [ENGINE_ID, ONE_ID, VIEWER_ID])
async def test_device_goes_with_what_it_stands_for(
    key: str, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """At once."""
    add_viewer(hass, entry)
    await hass.async_block_till_done()
    before = devices_of(hass, entry)
    hass.config_entries.async_remove_subentry(entry, key)
    await hass.async_block_till_done()
    assert devices_of(hass, entry) == {other: one for other, one in before.items() if other != key}


# Reconfiguring the proxy --------------------------------------------------------------------------


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry, *inputs: Result) -> list[Result]:
    """Fill in the form for an engine's address; return what it was each time, and the end."""
    flow = hass.config_entries.flow
    context: Any = {"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    results = [await flow.async_init(DOMAIN, context=context)]
    for user_input in inputs:
        results.append(await flow.async_configure(results[0]["flow_id"], user_input))
    await hass.async_block_till_done()
    return [dict(result) for result in results]


async def test_engine_moves_from_the_page_of_the_proxy_and_nobody_is_cut(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """With one engine only its address is asked for; an error changes nothing."""
    viewer = await play(await hass_client())

    form, refused, result = await reconfigure(
        hass, entry, {CONF_URL: NOBODY_THERE}, {CONF_URL: other_engine.url}
    )

    assert [str(field) for field in form["data_schema"].schema] == [CONF_URL]
    assert suggestions(form) == {CONF_URL: engine.url}
    assert refused["errors"] == {CONF_URL: "cannot_connect"}
    assert suggestions(refused) == {CONF_URL: NOBODY_THERE}
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    moved = entry.subentries[ENGINE_ID]
    assert moved.data == {CONF_URL: other_engine.url}
    assert moved.unique_id == other_engine.url
    assert moved.title == other_engine.url.removeprefix("http://")
    assert state_of(hass, "sensor.engine_version") == "3.2.3"
    await catch_up(viewer)
    assert engine.stops == 0


async def test_engine_that_moved_is_chosen_among_several(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
) -> None:
    """Not to where another one is; it may stay where it is."""
    spare = await add_subentry(hass, entry, engine_subentry(other_engine.url, title="Spare"))

    form, refused, result = await reconfigure(
        hass,
        entry,
        {CONF_ENGINE: spare, CONF_URL: engine.url},
        {CONF_ENGINE: spare, CONF_URL: other_engine.url},
    )

    options = form["data_schema"].schema[CONF_ENGINE].config["options"]
    assert options == [
        {"value": ENGINE_ID, "label": "Engine"},
        {"value": spare, "label": "Spare"},
    ]
    assert refused["errors"] == {CONF_URL: "engine_is_there"}
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[ENGINE_ID].data == {CONF_URL: engine.url}
    assert entry.subentries[spare].data == {CONF_URL: other_engine.url}


async def test_proxy_that_waits_for_its_engine_is_set_up_once_that_moved(
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
) -> None:
    """At once: this is what one does about it."""
    await engine.stop()
    await hass.config_entries.async_setup(config_entry.entry_id)
    assert config_entry.state is ConfigEntryState.SETUP_RETRY

    await reconfigure(hass, config_entry, {CONF_URL: other_engine.url})

    await until(lambda: config_entry.state is ConfigEntryState.LOADED)
    await hass.config_entries.async_unload(config_entry.entry_id)


async def test_proxy_without_engines_has_none_to_move(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """It says where one is added."""
    hass.config_entries.async_remove_subentry(entry, ENGINE_ID)
    (result,) = await reconfigure(hass, entry)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "no_engines"
