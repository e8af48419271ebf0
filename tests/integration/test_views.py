"""Who is let in where, and what they are given: the streams at Home Assistant's own addresses."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.components import persistent_notification
from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.http.ban import KEY_FAILED_LOGIN_ATTEMPTS, KEY_LOGIN_THRESHOLD
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import m3u8
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy.const import DOMAIN
from custom_components.acestream_proxy.proxy import ContentKey, Ticket
from custom_components.acestream_proxy.views import STREAM_URL, stream_path
from demo import EmulatedEngine, packet_numbers
from tests.proxy.waiting import until

from .common import (
    CONTENT_ONE,
    CONTENT_TWO,
    GETSTREAM,
    MANIFEST,
    ONE,
    PACKET_SIZE,
    PREMIUM,
    STATUS,
    STREAM,
    TWO,
    play,
)

GETSTREAM_SLASH = f"/ace/getstream/?id={ONE.content_id}"
PLAYLIST = "/api/acestream_proxy/hls/{token}/index.m3u8"
SEGMENT = "/api/acestream_proxy/hls/{token}/0.ts"
PART = "/api/acestream_proxy/hls/{token}/0.0.ts"
SOUND = "/api/acestream_proxy/hls/{token}/sound.aac"

WRONG_TOKEN = "w" * 43

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Server": "",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Door:
    """Everybody who may come to a view, and the means by which they ask to be let in."""

    hass: HomeAssistant
    client: TestClient[Any, Any]
    admin: str
    reader: str
    gone: str
    admin_id: str
    gone_id: str

    async def get(self, path: str, token: str = "") -> int:
        """Return the status that a path answers with, the bytes unread."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.client.get(path, headers=headers, allow_redirects=False) as response:
            return response.status

    def sign(self, path: str, *, seconds: int = 60, by: str = "") -> str:
        """Return a path with a signature that is good for so long."""
        lifetime = timedelta(seconds=seconds)
        return async_sign_path(self.hass, path, lifetime, refresh_token_id=by or self.admin_id)

    def sign_another(self, path: str) -> str:
        """Return a path with the signature of another one."""
        signature = self.sign("/api/acestream_proxy/stream/another.ts").partition("authSig=")[2]
        return f"{path}{'&' if '?' in path else '?'}authSig={signature}"


CALLERS: dict[str, Callable[[Door, str], Awaitable[int]]] = {
    "nobody": lambda door, path: door.get(path),
    "wrong bearer token": lambda door, path: door.get(path, "wrong"),
    "token of a deactivated user": lambda door, path: door.get(path, door.gone),
    "expired signature": lambda door, path: door.get(door.sign(path, seconds=-1)),
    "signature for another path": lambda door, path: door.get(door.sign_another(path)),
    "signature of a deactivated user": lambda door, path: door.get(
        door.sign(path, by=door.gone_id)
    ),
    "read-only user": lambda door, path: door.get(path, door.reader),
    "admin": lambda door, path: door.get(path, door.admin),
    "valid signature": lambda door, path: door.get(door.sign(path)),
}

REFUSED = {
    "nobody": 403,
    "wrong bearer token": 401,
    "token of a deactivated user": 401,
    "expired signature": 403,
    "signature for another path": 403,
    "signature of a deactivated user": 403,
}
LET_IN = {"read-only user": 200, "admin": 200, "valid signature": 200}
SENT_ON = dict.fromkeys(LET_IN, 302)
NO_SUCH_ADDRESS = dict.fromkeys(CALLERS, 404)

