"""Guides: what is on, in the media browser and in sensors."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import Mock

from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigSubentry
from homeassistant.const import CONF_NAME, CONF_URL, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.acestream_proxy import coordinator
from custom_components.acestream_proxy.const import SubentryType
from custom_components.acestream_proxy.feeds import Feeds
from custom_components.acestream_proxy.proxy import GuideFeed
from tests.proxy.waiting import until

from .common import ONE, ONE_ID
from .test_media_source import ROOT, titles

GUIDE_ID = "the-guide"
ON_NOW = "sensor.demo_one_on_now"

pytestmark = pytest.mark.usefixtures("media_source")


def programme(channel: str, title: str, begins: timedelta, more: str = "") -> str:
    """Return an hour of a guide."""
    start = dt_util.utcnow() + begins
    times = [f"{moment:%Y%m%d%H%M%S} +0000" for moment in (start, start + timedelta(hours=1))]
    return (
        f'<programme channel="{channel}" start="{times[0]}" stop="{times[1]}">'
        f"<title>{title}</title>{more}</programme>"
    )


def guide(channel: str = "one.example", name: str = ONE.name) -> str:
    """Return a guide of one channel, with what is on and what comes."""
    more = "<sub-title>Part 1</sub-title><desc>All that happened.</desc>"
    return (
        f'<tv><channel id="{channel}"><display-name>{name}</display-name></channel>'
        f"{programme(channel, 'News', timedelta(minutes=-10), more)}"
        f"{programme(channel, 'Weather', timedelta(minutes=50))}</tv>"
    )


class Source:
    """A server with a guide, and a list that names it."""

    def __init__(self) -> None:
        """Have both."""
        self.guide = guide()
        self.status = 200
        self.server = TestServer(web.Application())
        self.server.app.router.add_get("/guide.xml", self._guide)
        self.server.app.router.add_get("/list.m3u", self._list)
        self.guide_tag = True

    @property
    def url(self) -> str:
        """Where the guide is."""
        return str(self.server.make_url("/guide.xml"))

    @property
    def list_url(self) -> str:
        """Where the list is."""
        return str(self.server.make_url("/list.m3u"))

    async def _guide(self, _: web.Request) -> web.Response:
        return web.Response(text=self.guide, status=self.status)

    async def _list(self, _: web.Request) -> web.Response:
        tag = f' url-tvg="{self.url}"' if self.guide_tag else ""
        return web.Response(
            text=f'#EXTM3U{tag}\n#EXTINF:-1 tvg-id="one.example",Uno\nacestream://{ONE.content_id}\n'
        )


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    """Return a server with a guide and a list."""
    source = Source()
    await source.server.start_server()
    yield source
    await source.server.close()


def subentry(kind: SubentryType, key: str, **data: Any) -> ConfigSubentry:
    """Return something that a user adds."""
    return ConfigSubentry(
        data=MappingProxyType({CONF_NAME: "Mine", **data}),
        subentry_id=key,
        subentry_type=kind,
        title="Mine",
        unique_id=key,
    )


def add_guide(hass: HomeAssistant, entry: MockConfigEntry, url: str) -> None:
    """Add a guide."""
    hass.config_entries.async_add_subentry(
        entry, subentry(SubentryType.GUIDE, GUIDE_ID, **{CONF_URL: url})
    )


def is_there(feeds: Feeds, key: str) -> bool:
    """Return whether a list or guide was looked at."""
    feed = feeds.get(key)
    return feed is not None and feed.data is not None


def paths(folder: Path) -> list[Path]:
    """Return what is in a folder."""
    return list(folder.iterdir())


def state(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity."""
    found = hass.states.get(entity_id)
    assert found
    return found.state


async def fill_in(hass: HomeAssistant, entry: MockConfigEntry, **typed: Any) -> dict[str, Any]:
    """Fill in the form of a new guide."""
    flows = hass.config_entries.subentries
    form = await flows.async_init(
        (entry.entry_id, SubentryType.GUIDE), context={"source": SOURCE_USER}
    )
    return dict(await flows.async_configure(form["flow_id"], {CONF_NAME: "Mine", **typed}))


# What is on ---------------------------------------------------------------------------------------


