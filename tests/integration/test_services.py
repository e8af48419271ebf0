"""What the proxy does when an automation asks it to."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
import re
from types import MappingProxyType
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerEntityFeature
from homeassistant.components.media_source import async_resolve_media
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import m3u8
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockEntityPlatform
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
import voluptuous as vol
from yarl import URL

from custom_components.acestream_proxy.const import DOMAIN, SubentryType
from custom_components.acestream_proxy.proxy import (
    Channel,
    ContentKey,
    Listing,
    Proxy,
    StreamAddress,
    links,
)
from custom_components.acestream_proxy.services import ACTIONS
from demo import CHANNELS, EmulatedEngine, Faults
from tests.proxy.waiting import until

from .common import (
    CONTENT_ONE,
    ONE,
    ONE_ID,
    PREMIUM,
    STREAM,
    add_subentry,
    channel_subentry,
    moving,
    play,
    state_of,
)
from .test_feeds import LIST, LIST_ID, Source as ListSource
from .test_guides import GUIDE_ID, Source as GuideSource, add_guide
from .test_media_source import FILM, HLS, MPEGTS, THREE
from .test_viewers import add_viewer

type Client = TestClient[Any, Any]

pytestmark = pytest.mark.usefixtures("media_source")


async def call(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    """Have something done, and return what is said of it."""
    response: ServiceResponse = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    return dict(response or {})


async def refused(hass: HomeAssistant, action: str, **data: Any) -> tuple[str | None, Any]:
    """Have something done that is not possible; return why, as it is translated."""
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, action, **data)
    assert error.value.translation_domain == DOMAIN
    return error.value.translation_key, error.value.translation_placeholders


# All of them --------------------------------------------------------------------------------------

# What each of them needs at least.
LEAST: dict[str, dict[str, Any]] = {
    "get_streams": {},
    "start_stream": {"channel": "Demo One"},
    "stop_stream": {},
    "play": {"channel": "Demo One", "entity_id": "media_player.tv"},
    "create_link": {"channel": "Demo One"},
    "refresh": {},
    "get_programmes": {"channel": "Demo One"},
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_actions_are_there_without_the_proxy_and_say_so(
    hass: HomeAssistant, entry: MockConfigEntry, action: str
) -> None:
    """An automation is checked when Home Assistant starts, and has to find them."""
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, action, **LEAST[action])
    assert error.value.translation_key == "not_loaded"


@pytest.mark.parametrize("action", [name for name in LEAST if LEAST[name].get("channel")])
async def test_channel_that_is_not_there_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, action: str
) -> None:
    """Each of them says which may have been meant."""
    key, placeholders = await refused(hass, action, **(LEAST[action] | {"channel": "Demo Onne"}))
    assert key == "no_such_channel_but"
    assert placeholders["nearest"].startswith("Demo One")


@pytest.mark.parametrize(
    ("action", "data"),
    [
        pytest.param("start_stream", {}, id="no channel"),
        pytest.param("start_stream", {"channel": " "}, id="a channel without a name"),
        pytest.param("stop_stream", {"channel": ""}, id="an empty template stops not all"),
        pytest.param("play", {"channel": "Demo One"}, id="no player"),
        pytest.param("create_link", {"channel": "one", "hours": 0}, id="no time"),
        pytest.param("create_link", {"channel": "one", "hours": "nan"}, id="no number"),
        pytest.param("create_link", {"channel": "one", "hours": 1000}, id="for ever"),
        pytest.param("create_link", {"channel": "one", "opens": 0}, id="never opened"),
        pytest.param("create_link", {"channel": "one", "format": "mp4"}, id="another format"),
        pytest.param("refresh", {"name": ""}, id="no name"),
        pytest.param("get_programmes", {"channel": "one", "start": "noon"}, id="no moment"),
        pytest.param("get_streams", {"channel": "one"}, id="a field too many"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, data: dict[str, Any]
) -> None:
    """Before anything is done."""
    with pytest.raises(vol.Invalid):
        await call(hass, action, **data)


# What runs ----------------------------------------------------------------------------------------


async def test_nothing_runs(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Which is said as such."""
    assert await call(hass, "get_streams") == {"streams": []}