# Every address there is, and whom it lets in. Segments are none before somebody fetched a playlist.
TABLE: dict[str, tuple[str, dict[str, int]]] = {
    STREAM: (STREAM_URL, REFUSED | LET_IN),
    GETSTREAM: ("/ace/getstream", REFUSED | LET_IN),
    GETSTREAM_SLASH: ("/ace/getstream/", REFUSED | LET_IN),
    MANIFEST: ("/ace/manifest.m3u8", REFUSED | SENT_ON),
    STATUS: ("/ace/status", REFUSED | LET_IN),
    PLAYLIST.format(token=WRONG_TOKEN): (PLAYLIST, NO_SUCH_ADDRESS),
    SEGMENT.format(token=WRONG_TOKEN): (SEGMENT.replace("0", "{number}"), NO_SUCH_ADDRESS),
    PART.format(token=WRONG_TOKEN): (PART.replace("0.0", "{number}.{index}"), NO_SUCH_ADDRESS),
    SOUND.format(token=WRONG_TOKEN): (SOUND, NO_SUCH_ADDRESS),
    "/api/acestream_proxy/logo/1": (
        "/api/acestream_proxy/logo/{number}",
        REFUSED | dict.fromkeys(LET_IN, 404),
    ),
    **{
        f"/{kind}/{ONE.content_id}/one.ts": (f"/{kind}/{{rest}}", REFUSED | LET_IN)
        for kind in ("content_id", "pid")
    },
    f"/infohash/{ONE.infohash}": ("/infohash/{rest}", REFUSED | LET_IN),
    **{
        f"/{kind}/none": (f"/{kind}/{{rest}}", REFUSED | dict.fromkeys(LET_IN, 404))
        for kind in ("url", "torrent")
    },
    # The secret, the token, the name and the password in these are nobody's.
    **{
        path.format(
            secret="wrong", token="t", username="u", password="p", number=1, form="ts", rest="1.ts"
        ): (path, NO_SUCH_ADDRESS)
        for path in (
            "/api/acestream_proxy/{secret}/playlist.m3u",
            "/api/acestream_proxy/{secret}/guide.xml",
            "/api/acestream_proxy/{secret}/logo/{number}",
            "/api/acestream_proxy/{secret}/live/{number}.{form}",
            "/api/acestream_proxy/link/{token}.{form}",
            "/player_api.php",
            "/panel_api.php",
            "/get.php",
            "/xmltv.php",
            "/logo/{username}/{password}/{number}",
            "/live/{username}/{password}/{number}",
            "/live/{username}/{password}/{number}.{form}",
            "/movie/{username}/{password}/{rest}",
            "/series/{username}/{password}/{rest}",
            "/timeshift/{username}/{password}/{rest}",
        )
    },
}

# Apps send what they ask for as a form, too.
FORMS = {"/player_api.php", "/panel_api.php", "/get.php", "/xmltv.php"}


@pytest.fixture
async def door(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    hass_access_token: str,
    hass_read_only_access_token: str,
) -> Door:
    """The proxy set up, and some users."""
    user: MockUser = await hass.auth.async_create_user("Gone")
    gone = await hass.auth.async_create_refresh_token(user, "https://gone.example")
    gone_token = hass.auth.async_create_access_token(gone)
    await hass.auth.async_deactivate_user(user)
    admin = hass.auth.async_validate_access_token(hass_access_token)
    assert admin is not None
    return Door(
        hass,
        await hass_client_no_auth(),
        admin=hass_access_token,
        reader=hass_read_only_access_token,
        gone=gone_token,
        admin_id=admin.id,
        gone_id=gone.id,
    )


