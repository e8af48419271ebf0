"""Players that stall, crawl, come and go by the hundred, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import batched, pairwise
from pathlib import Path
import random
import socket
import ssl

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
import m3u8
import pytest
from yarl import URL

from custom_components.acestream_proxy.proxy import StreamState
from custom_components.acestream_proxy.proxy.broadcast import (
    Backlog,
    BroadcastOptions,
    BroadcastStats,
    SocketSubscriber,
)
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.web import hls as hls_module
from demo import CHANNELS, Channel, packet_numbers
from demo.packets import PACKET_SIZE

from ..proxy.players import Player, address, connected, playing, stuck
from ..proxy.streams import LIVE, is_gapless, starts_decodable
from ..proxy.waiting import until
from .scene import OPTIONS, Resources, Scene, set_up
from .test_matrix import runs_of

MEGABYTE = 1_000_000


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """The engine's streams have 40 Mbit/s and short groups; a busy machine is no stall."""
    options = replace(OPTIONS, broadcast=BroadcastOptions())
    async with set_up(monkeypatch, options) as scene:
        scene.media.bitrate = 40_000_000
        scene.media.keyframe_interval = 0.12
        scene.engine.faults.burst_seconds = 0.2
        yield scene


@pytest.fixture
def small_backlog(monkeypatch: pytest.MonkeyPatch) -> int:
    """Keep two megabytes of each stream."""
    keep(monkeypatch, 2 * MEGABYTE)
    return 2 * MEGABYTE


@pytest.fixture
def soon_dropped(scene: Scene) -> None:
    """Whoever takes nothing is closed after a moment."""
    scene.proxy.drop_after = 0.6


