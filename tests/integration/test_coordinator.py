"""Keeping Home Assistant's picture of the proxy up to date."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_component import async_update_entity
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

import custom_components.acestream_proxy as integration
from demo import EmulatedEngine
from tests.proxy.waiting import until

from .common import play, state_of

SOON = timedelta(seconds=31)
"""After the next look at the engines."""


def looks(engine: EmulatedEngine) -> int:
    """Return how often an engine was asked for its version."""
    return sum("get_version" in target for _, target in engine.requests)


async def test_engines_are_looked_at_every_half_minute(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """An engine that dies while nobody watches shows without anybody's doing."""
    await engine.stop()

    async_fire_time_changed(hass, dt_util.utcnow() + SOON)

    await until(lambda: state_of(hass, "binary_sensor.engine_connectivity") == "off")


async def test_engines_are_looked_at_although_streams_keep_changing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """What streams push does not put off the look at the engines."""
    asked = looks(engine)
    runtime = entry.runtime_data
    due = runtime.engines._unsub_refresh

    await play(await hass_client())
    await until(lambda: state_of(hass, "sensor.demo_one_status") == "streaming")
    assert runtime.engines._unsub_refresh is due

    await runtime.engines.async_refresh()
    assert looks(engine) == asked + 1


async def test_engines_are_looked_at_although_nobody_wants_their_entities(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    config_entry: MockConfigEntry,
    engine: EmulatedEngine,
) -> None:
    """The media browser wants to know, too."""
    monkeypatch.setattr(integration, "PLATFORMS", [])
    await hass.config_entries.async_setup(config_entry.entry_id)
    asked = looks(engine)

    async_fire_time_changed(hass, dt_util.utcnow() + SOON)

    await until(lambda: looks(engine) == asked + 1)
    await hass.config_entries.async_unload(config_entry.entry_id)


async def test_an_unloaded_proxy_leaves_its_engines_alone(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Nobody looks any more."""
    await hass.config_entries.async_unload(entry.entry_id)
    asked = len(engine.requests)

    async_fire_time_changed(hass, dt_util.utcnow() + SOON)
    await hass.async_block_till_done()

    assert len(engine.requests) == asked


async def test_an_engine_that_does_not_answer_is_logged_once_and_once_when_it_is_back(
    entry: MockConfigEntry, engine: EmulatedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is looked at meanwhile."""
    await engine.stop()
    await entry.runtime_data.engines.async_refresh()
    await entry.runtime_data.engines.async_refresh()
    await engine.start()
    await entry.runtime_data.engines.async_refresh()
    await entry.runtime_data.engines.async_refresh()

    assert caplog.text.count("does not answer") == 1
    assert caplog.text.count("answers again") == 1


async def test_streams_are_pushed_and_never_polled(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """There is nothing to ask: the proxy says when something changes."""
    assert entry.runtime_data.streams.update_interval is None


async def test_a_burst_of_changes_is_shown_first_and_last(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorder is not flooded, and what shows in the end is the truth."""
    streams, proxy = entry.runtime_data.streams, entry.runtime_data.proxy
    shown: list[None] = []
    entry.async_on_unload(streams.async_add_listener(lambda: shown.append(None)))

    for _ in range(100):
        proxy._changed()

    assert len(shown) == 1
    await until(lambda: len(shown) == 2)
    assert streams.data == proxy.stats()


async def test_whoever_asks_for_an_update_gets_the_present(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The action `homeassistant.update_entity` works for what is pushed, too."""
    monkeypatch.setattr(entry.runtime_data.streams._push, "cooldown", 3600)
    await play(await hass_client())

    await async_update_entity(hass, "sensor.demo_one_viewers")

    assert state_of(hass, "sensor.demo_one_viewers") == "1"
