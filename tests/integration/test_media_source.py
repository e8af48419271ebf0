"""Channels in the media browser."""

import re
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.components.media_player import (
    BrowseError,
    SearchMediaQuery,
    async_process_play_media_url,
)
from homeassistant.components.media_source import (
    PlayMedia,
    Unresolvable,
    async_browse_media,
    async_resolve_media,
    async_search_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import m3u8
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator
from yarl import URL

from custom_components.acestream_proxy import browse, media_source as media_source_module
from custom_components.acestream_proxy.proxy.mpegts import Program
from demo import CHANNELS, EmulatedEngine, Faults

from .common import (
    CONTENT_ONE,
    CONTENT_TWO,
    ONE_ID,
    PREMIUM,
    TWO_ID,
    add_subentry,
    channel_subentry,
    play,
)

ROOT = "media-source://acestream_proxy"
CHANNEL_ONE = f"{ROOT}/channel/{ONE_ID}"
PLAYING = f"{ROOT}/playing"

# Exactly so, or the web UI will not play it.
HLS = "application/x-mpegURL"
MPEGTS = "video/mp2t"

THREE = CHANNELS[2]
FILM = next(channel for channel in CHANNELS if channel.kind == "vod")

pytestmark = pytest.mark.usefixtures("media_source")


async def titles(hass: HomeAssistant, media_id: str) -> list[str]:
    """Return what one sees below a place."""
    found = await async_browse_media(hass, media_id)
    return [child.title for child in found.children or []]


async def resolve(
    hass: HomeAssistant, media_id: str = CHANNEL_ONE, platform: str | None = None
) -> PlayMedia:
    """Resolve media for a player of some integration, or for the web UI."""
    entity_id = platform and (
        er.async_get(hass).async_get_or_create("media_player", platform, "tv").entity_id
    )
    return await async_resolve_media(hass, media_id, entity_id)


@pytest.fixture
async def anonymous(hass_client_no_auth: ClientSessionGenerator) -> TestClient[Any, Any]:
    """A player, which is logged in nowhere."""
    client: TestClient[Any, Any] = await hass_client_no_auth()
    return client


# Browsing -----------------------------------------------------------------------------------------


async def test_the_proxy_is_a_place_in_the_media_browser(hass: HomeAssistant) -> None:
    """Under its own name."""
    assert "AceStream Proxy" in await titles(hass, "media-source://")


async def test_channels_stand_below_the_proxy_by_name(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """After what is playing; capitals make no difference."""
    await add_subentry(hass, entry, channel_subentry("a channel", THREE.content_id))

    assert await titles(hass, ROOT) == ["Playing now", "a channel", "Demo One", "Demo Two"]


async def test_a_channel_can_be_played_and_has_its_logo(hass: HomeAssistant) -> None:
    """The one without a logo has none."""
    root = await async_browse_media(hass, ROOT)
    _, one, two = root.children or []

    assert one.as_dict() | {"children": None} == {
        "title": "Demo One",
        "media_class": "channel",
        "media_content_type": "channel",
        "media_content_id": CHANNEL_ONE,
        "children": None,
        "children_media_class": None,
        "can_play": True,
        "can_expand": False,
        "can_search": False,
        "search_media_classes": None,
        "thumbnail": one.thumbnail,
        "not_shown": 0,
    }
    assert re.fullmatch("/api/acestream_proxy/logo/[0-9]+", one.thumbnail or "")
    assert two.thumbnail is None


async def test_a_channel_by_itself_can_be_looked_at(hass: HomeAssistant) -> None:
    """As an automation's editor does to show what was chosen."""
    channel = await async_browse_media(hass, CHANNEL_ONE)

    assert channel.title == "Demo One"
    assert channel.can_play


async def test_nothing_plays_while_nobody_watches(hass: HomeAssistant) -> None:
    """The place is there, and empty."""
    playing = await async_browse_media(hass, PLAYING)

    assert playing.title == "Playing now"
    assert playing.children == []


async def test_what_somebody_watches_is_playing_now(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    """By its channel's name, or by its ID where no channel has it; and it plays from there."""
    client = await hass_client()
    await play(client)
    await play(client, f"/ace/getstream?id={THREE.content_id}")

    playing = await async_browse_media(hass, PLAYING)

    children = list(playing.children or [])
    assert [child.title for child in children] == ["Demo One", THREE.content_id]
    media = [await resolve(hass, child.media_content_id) for child in children]
    assert {one.mime_type for one in media} == {HLS}
    assert len(await titles(hass, PLAYING)) == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [("one", ["Demo One"]), ("DEMO", ["Demo One", "Demo Two"]), ("three", [])],
)
async def test_channels_are_found_by_a_part_of_their_name(
    words: str, found: list[str], hass: HomeAssistant, faults: Faults
) -> None:
    """Whatever the capitals, and also where engines do not search."""
    faults.garbage = {"search"}
    result = await async_search_media(hass, ROOT, SearchMediaQuery(search_query=words))

    assert [one.title for one in result.result] == found


async def test_channels_are_found_in_the_network(hass: HomeAssistant) -> None:
    """After those that are here, and none of these once more; they play."""
    result = await async_search_media(hass, ROOT, SearchMediaQuery(search_query="demo t"))

    assert [one.title for one in result.result] == ["Demo Two", "Demo Three"]
    assert (await resolve(hass, result.result[1].media_content_id)).mime_type == HLS


async def test_search_in_the_network_does_not_take_for_ever(
    hass: HomeAssistant, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is here is found all the same."""
    monkeypatch.setattr(browse, "_SEARCH_PATIENCE", 0.05)
    faults.hang = {"search"}
    result = await async_search_media(hass, ROOT, SearchMediaQuery(search_query="one"))

    assert [one.title for one in result.result] == ["Demo One"]


async def test_the_search_bar_is_where_the_channels_are(hass: HomeAssistant) -> None:
    """And not where a search would look somewhere else."""
    assert (await async_browse_media(hass, ROOT)).can_search
    assert not (await async_browse_media(hass, PLAYING)).can_search


# Playing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", [None, "cast", "apple_tv", "roku"])
async def test_the_web_ui_cast_and_most_players_get_hls(
    platform: str | None, hass: HomeAssistant
) -> None:
    """With the one MIME type that the web UI plays."""
    media = await resolve(hass, platform=platform)

    assert media.mime_type == HLS
    assert media.url.startswith("/api/acestream_proxy/hls/")
    assert media.url.endswith("/index.m3u8")


@pytest.mark.parametrize("platform", ["kodi", "vlc", "vlc_telnet", "dlna_dmr", "mpd"])
async def test_players_that_take_mpegts_get_it(platform: str, hass: HomeAssistant) -> None:
    """With everything in the path, as Home Assistant signs nothing that has a query."""
    media = await resolve(hass, platform=platform)

    assert media.mime_type == MPEGTS
    assert media.url == f"/api/acestream_proxy/stream/{CONTENT_ONE.slug}.ts"


async def test_a_player_that_is_nowhere_registered_gets_hls(hass: HomeAssistant) -> None:
    """Such as one set up in YAML without a unique ID."""
    media = await async_resolve_media(hass, CHANNEL_ONE, "media_player.unheard_of")

    assert media.mime_type == HLS


async def test_each_play_of_hls_has_an_address_of_its_own(hass: HomeAssistant) -> None:
    """Nobody can tell one from another, or guess the next."""
    first, second = await resolve(hass), await resolve(hass)

    assert first.url != second.url
    assert len(first.url.split("/")[-2]) >= 43  # 256 bits in base 64


async def test_hls_plays_for_who_knows_the_address_alone(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    anonymous: TestClient[Any, Any],
    engine: EmulatedEngine,
) -> None:
    """The stream that was started for it; until somebody watches, it has no viewer."""
    media = await resolve(hass)
    assert engine.starts == 1
    assert entry.runtime_data.proxy.stats().viewers == 0

    response = await anonymous.get(media.url)

    assert m3u8.loads(await response.text()).segments
    assert engine.starts == 1


async def test_mpegts_plays_once_home_assistant_has_signed_it(
    hass: HomeAssistant, anonymous: TestClient[Any, Any]
) -> None:
    """As media players do it: the path becomes an address with a signature."""
    await async_process_ha_core_config(hass, {"internal_url": "http://home.example:8123"})
    media = await resolve(hass, platform="kodi")

    address = URL(async_process_play_media_url(hass, media.url))

    assert address.origin() == URL("http://home.example:8123")
    assert (await anonymous.get(media.url)).status == 403
    await play(anonymous, str(address.relative()))


async def test_the_web_ui_gets_what_it_plays_over_its_websocket(
    hass_ws_client: WebSocketGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """What Home Assistant does to the address on the way leaves it playable."""
    websocket = await hass_ws_client()
    anonymous = await hass_client_no_auth()
    await websocket.send_json_auto_id(
        {"type": "media_source/resolve_media", "media_content_id": CHANNEL_ONE}
    )
    answer = await websocket.receive_json()

    assert answer["result"]["mime_type"] == HLS
    response = await anonymous.get(answer["result"]["url"])
    assert m3u8.loads(await response.text()).segments


async def test_a_changed_channel_plays_its_new_content(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Automations name the channel, not what it happens to play."""
    hass.config_entries.async_update_subentry(
        entry, entry.subentries[ONE_ID], data={"name": "One", "content": THREE.content_id}
    )
    await hass.async_block_till_done()

    assert THREE.content_id in (await resolve(hass, platform="kodi")).url


async def test_content_that_is_no_channel_plays_by_its_key(hass: HomeAssistant) -> None:
    """Any content may be named in an automation."""
    media = await resolve(hass, f"{ROOT}/content/{CONTENT_TWO.slug}", "kodi")

    assert CONTENT_TWO.value in media.url


@pytest.mark.parametrize("platform", [None, "kodi"])
async def test_a_film_plays_as_the_file_it_is(
    platform: str | None,
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
) -> None:
    """There is no HLS of it: every player gets the same address."""
    media = await resolve(hass, f"{ROOT}/content/content_id-{FILM.content_id}", platform)
    client = await hass_client()

    response = await client.get(media.url, headers={"Range": "bytes=0-1879"})

    assert media.mime_type == "video/mp4"
    assert response.status == 206
    assert len(await response.read()) == 1880


# What goes wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "identifier",
    [
        pytest.param("channel/never-was", id="no such channel"),
        pytest.param("channel", id="no channel named"),
        pytest.param("content/nonsense", id="no content"),
        pytest.param(f"{CONTENT_ONE.slug}", id="a key alone"),
        pytest.param("something/else", id="something else"),
    ],
)
async def test_what_is_not_there_is_said_in_the_users_words(
    identifier: str, hass: HomeAssistant
) -> None:
    """In browsing as in playing."""
    with pytest.raises(Unresolvable) as playing:
        await resolve(hass, f"{ROOT}/{identifier}")
    with pytest.raises(BrowseError) as browsing:
        await async_browse_media(hass, f"{ROOT}/{identifier}")

    assert text_of(playing.value) == text_of(browsing.value)
    assert text_of(playing.value) == "This channel is not, or no longer, there."


async def test_an_engine_is_no_channel(hass: HomeAssistant) -> None:
    """Although it is a subentry as well."""
    with pytest.raises(Unresolvable) as playing:
        await resolve(hass, f"{ROOT}/channel/the-engine")

    assert text_of(playing.value) == "This channel is not, or no longer, there."


async def test_the_proxy_itself_and_what_plays_cannot_be_played(hass: HomeAssistant) -> None:
    """Places hold things to play."""
    for place in (ROOT, PLAYING):
        with pytest.raises(Unresolvable):
            await resolve(hass, place)


async def test_a_removed_channel_plays_no_more(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Automations that name it say what is wrong."""
    hass.config_entries.async_remove_subentry(entry, TWO_ID)
    await hass.async_block_till_done()

    with pytest.raises(Unresolvable):
        await resolve(hass, f"{ROOT}/channel/{TWO_ID}")
    assert await titles(hass, ROOT) == ["Playing now", "Demo One"]


async def test_what_no_engine_can_find_is_refused_in_the_engines_words(hass: HomeAssistant) -> None:
    """Before a player is sent to where nothing plays."""
    with pytest.raises(Unresolvable) as playing:
        await resolve(hass, f"{ROOT}/content/content_id-{'a' * 40}")

    assert str(playing.value).startswith("The engine refused to play this: ")


async def test_what_does_not_start_is_refused_where_the_user_sees_it(hass: HomeAssistant) -> None:
    """In the engine's words: the browser's player would have none."""
    with pytest.raises(Unresolvable) as playing:
        await resolve(hass, f"{ROOT}/content/content_id-{PREMIUM.content_id}")

    assert "premium" in str(playing.value)


async def test_radio_is_for_the_player_of_sound(
    hass: HomeAssistant, anonymous: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the web UI, which stays while one looks elsewhere; other players get it as they get all.

    The engine of these tests has no radio: that is in the end-to-end test.
    """
    monkeypatch.setattr(Program, "is_sound_alone", True)
    media = await resolve(hass)
    assert media.mime_type == "audio/aac"
    assert (await anonymous.get(media.url)).status == 415  # its sound is a picture
    assert (await resolve(hass, platform="cast")).mime_type == HLS


async def test_what_takes_long_to_start_is_left_to_the_player(
    hass: HomeAssistant, engine: EmulatedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for longer, and shows that it does."""
    monkeypatch.setattr(media_source_module, "_START_PATIENCE", 0.05)
    engine.faults.prebuffer = 60
    assert (await resolve(hass)).mime_type == HLS


async def test_without_an_engine_playing_says_so_and_browsing_works(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """At once, instead of a player that waits for nothing."""
    await engine.stop()
    await entry.runtime_data.engines.async_refresh()

    with pytest.raises(Unresolvable) as playing:
        await resolve(hass)

    assert str(playing.value) == (
        "No AceStream engine can be reached, so nothing can play. Is one running?"
    )
    assert "Demo One" in await titles(hass, ROOT)


async def test_a_proxy_that_is_not_loaded_says_so(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """In browsing, in searching and in playing."""
    await hass.config_entries.async_unload(entry.entry_id)
    words = "The proxy is not set up, or reaches none of its engines."

    with pytest.raises(BrowseError) as browsing:
        await async_browse_media(hass, ROOT)
    with pytest.raises(BrowseError) as searching:
        await async_search_media(hass, ROOT, SearchMediaQuery(search_query="one"))
    with pytest.raises(Unresolvable) as playing:
        await resolve(hass)

    assert {text_of(it.value) for it in (browsing, searching, playing)} == {words}


def text_of(error: HomeAssistantError) -> str:
    """Return what a user reads; Home Assistant itself leaves out the last full stop."""
    return f"{error}."
