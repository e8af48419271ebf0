"""Lists and guides: from an address to the media browser, and what becomes of them over time."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.components.media_player import SearchMediaQuery
from homeassistant.components.media_source import (
    Unresolvable,
    async_browse_media,
    async_search_media,
)
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigSubentry
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.acestream_proxy.const import SubentryType
from custom_components.acestream_proxy.feeds import is_address
from demo import CHANNELS, EmulatedEngine, Faults
from tests.proxy.waiting import until

from .common import ONE, PREMIUM, TWO
from .test_media_source import HLS, MPEGTS, ROOT, resolve, titles

LIST_ID = "the-list"
LIST = f"""#EXTM3U
#EXTINF:-1 group-title="News" tvg-logo="http://logos.example/one.png",First
acestream://{ONE.content_id}
#EXTINF:-1 group-title="Sport",Match
acestream://{PREMIUM.content_id}
#EXTINF:-1 group-title="Sport",Match HD
acestream://{TWO.content_id}
#EXTINF:-1,Elsewhere
http://elsewhere.example/live/stream.m3u8
#EXTINF:-1,Plain
http://elsewhere.example/live/stream.ts
"""

pytestmark = pytest.mark.usefixtures("media_source")


class Source:
    """A server with a list, which says when it is still the same."""

    def __init__(self) -> None:
        """Have the list."""
        self.body = LIST.encode()
        self.status = 200
        self.requests: list[web.Request] = []
        self.server = TestServer(web.Application())
        self.server.app.router.add_get("/channels.m3u", self._answer)

    @property
    def url(self) -> str:
        """Where the list is."""
        return str(self.server.make_url("/channels.m3u"))

    async def _answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        etag = f'"{hash(self.body)}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        headers = {"ETag": etag, "Last-Modified": "Fri, 20 Nov 2026 10:00:00 GMT"}
        return web.Response(body=self.body, status=self.status, headers=headers)


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    """Return a server with a list."""
    source = Source()
    await source.server.start_server()
    yield source
    await source.server.close()


@pytest.fixture
async def added(hass: HomeAssistant, entry: MockConfigEntry, source: Source) -> str:
    """Add the list; return its subentry."""
    subentry = ConfigSubentry(
        data=MappingProxyType({CONF_NAME: "My list", CONF_URL: source.url}),
        subentry_id=LIST_ID,
        subentry_type=SubentryType.PLAYLIST,
        title="My list",
        unique_id=source.url,
    )
    hass.config_entries.async_add_subentry(entry, subentry)
    await until(lambda: entry.runtime_data.feeds.get(LIST_ID))
    await until(lambda: entry.runtime_data.feeds.get(LIST_ID).data)
    return LIST_ID


def channels(entry: MockConfigEntry) -> list[str]:
    """Return the names of the channels that are there."""
    listing = entry.runtime_data.lineup.catalog.get(LIST_ID)
    return [one.name for one in listing.channels.values()] if listing else []


def only_list(entry: MockConfigEntry) -> list[str]:
    """Return the names of the channels of the only list there is."""
    _, listing = entry.runtime_data.lineup.catalog
    return [one.name for one in listing.channels.values()]


async def look_again(hass: HomeAssistant) -> None:
    """Let a day pass."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(days=1, minutes=1))
    await hass.async_block_till_done(wait_background_tasks=True)


async def listed(hass: HomeAssistant, name: str) -> str:
    """Return the address of a channel in the media browser, wherever it is."""
    found = await async_search_media(hass, ROOT, SearchMediaQuery(search_query=name))
    (one,) = [one for one in found.result if one.title == name]
    return one.media_content_id


# Setting up ---------------------------------------------------------------------------------------


async def fill_in(
    hass: HomeAssistant, entry: MockConfigEntry, url: str = "", **more: str
) -> dict[str, Any]:
    """Fill in the form of a new list."""
    flows = hass.config_entries.subentries
    form = await flows.async_init(
        (entry.entry_id, SubentryType.PLAYLIST), context={"source": SOURCE_USER}
    )
    typed = {CONF_NAME: "My list", **({CONF_URL: url} if url else {}), **more}
    return dict(await flows.async_configure(form["flow_id"], typed))


