"""What a user attaches to a report."""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
from yarl import URL

from custom_components.acestream_proxy import troubles
from custom_components.acestream_proxy.const import DOMAIN, SubentryType
from custom_components.acestream_proxy.diagnostics import _plain, async_get_device_diagnostics
from demo import EmulatedEngine, Faults
from tests.proxy.waiting import until

from .common import ENGINE_ID, ONE, ONE_ID, STREAM, TWO, moving
from .test_guides import guide
from .test_viewers import PASSWORD, SECRET, VIEWER_ID, add_viewer, watching

LIST = f"""#EXTM3U
#EXTINF:-1,One
acestream://{ONE.content_id}
#EXTINF:-1,Broken
nonsense://very-private
"""


def add(hass: HomeAssistant, entry: MockConfigEntry, kind: SubentryType, **data: Any) -> None:
    """Add a list or a guide."""
    subentry = ConfigSubentry(
        data=MappingProxyType({CONF_NAME: "Mine", **data}),
        subentry_id=kind,
        subentry_type=kind,
        title="Mine",
        unique_id=kind,
    )
    hass.config_entries.async_add_subentry(entry, subentry)


async def test_diagnostics_say_what_is_wrong_and_nothing_private(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
    tmp_path: Any,
) -> None:
    """Lists with the lines that could not be read; no address, content, name or secret."""
    assert await async_setup_component(hass, "diagnostics", {})
    hass.config.config_dir = str(tmp_path)
    (tmp_path / "guide.xml").write_text(guide())
    add(hass, entry, SubentryType.PLAYLIST, text=LIST)
    add(hass, entry, SubentryType.GUIDE, file="guide.xml")
    add_viewer(hass, entry)
    feeds = entry.runtime_data.feeds
    await until(lambda: len(list(feeds)) == 2 and all(one.feed.updated for one in feeds))
    client = await hass_client()
    watching = await client.get(f"/ace/getstream?id={ONE.content_id}")
    assert watching.status == 200

    said = dict(await get_diagnostics_for_config_entry(hass, hass_client, entry))

    feeds_said = {feed["kind"]: feed for feed in said["feeds"]}
    playlist, television = feeds_said["list of channels"], feeds_said["guide"]
    assert playlist["channels"] == 1
    assert playlist["problem_count"] == 1
    assert [problem["line"] for problem in playlist["problems"]] == [5]
    assert television["programmes"] == 2
    assert said["viewers"] == {"all": 1, "enabled": 1, "watching": 0, "refused": 0}
    assert [stream["state"] for stream in said["streams"]] == ["streaming"]
    assert said["engines"][0]["reachable"] is True
    private = (ONE.content_id, ONE.infohash, TWO.content_id, SECRET, PASSWORD, engine.url, "Kids")
    text = json.dumps(said)
    assert [one for one in (*private, "very-private", str(tmp_path)) if one in text] == []
    watching.close()