async def test_favourite_shows_what_is_on(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """Found by its name; with what comes next, and only while a guide says so."""
    assert state(hass, ON_NOW) == STATE_UNKNOWN
    add_guide(hass, entry, source.url)
    await until(lambda: state(hass, ON_NOW) == "News")
    found = hass.states.get(ON_NOW)
    assert found
    said = found.attributes
    assert (said["subtitle"], said["description"]) == ("Part 1", "All that happened.")
    assert said["next_title"] == "Weather"
    assert dt_util.parse_datetime(said["stop"]) == dt_util.parse_datetime(said["next_start"])
    assert state(hass, "sensor.demo_two_on_now") == STATE_UNKNOWN

    hass.config_entries.async_remove_subentry(entry, GUIDE_ID)
    await hass.async_block_till_done(wait_background_tasks=True)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=2))
    await until(lambda: state(hass, ON_NOW) == STATE_UNKNOWN)


async def test_sensor_goes_on_with_the_next_programme(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within a minute, without anybody asking."""
    add_guide(hass, entry, source.url)
    await until(lambda: state(hass, ON_NOW) == "News")
    later = dt_util.utcnow() + timedelta(minutes=51)
    monkeypatch.setattr(coordinator, "dt_util", Mock(utcnow=lambda: later))
    async_fire_time_changed(hass, later)
    await until(lambda: state(hass, ON_NOW) == "Weather")


async def test_media_browser_shows_what_is_on_and_next(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """In the title of each tile whose channel a guide knows."""
    add_guide(hass, entry, source.url)
    await until(lambda: state(hass, ON_NOW) == "News")
    assert await titles(hass, ROOT) == ["Playing now", "Demo One · News ▸ Weather", "Demo Two"]


async def test_guide_of_a_list_is_used_without_being_added(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """And no more once the list does not name it, or is gone."""
    list_data = {CONF_URL: source.list_url}
    hass.config_entries.async_add_subentry(
        entry, subentry(SubentryType.PLAYLIST, "the-list", **list_data)
    )
    await until(lambda: state(hass, ON_NOW) == "News")
    assert await titles(hass, f"{ROOT}/list/the-list") == ["Uno · News ▸ Weather"]
    feeds = entry.runtime_data.feeds
    assert len(list(feeds)) == 2

    source.guide_tag = False
    await feeds.get("the-list").async_refresh()
    await until(lambda: len(list(feeds)) == 1)
    source.guide_tag = True
    await feeds.get("the-list").async_refresh()
    await until(lambda: len(list(feeds)) == 2)
    hass.config_entries.async_remove_subentry(entry, "the-list")
    await until(lambda: not list(feeds))


async def test_guide_that_a_list_names_is_not_fetched_twice(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """Whichever of them is added first; another list that names it changes nothing, either."""
    feeds = entry.runtime_data.feeds
    for key in ("the-list", "other-list"):
        hass.config_entries.async_add_subentry(
            entry, subentry(SubentryType.PLAYLIST, key, **{CONF_URL: source.list_url})
        )
        await until(partial(is_there, feeds, key))
    await until(lambda: state(hass, ON_NOW) == "News")
    assert sum(isinstance(one.feed, GuideFeed) for one in feeds) == 1
    add_guide(hass, entry, source.url)
    await until(partial(is_there, feeds, GUIDE_ID))
    assert [one.feed.key for one in feeds if isinstance(one.feed, GuideFeed)] == [GUIDE_ID]


async def test_name_in_the_guide_of_a_favourite_comes_first(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """The user knows better."""
    source.guide = guide("other.example", "Something else")
    add_guide(hass, entry, source.url)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state(hass, ON_NOW) == STATE_UNKNOWN
    favourite = entry.subentries[ONE_ID]
    hass.config_entries.async_update_subentry(
        entry, favourite, data={**favourite.data, "guide_id": "other.example"}
    )
    await until(lambda: state(hass, ON_NOW) == "News")


# Keeping ------------------------------------------------------------------------------------------


async def test_guide_is_there_after_a_restart_while_its_source_is_down(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """As it was the day before."""
    add_guide(hass, entry, source.url)
    await until(lambda: state(hass, ON_NOW) == "News")
    source.status = 500
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state(hass, ON_NOW) == "News"


async def test_guide_of_a_list_is_there_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """Although nothing but the list says that there is one."""
    hass.config_entries.async_add_subentry(
        entry, subentry(SubentryType.PLAYLIST, "the-list", **{CONF_URL: source.list_url})
    )
    await until(lambda: state(hass, ON_NOW) == "News")
    await source.server.close()
    await hass.config_entries.async_reload(entry.entry_id)
    assert state(hass, ON_NOW) == "News"


async def test_guide_and_list_say_what_they_hold(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """And when they were last looked at; what was never there is not available."""
    source.status = 500
    add_guide(hass, entry, source.url)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state(hass, "sensor.mine_channels") == STATE_UNAVAILABLE
    source.status = 200
    await entry.runtime_data.feeds.get(GUIDE_ID).async_refresh()
    await until(lambda: state(hass, "sensor.mine_channels") == "1")
    refreshed = dt_util.parse_datetime(state(hass, "sensor.mine_last_refreshed"))
    assert refreshed
    assert abs(refreshed - dt_util.utcnow()) < timedelta(minutes=1)


async def test_nothing_is_kept_of_a_proxy_that_is_gone(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source, kept: Path
) -> None:
    """No guide, no list, no logo."""
    add_guide(hass, entry, source.url)
    await until(lambda: state(hass, ON_NOW) == "News")
    assert kept in paths(kept.parent)
    await hass.config_entries.async_remove(entry.entry_id)
    assert kept not in paths(kept.parent)


# Forms --------------------------------------------------------------------------------------------


async def test_guide_is_added_by_its_address(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """How often it is looked at is a day, if nobody says otherwise."""
    result = await fill_in(hass, entry, url=f" {source.url} ")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {CONF_NAME: "Mine", CONF_URL: source.url, "refresh_hours": 24}
    await until(lambda: state(hass, ON_NOW) == "News")


async def test_guide_in_a_file(hass: HomeAssistant, entry: MockConfigEntry, tmp_path: Path) -> None:
    """Of the configuration or of the media."""
    hass.config.config_dir = str(tmp_path)
    (tmp_path / "guide.xml").write_text(guide())
    result = await fill_in(hass, entry, file="guide.xml", refresh_hours=6)
    assert result["data"]["refresh_hours"] == 6
    await until(lambda: state(hass, ON_NOW) == "News")
    feed = entry.runtime_data.feeds.get(next(iter(entry.runtime_data.feeds)).feed.key)
    assert feed.update_interval == timedelta(hours=6)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        pytest.param({}, {CONF_URL: "one_source"}, id="nothing"),
        pytest.param({"url": "guide.xml"}, {CONF_URL: "invalid_address"}, id="no address"),
        pytest.param({"file": "nowhere.xml"}, {"file": "no_file"}, id="no such file"),
        pytest.param({"file": "/etc/hostname"}, {"file": "no_file"}, id="a file of others"),
        pytest.param({CONF_NAME: " ! "}, {CONF_NAME: "no_name"}, id="no name"),
    ],
)
async def test_guide_that_is_none_can_be_corrected(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    source: Source,
    typed: dict[str, str],
    errors: dict[str, str],
) -> None:
    """The form says what is wrong, and takes another one."""
    result = await fill_in(hass, entry, **typed)
    assert result["errors"] == errors
    flows = hass.config_entries.subentries
    again = await flows.async_configure(
        result["flow_id"], {CONF_NAME: "Mine", CONF_URL: source.url}
    )
    assert again["type"] is FlowResultType.CREATE_ENTRY


async def test_address_without_an_answer_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """Before it is added."""
    source.status = 404
    assert (await fill_in(hass, entry, url=source.url))["errors"] == {CONF_URL: "bad_status"}


async def test_changed_guide_is_read_anew(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """What the old one said is gone."""
    add_guide(hass, entry, source.url)
    await until(lambda: state(hass, ON_NOW) == "News")
    source.guide = guide().replace("News", "Film")
    flows = hass.config_entries.subentries
    form = await flows.async_init(
        (entry.entry_id, SubentryType.GUIDE),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": GUIDE_ID},
    )
    typed = {CONF_NAME: "Other", CONF_URL: f"{source.url}?other"}
    result = await flows.async_configure(form["flow_id"], typed)
    assert result["reason"] == "reconfigure_successful"
    await until(lambda: state(hass, ON_NOW) == "Film")