async def test_list_is_added_by_its_address(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """Blanks around it mean nothing; its channels are there at once."""
    result = await fill_in(hass, entry, f" {source.url} ")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "My list"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "My list" in await titles(hass, ROOT)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        pytest.param(b"<html>no list</html>", 200, "no_channels", id="no list"),
        pytest.param(b"", 404, "bad_status", id="nothing there"),
    ],
)
async def test_address_without_channels_can_be_corrected(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    source: Source,
    body: bytes,
    status: int,
    error: str,
) -> None:
    """The form says what is wrong, and takes another one."""
    source.body, source.status = body, status
    result = await fill_in(hass, entry, source.url)
    assert result["errors"] == {CONF_URL: error}

    source.body, source.status = LIST.encode(), 200
    flows = hass.config_entries.subentries
    typed = {CONF_NAME: "My list", CONF_URL: source.url}
    again = await flows.async_configure(result["flow_id"], typed)
    assert again["type"] is FlowResultType.CREATE_ENTRY


async def test_what_is_no_address_is_refused(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Before anybody is asked."""
    result = await fill_in(hass, entry, "channels.m3u")
    assert result["errors"] == {CONF_URL: "invalid_address"}


@pytest.mark.parametrize("text", ["http://[::1", "ftp://example.org/x", "http:///x", "x"])
def test_addresses_that_are_none(text: str) -> None:
    """Lists come over HTTP."""
    assert not is_address(text)


async def test_changed_address_brings_other_channels(
    hass: HomeAssistant, entry: MockConfigEntry, added: str, source: Source
) -> None:
    """Those of the old one go."""
    source.body = f"#EXTM3U\n#EXTINF:-1,Other\nacestream://{TWO.content_id}\n".encode()
    flows = hass.config_entries.subentries
    form = await flows.async_init(
        (entry.entry_id, SubentryType.PLAYLIST),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": added},
    )
    typed = {CONF_NAME: "Other list", CONF_URL: source.url + "?other"}
    result = await flows.async_configure(form["flow_id"], typed)
    assert result["reason"] == "reconfigure_successful"
    await until(lambda: channels(entry) == ["Other"])
    assert "Other list" in await titles(hass, ROOT)


async def test_list_that_is_pasted(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """It needs no source."""
    result = await fill_in(hass, entry, text=LIST)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    (playlist,) = entry.runtime_data.feeds
    await playlist.async_refresh()
    assert len(only_list(entry)) == 4


async def test_list_in_a_file(hass: HomeAssistant, entry: MockConfigEntry, tmp_path: Path) -> None:
    """Of the configuration or of the media; it is read again as one at an address is."""
    hass.config.config_dir = str(tmp_path)
    file = tmp_path / "channels.m3u"
    file.write_text(LIST)
    result = await fill_in(hass, entry, file=" channels.m3u ")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    (playlist,) = entry.runtime_data.feeds
    await playlist.async_refresh()
    assert len(only_list(entry)) == 4
    file.write_text(f"#EXTM3U\n#EXTINF:-1,New\nacestream://{ONE.content_id}\n")
    await playlist.async_refresh()
    assert only_list(entry) == ["New"]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        pytest.param({}, {CONF_URL: "one_source"}, id="nothing"),
        pytest.param({"text": LIST, "file": "x"}, {CONF_URL: "one_source"}, id="two"),
        pytest.param({"file": "nowhere.m3u"}, {"file": "no_file"}, id="no such file"),
        pytest.param({"file": "/etc/hostname"}, {"file": "no_file"}, id="a file of others"),
    ],
)
async def test_source_that_is_none_can_be_corrected(
    hass: HomeAssistant, entry: MockConfigEntry, given: dict[str, str], errors: dict[str, str]
) -> None:
    """The form says what is wrong, and takes another one."""
    result = await fill_in(hass, entry, **given)
    assert result["errors"] == errors
    flows = hass.config_entries.subentries
    again = await flows.async_configure(result["flow_id"], {CONF_NAME: "My list", "text": LIST})
    assert again["type"] is FlowResultType.CREATE_ENTRY


async def test_only_what_is_wanted_is_there(
    hass: HomeAssistant, entry: MockConfigEntry, added: str, source: Source
) -> None:
    """By group and by name; a list that has nothing of it can be corrected."""
    flows = hass.config_entries.subentries
    form = await flows.async_init(
        (entry.entry_id, SubentryType.PLAYLIST),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": added},
    )
    typed: dict[str, Any] = {CONF_NAME: "My list", CONF_URL: source.url}
    nothing = await flows.async_configure(form["flow_id"], {**typed, "include_groups": ["none"]})
    assert nothing["errors"] == {CONF_URL: "no_channels"}
    typed |= {"exclude_groups": ["NEWS"], "include_names": ["*e*", "*a*"]}
    result = await flows.async_configure(form["flow_id"], {**typed, "exclude_names": ["plain"]})
    assert result["reason"] == "reconfigure_successful"
    await until(lambda: channels(entry) == ["Match", "Elsewhere"])


async def test_list_of_a_search(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """What engines find is the list, and plays."""
    result = await fill_in(hass, entry, search="demo news", refresh_hours="6")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {CONF_NAME: "My list", "search": "demo news", "refresh_hours": 6}
    await until(lambda: len(list(entry.runtime_data.lineup.catalog)) == 2)
    assert only_list(entry) == ["Demo News", "Demo News World"]
    assert (await resolve(hass, await listed(hass, "Demo News World"))).mime_type == HLS


async def test_search_that_fails_is_a_sentence(
    hass: HomeAssistant, entry: MockConfigEntry, faults: Faults
) -> None:
    """The list is there, and says why it is empty."""
    faults.garbage = {"search"}
    await fill_in(hass, entry, search="demo")
    await until(lambda: any(one.last_exception for one in entry.runtime_data.feeds))
    (feed,) = entry.runtime_data.feeds
    assert "engine" in str(feed.last_exception)


# A favourite of a list ----------------------------------------------------------------------------


async def begin_channel(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Begin to add a channel."""
    flows = hass.config_entries.subentries
    kind = (entry.entry_id, SubentryType.CHANNEL)
    return dict(await flows.async_init(kind, context={"source": SOURCE_USER}))


async def go_on(hass: HomeAssistant, form: dict[str, Any], typed: Any) -> dict[str, Any]:
    """Fill in the next form."""
    flows = hass.config_entries.subentries
    return dict(await flows.async_configure(form["flow_id"], typed))


@pytest.mark.usefixtures("added")
async def test_channel_of_a_list_becomes_a_favourite(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """With all its sources; what engines do not play is not offered."""
    menu = await begin_channel(hass, entry)
    assert menu["menu_options"] == ["content", "listed"]
    form = await go_on(hass, menu, {"next_step_id": "listed"})
    nothing = await go_on(hass, form, {"search": "plain"})
    assert nothing["errors"] == {"search": "nothing_found"}
    picked = await go_on(hass, nothing, {"search": "match"})
    (option,) = picked["data_schema"].schema["channel"].config["options"]
    assert option["label"] == "Match (My list, Sport)"
    result = await go_on(hass, picked, {"channel": option["value"]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Match"
    assert result["data"] == {
        CONF_NAME: "Match",
        "content": f"acestream://{PREMIUM.content_id}",
        "alternatives": [f"acestream://{TWO.content_id}"],
    }
    await hass.async_block_till_done()
    assert "Match" in await titles(hass, ROOT)


@pytest.mark.usefixtures("added")
async def test_alternative_of_a_favourite_plays_and_is_seen(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Its status is that of the source that runs."""
    menu = await begin_channel(hass, entry)
    form = await go_on(hass, menu, {"next_step_id": "content"})
    typed = {
        CONF_NAME: "Mine",
        "content": PREMIUM.content_id,
        "alternatives": ["nonsense"],
    }
    wrong = await go_on(hass, form, typed)
    assert wrong["errors"] == {"alternatives": "invalid_content"}
    result = await go_on(
        hass, wrong, {**typed, "alternatives": [f"infohash:{CHANNELS[4].infohash}"]}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    children = (await async_browse_media(hass, ROOT)).children or ()
    (mine,) = [one.media_content_id for one in children if one.title == "Mine"]
    assert (await resolve(hass, mine)).mime_type == HLS
    await until(lambda: status(hass, "sensor.mine_status") == "streaming")


async def test_without_lists_a_channel_is_added_by_its_content(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """There is nothing to choose from; nor while the proxy is not set up."""
    assert (await begin_channel(hass, entry))["step_id"] == "user"
    await hass.config_entries.async_unload(entry.entry_id)
    form = await begin_channel(hass, entry)
    assert form["type"] is FlowResultType.FORM


def status(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity."""
    found = hass.states.get(entity_id)
    return found.state if found else ""


# Over time ----------------------------------------------------------------------------------------


async def test_list_is_looked_at_again_once_a_day(
    hass: HomeAssistant, entry: MockConfigEntry, added: str, source: Source
) -> None:
    """What is still the same is not sent again; what is new is there."""
    await look_again(hass)
    assert "If-Modified-Since" in source.requests[-1].headers
    assert len(channels(entry)) == 4

    source.body = f"#EXTM3U\n#EXTINF:-1,New\nacestream://{ONE.content_id}\n".encode()
    await look_again(hass)
    assert channels(entry) == ["New"]


async def test_source_that_is_down_is_asked_again_sooner(
    hass: HomeAssistant, entry: MockConfigEntry, added: str, source: Source
) -> None:
    """After minutes, not after a day; and once a day again when all is well."""
    feed = entry.runtime_data.feeds.get(added)
    source.status, source.body = 500, b""
    await look_again(hass)
    assert feed.update_interval == timedelta(minutes=5)
    source.status, source.body = 200, LIST.replace("First", "Back").encode()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(days=1, minutes=7))
    await until(lambda: "Back" in channels(entry))
    await until(lambda: feed.update_interval == timedelta(days=1))


async def test_files_of_a_list_that_went_meanwhile_go_with_the_next_start(
    hass: HomeAssistant, entry: MockConfigEntry, added: str, kept: Path
) -> None:
    """Those of lists that are there stay."""
    left = kept / "lists" / f"{0:032x}"
    await hass.async_add_executor_job(left.write_text, "old")
    await hass.config_entries.async_reload(entry.entry_id)
    assert left not in list((kept / "lists").iterdir())
    assert len(channels(entry)) == 4


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(500, b"", id="it fails"),
        pytest.param(200, b"This domain is for sale.", id="it is something else now"),
    ],
)
async def test_channels_stay_while_their_source_is_down(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    added: str,
    source: Source,
    status: int,
    body: bytes,
) -> None:
    """Also across a restart of Home Assistant."""
    source.status, source.body = status, body
    await look_again(hass)
    assert len(channels(entry)) == 4

    await source.server.close()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(channels(entry)) == 4


async def test_list_that_is_taken_away_leaves_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, added: str, kept: Path
) -> None:
    """Neither in the media browser nor on the disk."""
    media_id = await listed(hass, "First")
    await until(lambda: len(list((kept / "lists").iterdir())) == 2)
    hass.config_entries.async_remove_subentry(entry, added)
    await hass.async_block_till_done()
    assert "My list" not in await titles(hass, ROOT)
    await until(lambda: not list((kept / "lists").iterdir()))
    with pytest.raises(Unresolvable):
        await resolve(hass, media_id)
    with pytest.raises(Exception, match="no longer"):
        await async_browse_media(hass, f"{ROOT}/list/{added}")


# In the media browser -----------------------------------------------------------------------------


@pytest.mark.usefixtures("added")
async def test_channels_are_in_their_groups(hass: HomeAssistant) -> None:
    """Those without a group are beside the groups; mirrors are one channel."""
    assert await titles(hass, f"{ROOT}/list/{LIST_ID}") == ["News", "Sport", "Elsewhere", "Plain"]
    browsed = await async_browse_media(hass, f"{ROOT}/list/{LIST_ID}")
    assert browsed.children
    news, sport, *_ = browsed.children
    assert await titles(hass, news.media_content_id) == ["First"]
    assert await titles(hass, sport.media_content_id) == ["Match"]
    (first,) = (await async_browse_media(hass, news.media_content_id)).children or ()
    assert first.thumbnail
    assert first.thumbnail.startswith("/api/acestream_proxy/logo/")
    assert (await async_browse_media(hass, first.media_content_id)).title == "First"


@pytest.mark.usefixtures("added")
async def test_channel_of_a_list_plays(hass: HomeAssistant, engine: EmulatedEngine) -> None:
    """As one that was added by hand does."""
    assert (await resolve(hass, await listed(hass, "First"))).mime_type == HLS
    assert engine.starts == 1


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(("platform", "mime_type"), [(None, HLS), ("kodi", MPEGTS)])
async def test_mirror_plays_where_the_first_source_does_not(
    hass: HomeAssistant, engine: EmulatedEngine, platform: str | None, mime_type: str
) -> None:
    """The engine refuses one, so it is the other, in whatever form the player takes."""
    media = await resolve(hass, await listed(hass, "Match"), platform)
    assert media.mime_type == mime_type
    assert [session.channel for session in engine.sessions] == [CHANNELS[1]]


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(("name", "mime_type"), [("Elsewhere", HLS), ("Plain", MPEGTS)])
async def test_stream_that_needs_no_engine_is_passed_on(
    hass: HomeAssistant, engine: EmulatedEngine, name: str, mime_type: str
) -> None:
    """Its address is for the player itself."""
    media = await resolve(hass, await listed(hass, name))
    assert media.url.startswith("http://elsewhere.example/live/stream.")
    assert media.mime_type == mime_type
    assert not engine.starts


async def test_large_group_is_paged_by_how_names_begin(
    hass: HomeAssistant, entry: MockConfigEntry, added: str, source: Source
) -> None:
    """As deep as it takes; nothing is lost, and nothing there twice."""
    names = ["A", *(f"A{n}" for n in range(400)), *(f"B{n}" for n in range(5)), "Ä1"]
    lines = (
        f'#EXTINF:-1 group-title="Ä/B",{name}\nacestream://{n:040x}\n'
        for n, name in enumerate(names)
    )
    source.body = f"#EXTM3U\n{''.join(lines)}".encode()
    await entry.runtime_data.feeds.get(added).async_refresh()
    (group,) = (await async_browse_media(hass, f"{ROOT}/list/{added}")).children or ()
    assert group.title == "Ä/B"
    assert await titles(hass, group.media_content_id) == ["A", "B"]

    async def below(media_id: str) -> list[str]:
        found = []
        for one in (await async_browse_media(hass, media_id)).children or ():
            found += await below(one.media_content_id) if one.can_expand else [one.title]
        return found

    assert sorted(await below(group.media_content_id)) == sorted(names)


async def test_many_channels_of_one_name_are_shown_all_the_same(
    hass: HomeAssistant, entry: MockConfigEntry, added: str, source: Source
) -> None:
    """Where names say nothing there is nothing to page by."""
    lines = (f'#EXTINF:-1 tvg-id="{n}",Same\nacestream://{n:040x}\n' for n in range(350))
    source.body = f"#EXTM3U\n{''.join(lines)}".encode()
    await entry.runtime_data.feeds.get(added).async_refresh()
    deepest = f"{ROOT}/list/{added}//same"
    assert await titles(hass, deepest) == ["Same"] * len(channels(entry))
