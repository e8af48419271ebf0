"""What a user attaches to a report."""

import json
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy.const import SubentryType
from demo import EmulatedEngine
from tests.proxy.waiting import until

from .common import ONE, TWO
from .test_guides import guide
from .test_viewers import PASSWORD, SECRET, add_viewer

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