@pytest.fixture
async def player(
    entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Somebody who is logged in."""
    client: TestClient[Any, Any] = await hass_client()
    return client


def token_path(entry: MockConfigEntry, path: str) -> str:
    """Return a path with a token that was given out."""
    plays = entry.runtime_data.proxy.plays
    return path.format(
        token=plays.open(Ticket(sources=(CONTENT_ONE,)), asyncio.get_running_loop().time())
    )


def own_headers(response: ClientResponse) -> dict[str, str | None]:
    """Return the headers that keep browsers from doing too much."""
    return {name: response.headers.get(name) for name in SECURITY_HEADERS}


# Who is let in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TABLE)
async def test_only_those_come_in_whom_home_assistant_knows(path: str, door: Door) -> None:
    """Every view against everybody."""
    _, expected = TABLE[path]

    assert {who: await come(door, path) for who, come in CALLERS.items()} == expected


# The channels of these tests have no sound that could be played.
@pytest.mark.parametrize(
    ("path", "status"), [(PLAYLIST, 200), (SEGMENT, 200), (PART, 200), (SOUND, 415)]
)
async def test_the_token_of_a_play_lets_everybody_in(
    path: str, status: int, door: Door, entry: MockConfigEntry
) -> None:
    """Players of HLS can send nothing else with their requests, and nothing else is looked at."""
    playing = token_path(entry, path)
    playlist = await door.client.get(playing.rpartition("/")[0] + "/index.m3u8")
    first = m3u8.loads(await playlist.text()).media_sequence
    playing = playing.replace("/0.", f"/{first}.")

    answers = {who: await come(door, playing) for who, come in CALLERS.items()}
    assert answers == dict.fromkeys(CALLERS, status)


async def test_every_view_has_its_row(hass: HomeAssistant, config_entry: MockConfigEntry) -> None:
    """A view that is added without one is found here."""
    await async_setup_component(hass, "http", {})
    before = addresses(hass)

    await hass.config_entries.async_setup(config_entry.entry_id)
    await hass.async_block_till_done()

    urls = {url for url, _ in TABLE.values()}
    assert addresses(hass) - before == {
        *((method, url) for url in urls for method in ("GET", "HEAD", "OPTIONS")),
        *(("POST", url) for url in FORMS),
    }


def addresses(hass: HomeAssistant) -> set[tuple[str, str]]:
    """Return what Home Assistant's web server answers."""
    routes = hass.http.app.router.routes()
    return {(route.method, route.resource.canonical) for route in routes if route.resource}


async def test_who_is_refused_opens_no_session(door: Door, engine: EmulatedEngine) -> None:
    """The engine never hears of them."""
    asked = len(engine.requests)

    for path in TABLE:
        for who in REFUSED:
            await CALLERS[who](door, path)

    assert engine.starts == 0
    assert len(engine.requests) == asked


async def test_who_is_refused_learns_nothing(door: Door) -> None:
    """Neither a picture nor whether the content, or even the proxy, is there."""
    assert await door.get(GETSTREAM) == await door.get("/ace/getstream?id=nonsense") == 403
    assert await door.get(STREAM) == await door.get(STREAM.replace("content_id-", "x")) == 403
    assert await door.get("/ace/status") == await door.get("/ace/status?id=nonsense") == 403


async def test_an_expired_signature_is_no_failed_login(
    door: Door, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """A tab that was left open must not get its own network banned."""
    attempts = count_failed_logins(hass)

    for path in TABLE:
        await door.get(door.sign(path, seconds=-1))
        await door.get(path)

    assert sum(attempts.values()) == 0
    assert persistent_notification._async_get_or_create_notifications(hass) == {}
    assert "invalid authentication" not in caplog.text


async def test_a_wrong_token_is_a_failed_login(door: Door, hass: HomeAssistant) -> None:
    """Whoever tries tokens is to be banned in the end, as everywhere in Home Assistant."""
    attempts = count_failed_logins(hass)

    for path in (STREAM, GETSTREAM, MANIFEST, STATUS):
        await door.get(path, "wrong")

    assert sum(attempts.values()) == 4
    assert "http-login" in persistent_notification._async_get_or_create_notifications(hass)


def count_failed_logins(hass: HomeAssistant) -> defaultdict[IPv4Address | IPv6Address, int]:
    """Let Home Assistant count failed logins, and return where it does."""
    hass.http.app._state[KEY_LOGIN_THRESHOLD] = 100
    return hass.http.app[KEY_FAILED_LOGIN_ATTEMPTS]


async def test_a_signature_is_good_for_its_own_content_alone(door: Door) -> None:
    """A signed path cannot be turned into that of another channel."""
    signed = door.sign(STREAM)

    assert await door.get(signed) == 200
    assert await door.get(signed.replace(ONE.content_id, TWO.content_id)) == 403
    assert await door.get(door.sign(GETSTREAM).replace(ONE.content_id, TWO.content_id)) == 403


async def test_a_token_plays_its_own_content_alone(
    door: Door, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Nothing in the address but the token says what is played."""
    await door.get(token_path(entry, PLAYLIST) + f"?id={TWO.content_id}")

    assert [session.channel for session in engine.sessions] == [ONE]


async def test_a_login_is_looked_at_when_the_player_comes_not_while_it_watches(
    door: Door, hass: HomeAssistant
) -> None:
    """Nobody's evening ends with a signature, or with a user that is deactivated meanwhile."""
    response = await play(door.client, door.sign(STREAM))
    user = await hass.auth.async_get_user(
        hass.auth.async_get_refresh_token(door.admin_id).user.id  # type: ignore[union-attr]
    )
    assert user is not None
    await hass.auth.async_deactivate_user(user)

    await response.content.readexactly(PACKET_SIZE * 100)
    assert await door.get(door.sign(STREAM)) == 403


# Without a proxy ----------------------------------------------------------------------------------


async def test_without_a_proxy_who_is_known_is_told_why(
    door: Door, entry: MockConfigEntry, hass: HomeAssistant
) -> None:
    """And everybody else hears what they always hear."""
    tokens = {path: token_path(entry, path) for path in (PLAYLIST, SEGMENT)}
    await hass.config_entries.async_unload(entry.entry_id)

    for path in (STREAM, GETSTREAM, GETSTREAM_SLASH, MANIFEST, STATUS):
        statuses = {who: await come(door, path) for who, come in CALLERS.items()}
        assert statuses == REFUSED | dict.fromkeys(LET_IN, 503)
    assert await door.get(tokens[PLAYLIST]) == 404
    assert await door.get(tokens[SEGMENT]) == 404


async def test_without_a_proxy_players_are_told_to_come_back(
    hass: HomeAssistant, config_entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Such as while Home Assistant starts, and no engine has answered yet."""
    await async_setup_component(hass, DOMAIN, {})
    await hass.config_entries.async_unload(config_entry.entry_id)
    client = await hass_client()

    response = await client.get(STREAM)

    assert response.status == 503
    assert response.headers["Retry-After"] == "10"
    assert "is not set up" in await response.text()


# Looking before playing ---------------------------------------------------------------------------


async def test_head_opens_no_session(
    entry: MockConfigEntry, player: TestClient[Any, Any], engine: EmulatedEngine
) -> None:
    """Players look at the type first, some of them several times."""
    expected = {
        STREAM: (200, "video/mp2t"),
        GETSTREAM: (200, "video/mp2t"),
        MANIFEST: (200, "application/vnd.apple.mpegurl"),
        STATUS: (200, "application/json"),
        token_path(entry, PLAYLIST): (200, "application/vnd.apple.mpegurl"),
        token_path(entry, SEGMENT): (404, "text/plain"),
    }

    answers = {path: await player.head(path, allow_redirects=False) for path in expected}

    assert {path: (it.status, it.content_type) for path, it in answers.items()} == expected
    assert engine.starts == 0


async def test_head_asks_for_the_same_login(door: Door, entry: MockConfigEntry) -> None:
    """Nobody learns by HEAD what GET does not tell."""
    for path in (STREAM, GETSTREAM, MANIFEST, STATUS):
        assert (await door.client.head(path)).status == 403
        assert (await door.client.head(door.sign(path, seconds=-1))).status == 403


async def test_a_page_of_any_origin_may_ask_whether_it_may_ask(
    door: Door, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Cast receivers live elsewhere; asking opens no session and needs no login."""
    preflight = {"Origin": "https://cast.example", "Access-Control-Request-Method": "GET"}

    for path in (*TABLE, token_path(entry, PLAYLIST)):
        response = await door.client.options(path, headers=preflight)
        assert response.status == 200
        assert response.headers["Access-Control-Allow-Origin"] == "https://cast.example"
        assert "Access-Control-Allow-Credentials" not in response.headers

    assert engine.starts == 0


async def test_a_page_of_any_origin_may_read_what_it_plays(
    door: Door, entry: MockConfigEntry
) -> None:
    """Without that header a browser keeps playlist and segments from the page."""
    origin = {"Origin": "https://cast.example"}
    playlist = await door.client.get(token_path(entry, PLAYLIST), headers=origin)
    stream = await door.client.get(door.sign(STREAM), headers=origin)

    assert playlist.headers["Access-Control-Allow-Origin"] == "https://cast.example"
    assert stream.headers["Access-Control-Allow-Origin"] == "https://cast.example"


# MPEG-TS ------------------------------------------------------------------------------------------


async def test_many_viewers_are_one_session(
    entry: MockConfigEntry, player: TestClient[Any, Any], engine: EmulatedEngine
) -> None:
    """Ten at once, by every address there is, and one by HLS: the engine is read once."""
    paths = [STREAM, GETSTREAM, GETSTREAM_SLASH] * 3
    viewers = await asyncio.gather(*(play(player, path) for path in paths))
    await player.get(MANIFEST)

    assert (engine.starts, engine.reads) == (1, 1)
    assert entry.runtime_data.proxy.stats().viewers == 10
    for viewer in viewers:
        viewer.close()
    await until(lambda: entry.runtime_data.proxy.stats().viewers == 1)


async def test_the_last_viewer_to_leave_stops_the_session(
    entry: MockConfigEntry, player: TestClient[Any, Any], engine: EmulatedEngine
) -> None:
    """Home Assistant tells the view that the player is gone, and the engine is told, too."""
    viewers = [await play(player), await play(player)]
    for viewer in viewers:
        viewer.close()

    await until(lambda: engine.stops == 1)
    assert engine.open_sessions == []


async def test_whole_packets_without_a_gap_go_through_home_assistant(
    entry: MockConfigEntry, player: TestClient[Any, Any]
) -> None:
    """Nothing between engine and player cuts, compresses or leaves anything out."""
    response = await play(player)
    data = await response.content.readexactly(PACKET_SIZE * 2000)

    numbers = packet_numbers(data)[4:]  # behind the tables that are sent in front
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert "Content-Encoding" not in response.headers


async def test_streams_carry_the_headers_that_home_assistant_cannot_add(
    entry: MockConfigEntry, player: TestClient[Any, Any]
) -> None:
    """A stream is on its way before Home Assistant adds its own; also nobody names versions."""
    stream = await play(player)
    playlist = await player.get(MANIFEST)
    first = m3u8.loads(await playlist.text()).segments[0].uri
    segment = await player.get(f"{playlist.url.parent.path}/{first}")

    assert own_headers(stream) == SECURITY_HEADERS
    assert own_headers(await player.head(STREAM)) == SECURITY_HEADERS
    assert own_headers(playlist) == SECURITY_HEADERS
    assert own_headers(segment) == SECURITY_HEADERS
    assert stream.content_type == segment.content_type == "video/mp2t"
    assert stream.headers["Accept-Ranges"] == "none"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/ace/getstream", 400, "Missing id or infohash parameter"),
        ("/ace/getstream?id=nonsense", 400, "40 hex digits"),
        (f"/ace/getstream?id={'a' * 40}&infohash={'b' * 40}", 400, "Only one of"),
        ("/ace/manifest.m3u8?id=nonsense", 400, "40 hex digits"),
        ("/ace/status?id=nonsense", 400, "40 hex digits"),
        ("/api/acestream_proxy/stream/nonsense.ts", 400, "names no content"),
        ("/api/acestream_proxy/stream/content_id-nonsense.ts", 400, "40 hex digits"),
        ("/api/acestream_proxy/stream/url-%21%21.ts", 400, ""),
        (f"/ace/getstream?id={'a' * 40}", 502, "The engine refused"),
        (f"/ace/getstream?id={PREMIUM.content_id}", 502, "The engine refused"),
    ],
)
async def test_what_cannot_be_played_is_said_before_any_byte(
    path: str, status: int, words: str, entry: MockConfigEntry, player: TestClient[Any, Any]
) -> None:
    """A status and a sentence."""
    response = await player.get(path)

    assert response.status == status
    assert words in await response.text()


async def test_the_engine_is_never_asked_for_something_malformed(
    entry: MockConfigEntry, player: TestClient[Any, Any], engine: EmulatedEngine
) -> None:
    """Whatever is in the path or the query ends here."""
    asked = len(engine.requests)

    for nonsense in ("nonsense", "'", "a" * 39, "a" * 41, "%00", "ä" * 40):
        await player.get("/ace/getstream", params={"id": nonsense})
        await player.get(f"/api/acestream_proxy/stream/content_id-{nonsense}.ts")
        await player.get("/ace/manifest.m3u8", params={"infohash": nonsense})

    assert len(engine.requests) == asked


async def test_an_engine_that_is_down_is_a_503_with_a_sentence(
    entry: MockConfigEntry, player: TestClient[Any, Any], engine: EmulatedEngine
) -> None:
    """And a hint when to come back."""
    await engine.stop()

    response = await player.get(STREAM)

    assert response.status == 503
    assert "Is it running?" in await response.text()
    assert response.headers["Retry-After"] == "10"


async def test_content_named_by_an_address_plays_by_its_path(
    entry: MockConfigEntry, player: TestClient[Any, Any], engine: EmulatedEngine
) -> None:
    """A transport file's address holds everything that a path may not; it is packed."""
    content = ContentKey.parse("http://files.example/x.acelive")

    await player.get(stream_path(content))

    assert "files.example" in engine.requests[-1][1]
    assert "x.acelive" in engine.requests[-1][1]


# HLS ----------------------------------------------------------------------------------------------


async def test_a_manifest_sends_the_player_to_an_address_of_its_own(
    entry: MockConfigEntry, player: TestClient[Any, Any]
) -> None:
    """The same player gets the same address again, so that it stays one viewer."""
    first = await player.get(MANIFEST, allow_redirects=False)
    again = await player.get(MANIFEST, allow_redirects=False)
    other = await player.get(MANIFEST, allow_redirects=False, headers={"User-Agent": "Other"})

    assert first.status == 302
    assert first.headers["Location"].startswith("/api/acestream_proxy/hls/")
    assert first.headers["Location"] == again.headers["Location"]
    assert first.headers["Location"] != other.headers["Location"]


async def test_playlist_and_segments_play_without_a_login(
    door: Door, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """As an independent parser reads them: live, and every segment begins with its tables."""
    path = token_path(entry, PLAYLIST)
    response = await door.client.get(path)
    playlist = m3u8.loads(await response.text())

    assert response.content_type == "application/vnd.apple.mpegurl"
    assert not playlist.is_endlist
    assert not playlist.is_variant
    whole = [segment for segment in playlist.segments if segment.uri]
    assert whole
    assert max(segment.duration for segment in whole) <= playlist.target_duration + 0.5
    for segment in whole:
        answer = await door.client.get(f"{path.rpartition('/')[0]}/{segment.uri}")
        data = await answer.read()
        assert len(data) % PACKET_SIZE == 0
        assert data[:4] == b"\x47\x40\x00" + data[3:4]  # the PAT: PID 0
    assert (engine.starts, engine.reads) == (1, 1)


async def test_who_comes_back_to_an_address_after_a_pause_sees_it_go_on(
    door: Door, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """A hidden tab asks for nothing; its stream ends, its address stays good."""
    path = token_path(entry, PLAYLIST)
    await door.get(path)
    await until(lambda: engine.stops == 1)

    assert await door.get(path) == HTTPStatus.OK

    assert engine.starts == 2


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("7" * 9, id="large"),
        pytest.param("7" * 5000, id="more digits than Python reads"),
        pytest.param("٣", id="a digit of another script"),
        pytest.param("-1", id="negative"),
        pytest.param("x", id="no number"),
    ],
)
async def test_a_segment_that_never_was_is_not_found(
    number: str, door: Door, entry: MockConfigEntry
) -> None:
    """Whatever stands in its place, with a good token as with a wrong one."""
    playing = token_path(entry, PLAYLIST)
    await door.get(playing)

    assert await door.get(f"{playing.rpartition('/')[0]}/{number}.ts") == 404
    assert await door.get(f"/api/acestream_proxy/hls/{WRONG_TOKEN}/{number}.ts") == 404


# Status -------------------------------------------------------------------------------------------


async def test_status_says_what_runs_and_not_where_engines_are(
    entry: MockConfigEntry, player: TestClient[Any, Any], engine: EmulatedEngine
) -> None:
    """Also a read-only user may look, so it holds no addresses."""
    await play(player)

    everything = await player.get(STATUS)
    one = await player.get(f"{STATUS}?id={ONE.content_id}")
    nothing = await player.get(f"{STATUS}?id={TWO.content_id}")

    assert (await everything.json())["streams"] == 1
    assert (await one.json())["clients"] == 1
    assert nothing.status == 404
    assert str(engine.port) not in await everything.text()
    assert CONTENT_TWO.value not in await everything.text()
