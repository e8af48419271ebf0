"""The Xtream Codes API, over real sockets."""

import asyncio
from base64 import b64decode
from dataclasses import replace
import logging
import re
from time import time
from typing import Any

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import m3u8
import pytest

from custom_components.acestream_proxy.proxy import ProxyOptions
from custom_components.acestream_proxy.proxy.audience import Limits
from custom_components.acestream_proxy.proxy.catalog import number_of_group
from custom_components.acestream_proxy.proxy.web import guests, xtream

from ..players import connected
from ..streams import starts_decodable
from .household import CARTOONS, MIRRORED, NEWS, PARENTS, Household, closed, wire

LOGIN = "username=parents&password=pass-of-parents"
GENERAL, ITS_NEWS, ITS_RADIO, ITS_KIDS, OTHERS = (
    number_of_group(name) for name in ("General", "News", "Radio", "Kids", "Other")
)


@pytest.fixture
def options() -> ProxyOptions:
    """A proxy for seven."""
    return ProxyOptions(linger=0.2, limits=Limits(viewers=7))


class App:
    """An app that is logged in."""

    def __init__(self, session: ClientSession, server: TestServer, login: str = LOGIN) -> None:
        """Log in with these parameters."""
        self.session = session
        self.server = server
        self.login = login

    async def ask(self, action: str = "", file: str = "player_api.php") -> Any:
        """Return what an action is answered with."""
        address = self.server.make_url(f"/{file}?{self.login}{'&action=' * bool(action)}{action}")
        async with self.session.get(address) as response:
            assert response.status == 200
            assert response.content_type == "application/json"
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            return await response.json()


@pytest.fixture
def app(session: ClientSession, server: TestServer, household: Household) -> App:
    """An app that the parents are logged in with."""
    return App(session, server)


async def test_account_says_who_and_where(app: App) -> None:
    """In the types that apps know."""
    account = await app.ask()
    now = account["server_info"].pop("timestamp_now")
    assert now == pytest.approx(time(), abs=5)
    assert re.fullmatch(r"[\d-]{10} [\d:]{8}", account["server_info"].pop("time_now"))
    port = str(app.server.port)
    assert account == {
        "user_info": {
            "username": "parents",
            "password": "pass-of-parents",
            "message": "",
            "auth": 1,
            "status": "Active",
            "exp_date": "2147483647",
            "is_trial": "0",
            "active_cons": "0",
            "created_at": "0",
            "max_connections": "7",
            "allowed_output_formats": ["ts", "m3u8"],
        },
        "server_info": {
            "url": "127.0.0.1",
            "port": port,
            "https_port": port,
            "server_protocol": "http",
            "rtmp_port": port,
            "timezone": "UTC",
        },
    }


async def test_account_counts_what_is_watched(app: App, household: Household) -> None:
    """And says how many streams may be."""
    app.login = "username=kids&password=pass-of-kids"
    async with connected(app.server) as player:
        player.send(f"/live/kids/pass-of-kids/{household.number(CARTOONS)}.ts")
        assert await player.head() == 200
        user = (await app.ask())["user_info"]
    assert (user["active_cons"], user["max_connections"]) == ("1", "2")


async def test_name_is_as_people_type_it(app: App) -> None:
    """Whatever its case and blanks."""
    app.login = "username=%20PaRents&password=pass-of-parents"
    assert (await app.ask())["user_info"]["username"] == "parents"


async def test_forms_say_the_same(app: App) -> None:
    """Some apps send one, with or without parts of it in the address."""
    for query, form in (
        ("", {"username": "parents", "password": "pass-of-parents", "action": "get_series"}),
        (f"?{LOGIN}", {"action": "get_series"}),
    ):
        address = app.server.make_url(f"/player_api.php{query}")
        async with app.session.post(address, data=form) as response:
            assert await response.json() == []


