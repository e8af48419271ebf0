"""Whether the engines are there."""

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from demo import EmulatedEngine
from tests.proxy.waiting import until

from .common import state_of

CONNECTIVITY = "binary_sensor.engine_connectivity"


async def test_an_engine_that_dies_is_disconnected_and_nothing_else_vanishes(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Only connectivity says so: figures stay, and the version is the last one known."""
    await engine.stop()

    await entry.runtime_data.engines.async_refresh()

    assert state_of(hass, CONNECTIVITY) == "off"
    assert state_of(hass, "sensor.engine_version") == "3.2.11"
    assert state_of(hass, "sensor.engine_active_streams") == "0"
    assert state_of(hass, "sensor.demo_one_status") == "stopped"
    assert state_of(hass, "sensor.acestream_proxy_viewers") == "0"


async def test_an_engine_that_comes_back_is_connected_again(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """With the next look at it."""
    await engine.stop()
    await entry.runtime_data.engines.async_refresh()

    await engine.start()
    await entry.runtime_data.engines.async_refresh()

    assert state_of(hass, CONNECTIVITY) == "on"


async def test_an_engine_found_dead_by_a_player_is_disconnected_at_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Nobody has to wait for the next look."""
    client = await hass_client()
    await engine.stop()

    response = await client.get("/ace/getstream", params={"id": "a" * 40})

    assert response.status == 503
    await until(lambda: state_of(hass, CONNECTIVITY) == "off")


async def test_an_engine_that_was_dead_only_between_two_looks_is_connected_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Both looks find the same, but what a player found meanwhile is not left standing."""
    client = await hass_client()
    await engine.stop()
    await client.get("/ace/getstream", params={"id": "a" * 40})
    await until(lambda: state_of(hass, CONNECTIVITY) == "off")

    await engine.start()
    await entry.runtime_data.engines.async_refresh()

    assert state_of(hass, CONNECTIVITY) == "on"