def keep(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Keep so many bytes of each stream."""
    defaults = Backlog.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "max_bytes", size)


async def closing_of(connection: socket.socket) -> bytes | str:
    """Read a connection to its end; return how it ended."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(10):
        try:
            while await loop.sock_recv(connection, MEGABYTE):
                pass
        except ConnectionResetError:
            return "RST"
    return "FIN"


@pytest.mark.usefixtures("soon_dropped")
async def test_one_of_ten_never_reads(scene: Scene) -> None:
    """It is closed for real, and the others notice nothing of it."""
    async with AsyncExitStack() as stack:
        dead = await stack.enter_async_context(stuck(scene.server))
        players = [await stack.enter_async_context(playing(scene.server)) for _ in range(9)]
        watching = [asyncio.create_task(player.watch(5 * MEGABYTE)) for player in players]
        await until(lambda: _broadcast(scene).dropped)
        streams = await asyncio.gather(*watching)
        gap = max(player.longest_gap for player in players)
        ending = await closing_of(dead)
        assert scene.proxy.stats().viewers == 9

    assert ending == "RST"
    assert all(map(is_gapless, streams))
    assert gap < 0.3
    await scene.nothing_is_left()


async def test_slow_player_skips_to_a_random_access_point(scene: Scene, small_backlog: int) -> None:
    """One jump forward, tables first, whole packets before and after it."""
    async with crawling(scene.server) as player:
        await player.watch(MEGABYTE // 2)
        passed = _broadcast(scene).bytes_in + 3 * small_backlog
        await until(lambda: _broadcast(scene).bytes_in > passed)
        before = len(player.received)
        stream = await player.watch(3 * MEGABYTE)
        assert _broadcast(scene).skips == 1

    first, second = runs_of(stream)
    assert len(first) > before
    assert starts_decodable(first)
    assert starts_decodable(second)
    assert packet_numbers(second[:PACKET_SIZE])[0] > packet_numbers(first[-PACKET_SIZE:])[0]


@asynccontextmanager
async def crawling(server: TestServer) -> AsyncIterator[Player]:
    """Play on a connection that takes nothing in advance."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, (server.host, server.port))
    player = Player(*await asyncio.open_connection(sock=connection))
    try:
        player.send(address(LIVE))
        await player.head()
        yield player
    finally:
        player.leave()


async def test_start_burst_costs_nobody_anything(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Players at 40 Mbit/s get all of it; all is a seventh of what engines do, the backlog too."""
    keep(monkeypatch, 5 * 1024 * 1024)
    scene.media.bitrate = 8_000_000
    scene.engine.faults.burst_seconds = 3
    async with AsyncExitStack() as stack:
        players = [await stack.enter_async_context(playing(scene.server)) for _ in range(3)]
        streams = await asyncio.gather(*(_watch_at(player, 5 * MEGABYTE) for player in players))
        assert _broadcast(scene).skips == 0
        assert _broadcast(scene).dropped == 0

    assert all(map(is_gapless, streams))
    assert all(map(starts_decodable, streams))


async def _watch_at(player: Player, rate: int) -> bytes:
    """Watch for a while, no faster than so many bytes a second."""
    for _ in range(13):
        await player.watch(rate // 20)
        await asyncio.sleep(0.05)
    return player.received


@pytest.mark.usefixtures("small_backlog")
async def test_stalled_players_pin_little(scene: Scene) -> None:
    """What they have not got yet is kept once, and only the newest of it."""
    async with AsyncExitStack() as stack:
        for _ in range(10):
            await stack.enter_async_context(stuck(scene.server))
        await until(lambda: scene.proxy.stats().viewers == 10)
        passed = _broadcast(scene).bytes_in + 5 * MEGABYTE
        await until(lambda: _broadcast(scene).bytes_in > passed)
        ((_, broadcast),) = scene.proxy.hub
        pinned = [
            subscriber._transport.get_write_buffer_size()
            for subscriber in broadcast._subscribers
            if isinstance(subscriber, SocketSubscriber)
        ]
        lag = _broadcast(scene).lag

    assert len(pinned) == 10
    assert max(pinned) < 2 * MEGABYTE
    assert lag < 4 * MEGABYTE


async def test_two_hundred_come_and_go(scene: Scene) -> None:
    """One session serves them all; no task and no descriptor is left of any."""
    scene.media.bitrate = 1_000_000
    scene.linger = 2
    async with playing(scene.server) as player:
        await player.watch(1000)
        watched = Resources.now()
        for _ in range(10):
            await asyncio.gather(*(_look_in(scene) for _ in range(20)))
        await until(watched.is_back)
        await until(lambda: scene.proxy.stats().viewers == 1)
    scene.linger = 0.03
    await _look_in(scene)
    await scene.nothing_is_left()
    assert (scene.engine.starts, scene.engine.stops) == (1, 1)


async def _look_in(scene: Scene) -> None:
    async with playing(scene.server) as player:
        assert player.status == 200
        await player.watch(1000)


def names_of(channel: Channel) -> list[str]:
    """Return the ways to name a channel."""
    return [
        f"id={channel.content_id}",
        f"infohash={channel.infohash}",
        f"magnet=magnet:?xt=urn:btih:{channel.infohash}",
    ]


async def test_twenty_first_requests_are_one_session(scene: Scene) -> None:
    """Whatever they call it."""
    scene.media.bitrate = 1_000_000
    scene.engine.faults.json_delay = 0.05
    names = (names_of(LIVE) * 7)[:20]
    async with AsyncExitStack() as stack:
        players = [await stack.enter_async_context(connected(scene.server)) for _ in names]
        for player, name in zip(players, names, strict=True):
            player.send(f"/ace/getstream?{name}")
        assert [await player.head() for player in players] == [200] * 20
        assert (scene.engine.starts, scene.engine.reads) == (1, 1)
        assert scene.proxy.stats().viewers == 20
    await scene.nothing_is_left()
    assert (scene.engine.starts, scene.engine.stops) == (1, 1)


async def test_zapping_starts_and_stops_in_turn(scene: Scene) -> None:
    """Twenty channels in two seconds, some twice, by any name: never two sessions for one."""
    scene.media.bitrate = 1_000_000
    scene.engine.faults.json_delay = 0.1
    scene.engine.faults.slow = {"cmd": 0.1}
    dice = random.Random(1)  # noqa: S311 - the same zapping each time
    for _ in range(20):
        channel, pause = dice.choice(CHANNELS[:5]), dice.uniform(0, 0.2)
        async with connected(scene.server) as player:
            player.send(f"/ace/getstream?{dice.choice(names_of(channel))}")
            await asyncio.sleep(pause)  # how long somebody looks at it
    await scene.nothing_is_left()

    assert scene.engine.starts == scene.engine.stops > 5
    assert all(sessions_in_turn(scene, channel) for channel in CHANNELS[:5])


def sessions_in_turn(scene: Scene, channel: Channel) -> bool:
    """Return whether each session of a channel began after the one before it had ended."""
    sessions = [one for one in scene.engine.sessions if one.channel == channel]
    return all(
        earlier.stopped_at is not None and earlier.stopped_at <= later.opened_at
        for earlier, later in pairwise(sessions)
    )


async def test_names_that_could_not_be_resolved_are_one_session(scene: Scene) -> None:
    """An engine that would not say what a name means says it when it plays."""
    scene.media.bitrate = 1_000_000
    scene.engine.faults.garbage = {"get_media_files"}
    async with playing(scene.server):
        scene.engine.faults.garbage = set()
        for name in names_of(LIVE):
            async with connected(scene.server) as player:
                player.send(f"/ace/getstream?{name}")
                assert await player.head() == 200
        assert scene.engine.starts == 1


async def test_segment_that_nobody_takes_is_not_kept_for_ever(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection is closed for real, like that of a stream."""
    monkeypatch.setattr(hls_module, "_PATIENCE", 0.3)
    runner = scene.server.runner
    assert runner is not None
    web_server = runner.server
    assert web_server is not None
    async with ClientSession() as session:
        playlist, _ = await playlist_of(scene.server, session)
    path = URL(playlist.segments[0].absolute_uri).path
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        await loop.sock_connect(connection, (scene.server.host, scene.server.port))
        await until(lambda: len(web_server.connections) == 1)
        served = web_server.connections[0].transport
        assert served is not None
        # Else the kernel would take all of it.
        served.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        request = f"GET {path} HTTP/1.1\r\nHost: proxy.test\r\n\r\n"
        await loop.sock_sendall(connection, request.encode())
        assert (await loop.sock_recv(connection, 15)).startswith(b"HTTP/1.1 200")
        await until(lambda: not web_server.connections)
        assert await closing_of(connection) in ("FIN", "RST")


async def playlist_of(server: TestServer, session: ClientSession) -> tuple[m3u8.M3U8, URL]:
    """Ask for a playlist as players do; return it, and where it was."""
    url = server.make_url(f"/ace/manifest.m3u8?id={LIVE.content_id}")
    async with session.get(url, ssl=False) as response:
        return m3u8.loads(await response.text(), uri=str(response.url)), response.url


class TestTLS:
    """With a certificate of one's own."""

    @pytest.fixture
    async def secure(self, scene: Scene, tmp_path: Path) -> AsyncIterator[TestServer]:
        """The proxy's server, over TLS."""
        async with _serving_tls(scene, tmp_path) as server:
            yield server

    async def test_stream(self, secure: TestServer) -> None:
        """The same whole packets."""
        async with (
            ClientSession() as session,
            session.get(secure.make_url(address(LIVE)), ssl=False) as response,
        ):
            assert response.status == 200
            stream = await response.content.readexactly(20_000 * PACKET_SIZE)
        assert starts_decodable(stream)
        assert is_gapless(stream)

    async def test_hls(self, secure: TestServer) -> None:
        """Playlist and segments."""
        async with ClientSession() as session:
            playlist, _ = await playlist_of(secure, session)
            async with session.get(playlist.segments[0].absolute_uri, ssl=False) as response:
                assert response.url.scheme == "https"
                segment = await response.read()
        assert starts_decodable(segment)
        assert is_gapless(segment)

    @pytest.mark.usefixtures("soon_dropped", "small_backlog")
    async def test_player_that_never_reads(self, scene: Scene, secure: TestServer) -> None:
        """It is closed for real, too."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = socket.create_connection((secure.host, secure.port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        reader, writer = await asyncio.open_connection(
            sock=connection, ssl=context, server_hostname="proxy.test", limit=1024
        )
        writer.write(f"GET {address(LIVE)} HTTP/1.1\r\nHost: proxy.test\r\n\r\n".encode())
        await until(lambda: scene.proxy.stats().streams and _broadcast(scene).dropped)
        with pytest.raises((ConnectionError, ssl.SSLError, asyncio.IncompleteReadError)):
            await reader.readexactly(100 * MEGABYTE)
        writer.close()


@asynccontextmanager
async def _serving_tls(scene: Scene, folder: Path) -> AsyncIterator[TestServer]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proxy.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = TestServer(make_app(scene.proxy, scene.lineup), scheme="https")
    await server.start_server(shutdown_timeout=2, ssl=context)
    try:
        yield server
    finally:
        await server.close()


async def test_old_player_stays_through_a_break(scene: Scene) -> None:
    """HTTP/1.0: a bare body, which goes on with tables and a random access point."""
    async with connected(scene.server) as player:
        player.send(address(LIVE), version="HTTP/1.0")
        assert await player.head() == 200
        stream = await player.bare(5000 * PACKET_SIZE)
        scene.engine.cut_readers(reset=True)
        await until(lambda: StreamState.RECONNECTING in scene.states)
        stream += await player.bare(20_000 * PACKET_SIZE)
    padding = b"\x47\x1f\xff"
    packets = [bytes(one) for one in batched(stream, PACKET_SIZE, strict=True)]
    runs = runs_of(b"".join(one for one in packets if not one.startswith(padding)))
    assert len(runs) == 2
    assert all(map(starts_decodable, runs))


def _broadcast(scene: Scene) -> BroadcastStats:
    (stream,) = scene.proxy.stats().streams
    return stream.broadcast