async def test_form_that_does_not_come_is_not_waited_for(
    server: TestServer, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from somebody who only wants to hold a connection."""
    monkeypatch.setattr(xtream, "_FORM_TIMEOUT", 0.05)
    async with connected(server) as player:
        form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100"
        player.send(f"/player_api.php HTTP/1.1\r\n{form}\r\nX:", method="POST")
        assert await player.text() == "The form did not come in time.\n"
    assert player.status == 408


async def test_form_that_is_too_long_says_nothing(app: App) -> None:
    """What an app has to say is short."""
    form = {"username": "parents", "password": "pass-of-parents", "x": "x" * 5000}
    async with app.session.post(app.server.make_url("/player_api.php"), data=form) as response:
        assert response.status == 404


async def test_categories_are_the_groups(app: App) -> None:
    """In the order in which they first come."""
    assert await app.ask("get_live_categories") == [
        {"category_id": str(GENERAL), "category_name": "General", "parent_id": 0},
        {"category_id": str(ITS_NEWS), "category_name": "News", "parent_id": 0},
        {"category_id": str(ITS_RADIO), "category_name": "Radio", "parent_id": 0},
        {"category_id": str(ITS_KIDS), "category_name": "Kids", "parent_id": 0},
        {"category_id": str(OTHERS), "category_name": "Other", "parent_id": 0},
    ]


async def test_streams_are_the_channels(app: App, household: Household) -> None:
    """In the types that apps know."""
    streams = await app.ask("get_live_streams")
    assert [one["name"] for one in streams] == ["News", "Mirrored", "Radio", "Cartoons", "Loose"]
    assert [one["num"] for one in streams] == [1, 2, 3, 4, 5]
    assert [one["epg_channel_id"] for one in streams] == [
        "news.demo",
        "elsewhere",
        None,
        "toons.demo",
        None,
    ]
    number = household.number(NEWS)
    assert streams[0] == {
        "num": 1,
        "name": "News",
        "stream_type": "live",
        "stream_id": number,
        "stream_icon": str(
            app.server.make_url(f"/logo/parents/pass-of-parents/{household.number(NEWS)}")
        ),
        "epg_channel_id": "news.demo",
        "added": "0",
        "is_adult": "0",
        "category_id": str(GENERAL),
        "category_ids": [GENERAL, ITS_NEWS],
        "custom_sid": "",
        "tv_archive": 0,
        "direct_source": "",
        "tv_archive_duration": 0,
    }
    assert streams[4]["category_id"] == str(OTHERS)
    assert streams[4]["stream_icon"] == ""


async def test_streams_of_a_category_say_that_they_are_in_it(app: App) -> None:
    """Apps sort them into categories once more by that."""
    (stream,) = await app.ask(f"get_live_streams&category_id={ITS_NEWS}")
    assert (stream["name"], stream["category_id"]) == ("News", str(ITS_NEWS))
    assert stream["category_ids"] == [GENERAL, ITS_NEWS]
    assert await app.ask("get_live_streams&category_id=1") == []


async def test_viewer_is_shown_their_groups(app: App, household: Household) -> None:
    """Categories and streams of others are not there."""
    app.login = "username=kids&password=pass-of-kids"
    (category,) = await app.ask("get_live_categories")
    (stream,) = await app.ask("get_live_streams")
    assert category["category_name"] == "Kids"
    assert stream["stream_id"] == household.number(CARTOONS)
    listings = await app.ask(f"get_short_epg&stream_id={household.number(NEWS)}")
    assert listings == {"epg_listings": []}


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("get_vod_categories", []),
        ("get_vod_streams", []),
        ("get_vod_info&vod_id=1", {"info": {}, "movie_data": {}}),
        ("get_series_categories", []),
        ("get_series", []),
        ("get_series_info&series_id=1", {"seasons": [], "info": {}, "episodes": {}}),
    ],
)
async def test_there_are_no_films(app: App, action: str, answer: object) -> None:
    """In the form that apps expect none in."""
    assert await app.ask(action) == answer


async def test_unknown_action_is_answered_with_the_account(app: App) -> None:
    """As real servers do."""
    assert (await app.ask("get_whatever"))["user_info"]["auth"] == 1


async def test_short_guide_begins_now(app: App, household: Household) -> None:
    """Titles are in base 64, times in UTC, and numbers are text."""
    number = household.number(NEWS)
    (listing, later) = (await app.ask(f"get_short_epg&stream_id={number}&limit=2"))["epg_listings"]
    start = int(listing["start_timestamp"])
    assert start == pytest.approx(time() - 600, abs=60)
    assert int(listing["stop_timestamp"]) == pytest.approx(time() + 600, abs=60)
    assert b64decode(listing["title"]).decode() == "Now"
    assert b64decode(listing["description"]).decode() == "About Now & more: ñ"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", listing["start"])
    assert listing["id"] == str(start)
    assert listing["epg_id"] == str(number)
    assert listing["channel_id"] == "news.demo"
    assert (listing["now_playing"], listing["has_archive"], listing["lang"]) == (1, 0, "")
    assert (later["now_playing"], b64decode(later["title"])) == (0, b"Next")


@pytest.mark.parametrize(
    ("action", "titles"),
    [
        ("get_short_epg", ["Now", "Next", "Later"]),
        ("get_short_epg&limit=x", ["Now", "Next", "Later"]),
        ("get_short_epg&limit=1", ["Now"]),
        ("get_epg&limit=99999999", ["Now", "Next", "Later"]),
        ("get_simple_data_table", ["Yesterday", "Now", "Next", "Later"]),
        ("get_simple_data_table&limit=1", ["Yesterday", "Now", "Next", "Later"]),
        ("get_simple_date_table", ["Yesterday", "Now", "Next", "Later"]),
    ],
)
async def test_guide_of_a_channel(
    app: App, household: Household, action: str, titles: list[str]
) -> None:
    """As much of it as the action is for."""
    listings = await app.ask(f"{action}&stream_id={household.number(NEWS)}")
    assert [b64decode(one["title"]).decode() for one in listings["epg_listings"]] == titles


@pytest.mark.parametrize("stream", ["1", "x", "", "9" * 5000, "²"])
async def test_channel_that_is_not_there_has_nothing_on(app: App, stream: str) -> None:
    """That is no error to apps."""
    assert await app.ask(f"get_short_epg&stream_id={stream}") == {"epg_listings": []}


async def test_channel_without_a_guide_has_nothing_on(app: App, household: Household) -> None:
    """Guides do not know all of them."""
    number = household.number(MIRRORED)
    assert await app.ask(f"get_short_epg&stream_id={number}") == {"epg_listings": []}


async def test_panel_has_everything_at_once(app: App, household: Household) -> None:
    """As apps of old ask for it."""
    panel = await app.ask(file="panel_api.php")
    assert panel["user_info"]["auth"] == 1
    assert [one["category_name"] for one in panel["categories"]["live"]] == [
        "General",
        "News",
        "Radio",
        "Kids",
        "Other",
    ]
    assert (panel["categories"]["movie"], panel["categories"]["series"]) == ([], [])
    channels = panel["available_channels"]
    assert len(channels) == 5
    news = channels[str(household.number(NEWS))]
    assert (news["stream_id"], news["category_name"]) == (household.number(NEWS), "General")
    assert news["live"] == "1"


@pytest.mark.parametrize(
    ("query", "ending"),
    [
        ("type=m3u_plus&output=ts", ".ts"),
        ("type=m3u_plus&output=mpegts", ".ts"),
        ("type=m3u_plus&output=m3u8", ".m3u8"),
        ("type=m3u_plus&output=hls", ".m3u8"),
        ("", ".ts"),
    ],
)
async def test_list_has_addresses_with_the_login(
    app: App, household: Household, query: str, ending: str
) -> None:
    """The guide's and the logos', too: the secret of the viewer is in none of them."""
    async with app.session.get(app.server.make_url(f"/get.php?{LOGIN}&{query}")) as response:
        assert response.content_type == "audio/x-mpegurl"
        lines = (await response.text()).splitlines()
    here = str(app.server.make_url("/")).rstrip("/")
    number = household.number(NEWS)
    assert f'url-tvg="{here}/xmltv.php?{LOGIN}"' in lines[0]
    assert f'tvg-logo="{here}/logo/parents/pass-of-parents/{number}"' in lines[1]
    assert 'tvg-id="news.demo"' in lines[1]
    assert lines[2] == f"{here}/live/parents/pass-of-parents/{number}{ending}"
    assert "secret" not in "".join(lines)


async def test_plain_list_has_names_and_addresses(app: App) -> None:
    """For apps that take nothing else."""
    async with app.session.get(app.server.make_url(f"/get.php?{LOGIN}&type=m3u")) as response:
        lines = (await response.text()).splitlines()
    assert lines[:2] == ["#EXTM3U", '#EXTINF:-1 tvg-name="News",News']
    assert lines[6] == "http://radio.test/live?x=1&y=2"


async def test_guide_is_that_of_the_viewer(app: App) -> None:
    """XMLTV."""
    login = "username=kids&password=pass-of-kids"
    async with app.session.get(app.server.make_url(f"/xmltv.php?{login}")) as response:
        assert response.content_type == "application/xml"
        assert re.findall("<title>(.*?)<", await response.text()) == ["Mice"]


@pytest.mark.parametrize(
    "path", ["/live/parents/pass-of-parents/{}", "/parents/pass-of-parents/{}"]
)
@pytest.mark.parametrize("ending", ["", ".ts"])
async def test_channel_plays_as_transport_stream(
    app: App, household: Household, path: str, ending: str
) -> None:
    """At the long address and at the short one."""
    async with connected(app.server) as player:
        player.send(path.format(household.number(NEWS)) + ending)
        assert await player.head() == 200
        assert starts_decodable(await player.watch(10_000))


@pytest.mark.parametrize(
    "path", ["/live/parents/pass-of-parents/{}", "/parents/pass-of-parents/{}"]
)
async def test_channel_plays_as_hls(app: App, household: Household, path: str) -> None:
    """What ends with that is that."""
    address = app.server.make_url(path.format(household.number(NEWS)) + ".m3u8")
    async with app.session.get(address) as response:
        assert response.url.path.startswith("/ace/hls/")
        assert m3u8.loads(await response.text()).segments


@pytest.mark.parametrize("path", ["movie", "series", "timeshift"])
async def test_there_is_nothing_but_live_channels(app: App, path: str) -> None:
    """A sentence says so."""
    address = app.server.make_url(f"/{path}/parents/pass-of-parents/60/2026-11-21:08-00/1.ts")
    async with app.session.get(address) as response:
        assert response.status == 404
        assert "live channels only" in await response.text()


async def test_disabled_viewer_is_told(app: App, household: Household) -> None:
    """By the account; nothing is shown, and nothing plays."""
    app.login = "username=asleep&password=pass-of-asleep"
    number = household.number(NEWS)
    assert (await app.ask())["user_info"]["status"] == "Disabled"
    assert await app.ask("get_live_categories") == []
    assert await app.ask("get_live_streams") == []
    assert await app.ask(f"get_short_epg&stream_id={number}") == {"epg_listings": []}
    assert (await app.ask(file="panel_api.php"))["available_channels"] == {}
    for path in (
        f"get.php?{app.login}",
        f"xmltv.php?{app.login}",
        f"live/asleep/pass-of-asleep/{number}.ts",
        f"asleep/pass-of-asleep/{number}.m3u8",
        f"logo/asleep/pass-of-asleep/{number}",
    ):
        async with app.session.get(app.server.make_url(f"/{path}")) as response:
            assert response.status == 403
            assert await response.text() == "This viewer is switched off.\n"


async def test_logo_is_looked_for_with_the_login(app: App, household: Household) -> None:
    """A sentence says that there is none, as long as it may be asked for."""
    number = household.number(NEWS)
    for login, words in (
        ("parents/pass-of-parents", "."),
        ("kids/pass-of-kids", "404: Not Found"),
    ):
        async with app.session.get(app.server.make_url(f"/logo/{login}/{number}")) as response:
            assert response.status == 404
            assert words in await response.text()


PHP = ["/player_api.php", "/panel_api.php", "/get.php", "/xmltv.php"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        *PHP,
        *(f"{path}?username=parents&password=wrong&action=get_live_streams" for path in PHP),
        *(f"{path}?username=nobody&password=pass-of-parents" for path in PHP),
        *(f"{path}?username=parents&password=" for path in PHP),
        "/live/parents/wrong/{number}.ts",
        "/parents/wrong/{number}",
        "/parents/wrong/{number}.m3u8",
        "/logo/parents/wrong/{number}",
        "/movie/parents/wrong/1.mp4",
        "/series/parents/wrong/1.mp4",
        "/timeshift/parents/wrong/1/2/3.ts",
        "/live/kids/pass-of-kids/{number}.ts",
        "/kids/pass-of-kids/{number}.m3u8",
        "/live/parents/pass-of-parents/1.ts",
        "/live/parents/pass-of-parents/{number}.mkv",
    ],
)
async def test_wrong_login_is_a_wrong_address(
    server: TestServer, household: Household, path: str, method: str
) -> None:
    """To the last byte; and so is a channel that is not there, or not for this viewer."""
    wrong = await wire(server, "/nothing/of/the/kind/here", method)
    assert wrong.startswith(b"HTTP/1.1 404")
    assert await wire(server, path.format(number=household.number(NEWS)), method) == wrong


async def test_nobody_guesses_for_long(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten wrong ones the right one is no better, until a minute has passed."""
    now = 1000.0
    monkeypatch.setattr(guests, "_now", lambda: now)
    right = app.server.make_url(f"/player_api.php?{LOGIN}")
    for guess in range(10):
        address = app.server.make_url(f"/player_api.php?username=parents&password={guess}")
        async with app.session.get(address) as response:
            assert response.status == 404
    async with app.session.get(right) as response:
        assert response.status == 404
    now += 61
    async with app.session.get(right) as response:
        assert response.status == 200


async def test_new_password_ends_what_plays(app: App, household: Household) -> None:
    """And the old one is a wrong one."""
    async with connected(app.server) as player:
        player.send(f"/live/parents/pass-of-parents/{household.number(NEWS)}.ts")
        await player.head()
        await player.watch(10_000)
        household.proxy.audience.set_viewer(replace(PARENTS, password="new"))
        async with asyncio.timeout(2):
            await closed(player)
    async with app.session.get(app.server.make_url(f"/player_api.php?{LOGIN}")) as response:
        assert response.status == 404


@pytest.mark.parametrize("path", PHP)
async def test_head_costs_nothing(
    app: App, household: Household, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """No channel is looked at."""
    monkeypatch.delattr(type(household.lineup.catalog), "entries")
    address = app.server.make_url(f"{path}?{LOGIN}&action=get_live_streams")
    async with app.session.head(address) as response:
        assert response.status == 200
        assert await response.read() == b""


async def test_account_is_made_of_no_nonsense(app: App) -> None:
    """What is no host is nowhere in it."""
    async with connected(app.server) as player:
        player._writer.write(f"GET /player_api.php?{LOGIN} HTTP/1.1\r\nHost: x y\r\n\r\n".encode())
        assert "which host" in await player.text()
        assert player.status == 400


async def test_account_and_addresses_are_those_of_a_reverse_proxy(app: App) -> None:
    """Which says what it was asked for; nonsense does not count."""
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "tv.example"}
    async with app.session.get(
        app.server.make_url(f"/player_api.php?{LOGIN}"), headers=said
    ) as response:
        server = (await response.json())["server_info"]
    assert (server["server_protocol"], server["url"], server["port"]) == (
        "https",
        "tv.example",
        "443",
    )
    async with app.session.get(app.server.make_url(f"/get.php?{LOGIN}"), headers=said) as response:
        assert "\nhttps://tv.example/live/" in await response.text()
    said = {"X-Forwarded-Proto": "javascript"}
    async with app.session.get(app.server.make_url(f"/get.php?{LOGIN}"), headers=said) as response:
        assert f"\n{app.server.make_url('/live/')}" in await response.text()


async def test_no_password_is_logged(
    app: App, household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither here nor in what others log; the log of requests is off in both faces."""
    caplog.set_level(logging.WARNING, logger="aiohttp.access")  # as both of them do
    caplog.set_level(logging.DEBUG)
    number = household.number(NEWS)
    for path in (
        *(f"{file}?{LOGIN}" for file in PHP),
        f"/live/parents/pass-of-parents/{number}.m3u8",
        f"/live/parents/pass-guess/{number}.m3u8",
    ):
        async with app.session.get(app.server.make_url(path)) as response:
            await response.read()
    assert caplog.records
    assert "pass-" not in caplog.text


@pytest.mark.parametrize(
    ("headers", "paths"),
    [
        pytest.param(
            {"User-Agent": "TiviMate/5.1.6 (Android 12)", "Accept-Encoding": "gzip"},
            [
                "/player_api.php?{login}",
                "/player_api.php?{login}&action=get_live_categories",
                "/player_api.php?{login}&action=get_live_streams",
                "/xmltv.php?{login}",
                "/live/parents/pass-of-parents/{number}.ts",
            ],
            id="TiviMate",
        ),
        pytest.param(
            {"User-Agent": "IPTVSmartersPlayer", "Icy-MetaData": "1", "Range": "bytes=0-"},
            [
                "/player_api.php?{login}&action=get_live_streams&category_id=",
                "/player_api.php?{login}&action=get_short_epg&stream_id={number}&limit=50",
                "/parents/pass-of-parents/{number}.ts",
            ],
            id="IPTV Smarters",
        ),
        pytest.param(
            {"User-Agent": "Kodi/21.2 (X11; Linux x86_64)", "Accept-Charset": "UTF-8,*;q=0.8"},
            ["/get.php?{login}&type=m3u_plus&output=ts", "/parents/pass-of-parents/{number}"],
            id="Kodi",
        ),
        pytest.param(
            {"User-Agent": "Jellyfin-Server/10.10.7", "Accept-Encoding": "gzip, deflate, br"},
            ["/get.php?{login}&type=m3u_plus&output=hls", "/live/parents/pass-of-parents/{number}"],
            id="Jellyfin",
        ),
        pytest.param(
            {"User-Agent": "OTT Navigator/1.7.2.2 (Linux;Android 12; en)"},
            [
                "/player_api.php?{login}&action=get_simple_data_table&stream_id={number}",
                "/panel_api.php?{login}",
                "/live/parents/pass-of-parents/{number}.ts",
            ],
            id="OTT Navigator",
        ),
    ],
)
async def test_what_apps_send_is_understood(
    app: App, household: Household, headers: dict[str, str], paths: list[str]
) -> None:
    """One after the other, as they do."""
    for path in paths:
        address = app.server.make_url(path.format(login=LOGIN, number=household.number(NEWS)))
        async with app.session.get(address, headers=headers) as response:
            assert response.status == 200
            assert await response.content.read(100)
