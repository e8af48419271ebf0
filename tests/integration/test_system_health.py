"""What the page of the system says of the proxy."""

import asyncio
import json
from pathlib import Path
from typing import Any

from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy import system_health, troubles
from custom_components.acestream_proxy.const import DOMAIN
from demo import EmulatedEngine

from .common import add_subentry, engine_subentry, play

FACE = Path(system_health.__file__).parent
TEXTS = json.loads((FACE / "translations" / "en.json").read_text())["system_health"]["info"]
VERSION = json.loads((FACE / "manifest.json").read_text())["version"]


@pytest.fixture(autouse=True)
def with_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an ffmpeg on every machine that this is tested on."""
    monkeypatch.setattr(troubles, "which", lambda binary: f"/somewhere/{binary}")


async def health(hass: HomeAssistant) -> dict[str, Any]:
    """Return what is said, with what had to be waited for."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    said = await get_system_health_info(hass, DOMAIN)
    waited_for = [key for key, value in said.items() if asyncio.iscoroutine(value)]
    found = await asyncio.gather(*(said[key] for key in waited_for))
    return {**said, **dict(zip(waited_for, found, strict=True))}


async def test_health_of_a_proxy_that_plays(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Figures, versions, and whether each engine can be reached; nothing private."""
    await add_subentry(hass, entry, engine_subentry(other_engine.url, title="Spare"))
    await play(await hass_client())
    await other_engine.stop()
    await entry.runtime_data.engines.async_refresh()

    said = await health(hass)

    assert said == {
        "version": VERSION,
        "engines": "1/2",
        "engine_versions": "3.2.11, 3.2.3",
        "streams": 1,
        "viewers": 1,
        "channels": 2,
        "ffmpeg": True,
        "can_reach_engine_1": "ok",
        "can_reach_engine_2": {"type": "failed", "error": "unreachable"},
    }
    assert said.keys() <= TEXTS.keys()


async def test_health_of_a_proxy_that_waits_for_its_engine(
    hass: HomeAssistant, config_entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """This is when somebody looks."""
    await engine.stop()
    await hass.config_entries.async_setup(config_entry.entry_id)

    assert await health(hass) == {
        "version": VERSION,
        "can_reach_engine_1": {"type": "failed", "error": "unreachable"},
    }
    assert config_entry.subentries["the-engine"].data[CONF_URL] == engine.url
