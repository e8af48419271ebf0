"""A viewer's channels for IPTV apps, over real sockets."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
import re
from xml.etree import ElementTree as ET
import zlib

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy.broadcast import reset
from custom_components.acestream_proxy.proxy.feeds import ListFeed, Origin
from custom_components.acestream_proxy.proxy.lineup import Lineup
from custom_components.acestream_proxy.proxy.web import pieces, serve_logo
from demo import EmulatedEngine

from ..players import connected, stuck
from ..streams import starts_decodable
from ..waiting import PATIENCE
from .household import CARTOONS, LOOSE, MIRRORED, NEWS, Household, live

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

LIST = "/secret-of-parents/playlist.m3u"
GUIDE = "/secret-of-parents/guide.xml"


async def test_it_says_everything_of_each_channel(
    server: TestServer, session: ClientSession, household: Household
) -> None:
    """Addresses are those of whoever was asked; a plain stream keeps its own."""
    numbers = {one.name: household.number(one) for one in (NEWS, MIRRORED, CARTOONS, LOOSE)}
    here = str(server.make_url("/secret-of-parents"))
    async with session.get(server.make_url(LIST)) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "audio/x-mpegurl; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        text = await response.text()
    assert text.splitlines() == [
        f'#EXTM3U url-tvg="{here}/guide.xml" x-tvg-url="{here}/guide.xml"',
        (
            '#EXTINF:-1 tvg-id="news.demo" tvg-name="News" tvg-chno="5"'
            f' tvg-logo="{here}/logo/{numbers["News"]}" group-title="General;News",News'
        ),
        f"{here}/live/{numbers['News']}.ts",
        '#EXTINF:-1 tvg-id="elsewhere" tvg-name="Mirrored" group-title="General",Mirrored',
        f"{here}/live/{numbers['Mirrored']}.ts",
        '#EXTINF:-1 tvg-name="Radio" group-title="Radio",Radio',
        "http://radio.test/live?x=1&y=2",
        '#EXTINF:-1 tvg-id="toons.demo" tvg-name="Cartoons" group-title="Kids",Cartoons',
        f"{here}/live/{numbers['Cartoons']}.ts",
        '#EXTINF:-1 tvg-name="Loose",Loose',
        f"{here}/live/{numbers['Loose']}.ts",
    ]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["News", "Mirrored", "Radio", "Cartoons", "Loose"]),
        ("?group=general", ["News", "Mirrored"]),
        ("?group=NEWS&group=Radio", ["News", "Radio"]),
        ("?group=Gener", []),
    ],
)
async def test_groups_are_chosen(
    server: TestServer,
    session: ClientSession,
    household: Household,
    query: str,
    names: list[str],
) -> None:
    """By their whole name, whatever its case; several of them if that is asked for."""
    async with session.get(server.make_url(LIST + query)) as response:
        assert re.findall(r'tvg-name="(\w+)"', await response.text()) == names


@pytest.mark.parametrize(
    ("query", "ending"),
    [("?format=hls", "m3u8"), ("?format=M3U8", "m3u8"), ("?format=ts", "ts"), ("", "ts")],
)
async def test_format_is_chosen(
    server: TestServer,
    session: ClientSession,
    household: Household,
    query: str,
    ending: str,
) -> None:
    """Transport streams, unless HLS is asked for."""
    async with session.get(server.make_url(LIST + query)) as response:
        assert re.findall(r"/live/\d+\.(\w+)", await response.text()) == [ending] * 4


async def test_viewer_is_shown_their_groups(
    server: TestServer, session: ClientSession, household: Household
) -> None:
    """And nothing else is in the list."""
    async with session.get(server.make_url("/secret-of-kids/playlist.m3u")) as response:
        assert re.findall(r'tvg-name="(\w+)"', await response.text()) == ["Cartoons"]


async def test_same_list_is_not_sent_again(
    server: TestServer, session: ClientSession, household: Household
) -> None:
    """Until there is another one."""
    address = server.make_url(LIST)
    async with session.get(address) as response:
        headers = {"If-None-Match": response.headers["ETag"]}
    async with session.get(address, headers=headers) as response:
        assert response.status == 304
        assert await response.read() == b""
    household.list(NEWS)
    async with session.get(address, headers=headers) as response:
        assert response.status == 200
        assert response.headers["ETag"] != headers["If-None-Match"]


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip", "gzip"),
        ("deflate, gzip;q=0.5", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=0", ""),
        ("gzip; q=0.000, br", ""),
        ("identity", ""),
    ],
)
async def test_list_is_compressed_for_those_who_take_that(
    server: TestServer,
    session: ClientSession,
    household: Household,
    accepted: str,
    sent: str,
) -> None:
    """What they unpack is the same."""
    async with session.get(
        server.make_url(LIST), headers={"Accept-Encoding": accepted}
    ) as response:
        assert response.headers.get("Content-Encoding", "") == sent
        assert response.headers["Vary"] == "Accept-Encoding"
        assert (await response.text()).startswith("#EXTM3U")


async def test_number_stays_when_a_list_changes(
    server: TestServer, session: ClientSession, lineup: Lineup, household: Household
) -> None:
    """A favourite of an app is still the same channel, wherever in the list it is."""
    file = lineup.folder / "list.m3u"
    names = ["Alpha", "Beta", "Gamma"]
    write_list(file, names)
    feed = ListFeed(lineup, "file", "File", Origin(path=str(file)))
    await feed.refresh()
    before = await numbers_of(session, server)
    write_list(file, ["New", *reversed(names[1:])])
    await feed.refresh()
    after = await numbers_of(session, server)
    assert (after["Beta"], after["Gamma"]) == (before["Beta"], before["Gamma"])
    assert before.keys() - after.keys() == {"Alpha"}
    assert len(set(after.values())) == len(after)


async def numbers_of(session: ClientSession, server: TestServer) -> dict[str, str]:
    """Return the numbers in the list, by name."""
    async with session.get(server.make_url(LIST)) as response:
        return dict(re.findall(r",(\w+)\n.*/live/(\d+)", await response.text()))


async def test_long_list_keeps_nobody_waiting(
    server: TestServer, session: ClientSession, household: Household
) -> None:
    """50,000 channels are written while streams go on."""
    household.list(*(replace(NEWS, name=f"Number{n}x") for n in range(50_000)))
    loop = asyncio.get_running_loop()
    gaps = []

    async def tick() -> None:
        before = loop.time()
        for _ in count():
            await asyncio.sleep(0.005)
            gaps.append(loop.time() - before)
            before = loop.time()

    ticking = asyncio.create_task(tick())
    began = loop.time()
    async with session.get(server.make_url(LIST)) as response:
        text = await response.text()
    ticking.cancel()
    assert text.count("#EXTINF") == 50_000
    # It is some milliseconds, but a machine may be busy; all at once would be most of the time.
    assert max(gaps) < (loop.time() - began) / 3


async def test_app_that_takes_nothing_is_closed(
    server: TestServer, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has half a minute for a piece; nothing is kept for it any longer."""
    monkeypatch.setattr(pieces, "_PATIENCE", 0.1)
    household.list(*(replace(NEWS, name=f"Number{n}x") for n in range(10_000)))
    closed = asyncio.Event()

    def reset_and_tell(transport: asyncio.WriteTransport) -> None:
        reset(transport)
        closed.set()

    monkeypatch.setattr(pieces, "reset", reset_and_tell)
    async with stuck(server, target=LIST):
        await asyncio.wait_for(closed.wait(), PATIENCE)