async def test_what_runs_is_told(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    snapshot: SnapshotAssertion,
) -> None:
    """With who watches, as they call themselves, and nothing that lets anybody in."""
    add_viewer(hass, entry)
    await hass.async_block_till_done()
    client = await hass_client()
    await play(client)
    link = URL(
        (await call(hass, "create_link", channel="one", format="ts", viewer="Kids' TV"))["url"]
    )
    await play(client, link.path)
    await until(lambda: "resolution" in str(hass.states.get("sensor.demo_one_status")))

    (stream,) = (await call(hass, "get_streams"))["streams"]

    assert stream == snapshot(matcher=moving)
    assert stream["bytes_in"] > 0
    assert stream["bytes_out"] > 0
    assert [watching["app"].split("/")[0] for watching in stream["watching"]] == ["Python"] * 2
    for moment in (stream["since"], *(watching["since"] for watching in stream["watching"])):
        since = dt_util.parse_datetime(moment)
        assert since
        assert dt_util.utcnow() - timedelta(minutes=1) < since <= dt_util.utcnow()


async def test_what_starts_is_told_of(
    hass: HomeAssistant, entry: MockConfigEntry, faults: Faults
) -> None:
    """Though little is known of it yet."""
    faults.hang = {"getstream"}
    starting = hass.async_create_task(call(hass, "start_stream", channel=THREE.content_id))
    await until(lambda: entry.runtime_data.proxy.stats().streams)

    (stream,) = (await call(hass, "get_streams"))["streams"]

    assert stream["state"] == "starting"
    assert stream["channel"] == THREE.content_id
    assert (stream["engine"], stream["infohash"], stream["watching"]) == (None, None, [])
    starting.cancel()


