"""What a link plays, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import m3u8
import pytest

from custom_components.acestream_proxy.proxy import Channel, Proxy, Viewer
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.lineup import Lineup
from custom_components.acestream_proxy.proxy.web import Paths, guests, routes_of_links
from demo import EmulatedEngine

from ..players import connected
from ..streams import PREMIUM, packets_of
from ..waiting import until
from .household import CARTOONS, KIDS, NEWS, PARENTS, closed, content, wire

MINUTE = 60.0

REFUSED = Channel(name="Refused", sources=(content(PREMIUM.content_id),))

pytestmark = pytest.mark.usefixtures("household")


@pytest.fixture
async def server(proxy: Proxy, lineup: Lineup) -> AsyncIterator[TestServer]:
    """Return a face that has links, as Home Assistant's."""
    app = make_app(proxy, lineup)
    (route,) = routes_of_links(Paths())

    async def answer(request: web.Request) -> web.StreamResponse:
        return await route.serve(request, proxy, lineup)

    app.router.add_get(route.path, answer, allow_head=True)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=2)
    yield server
    await server.close()


def link(
    proxy: Proxy,
    channel: Channel = NEWS,
    *,
    form: str = "ts",
    lifetime: float = MINUTE,
    openings: int | None = None,
    viewer: Viewer | None = None,
) -> str:
    """Return where a new link is."""
    now = asyncio.get_running_loop().time()
    token = proxy.links.make(channel, now, lifetime=lifetime, openings=openings, viewer=viewer)
    return f"/link/{token}.{form}"


async def status(session: ClientSession, server: TestServer, path: str, method: str = "GET") -> int:
    """Return what a path answers with, and leave."""
    async with session.request(method, server.make_url(path)) as response:
        return response.status


async def test_link_plays_as_transport_stream(server: TestServer, proxy: Proxy) -> None:
    """For somebody who has nothing else."""
    async with connected(server) as player:
        player.send(link(proxy))
        assert await player.head() == 200
        assert packets_of((await player.watch(188 * 500))[: 188 * 500])


async def test_link_plays_as_hls(server: TestServer, session: ClientSession, proxy: Proxy) -> None:
    """The player is sent to an address of its own."""
    async with session.get(server.make_url(link(proxy, form="m3u8"))) as response:
        assert response.url.path.startswith("/ace/hls/")
        assert m3u8.loads(await response.text()).segments


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_link_that_is_no_good_is_a_wrong_address(
    server: TestServer, session: ClientSession, proxy: Proxy, method: str
) -> None:
    """To the last byte: unknown, expired, used up, or of a viewer who may not watch any more."""
    used = link(proxy, openings=1)
    assert await status(session, server, used) == 200
    off = link(proxy, CARTOONS, viewer=KIDS)
    proxy.audience.set_viewer(replace(KIDS, enabled=False))
    wrong = await wire(server, "/nothing/of/the/kind/here", method)
    assert wrong.startswith(b"HTTP/1.1 404")
    for path in ("/link/guess.ts", "/link/guess.m3u8", link(proxy, lifetime=0), used, off):
        assert await wire(server, path, method) == wrong


async def test_of_several_at_once_only_as_many_are_let_in_as_may(
    server: TestServer, session: ClientSession, proxy: Proxy
) -> None:
    """They come before the first of them plays."""
    path = link(proxy, openings=2)
    answers = await asyncio.gather(*(status(session, server, path) for _ in range(8)))
    assert sorted(answers) == [200, 200, *[404] * 6]


async def test_to_look_is_no_opening(
    server: TestServer, session: ClientSession, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """Players and messengers do before somebody plays; no engine hears of it."""
    for form in ("ts", "m3u8"):
        path = link(proxy, form=form, openings=1)
        for _ in range(3):
            assert await status(session, server, path, "HEAD") == 200
        assert engine.starts == 0
        assert proxy.links.get(path.split("/")[2].split(".")[0], 0).openings == 1


async def test_what_does_not_play_is_no_opening(
    server: TestServer, session: ClientSession, proxy: Proxy
) -> None:
    """The player is told why, each time."""
    path = link(proxy, REFUSED, openings=1)
    for _ in range(2):
        assert await status(session, server, path) == 502


async def test_player_of_hls_comes_again_without_another_opening(
    server: TestServer, session: ClientSession, proxy: Proxy
) -> None:
    """As those do that ask for the playlist at the first address each time; others do not."""
    url = server.make_url(link(proxy, form="m3u8", openings=1))
    async with session.get(url) as first, session.get(url) as second:
        assert first.url == second.url
    async with session.get(url, headers={"User-Agent": "another"}) as other:
        assert other.status == 404


async def test_viewer_of_a_link_has_the_viewers_limits(
    server: TestServer, session: ClientSession, proxy: Proxy
) -> None:
    """And is seen among what they watch."""
    path = link(proxy, viewer=replace(PARENTS))
    proxy.audience.set_viewer(replace(PARENTS, most_streams=1))
    async with connected(server) as player:
        player.send(path)
        assert await player.head() == 200
        (watching,) = proxy.audience.watching("parents")
        assert (watching.title, watching.viewer) == ("News", "Parents")
        assert await status(session, server, path) == 503


async def test_stream_of_a_link_ends_when_that_expires(server: TestServer, proxy: Proxy) -> None:
    """Also for who plays at that moment."""
    async with connected(server) as player:
        player.send(link(proxy, lifetime=0.3))
        assert await player.head() == 200
        await closed(player)
    await until(lambda: proxy.stats().viewers == 0)


async def test_hls_of_a_link_ends_when_that_expires(
    server: TestServer, session: ClientSession, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address of the play is good for nothing more."""
    async with session.get(server.make_url(link(proxy, form="m3u8"))) as response:
        playlist = response.url.path
        assert response.status == 200
    later = asyncio.get_running_loop().time() + MINUTE + 1
    monkeypatch.setattr(guests, "_now", lambda: later)
    assert await status(session, server, playlist) == 404


async def test_link_that_expires_ends_nothing_else(server: TestServer, proxy: Proxy) -> None:
    """Such as what its player went on to over the same connection."""
    async with connected(server) as player:
        player.send(link(proxy, form="m3u8", lifetime=0.3))
        await player.text()
        assert player.status == 302
        player.send(link(proxy))
        assert await player.head() == 200
        loop = asyncio.get_running_loop()
        expired = loop.time() + 0.3
        await until(lambda: loop.time() > expired)
        await player.watch(188 * 100)