def write_list(path: Path, names: list[str]) -> None:
    """Write a list of channels, one content each."""
    lines = (f"#EXTINF:-1,{name}\nacestream://{name.encode().hex():0<40}\n" for name in names)
    path.write_text("#EXTM3U\n" + "".join(lines))


async def test_it_has_the_channels_of_the_viewer(
    server: TestServer, session: ClientSession, household: Household
) -> None:
    """With our logos, from yesterday to a week from now."""
    async with session.get(server.make_url(GUIDE)) as response:
        assert response.status == 200
        assert response.content_type == "application/xml"
        document = ET.fromstring(await response.read())  # noqa: S314 - it is ours
    here = str(server.make_url("/secret-of-parents"))
    assert [one.get("id") for one in document.iter("channel")] == ["news.demo", "toons.demo"]
    assert [one.text for one in document.iter("display-name")] == ["News", "Cartoons"]
    assert [one.get("src") for one in document.iter("icon")] == [
        f"{here}/logo/{household.number(NEWS)}"
    ]
    titles = [one.text for one in document.iter("title")]
    assert titles == ["Yesterday", "Now", "Next", "Later", "Mice"]


async def test_viewer_is_told_of_their_channels_alone(
    server: TestServer, session: ClientSession, household: Household
) -> None:
    """What the others watch is nobody's business."""
    async with session.get(server.make_url("/secret-of-kids/guide.xml")) as response:
        assert re.findall("<title>(.*?)<", await response.text()) == ["Mice"]


async def test_it_is_compressed_for_those_who_take_that(
    server: TestServer, household: Household
) -> None:
    """Guides are long."""
    async with connected(server) as player:
        request = f"GET {GUIDE} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n"
        player._writer.write(request.encode())
        assert await player.head() == 200
        assert player.headers["content-encoding"] == "gzip"
        packed = await player.watch_to_the_end()
    assert b"<title>Now</title>" in zlib.decompress(packed, 31)


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (LIST, "audio/x-mpegurl"),
        (GUIDE, "application/xml"),
        ("/secret-of-parents/live/{}.ts", "video/mp2t"),
        ("/secret-of-parents/live/{}.m3u8", "application/vnd.apple.mpegurl"),
    ],
)
async def test_head_costs_nothing(
    server: TestServer,
    session: ClientSession,
    engine: EmulatedEngine,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    kind: str,
) -> None:
    """No channel is looked at, no engine asked and no address given out."""
    number = household.number(NEWS)
    monkeypatch.delattr(type(household.lineup.guides), "match")
    async with session.head(server.make_url(target.format(number))) as response:
        assert response.status == 200
        assert response.content_type == kind
    assert not engine.requests
    assert not household.proxy.plays._plays


