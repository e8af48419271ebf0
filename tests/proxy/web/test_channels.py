"""Playing the channels that a viewer may watch, over real sockets."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
import re

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import m3u8
import pytest
from yarl import URL

from custom_components.acestream_proxy.proxy import Proxy, ProxyOptions
from custom_components.acestream_proxy.proxy.audience import Audience
from custom_components.acestream_proxy.proxy.broadcast import BroadcastOptions
from custom_components.acestream_proxy.proxy.hls import HlsOptions
from demo import EmulatedEngine

from ..players import connected
from ..streams import INTERVAL, LIVE, OTHER, packets_of, starts_decodable
from ..waiting import until
from .household import (
    CARTOONS,
    KIDS,
    MIRRORED,
    NEWS,
    PARENTS,
    RADIO,
    Household,
    closed,
    content,
    live,
)


@pytest.fixture
def options() -> ProxyOptions:
    """Everything is quick: starts, failures, viewers of HLS that are gone."""
    return ProxyOptions(
        linger=0.2,
        broadcast=BroadcastOptions(
            start_timeout=0.5, stall_after=0.2, reconnect_after=0.4, give_up_after=0.6
        ),
        hls=HlsOptions(
            target_duration=INTERVAL, start_timeout=2, idle_timeout=0.5, low_latency=False
        ),
    )


async def test_channel_plays_as_transport_stream(
    server: TestServer, household: Household, proxy: Proxy
) -> None:
    """And it shows what the viewer watches."""
    async with connected(server) as player:
        player.send(live(household, NEWS))
        assert await player.head() == 200
        assert starts_decodable(await player.watch(100_000))
        (watching,) = proxy.audience.watching("parents")
        assert watching.title == "News"


async def test_channel_plays_as_hls(
    server: TestServer,
    session: ClientSession,
    household: Household,
) -> None:
    """An app is sent to an address of its own, the same one whenever it asks."""
    address = server.make_url(live(household, NEWS, form="m3u8"))
    async with session.get(address) as response:
        assert re.fullmatch(r"/ace/hls/[\w-]{40,}/index\.m3u8", response.url.path)
        playlist, own = m3u8.loads(await response.text()), response.url
    assert len(playlist.segments) >= 2
    async with session.get(address, allow_redirects=False) as response:
        assert response.status == 302
        assert URL(response.headers["Location"]) == own.relative()


@pytest.mark.parametrize("form", ["ts", "m3u8"])
async def test_stream_that_needs_no_engine_is_where_it_is(
    server: TestServer, session: ClientSession, household: Household, form: str
) -> None:
    """It is not read for anybody."""
    address = server.make_url(live(household, RADIO, form=form))
    async with session.get(address, allow_redirects=False) as response:
        assert response.status == 302
        assert response.headers["Location"] == "http://radio.test/live?x=1&y=2"


async def test_disabled_viewer_is_told(
    server: TestServer, session: ClientSession, household: Household
) -> None:
    """Whatever they ask for: a sentence for whoever calls for help."""
    number = household.number(NEWS)
    for path in ("playlist.m3u", "guide.xml", f"logo/{number}", f"live/{number}.ts"):
        async with session.get(server.make_url(f"/secret-of-asleep/{path}")) as response:
            assert response.status == 403
            assert await response.text() == "This viewer is switched off.\n"


async def test_mirror_plays_where_the_first_source_does_not_start(
    server: TestServer, household: Household, engine: EmulatedEngine
) -> None:
    """The player only waits."""
    async with connected(server) as player:
        player.send(live(household, MIRRORED))
        assert await player.head() == 200
        assert starts_decodable(await player.watch(50_000))
    assert engine.starts == 2


async def test_mirror_goes_on_within_the_response(
    server: TestServer,
    household: Household,
    proxy: Proxy,
    engine: EmulatedEngine,
    quick_retry: None,
) -> None:
    """A stream that fails for good ends for nobody who has another source; they joined once."""
    joined: list[float] = []
    proxy.audience.on_join(lambda _, seconds: joined.append(seconds))
    mirrored = replace(
        NEWS, sources=(content(LIVE.content_id), content(OTHER.content_id)), name="Twice"
    )
    household.list(mirrored)

    def mend() -> None:
        engine.faults.reset = engine.faults.reset and not proxy.stats().failed

    async with connected(server) as player:
        player.send(live(household, mirrored))
        assert await player.head() == 200
        await player.watch(50_000)
        proxy.on_change(mend)
        engine.faults.reset = True
        await until(lambda: proxy.stats().failed)
        received = await player.watch(250_000)
        (stream,) = proxy.stats().streams
    assert stream.infohash == OTHER.infohash
    assert packets_of(received)  # whole ones, before and after
    assert len(joined) == 1


async def test_mirror_plays_as_hls(
    server: TestServer,
    session: ClientSession,
    household: Household,
) -> None:
    """The address stays; what is behind it changes."""
    address = server.make_url(live(household, MIRRORED, form="m3u8"))
    async with session.get(address) as response:
        playlist, own = m3u8.loads(await response.text()), response.url
    assert playlist.segments
    async with session.get(own.parent / playlist.segments[-1].uri) as response:
        assert starts_decodable(await response.read())


async def test_racing_requests_keep_it(server: TestServer, household: Household) -> None:
    """Of twenty at once two play; the others are told why. Then the next one plays."""
    async with AsyncExitStack() as stack:
        players = [await stack.enter_async_context(connected(server)) for _ in range(20)]
        for player in players:
            player.send(live(household, CARTOONS, KIDS))
        statuses = await asyncio.gather(*(player.head() for player in players))
        assert sorted(statuses) == [200] * 2 + [503] * 18
        refused = players[statuses.index(503)]
        length = int(refused.headers["content-length"])
        assert b"as many devices as you may" in await refused.bare(length)
        playing = players[statuses.index(200)]
        playing.leave()
        async with connected(server) as player:
            player.send(live(household, CARTOONS, KIDS))
            assert await player.head() == 200
            assert starts_decodable(await player.watch(10_000))


async def test_others_go_on(server: TestServer, household: Household) -> None:
    """The limit is one viewer's."""
    async with AsyncExitStack() as stack:
        for viewer in (KIDS, KIDS, PARENTS):
            player = await stack.enter_async_context(connected(server))
            player.send(live(household, CARTOONS, viewer))
            assert await player.head() == 200


