"""The blueprints of the repository, and its view for a dashboard."""

from pathlib import Path
import shutil
from typing import Any

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint import Blueprint
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict, parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.acestream_proxy.const import DOMAIN
from demo import EmulatedEngine
from tests.proxy.waiting import until

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "blueprints" / "automation" / DOMAIN
BLUEPRINTS = sorted(FOLDER.glob("*.yaml"))
TV = "media_player.tv"


async def use(hass: HomeAssistant, name: str, inputs: dict[str, Any]) -> None:
    """Make an automation of a blueprint, as a user does."""
    folder = Path(hass.config.path("blueprints", "automation", DOMAIN))
    await hass.async_add_executor_job(shutil.copytree, FOLDER, folder)
    automation = {
        "alias": "Mine",
        "use_blueprint": {"path": f"{DOMAIN}/{name}.yaml", "input": inputs},
    }
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()
    assert hass.states.is_state("automation.mine", "on")


@pytest.fixture(autouse=True)
def configuration(hass: HomeAssistant, tmp_path: Path) -> None:
    """Home Assistant's folder is an empty one."""
    hass.config.config_dir = str(tmp_path)


@pytest.fixture
def played(hass: HomeAssistant, entry: MockConfigEntry) -> list[ServiceCall]:
    """Return what was asked to play, which does not."""
    calls: list[ServiceCall] = async_mock_service(hass, DOMAIN, "play")
    return calls


@pytest.mark.parametrize("file", BLUEPRINTS, ids=lambda file: file.stem)
def test_blueprint_is_one(file: Path) -> None:
    """As Home Assistant reads them; with a description, and an address to import it by."""
    blueprint = Blueprint(
        load_yaml_dict(str(file)),
        expected_domain="automation",
        path=file.name,
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )
    assert blueprint.validate() is None
    metadata = blueprint.metadata
    assert metadata["description"]
    assert metadata["source_url"].endswith(f"{DOMAIN}/{file.name}")
    assert all(one["name"] for one in metadata["input"].values())


async def test_trouble_is_told_and_the_alternative_plays(
    hass: HomeAssistant, entry: MockConfigEntry, played: list[ServiceCall]
) -> None:
    """On the player where something plays; where nothing does, nothing is played."""
    told = async_capture_events(hass, "told")
    hass.states.async_set(TV, "playing")
    hass.states.async_set("media_player.other", "off")
    await use(
        hass,
        "trouble_with_a_channel",
        {
            "status": "sensor.demo_one_status",
            "patience": 0,
            "alternative": "Demo Two",
            "player": [TV, "media_player.other"],
            "tell": [{"event": "told", "event_data": {"what": "{{ channel }} is {{ state }}"}}],
        },
    )
    hass.states.async_set("sensor.demo_one_status", "stalled")
    await until(lambda: played)
    assert [event.data["what"] for event in told] == ["Demo One is stalled"]
    assert played[0].data == {"channel": "Demo Two", ATTR_ENTITY_ID: [TV]}


async def test_television_is_turned_on_and_plays_at_its_time(
    hass: HomeAssistant, played: list[ServiceCall], engine: EmulatedEngine
) -> None:
    """Once it is on."""
    turned_on = async_mock_service(hass, "media_player", "turn_on")
    hass.states.async_set(TV, "off")
    await use(hass, "channel_at_a_time", {"at": "20:15:00", "player": TV, "channel": "Demo One"})
    at = dt_util.now().replace(hour=20, minute=15, second=1, microsecond=0)
    async_fire_time_changed(hass, dt_util.as_utc(at))
    await until(lambda: turned_on)
    assert not played
    hass.states.async_set(TV, "idle")
    await until(lambda: played)
    assert played[0].data == {"channel": "Demo One", ATTR_ENTITY_ID: [TV]}
    mine = {ATTR_ENTITY_ID: "automation.mine"}
    await hass.services.async_call("automation", "turn_off", mine, blocking=True)


async def test_view_for_a_dashboard_shows_what_is_there(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Each entity in it, but for those of a viewer of the demo."""
    view = parse_yaml((ROOT / "docs" / "dashboard.yaml").read_text())
    assert isinstance(view, dict)
    shown = {
        one
        for section in view["sections"]
        for card in section["cards"]
        for one in entities_of(card)
        if "kids_tv" not in one
    }
    assert shown
    assert [one for one in sorted(shown) if hass.states.get(one) is None] == []


def entities_of(card: dict[str, Any]) -> list[str]:
    """Return the entities that a card shows."""
    several = [one["entity"] for one in card.get("entities", ())]
    target = card.get("target", {}).get("entity_id")
    return [*several, *(one for one in (card.get("entity"), target) if one)]