async def test_channel_of_a_list_is_told_by_its_name(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """As who watches it knows it."""
    three = Channel(name="Third", sources=(ContentKey.parse(THREE.content_id),))
    entry.runtime_data.lineup.catalog.set(Listing("list", "List", {"three": three}))
    link = URL((await call(hass, "create_link", channel="third", format="ts"))["url"])
    await play(await hass_client(), link.path)

    (stream,) = (await call(hass, "get_streams"))["streams"]

    assert stream["channel"] == "Third"


# Starting -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("for_browsers", [False, True])
async def test_channel_is_started_before_anybody_watches(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine, for_browsers: bool
) -> None:
    """And stops again if nobody comes."""
    response = await call(hass, "start_stream", channel="one", for_browsers=for_browsers)

    assert response == {
        "channel": "Demo One",
        "content": f"acestream://{ONE.content_id}",
        "state": "streaming",
    }
    assert engine.starts == 1
    assert entry.runtime_data.proxy.stats().viewers == 0
    await until(lambda: engine.stops == 1)


async def test_another_source_is_started_where_the_first_does_not_play(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The response says which one plays."""
    web, premium = StreamAddress("http://elsewhere.test/"), ContentKey.parse(PREMIUM.content_id)
    mirrored = Channel(name="Mirrored", sources=(web, premium, CONTENT_ONE))
    entry.runtime_data.lineup.catalog.set(Listing("list", "List", {"one": mirrored}))

    response = await call(hass, "start_stream", channel="mirrored")

    assert response["content"] == CONTENT_ONE.link


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(PREMIUM.content_id, "engine_refused", id="refused"),
        pytest.param(FILM.content_id, "no_broadcast", id="film"),
    ],
)
async def test_channel_that_does_not_start_says_why(
    hass: HomeAssistant, entry: MockConfigEntry, content: str, reason: str
) -> None:
    """In a sentence of the user's language."""
    await add_subentry(hass, entry, channel_subentry("Bad", content))

    key, _ = await refused(hass, "start_stream", channel="Bad")

    assert key == reason


async def test_web_stream_is_not_started(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """There is nothing to start."""
    web = Channel(name="Web", sources=(StreamAddress("http://elsewhere.test/live.ts"),))
    entry.runtime_data.lineup.catalog.set(Listing("list", "List", {"web": web}))

    key, _ = await refused(hass, "start_stream", channel="web")

    assert key == "web_stream_not_started"


async def test_stream_that_ends_at_once_has_stopped(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have ended it meanwhile."""
    start = Proxy.start

    async def start_and_end(proxy: Proxy, key: ContentKey, **options: bool) -> None:
        await start(proxy, key, for_browsers=options["for_browsers"])
        proxy.end(key)

    monkeypatch.setattr(Proxy, "start", start_and_end)
    assert (await call(hass, "start_stream", channel="one"))["state"] == "stopped"


# Stopping -----------------------------------------------------------------------------------------


async def test_channel_is_stopped_for_all_who_watch(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Also for those who would ask again; other channels go on."""
    client = await hass_client()
    one = await play(client)
    two = await play(client, STREAM.replace(ONE.content_id, CHANNELS[1].content_id))
    link = URL((await call(hass, "create_link", channel="demo one"))["url"])
    async with client.get(link.path) as response:
        playlist = response.url.path
        assert m3u8.loads(await response.text()).segments

    assert await call(hass, "stop_stream", channel="Demo One") == {"stopped": 1}

    await one.content.read()  # it ends as it should
    async with client.get(playlist) as response:
        assert response.status == 404
    assert await two.content.readexactly(188)
    await until(lambda: engine.stops == 1)
    assert engine.starts == 2
    assert [one["channel"] for one in (await call(hass, "get_streams"))["streams"]] == ["Demo Two"]


async def test_all_channels_are_stopped(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Whatever they are called."""
    for channel in ("Demo One", "Demo Two"):
        await call(hass, "start_stream", channel=channel)

    assert await call(hass, "stop_stream") == {"stopped": 2}
    await until(lambda: engine.stops == 2)
    assert await call(hass, "stop_stream") == {"stopped": 0}


async def test_channel_that_does_not_run_needs_no_stopping(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Which is no error."""
    assert await call(hass, "stop_stream", channel="Demo One") == {"stopped": 0}


# Playing ------------------------------------------------------------------------------------------


class FakePlayer(MediaPlayerEntity):
    """A media player that remembers what it is asked to play, and resolves it as others do."""

    _attr_supported_features = MediaPlayerEntityFeature.PLAY_MEDIA
    _attr_should_poll = False

    def __init__(self, name: str) -> None:
        """Have a name."""
        self._attr_name = self._attr_unique_id = name
        self.played: list[tuple[str, str]] = []

    async def async_play_media(self, media_type: str, media_id: str, **_: Any) -> None:
        """Resolve a media source."""
        assert media_type == "channel"
        media = await async_resolve_media(self.hass, media_id, self.entity_id)
        self.played.append((media.mime_type, media.url))


@pytest.fixture
async def players(hass: HomeAssistant) -> dict[str, FakePlayer]:
    """Return media players of two kinds, by the integration that they are of."""
    assert await async_setup_component(hass, "media_player", {})
    found = {kind: FakePlayer(kind) for kind in ("cast", "kodi")}
    for kind, player in found.items():
        platform = MockEntityPlatform(hass, domain="media_player", platform_name=kind)
        await platform.async_add_entities([player])
    return found


async def test_channel_plays_on_players_in_the_form_of_each(
    hass: HomeAssistant, entry: MockConfigEntry, players: dict[str, FakePlayer]
) -> None:
    """HLS for those that are like browsers, MPEG-TS for Kodi."""
    entities = [player.entity_id for player in players.values()]

    response = await call(hass, "play", entity_id=entities, channel="demo one")

    assert response == {
        "channel": "Demo One",
        "media_content_id": f"media-source://{DOMAIN}/channel/{ONE_ID}",
    }
    ((hls, playlist),) = players["cast"].played
    ((mpegts, stream),) = players["kodi"].played
    assert (hls, mpegts) == (HLS, MPEGTS)
    assert re.fullmatch("/api/acestream_proxy/hls/[^/]+/index.m3u8", playlist)
    assert stream == STREAM


async def test_channel_plays_without_anybody_asking_for_a_response(
    hass: HomeAssistant, entry: MockConfigEntry, players: dict[str, FakePlayer]
) -> None:
    """As most automations do."""
    data = {"entity_id": players["kodi"].entity_id, "channel": "Demo Two"}
    await hass.services.async_call(DOMAIN, "play", data, blocking=True)
    assert len(players["kodi"].played) == 1
    assert not players["cast"].played


async def test_what_is_found_in_the_network_plays_if_asked_for(
    hass: HomeAssistant, entry: MockConfigEntry, players: dict[str, FakePlayer]
) -> None:
    """And not otherwise."""
    data = {"entity_id": players["kodi"].entity_id, "channel": "three"}
    key, _ = await refused(hass, "play", **data)
    assert key == "no_such_channel"

    await call(hass, "play", **data, search=True)

    assert THREE.infohash in players["kodi"].played[0][1]


async def test_player_that_plays_nothing_says_why(
    hass: HomeAssistant, entry: MockConfigEntry, players: dict[str, FakePlayer]
) -> None:
    """With the words that the media browser has."""
    await add_subentry(hass, entry, channel_subentry("Bad", PREMIUM.content_id))
    key, placeholders = await refused(
        hass, "play", entity_id=players["kodi"].entity_id, channel="Bad"
    )
    assert key == "engine_refused"
    assert "premium" in placeholders["words"]


# Links --------------------------------------------------------------------------------------------


@pytest.fixture
async def stranger(hass_client_no_auth: ClientSessionGenerator) -> Client:
    """Return somebody who has no login."""
    client: Client = await hass_client_no_auth()
    return client


async def test_link_plays_for_whoever_knows_it(
    hass: HomeAssistant, entry: MockConfigEntry, stranger: Client
) -> None:
    """At an address of the house, which says when it expires."""
    await async_process_ha_core_config(hass, {"internal_url": "http://192.168.1.5:8123"})
    before = dt_util.utcnow().replace(microsecond=0)

    link = await call(hass, "create_link", channel="one", hours=1.5)

    url = URL(link.pop("url"))
    expires = dt_util.parse_datetime(link.pop("expires"), raise_on_error=True)
    assert before <= expires - timedelta(hours=1.5) <= dt_util.utcnow()
    assert link == {"channel": "Demo One"}
    assert url.origin() == URL("http://192.168.1.5:8123")
    assert re.fullmatch(r"/api/acestream_proxy/link/[\w-]{32}\.m3u8", url.path)
    async with stranger.get(url.path) as response:
        assert m3u8.loads(await response.text()).segments


async def test_link_is_good_for_so_many_openings(
    hass: HomeAssistant, entry: MockConfigEntry, stranger: Client
) -> None:
    """As many as come at once."""
    link = URL((await call(hass, "create_link", channel="one", opens=2, format="ts"))["url"])

    async def status(method: str = "GET") -> int:
        async with stranger.request(method, link.path) as response:
            return response.status

    assert await status("HEAD") == 200
    assert sorted(await asyncio.gather(*(status() for _ in range(5)))) == [200, 200, 404, 404, 404]
    assert await status("HEAD") == 404


async def test_link_for_a_viewer_has_their_limits(
    hass: HomeAssistant, entry: MockConfigEntry, stranger: Client
) -> None:
    """And shows among what they watch; the name is enough as one logs in with it."""
    add_viewer(hass, entry, most_streams=1)
    await hass.async_block_till_done()
    link = URL(
        (await call(hass, "create_link", channel="one", viewer="kidstv", format="ts"))["url"]
    )
    await play(stranger, link.path)
    await until(lambda: state_of(hass, "sensor.kids_tv_watching") == "Demo One")
    async with stranger.get(link.path) as response:
        assert response.status == 503


@pytest.mark.parametrize("change", [{"enabled": False}, {"groups": ["Cartoons"]}])
async def test_no_link_to_what_a_viewer_may_not_watch(
    hass: HomeAssistant, entry: MockConfigEntry, change: dict[str, Any]
) -> None:
    """Or to anything while they are switched off."""
    add_viewer(hass, entry, **change)
    await hass.async_block_till_done()
    assert await refused(hass, "create_link", channel="one", viewer="Kids' TV") == (
        "viewer_may_not",
        {"viewer": "Kids' TV", "channel": "Demo One"},
    )


async def test_no_link_for_a_viewer_that_is_not_there(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The name is said."""
    add_viewer(hass, entry)
    await hass.async_block_till_done()
    assert await refused(hass, "create_link", channel="one", viewer="Nobody") == (
        "no_such_viewer",
        {"viewer": "Nobody"},
    )


async def test_no_link_to_a_web_stream(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """With the reason."""
    web = Channel(name="Web", sources=(StreamAddress("http://elsewhere.test/live.ts"),))
    entry.runtime_data.lineup.catalog.set(Listing("list", "List", {"web": web}))
    key, _ = await refused(hass, "create_link", channel="web")
    assert key == "no_link_to_web_stream"


async def test_no_more_links_than_may_be(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason."""
    monkeypatch.setattr(links, "_MOST_LINKS", 0)
    key, _ = await refused(hass, "create_link", channel="one")
    assert key == "too_many_links"


# Lists and guides ---------------------------------------------------------------------------------


@pytest.fixture
async def list_source() -> AsyncIterator[ListSource]:
    """Return a server with a list."""
    source = ListSource()
    await source.server.start_server()
    yield source
    await source.server.close()


@pytest.fixture
async def guide_source() -> AsyncIterator[GuideSource]:
    """Return a server with a guide."""
    source = GuideSource()
    await source.server.start_server()
    yield source
    await source.server.close()


@pytest.fixture
async def feeds(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    list_source: ListSource,
    guide_source: GuideSource,
) -> None:
    """Have a list and a guide."""
    subentry = ConfigSubentry(
        data=MappingProxyType({CONF_NAME: "My list", "url": list_source.url}),
        subentry_id=LIST_ID,
        subentry_type=SubentryType.PLAYLIST,
        title="My list",
        unique_id=list_source.url,
    )
    hass.config_entries.async_add_subentry(entry, subentry)
    add_guide(hass, entry, guide_source.url)
    feeds = entry.runtime_data.feeds
    await until(lambda: len(list(feeds)) == 2 and all(one.data for one in feeds))


@pytest.mark.usefixtures("feeds")
async def test_lists_and_guides_are_looked_at_now(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    list_source: ListSource,
    snapshot: SnapshotAssertion,
) -> None:
    """All of them, and what is in them is said."""
    list_source.body = f"{LIST}#EXTINF:-1,New\nacestream://{'c' * 40}\nnonsense\n".encode()

    response = await call(hass, "refresh")

    assert response == snapshot
    assert entry.runtime_data.lineup.catalog.named("New")


@pytest.mark.usefixtures("feeds")
@pytest.mark.parametrize(
    ("data", "names"),
    [
        pytest.param({"name": "my LIST"}, ["My list"], id="name"),
        pytest.param({"entity_id": "sensor.my_list_channels"}, ["My list"], id="entity"),
        pytest.param(
            {"name": "mine", "entity_id": "sensor.my_list_last_refreshed"},
            ["Mine", "My list"],
            id="both",
        ),
    ],
)
async def test_only_what_is_named_is_looked_at(
    hass: HomeAssistant, entry: MockConfigEntry, data: dict[str, Any], names: list[str]
) -> None:
    """By what the user calls it, or by an entity of it."""
    response = await call(hass, "refresh", **data)
    assert sorted(one["name"] for one in response["refreshed"]) == names


@pytest.mark.usefixtures("feeds")
async def test_list_is_looked_at_by_its_device(
    hass: HomeAssistant, entry: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    """A device that is gone is none."""
    device = dr.async_get_device_id_by_identifier(
        hass, (DOMAIN, GUIDE_ID), config_entry_id=entry.entry_id
    )
    response = await call(hass, "refresh", device_id=[device, "gone"])
    assert [one["name"] for one in response["refreshed"]] == ["Mine"]


@pytest.mark.usefixtures("feeds")
@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"name": "Another"}, id="unknown name"),
        pytest.param({"name": "Demo One"}, id="a channel"),
        pytest.param({"entity_id": "sensor.demo_one_status"}, id="an entity of a channel"),
        pytest.param({"entity_id": "sun.sun"}, id="an entity of another integration"),
        pytest.param({"entity_id": []}, id="an empty target is not all"),
    ],
)
async def test_what_is_no_list_is_not_looked_at(
    hass: HomeAssistant, entry: MockConfigEntry, data: dict[str, Any]
) -> None:
    """Whoever names something means something."""
    assert await refused(hass, "refresh", **data) == ("no_such_feed", None)


@pytest.mark.usefixtures("feeds")
async def test_list_that_cannot_be_had_says_why(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    list_source: ListSource,
    guide_source: GuideSource,
) -> None:
    """Which it is, and what there was stays; of several it is said which they are."""
    list_source.status, list_source.body = 500, b""
    why = ("bad_status", {"name": "My list", "status": "500"})
    assert await refused(hass, "refresh") == why
    assert entry.runtime_data.lineup.catalog.named("First")

    await guide_source.server.close()
    both = ("not_all_refreshed", {"names": "Mine, My list"})
    assert await refused(hass, "refresh") == both


# Programmes ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("feeds")
async def test_programmes_of_a_channel_are_told(
    hass: HomeAssistant, entry: MockConfigEntry, snapshot: SnapshotAssertion
) -> None:
    """From now on for a day."""
    response = await call(hass, "get_programmes", channel="Demo One")

    assert response == snapshot(matcher=moving)
    news, weather = response["programmes"]
    moments = [dt_util.parse_datetime(news[key], raise_on_error=True) for key in ("start", "stop")]
    assert moments[1] - moments[0] == timedelta(hours=1)
    assert weather["start"] == news["stop"]
    assert weather["start"].endswith("+00:00")


@pytest.mark.usefixtures("feeds")
@pytest.mark.parametrize(
    ("hours", "start", "end", "titles"),
    [
        pytest.param(0.5, None, None, ["News"], id="hours from now"),
        pytest.param(None, 1.0, None, ["Weather"], id="from a moment on"),
        pytest.param(0.1, -0.1, 1.0, ["News", "Weather"], id="an end counts before hours"),
        pytest.param(None, 24.0, 48.0, [], id="nothing is known"),
    ],
)
async def test_programmes_of_a_span_of_time(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hours: float | None,
    start: float | None,
    end: float | None,
    titles: list[str],
) -> None:
    """As far ahead as is asked, or between two moments; in hours from now."""
    moments = {
        name: dt_util.now() + timedelta(hours=at)
        for name, at in (("start", start), ("end", end))
        if at is not None
    }
    more = {"hours": hours} if hours else {}
    response = await call(hass, "get_programmes", channel="Demo One", **moments, **more)
    assert [one["title"] for one in response["programmes"]] == titles


async def test_moments_without_a_zone_are_of_the_house(
    hass: HomeAssistant, entry: MockConfigEntry, guide_source: GuideSource
) -> None:
    """As templates and the user interface give them."""
    await hass.config.async_set_time_zone("Asia/Tokyo")
    add_guide(hass, entry, guide_source.url)
    feeds = entry.runtime_data.feeds
    await until(lambda: any(one.data for one in feeds))
    now = dt_util.now().replace(tzinfo=None)
    response = await call(
        hass,
        "get_programmes",
        channel="Demo One",
        start=str(now),
        end=str(now + timedelta(minutes=5)),
    )
    assert [one["title"] for one in response["programmes"]] == ["News"]


async def test_channel_without_a_guide_has_no_programmes(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Which is no error."""
    assert await call(hass, "get_programmes", channel="Demo Two") == {
        "channel": "Demo Two",
        "programmes": [],
    }


async def test_end_before_the_start_is_refused(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Also one that is now."""
    now = dt_util.now()
    data = {"channel": "Demo One", "start": now, "end": now}
    assert await refused(hass, "get_programmes", **data) == ("ends_before_it_begins", None)
