"""What users have of the proxy, with one of everything: a change of any of it shows here.

What differs from run to run is written as what it is, such as `<moment>`. After a change that is
meant: `pytest --snapshot-update`.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import PropertyMock

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME, Platform
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion

import custom_components.acestream_proxy as integration
from custom_components.acestream_proxy.const import SubentryType
from custom_components.acestream_proxy.services import ACTIONS
from tests.proxy.waiting import until

from .common import ONE, moving, play
from .test_guides import guide
from .test_services import FakePlayer, call, players  # noqa: F401 - a fixture
from .test_viewers import add_viewer

LIST = f"""#EXTM3U
#EXTINF:-1 group-title="Sport",One of a list
acestream://{ONE.content_id}
"""


def subentry(kind: SubentryType, title: str, **data: Any) -> ConfigSubentry:
    """Return something that a user adds."""
    return ConfigSubentry(
        data=MappingProxyType({CONF_NAME: title, **data}),
        subentry_id=f"the-{kind}",
        subentry_type=kind,
        title=title,
        unique_id=kind,
    )


@pytest.fixture
async def everything(
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[MockConfigEntry]:
    """An engine, two channels, a list, a guide and a viewer, with all entities switched on."""
    enabled = PropertyMock(return_value=True)
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", enabled)
    hass.config.config_dir = str(tmp_path)
    (tmp_path / "guide.xml").write_text(guide())
    await async_process_ha_core_config(hass, {"internal_url": "http://192.168.1.5:8123"})
    hass.config_entries.async_add_subentry(
        config_entry, subentry(SubentryType.PLAYLIST, "My list", text=LIST)
    )
    hass.config_entries.async_add_subentry(
        config_entry, subentry(SubentryType.GUIDE, "My guide", file="guide.xml")
    )
    add_viewer(hass, config_entry)
    assert await hass.config_entries.async_setup(config_entry.entry_id)
    feeds = config_entry.runtime_data.feeds
    await until(lambda: all(one.data for one in feeds))
    await config_entry.runtime_data.on_air.async_refresh()
    await hass.async_block_till_done()
    yield config_entry
    await hass.config_entries.async_unload(config_entry.entry_id)


@pytest.mark.parametrize("platform", integration.PLATFORMS)
async def test_entities(
    platform: Platform,
    hass: HomeAssistant,
    everything: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
) -> None:
    """Each of a platform: what is registered, and what it says while nobody watches."""
    found = er.async_entries_for_config_entry(entity_registry, everything.entry_id)
    entities = [one for one in found if one.domain == platform]
    assert entities
    for entity in sorted(entities, key=lambda one: one.entity_id):
        state = hass.states.get(entity.entity_id)
        assert state, entity.entity_id
        assert entity == snapshot(name=f"{entity.entity_id}-entry")
        assert state == snapshot(name=f"{entity.entity_id}-state", matcher=moving)


async def test_devices(
    everything: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
    snapshot: SnapshotAssertion,
) -> None:
    """That of the proxy, and those of all that was added to it."""
    devices = dr.async_entries_for_config_entry(device_registry, everything.entry_id)
    assert len(devices) == 1 + len(everything.subentries)
    for device in sorted(devices, key=lambda one: str(one.name)):
        assert device == snapshot(name=device.name)


CALLS: dict[str, dict[str, Any]] = {
    "get_streams": {},
    "start_stream": {"channel": "Demo Two"},
    "stop_stream": {},
    "play": {"channel": "One of a list", "entity_id": "media_player.kodi"},
    "create_link": {"channel": "Demo One", "format": "ts"},
    "refresh": {},
    "get_programmes": {"channel": "Demo One"},
}


def test_no_action_is_left_out() -> None:
    """What a new one answers is kept here as well."""
    assert CALLS.keys() == ACTIONS.keys()


@pytest.mark.parametrize("action", ACTIONS)
async def test_what_actions_answer(
    action: str,
    hass: HomeAssistant,
    everything: MockConfigEntry,
    players: dict[str, FakePlayer],  # noqa: F811
    hass_client: ClientSessionGenerator,
    snapshot: SnapshotAssertion,
) -> None:
    """While somebody watches the first channel."""
    assert await async_setup_component(hass, "media_source", {})
    await play(await hass_client())
    await until(lambda: "resolution" in str(hass.states.get("sensor.demo_one_status")))

    assert await call(hass, action, **CALLS[action]) == snapshot(matcher=moving)