@pytest.fixture
async def pictures() -> TestServer:
    """A server of logos."""

    async def logo(request: web.Request) -> web.Response:
        bodies = {"/one.png": PNG, "/one.svg": SVG}
        return web.Response(body=bodies.get(request.path, b"no picture"))

    app = web.Application()
    app.router.add_get("/{name}", logo)
    server = TestServer(app)
    await server.start_server()
    return server


@pytest.mark.parametrize(
    ("name", "kind", "body"), [("one.png", "image/png", PNG), ("one.svg", "image/svg+xml", SVG)]
)
async def test_logo_is_ours_to_serve(
    server: TestServer,
    session: ClientSession,
    household: Household,
    pictures: TestServer,
    name: str,
    kind: str,
    body: bytes,
) -> None:
    """Apps may keep it for a day, and no script in it runs."""
    household.list(replace(NEWS, logo=str(pictures.make_url(f"/{name}"))))
    address = server.make_url(f"/secret-of-parents/logo/{household.number(NEWS)}")
    async with session.get(address) as response:
        assert response.status == 200
        assert response.content_type == kind
        assert await response.read() == body
        headers = response.headers
    assert headers["Cache-Control"] == "private, max-age=86400"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert (
        headers["Content-Security-Policy"]
        == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    await pictures.close()


async def test_logo_that_cannot_be_had_is_not_found(
    server: TestServer,
    session: ClientSession,
    household: Household,
    pictures: TestServer,
) -> None:
    """A sentence says so; its address is in none."""
    household.list(replace(NEWS, logo=str(pictures.make_url("/text"))), MIRRORED)
    for channel in (NEWS, MIRRORED):
        number = household.number(channel)
        async with session.get(server.make_url(f"/secret-of-parents/logo/{number}")) as response:
            assert response.status == 404
            text = await response.text()
        assert text.endswith(".\n")
        assert "127.0.0.1" not in text
    await pictures.close()


async def test_logo_of_any_channel_is_for_those_who_were_let_in(
    household: Household, pictures: TestServer, session: ClientSession
) -> None:
    """Home Assistant knows them."""
    household.list(replace(NEWS, logo=str(pictures.make_url("/one.png"))))

    async def logo(request: web.Request) -> web.StreamResponse:
        return await serve_logo(request, household.lineup, int(request.match_info["number"]))

    app = web.Application()
    app.router.add_get("/{number}", logo)
    async with TestServer(app) as server:
        async with session.get(server.make_url(f"/{household.number(NEWS)}")) as response:
            assert await response.read() == PNG
        async with session.get(server.make_url("/1")) as response:
            assert response.status == 404
    await pictures.close()


APPS = {
    "TiviMate": {
        "User-Agent": "TiviMate/5.1.6 (Android 12)",
        "Accept-Encoding": "gzip",
        "Connection": "Keep-Alive",
    },
    "TiviMate's player": {
        "User-Agent": "TiviMate/5.1.6 (Linux;Android 12) ExoPlayerLib/2.19.1",
        "Icy-MetaData": "1",
        "Accept-Encoding": "identity",
    },
    "Kodi": {
        "User-Agent": "Kodi/21.2 (X11; Linux x86_64) Ubuntu/24.04 App_Bitness/64",
        "Accept": "*/*",
        "Accept-Encoding": "deflate, gzip",
        "Accept-Charset": "UTF-8,*;q=0.8",
        "Icy-MetaData": "1",
    },
    "ffmpeg in Kodi": {
        "User-Agent": "Lavf/60.16.100",
        "Accept": "*/*",
        "Range": "bytes=0-",
        "Connection": "close",
        "Icy-MetaData": "1",
    },
    "IPTV Smarters": {
        "User-Agent": "IPTVSmartersPlayer",
        "Accept-Encoding": "identity",
        "Range": "bytes=0-",
        "Icy-MetaData": "1",
    },
    "VLC": {
        "User-Agent": "VLC/3.0.21 LibVLC/3.0.21",
        "Accept": "*/*",
        "Accept-Language": "en_US",
        "Range": "bytes=0-",
        "Icy-MetaData": "1",
    },
}


@pytest.mark.parametrize("app", APPS)
async def test_what_apps_send_is_understood(
    server: TestServer, household: Household, app: str
) -> None:
    """The list, the guide, and a stream without a length and without what they might add."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in APPS[app].items())
    async with AsyncExitStack() as stack:
        for target in (LIST, GUIDE, live(household, NEWS)):
            player = await stack.enter_async_context(connected(server))
            request = f"GET {target} HTTP/1.1\r\nHost: proxy.test\r\n{lines}\r\n"
            player._writer.write(request.encode())
            assert await player.head() == 200
            assert "icy-metaint" not in player.headers
            assert "content-range" not in player.headers
        assert starts_decodable(await player.watch(10_000))
        (watching,) = household.proxy.audience.watching("parents")
        assert watching.device == APPS[app]["User-Agent"]