async def test_diagnostics_say_why_a_list_is_not_there(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """In the words that the log has."""
    add(hass, entry, SubentryType.GUIDE, **{CONF_URL: "http://127.0.0.1:1/secret.xml"})
    feeds = entry.runtime_data.feeds
    await until(lambda: any(one.last_exception for one in feeds))
    (feed,) = dict(await get_diagnostics_for_config_entry(hass, hass_client, entry))["feeds"]
    assert "cannot be reached" in feed["error"]
    assert feed["refreshed"] is None
    assert "secret" not in json.dumps(feed)


@pytest.fixture
async def all_there(
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> MockConfigEntry:
    """The proxy with one of everything, a guide whose source is down among it."""
    assert await async_setup_component(hass, "diagnostics", {})
    hass.config.config_dir = str(tmp_path)
    monkeypatch.setattr(troubles, "which", lambda binary: f"/somewhere/{binary}")
    await hass.config_entries.async_setup(config_entry.entry_id)
    add(hass, config_entry, SubentryType.PLAYLIST, text=LIST)
    await hass.async_block_till_done()  # in this order
    add(hass, config_entry, SubentryType.GUIDE, **{CONF_URL: "http://127.0.0.1:1/secret.xml"})
    add_viewer(hass, config_entry, most_streams=2, groups=["Fav*"])
    await hass.async_block_till_done()
    feeds = config_entry.runtime_data.feeds
    await until(lambda: feeds.get("playlist").feed.updated)
    await until(lambda: feeds.get("guide").last_exception)
    return config_entry


def device_of(hass: HomeAssistant, key: str) -> dr.DeviceEntry:
    """Return the device of something."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), "the-proxy")
    return next(device for device in devices if (DOMAIN, key) in device.identifiers)


def assert_nothing_private(said: Any, *more: str) -> None:
    """Neither content nor an address, a name, a secret or a text of the user's."""
    text = json.dumps(said)
    private = (ONE.content_id, ONE.infohash, TWO.content_id, TWO.infohash, ONE.name, TWO.name)
    secrets = (SECRET, PASSWORD, "Kids", "Mine", "Fav", "secret", "very-private", "127.0.0.1")
    assert [one for one in (*private, *secrets, "logos.example", *more) if one in text] == []


async def test_diagnostics_of_the_proxy(
    hass: HomeAssistant,
    all_there: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    snapshot: SnapshotAssertion,
) -> None:
    """All that is known."""
    said = await get_diagnostics_for_config_entry(hass, hass_client, all_there)
    assert said == snapshot(matcher=moving)
    assert_nothing_private(said)


@pytest.mark.parametrize("key", [ENGINE_ID, ONE_ID, "playlist", "guide", VIEWER_ID])
async def test_diagnostics_of_a_device(
    key: str,
    hass: HomeAssistant,
    all_there: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    snapshot: SnapshotAssertion,
) -> None:
    """What is known of that one."""
    device = device_of(hass, key)
    said = await get_diagnostics_for_device(hass, hass_client, all_there, device)
    assert said == snapshot(matcher=moving)
    assert_nothing_private(said)


async def test_diagnostics_of_the_device_of_the_proxy_are_all(
    hass: HomeAssistant, all_there: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """It is the proxy itself."""
    device = device_of(hass, all_there.entry_id)
    said = await get_diagnostics_for_device(hass, hass_client, all_there, device)
    assert said == await get_diagnostics_for_config_entry(hass, hass_client, all_there)


async def test_diagnostics_of_a_channel_and_a_viewer_tell_what_plays(
    hass: HomeAssistant, all_there: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """How it plays, and on how many devices; not what."""
    app = await hass_client()
    async with watching(app):
        channel, viewer = [
            dict(await get_diagnostics_for_device(hass, hass_client, all_there, device))
            for device in (device_of(hass, ONE_ID), device_of(hass, VIEWER_ID))
        ]
    (stream,) = channel["streams"]
    assert (stream["state"], stream["viewers"]) == ("streaming", 1)
    assert viewer["watching"] == 1
    assert_nothing_private([channel, viewer])


async def test_diagnostics_tell_no_address_of_an_engine_that_is_away(
    hass: HomeAssistant,
    all_there: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Its errors have it in them."""
    await engine.stop()
    await (await hass_client()).get(STREAM)
    await all_there.runtime_data.engines.async_refresh()
    said = dict(await get_diagnostics_for_config_entry(hass, hass_client, all_there))
    assert "does not answer" in said["engines"][0]["error"]
    assert "**REDACTED**" in said["streams"][0]["error"]
    assert_nothing_private(said, str(URL(engine.url).port))


async def test_diagnostics_have_the_words_of_an_engine_that_refuses(
    hass: HomeAssistant,
    all_there: MockConfigEntry,
    faults: Faults,
    hass_client: ClientSessionGenerator,
) -> None:
    """But for what is private in them."""
    faults.refuse_text = f"mod_detected at {ONE.content_id}"
    await (await hass_client()).get(STREAM)
    device = device_of(hass, ENGINE_ID)
    said = await get_diagnostics_for_device(hass, hass_client, all_there, device)
    assert dict(said)["refusal"] == "mod_detected at **REDACTED**"
    assert_nothing_private(said)


async def test_diagnostics_of_what_is_going_are_few(
    hass: HomeAssistant, all_there: MockConfigEntry
) -> None:
    """For the moment in which the proxy has heard of it and Home Assistant has not."""
    runtime = all_there.runtime_data
    runtime.proxy.engines.remove(ENGINE_ID)
    runtime.proxy.audience.remove_viewer(VIEWER_ID)
    await runtime.feeds.async_shutdown()
    said = {
        key: await async_get_device_diagnostics(hass, all_there, device_of(hass, key))
        for key in (ENGINE_ID, VIEWER_ID, "guide")
    }
    nothing = {"enabled": None, "most_streams": None, "groups": None, "watching": 0}
    assert said == {
        ENGINE_ID: {"type": "engine"},
        VIEWER_ID: {"type": "viewer", **nothing},
        "guide": {"type": "guide"},
    }


@pytest.mark.parametrize(
    "private",
    [
        "http://engine.example:6878/ace",
        "engine.example:6878",
        "192.168.1.20",
        "192.168.1.20:6878",
        "fd00::20",
        "[fd00::20]:6878",
        "acestream://94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209",
        "94C2FD8FB9BC8F2FC71A2CBE9D4B866F227A0209",
    ],
)
def test_what_is_private_is_taken_out_of_texts(private: str) -> None:
    """The rest of the sentence stays."""
    said = _plain(f"Nothing at {private} answers (in 5 seconds).")
    assert said is not None
    assert "Nothing at **REDACTED**" in said
    assert said.endswith(" answers (in 5 seconds).")
    assert private not in said
    assert "6878" not in said