def disable(audience: Audience) -> None:
    """Switch the parents off."""
    audience.set_viewer(replace(PARENTS, enabled=False))


def rotate(audience: Audience) -> None:
    """Give the parents another secret."""
    audience.set_viewer(replace(PARENTS, secret="another-secret"))


def remove(audience: Audience) -> None:
    """Have no parents."""
    audience.remove_viewer("parents")


@pytest.mark.parametrize("change", [disable, rotate, remove])
async def test_transport_stream_ends_at_once(
    server: TestServer, household: Household, change: Callable[[Audience], None]
) -> None:
    """The connection is closed."""
    async with connected(server) as player:
        player.send(live(household, NEWS))
        assert await player.head() == 200
        await player.watch(10_000)
        change(household.proxy.audience)
        async with asyncio.timeout(2):
            await closed(player)
    assert not household.proxy.audience.watching("parents")


@pytest.mark.parametrize("change", [disable, rotate, remove])
async def test_address_that_was_given_out_before_is_no_more(
    server: TestServer,
    session: ClientSession,
    household: Household,
    change: Callable[[Audience], None],
) -> None:
    """Nobody asked at it yet, so nobody was made to leave."""
    address = server.make_url(live(household, NEWS, form="m3u8"))
    async with session.get(address, allow_redirects=False) as response:
        own = server.make_url(response.headers["Location"])
    change(household.proxy.audience)
    for _ in range(2):
        async with session.get(own) as response:
            assert response.status == 404
            assert "Play it again" in await response.text()


@pytest.mark.parametrize("change", [disable, rotate, remove])
async def test_hls_ends_at_once(
    server: TestServer,
    session: ClientSession,
    household: Household,
    change: Callable[[Audience], None],
) -> None:
    """Playlists and segments are no more, and the stream has no viewer."""
    address = server.make_url(live(household, NEWS, form="m3u8"))
    async with session.get(address) as response:
        playlist, own = m3u8.loads(await response.text()), response.url
    segment = own.parent / playlist.segments[-1].uri
    change(household.proxy.audience)
    for gone in (own, segment):
        async with session.get(gone) as response:
            assert response.status == 404
    async with asyncio.timeout(2):
        await until(lambda: not household.proxy.audience.watching("parents"))
        await until(lambda: not household.proxy.stats().streams)
