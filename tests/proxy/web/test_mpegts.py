"""MPEG-TS over HTTP, from the emulated engine to raw sockets."""

import asyncio
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import Proxy, ProxyOptions, StreamState
from custom_components.acestream_proxy.proxy.broadcast import BroadcastOptions
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.engine import EngineOptions
from custom_components.acestream_proxy.proxy.lineup import Lineup
from demo import EmulatedEngine, Faults, SyntheticMedia, packet_numbers
from demo.packets import PACKET_SIZE

from ..players import address, connected, playing, stuck
from ..streams import DEAD, INTERVAL, LIVE, OTHER, PREMIUM, is_gapless, starts_decodable
from ..waiting import until

SECOND = 125_000
"""Bytes of a second of the engine's streams."""


def sessions_asked_for(engine: EmulatedEngine) -> list[str]:
    """Return the engine's requests that open a session."""
    return [target for _, target in engine.requests if urlsplit(target).path == "/ace/getstream"]


async def test_ten_at_once_share_one_session(
    server: TestServer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """Ten first requests at the same moment are one start, one read and, in the end, one stop."""
    engine.faults.json_delay = 0.05
    async with AsyncExitStack() as stack:
        players = await asyncio.gather(
            *(stack.enter_async_context(playing(server)) for _ in range(10))
        )
        streams = await asyncio.gather(*(player.watch(SECOND) for player in players))

        assert (engine.starts, engine.reads) == (1, 1)
        assert proxy.stats().viewers == 10
        assert all(map(starts_decodable, streams))
        assert all(map(is_gapless, streams))
    await until(lambda: not engine.open_sessions)

    assert (engine.starts, engine.reads, engine.stops) == (1, 1, 1)
    assert len(sessions_asked_for(engine)) == 1


async def test_players_get_the_same_bytes(server: TestServer) -> None:
    """What both watch at the same time is the same, packet by packet."""
    async with playing(server) as first, playing(server) as second:
        streams = await asyncio.gather(first.watch(2 * SECOND), second.watch(2 * SECOND))
    one, other = (dict.fromkeys(packet_numbers(stream)) for stream in streams)
    last = min(max(one), max(other))
    begin = max(packet_numbers(stream)[2] for stream in streams)
    assert [n for n in one if begin <= n <= last] == list(range(begin, last + 1))
    assert [n for n in other if begin <= n <= last] == list(range(begin, last + 1))


async def test_newcomer_starts_at_once_with_tables_and_a_random_access_point(
    server: TestServer, engine: EmulatedEngine
) -> None:
    """In the middle of a group there is no wait for the next one: the past is at hand."""
    async with playing(server) as first:
        await first.watch(SECOND)
        engine.faults.stall = True  # nothing new comes: what a newcomer gets was there
        async with playing(server) as newcomer:
            stream = await newcomer.watch(int(SECOND * INTERVAL))
    assert starts_decodable(stream)
    assert is_gapless(stream)


async def test_answer_is_a_live_stream(server: TestServer) -> None:
    """Players, caches and pages are told what this is, and nothing of who serves it."""
    async with playing(server) as player:
        assert player.status == 200
        assert player.headers["content-type"] == "video/mp2t"
        assert player.headers["transfer-encoding"] == "chunked"
        assert player.headers["cache-control"] == "no-store"
        assert player.headers["access-control-allow-origin"] == "*"
        assert "Python" not in player.headers.get("server", "")


async def test_coming_back_within_the_linger_opens_nothing(
    server: TestServer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """Players probe, reconnect and zap back."""
    async with playing(server) as player:
        await player.watch(1000)
    await until(lambda: proxy.stats().viewers == 0)
    async with playing(server) as player:
        await player.watch(1000)
        # Longer than the linger that was running when it came back.
        await player.watch(SECOND)

    assert (engine.starts, engine.reads, engine.stops) == (1, 1, 0)


async def test_after_the_linger_there_is_exactly_one_stop(
    server: TestServer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """Then nothing is left, here or in the engine; and the channel can be played again."""
    async with playing(server) as player:
        await player.watch(1000)
    await until(lambda: engine.stops)
    await until(lambda: not proxy.stats().streams)
    assert not engine.open_sessions
    await until(lambda: not proxy.stats().engines[0].sessions)

    async with playing(server) as player:
        assert starts_decodable(await player.watch(SECOND))
    assert (engine.starts, engine.stops) == (2, 1)


async def test_all_names_of_a_channel_are_one_broadcast(
    server: TestServer, engine: EmulatedEngine
) -> None:
    """A second session of the same content would kill the first."""
    names = [
        f"id={LIVE.content_id}",
        f"content_id={LIVE.content_id.upper()}",
        f"infohash={LIVE.infohash}",
        f"magnet=magnet:?xt=urn:btih:{LIVE.infohash}",
        f"url=http://example.org/{LIVE.content_id}.acelive",
    ]
    async with AsyncExitStack() as stack:
        for name in names:
            player = await stack.enter_async_context(connected(server))
            player.send(f"/ace/getstream?{name}")
            assert await player.head() == 200
        assert engine.starts == 1


async def test_channels_have_sessions_of_their_own(
    server: TestServer, engine: EmulatedEngine
) -> None:
    """Two channels at once are two sessions of two players, as the engine sees it."""
    async with playing(server, LIVE) as first, playing(server, OTHER) as second:
        await first.watch(1000)
        await second.watch(1000)
        assert len({session.player_id for session in engine.open_sessions}) == 2
        assert {session.channel for session in engine.open_sessions} == {LIVE, OTHER}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Missing id or infohash parameter"),
        ("?id=", "Missing id or infohash parameter"),
        ("?id=nonsense", "A content ID is 40 hex digits (0-9, a-f)."),
        (f"?id={LIVE.content_id}%0d%0aX:1", "A content ID is 40 hex digits (0-9, a-f)."),
        ("?infohash=" + "g" * 40, "An infohash is 40 hex digits (0-9, a-f)."),
        ("?url=file:///etc/passwd", "A transport file has an http or https address."),
        (f"?id={LIVE.content_id}&infohash={LIVE.infohash}", "Only one of id or infohash"),
    ],
)
async def test_bad_names_never_reach_the_engine(
    server: TestServer, engine: EmulatedEngine, query: str, sentence: str
) -> None:
    """They are refused with a sentence, before anything is asked."""
    async with connected(server) as player:
        player.send(f"/ace/getstream{query}")
        assert sentence in await player.text()
        assert player.status == 400
    assert engine.requests == []


async def test_unknown_content_is_said_in_the_engines_words(
    server: TestServer, engine: EmulatedEngine
) -> None:
    """Before any 200, and without a session."""
    async with connected(server) as player:
        player.send("/ace/getstream?id=" + "0" * 40)
        assert await player.text() == "The engine refused: cannot get transport file\n"
        assert player.status == 502
    assert engine.starts == 0


async def test_what_an_engine_refuses_is_said_in_its_words(
    server: TestServer, engine: EmulatedEngine
) -> None:
    """Premium content is no failure of ours."""
    async with connected(server) as player:
        player.send(address(PREMIUM))
        assert "premium" in await player.text()
        assert player.status == 502
    assert engine.starts == 0


async def test_error_as_json_for_who_asks_for_it(server: TestServer) -> None:
    """Scripts need not read sentences."""
    async with connected(server) as player:
        player._writer.write(
            b"GET /ace/getstream HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n"
        )
        assert await player.text() == (
            '{"error": "InvalidContentError", "message": "Missing id or infohash parameter"}'
        )


async def test_engine_that_is_down(server: TestServer, engine: EmulatedEngine) -> None:
    """503, with a question that helps and a time to come back."""
    await engine.stop()
    async with connected(server) as player:
        player.send(address())
        assert "does not answer" in await player.text()
        assert player.status == 503
        assert player.headers["retry-after"] == "10"


class TestShortCalls:
    """With an engine that is given up on soon."""

    @pytest.fixture
    def options(self) -> ProxyOptions:
        """A tenth of a second for each call."""
        return ProxyOptions(engine=EngineOptions(start_timeout=0.1, facts_timeout=0.1))

    @pytest.mark.parametrize(
        ("trouble", "status"),
        [
            pytest.param({"half_open": True}, 504, id="silent"),
            pytest.param({"hang": {"getstream"}}, 504, id="start hangs"),
            pytest.param({"garbage": {"getstream"}}, 503, id="start is garbage"),
            pytest.param({"refuse_text": "mod_detected"}, 502, id="refuses"),
            pytest.param({"garbage": {"r"}}, 502, id="redirect is garbage"),
            pytest.param({"garbage": {"content"}}, 502, id="stream is garbage"),
            pytest.param({"reset": True}, 502, id="stream is reset"),
            pytest.param({"eof": True}, 502, id="stream is empty"),
        ],
    )
    async def test_engine_in_trouble_is_a_status_and_a_sentence(
        self,
        server: TestServer,
        engine: EmulatedEngine,
        trouble: dict[str, object],
        status: int,
    ) -> None:
        """Whatever it does, the player is told before any 200, and no session stays."""
        for name, value in trouble.items():
            setattr(engine.faults, name, value)

        async with connected(server) as player:
            player.send(address())
            sentence = await player.text()

        assert player.status == status
        assert sentence.endswith("\n")
        assert len(sentence) > 20
        await until(lambda: engine.stops == engine.starts)


class TestShortPatience:
    """With waits that a test can wait for."""

    @pytest.fixture
    def options(self) -> ProxyOptions:
        """Everything takes a moment at most."""
        return ProxyOptions(
            linger=0.2, broadcast=BroadcastOptions(start_timeout=0.3, stall_after=0.1)
        )

    async def test_channel_that_nobody_broadcasts(
        self, server: TestServer, engine: EmulatedEngine
    ) -> None:
        """504, and the session is stopped once."""
        async with connected(server) as player:
            player.send(address(DEAD))
            assert "Nobody may be broadcasting now" in await player.text()
            assert player.status == 504
        await until(lambda: engine.stops)
        assert (engine.starts, engine.stops) == (1, 1)

    async def test_stall_is_seen_and_got_over(
        self, server: TestServer, engine: EmulatedEngine, proxy: Proxy
    ) -> None:
        """`stalled`, then `streaming`; the player stays, and nothing is missing."""
        async with playing(server) as player:
            await player.watch(SECOND)
            engine.faults.stall = True
            await until(lambda: _state(proxy) is StreamState.STALLED)
            engine.faults.stall = False
            await until(lambda: _state(proxy) is StreamState.STREAMING)
            await player.watch(SECOND)
            assert is_gapless(_without_padding(player.received))
        assert (engine.starts, engine.reads) == (1, 1)


def _state(proxy: Proxy) -> StreamState:
    (stream,) = proxy.stats().streams
    return stream.broadcast.state


def _without_padding(stream: bytes) -> bytes:
    packets = (stream[at : at + PACKET_SIZE] for at in range(0, len(stream), PACKET_SIZE))
    return b"".join(packet for packet in packets if packet[1:3] != b"\x1f\xff")


@pytest.mark.usefixtures("quick_retry")
@pytest.mark.parametrize("trouble", ["eof", "reset", "restart"])
async def test_player_stays_through_a_break(
    server: TestServer, engine: EmulatedEngine, proxy: Proxy, trouble: str
) -> None:
    """The connection is kept; the stream goes on with PAT, PMT and a random access point."""
    engine.faults.burst_seconds = 0.6
    async with playing(server) as player:
        await player.watch(SECOND // 2)
        await {
            "eof": lambda: _cut(engine, reset=False),
            "reset": lambda: _cut(engine, reset=True),
            "restart": engine.restart,
        }[trouble]()
        await until(lambda: proxy.stats().streams[0].broadcast.reconnects)
        await until(lambda: _state(proxy) is StreamState.STREAMING)
        stream = _without_padding(await player.watch(SECOND))

    numbers = packet_numbers(stream)
    gap = next(at for at in range(3, len(numbers)) if numbers[at] != numbers[at - 1] + 1)
    assert starts_decodable(stream[gap * PACKET_SIZE :])
    assert engine.starts == 2
    assert len(engine.open_sessions) == 1


async def _cut(engine: EmulatedEngine, *, reset: bool) -> None:
    engine.cut_readers(reset=reset)


async def test_engine_that_names_another_host_works(
    server: TestServer, engine: EmulatedEngine
) -> None:
    """Its addresses are used on the one address that is known to work."""
    engine.faults.foreign_host = "192.0.2.1:9"
    async with playing(server) as player:
        assert starts_decodable(await player.watch(SECOND))
    await until(lambda: engine.stops == 1)


async def test_long_prebuffering_ends_in_a_decodable_start(
    server: TestServer, engine: EmulatedEngine
) -> None:
    """The status comes with the first bytes, however long the engine says nothing at all."""
    engine.faults.prebuffer = 0.3
    async with playing(server) as player:
        assert player.status == 200
        assert starts_decodable(await player.watch(SECOND))


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", [address(), f"/ace/manifest.m3u8?id={LIVE.content_id}"])
async def test_asking_about_a_stream_opens_no_session(
    server: TestServer, engine: EmulatedEngine, method: str, path: str
) -> None:
    """Players look before they play."""
    async with connected(server) as player:
        player.send(path, method=method)
        assert await player.head() in (200, 204, 302)
        assert "GET" in player.headers.get("allow", "GET")
    assert engine.starts == 0
    assert sessions_asked_for(engine) == []


async def test_old_player_gets_a_bare_body(
    server: TestServer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """HTTP/1.0 knows no chunks: the body ends with the connection."""
    async with connected(server) as player:
        player.send(address(), version="HTTP/1.0")
        assert await player.head() == 200
        assert "transfer-encoding" not in player.headers
        stream = await player.bare(400 * PACKET_SIZE)
        await proxy.stop()
        stream += await player.rest()
    assert starts_decodable(stream)
    assert is_gapless(stream)


async def test_leaving_in_the_middle_of_a_start_stops_the_session_once(
    server: TestServer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """Nobody waits any more, and the engine is told exactly once."""
    engine.faults.slow = {"getstream": 0.4}
    async with connected(server) as player:
        player.send(address())
        await until(lambda: sessions_asked_for(engine))
    await proxy.stop()
    assert (engine.starts, engine.reads, engine.stops) == (1, 0, 1)


async def test_end_of_a_broadcast_is_a_clean_end_for_players(
    server: TestServer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """The last chunk of the coding, after whole packets."""
    async with playing(server) as first, playing(server) as second:
        await asyncio.gather(first.watch(SECOND), second.watch(SECOND))
        stopping = asyncio.create_task(proxy.stop())
        streams = await asyncio.gather(first.watch_to_the_end(), second.watch_to_the_end())
        await stopping
    assert all(map(is_gapless, streams))
    assert not engine.open_sessions


@pytest.mark.parametrize("hang", [set(), {"cmd"}], ids=["engine well", "stop hangs"])
async def test_stopping_is_quick_and_leaves_nothing(
    server: TestServer, engine: EmulatedEngine, proxy: Proxy, hang: set[str]
) -> None:
    """Within two seconds players are gone, and no task is left; the engine is told."""
    engine.faults.hang = hang
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        players = [await stack.enter_async_context(playing(server)) for _ in range(3)]
        await asyncio.gather(*(player.watch(1000) for player in players))
        await stack.enter_async_context(stuck(server))
        await until(lambda: proxy.stats().viewers == 4)

        began = loop.time()
        await proxy.stop()
        took = loop.time() - began
        await asyncio.gather(*(player.watch_to_the_end() for player in players))
        ended = loop.time() - began

    assert took < 2
    assert ended < 2
    assert not proxy.stats().streams
    assert not proxy._tasks
    stops = [target for _, target in engine.requests if "method=stop" in target]
    assert len(stops) == 1


async def test_nothing_starts_after_the_stop(
    server: TestServer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """Who comes too late is told."""
    await proxy.stop()
    async with connected(server) as player:
        player.send(address())
        assert await player.text() == "The proxy is stopping. Try again in a moment.\n"
        assert player.status == 503
    assert engine.starts == 0


async def test_player_that_never_reads_disturbs_nobody(
    session: ClientSession, lineup: Lineup
) -> None:
    """Others see no gap of 250 ms, it is closed in the end, and it costs next to no memory."""
    proxy = Proxy(session, options=ProxyOptions(drop_after=1.0))
    media = SyntheticMedia(bitrate=20_000_000, keyframe_interval=INTERVAL)
    faults = Faults(burst_seconds=1, unknown_id_delay=0)
    async with EmulatedEngine(media=media, faults=faults) as engine:
        proxy.engines.add("one", engine.url)
        server = TestServer(make_app(proxy, lineup))
        await server.start_server(shutdown_timeout=2)
        async with stuck(server), playing(server) as player:
            await player.watch(5_000_000)
            player.longest_gap = 0.0
            while not proxy.stats().streams[0].broadcast.dropped:
                await player.watch(500_000)
            gap = player.longest_gap
            assert proxy.stats().viewers == 1
            stream = player.received
        await server.close()
    assert gap < 0.25
    assert is_gapless(stream)


async def test_join_is_told_with_the_first_bytes(server: TestServer, proxy: Proxy) -> None:
    """Once for each player, and from then on it is known how far behind it is."""
    joined: list[bool] = []
    proxy.audience.on_join(lambda guest, _: joined.append(guest.asks))
    async with playing(server), stuck(server):
        await until(lambda: len(joined) == 2)
        assert joined == [False, False]
        await until(lambda: any(seat.lag() for seat in proxy.audience))
