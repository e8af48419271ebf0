"""HLS over HTTP: one session for all, playlists that others can read, segments that decode."""

import asyncio
from urllib.parse import urljoin

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import m3u8
import pytest
from yarl import URL

from custom_components.acestream_proxy.proxy import Lineup, Proxy, ProxyOptions
from custom_components.acestream_proxy.proxy.broadcast import BroadcastOptions
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.hls import HlsOptions
from demo import EmulatedEngine
from demo.packets import PACKET_SIZE

from ..players import playing
from ..streams import DEAD, INTERVAL, LIVE, is_gapless, starts_decodable
from ..waiting import until

MANIFEST = f"/ace/manifest.m3u8?id={LIVE.content_id}"


@pytest.fixture
def options() -> ProxyOptions:
    """Short segments, and viewers that are soon forgotten."""
    return ProxyOptions(
        linger=0.2,
        broadcast=BroadcastOptions(start_timeout=0.3, stall_after=0.1),
        hls=HlsOptions(
            target_duration=INTERVAL, start_timeout=2, idle_timeout=0.5, low_latency=False
        ),
    )


class Viewer:
    """A player of HLS."""

    def __init__(self, session: ClientSession, server: TestServer) -> None:
        """Ask this server."""
        self._session = session
        self._server = server
        self.address = ""

    async def open(self, manifest: str = MANIFEST) -> m3u8.M3U8:
        """Ask for a channel; return the playlist of the address it leads to."""
        async with self._session.get(self._server.make_url(manifest)) as response:
            self.address = str(response.url)
            assert response.status == 200
            assert response.content_type == "application/vnd.apple.mpegurl"
            return m3u8.loads(await response.text())

    async def playlist(self, query: str = "") -> m3u8.M3U8:
        """Return the playlist again."""
        async with self._session.get(self.asking(query)) as response:
            return m3u8.loads(await response.text())

    def asking(self, query: str) -> str:
        """Return the address of the playlist with more in its query."""
        return f"{self.address}&{query}" if query else self.address

    async def segment(self, uri: str) -> bytes:
        """Return a segment of a playlist."""
        async with self._session.get(urljoin(self.address, uri)) as response:
            assert response.status == 200
            assert response.content_type == "video/mp2t"
            body = await response.read()
            assert response.content_length == len(body)
            return body

    async def until_listed(self, number: int) -> m3u8.M3U8:
        """Ask on, as players do, until a segment is listed."""
        playlist = await self.playlist()
        while playlist.media_sequence + len(playlist.segments) <= number:
            await asyncio.sleep(0.05)  # between two looks, as a player does
            playlist = await self.playlist()
        return playlist


@pytest.fixture
def viewer(session: ClientSession, server: TestServer) -> Viewer:
    """A player of HLS."""
    return Viewer(session, server)


async def test_each_segment_starts_decodable_and_follows_the_one_before(viewer: Viewer) -> None:
    """PAT, PMT, random access point; numbers go on from segment to segment."""
    playlist = await viewer.open()
    assert len(playlist.segments) >= 2
    bodies = [await viewer.segment(one.uri) for one in playlist.segments]

    assert all(map(starts_decodable, bodies))
    assert is_gapless(bodies[0] + b"".join(body[2 * PACKET_SIZE :] for body in bodies[1:]))
    assert all(one.duration == pytest.approx(INTERVAL) for one in playlist.segments)


async def test_first_playlist_comes_from_the_backlog(
    viewer: Viewer, server: TestServer, engine: EmulatedEngine
) -> None:
    """Who joins a channel that runs need not wait for segments to fill."""
    async with playing(server) as player:
        await player.watch(200_000)
        engine.faults.stall = True
        playlist = await viewer.open()
    assert len(playlist.segments) >= 2


async def test_viewers_of_hls_and_of_ts_share_one_session(
    viewer: Viewer, server: TestServer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """The engine is read once, and told once when the last one has left."""
    async with playing(server) as player:
        await player.watch(1000)
        playlist = await viewer.open()
        await viewer.segment(playlist.segments[-1].uri)
        assert proxy.stats().viewers == 2
        assert (engine.starts, engine.reads) == (1, 1)
    await until(lambda: engine.stops)
    await until(lambda: not proxy.stats().streams)
    assert (engine.starts, engine.reads, engine.stops) == (1, 1, 1)


async def test_playlist_moves_on(viewer: Viewer) -> None:
    """Segments that left it stay for a moment, and then are gone."""
    first = await viewer.open()
    later = await viewer.until_listed(first.media_sequence + 10)
    assert later.media_sequence > first.media_sequence
    async with viewer._session.get(urljoin(viewer.address, first.segments[0].uri)) as response:
        assert response.status == 404
        assert "no longer" in await response.text()


def discontinuities(playlist: m3u8.M3U8) -> int:
    """Return how many there were until the end of a playlist."""
    listed = sum(bool(one.discontinuity) for one in playlist.segments)
    return int(playlist.discontinuity_sequence) + listed


@pytest.mark.usefixtures("quick_retry")
async def test_numbers_go_on_across_a_break(viewer: Viewer, engine: EmulatedEngine) -> None:
    """The segment after it says that clocks may jump, and only that one."""
    before = await viewer.open()
    last = before.media_sequence + len(before.segments)
    engine.cut_readers()

    playlist = await viewer.until_listed(last + 5)

    assert discontinuities(playlist) == discontinuities(before) + 1
    numbers = [int(one.uri.removesuffix(".ts")) for one in playlist.segments]
    assert numbers == list(range(playlist.media_sequence, playlist.media_sequence + len(numbers)))
    bodies = [await viewer.segment(one.uri) for one in playlist.segments]
    assert all(map(starts_decodable, bodies))


async def test_same_player_keeps_its_address(viewer: Viewer) -> None:
    """Asking for the manifest again does not make two viewers of one."""
    await viewer.open()
    address = viewer.address
    await viewer.open()
    assert viewer.address == address


async def test_viewer_that_comes_back_later_finds_the_stream_again(
    viewer: Viewer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """The address outlives the stream."""
    await viewer.open()
    await until(lambda: not proxy.stats().streams)
    assert len((await viewer.playlist()).segments) >= 2
    assert engine.starts == 2


async def test_looking_opens_no_session(viewer: Viewer, engine: EmulatedEngine) -> None:
    """HEAD is answered from what is known."""
    await viewer.open()
    starts = engine.starts
    playlist = await viewer.playlist()
    segment = urljoin(viewer.address, playlist.segments[-1].uri)
    for address in (viewer.address, segment):
        async with viewer._session.head(address) as response:
            assert response.status == 200
    body = await viewer.segment(playlist.segments[-1].uri)
    assert response.content_length == len(body)
    assert engine.starts == starts


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ace/manifest.m3u8", 400),
        ("/ace/manifest.m3u8?id=nonsense", 400),
        ("/ace/manifest.m3u8?id=" + "0" * 40, 502),
        ("/ace/hls/guess/index.m3u8", 404),
        ("/ace/hls/guess/1.ts", 404),
        ("/ace/hls/guess/x.ts", 404),
        (f"/ace/manifest.m3u8?id={DEAD.content_id}", 504),
    ],
)
async def test_what_does_not_play_is_a_status(
    session: ClientSession, server: TestServer, engine: EmulatedEngine, path: str, status: int
) -> None:
    """With a sentence, and nothing left in the engine."""
    async with session.get(server.make_url(path)) as response:
        assert response.status == status
        assert await response.text()
    await until(lambda: engine.stops == engine.starts)


async def test_stop_ends_who_waits_for_a_playlist(
    viewer: Viewer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """Nobody is left waiting, and no session either."""
    engine.faults.prebuffer = 60
    waiting = asyncio.create_task(viewer.open())
    await until(lambda: engine.starts)
    await proxy.stop()
    await asyncio.wait({waiting})
    assert isinstance(waiting.exception(), AssertionError)
    assert not engine.open_sessions


class TestLowLatency:
    """With segments in parts."""

    @pytest.fixture
    def options(self) -> ProxyOptions:
        """Several parts to each of the short segments."""
        return ProxyOptions(
            linger=0.2,
            hls=HlsOptions(target_duration=2 * INTERVAL, part_duration=0.2, idle_timeout=2),
        )

    async def test_parts_are_fetched_as_they_come(self, viewer: Viewer) -> None:
        """One after the other, each asked for before it is there; together they are the stream."""
        playlist = await viewer.open()
        begin, index = map(int, playlist.preload_hint.uri.split(".")[:2])
        number = begin
        while number < begin + 2:
            part, playlist = await asyncio.gather(
                viewer.segment(f"{number}.{index}.ts"),
                viewer.playlist(f"_HLS_msn={number}&_HLS_part={index}"),
            )
            assert len(part) % PACKET_SIZE == 0
            number, index = map(int, playlist.preload_hint.uri.split(".")[:2])

        (whole,) = (one for one in playlist.segments if one.uri == f"{begin + 1}.ts")
        parts = [await viewer.segment(part.uri) for part in whole.parts]
        assert len(parts) > 1
        assert starts_decodable(parts[0])
        assert b"".join(parts) == await viewer.segment(whole.uri)
        assert sum(part.duration for part in whole.parts) == pytest.approx(whole.duration)

    async def test_hint_of_before_a_pause_is_waited_for(
        self, viewer: Viewer, engine: EmulatedEngine
    ) -> None:
        """What was hinted at then is what comes now."""
        begin = await viewer.open()
        playlist = await viewer.until_listed(begin.media_sequence + 8)
        number, index = map(int, playlist.preload_hint.uri.split(".")[:2])
        await until(lambda: engine.stops)
        after = await viewer.playlist(f"_HLS_msn={number}&_HLS_part={index}")
        assert after.media_sequence + len(after.segments) > number

    async def test_hint_that_is_far_away_is_gone(self, viewer: Viewer) -> None:
        """It is not waited for."""
        await viewer.open()
        async with viewer._session.get(urljoin(viewer.address, "999999999.0.ts")) as response:
            assert response.status == 404

    @pytest.mark.parametrize(
        "query", ["_HLS_msn=999999999", "_HLS_msn=x", "_HLS_part=1", "_HLS_msn=1&_HLS_part=-1"]
    )
    async def test_what_cannot_be_waited_for_is_refused(self, viewer: Viewer, query: str) -> None:
        """With a sentence."""
        await viewer.open()
        async with viewer._session.get(viewer.asking(query)) as response:
            assert response.status == 400
            assert len(await response.text()) > 20

    async def test_part_of_a_play_that_was_never_given_out(
        self, viewer: Viewer, server: TestServer
    ) -> None:
        """Nobody guesses an address."""
        async with viewer._session.get(server.make_url("/ace/hls/guess/0.0.ts")) as response:
            assert response.status == 404
            assert "Play it again" in await response.text()

    async def test_looking_at_a_part(self, viewer: Viewer) -> None:
        """HEAD says how long it is."""
        playlist = await viewer.open()
        part = playlist.segments[0].parts[0]
        async with viewer._session.head(urljoin(viewer.address, part.uri)) as response:
            assert response.status == 200
            assert response.content_length == len(await viewer.segment(part.uri))
            assert await response.read() == b""


async def test_low_latency_may_be_turned_on_and_off(
    viewer: Viewer, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """For what begins from then on; what plays goes on as it is."""
    assert not proxy.low_latency
    assert not (await viewer.open()).part_inf
    proxy.low_latency = True
    assert not (await viewer.playlist()).part_inf
    await until(lambda: engine.stops)
    assert (await viewer.open()).part_inf


async def test_sequences_go_on_where_they_were(viewer: Viewer, engine: EmulatedEngine) -> None:
    """A player that slept asks for what follows what it had: numbers never begin anew."""
    before = await viewer.open()
    number = before.media_sequence + len(before.segments)
    await until(lambda: engine.stops)

    after = await viewer.playlist()

    assert after.media_sequence >= number
    assert after.discontinuity_sequence >= before.discontinuity_sequence
    assert after.segments[0].discontinuity
    assert starts_decodable(await viewer.segment(after.segments[0].uri))


async def test_address_outlives_the_proxy_that_gave_it(
    viewer: Viewer, session: ClientSession, proxy: Proxy, engine: EmulatedEngine, lineup: Lineup
) -> None:
    """At a proxy that was started anew, or at another one, its player is sent on; numbers grow."""
    before = await viewer.open()
    other = Proxy(session, options=ProxyOptions(hls=HlsOptions(target_duration=INTERVAL)))
    other.engines.add("one", engine.url)
    await proxy.stop()
    async with TestServer(make_app(other, lineup)) as server:
        address = server.make_url(URL(viewer.address).raw_path_qs)
        async with session.get(address) as response:
            after = m3u8.loads(await response.text())
        assert response.history[0].headers["Location"] == MANIFEST
        # Whose segments are asked for stays unknown: only playlists lead on.
        async with session.get(address.parent / before.segments[0].uri) as response:
            assert response.status == 404
    assert after.media_sequence >= before.media_sequence > 0
    assert after.segments[0].discontinuity


@pytest.mark.parametrize("path", ["", "//evil.test/", "/\\evil.test", "http://evil.test/", "/a b"])
async def test_nobody_is_sent_elsewhere(
    session: ClientSession, server: TestServer, path: str
) -> None:
    """What an address says of where its player came from is a path here, or nothing."""
    address = server.make_url("/ace/hls/guess/index.m3u8").with_query(asked=path)
    async with session.get(address, allow_redirects=False) as response:
        assert response.status == 404


async def test_join_is_told_with_the_first_playlist(viewer: Viewer, proxy: Proxy) -> None:
    """Not with each of those that follow."""
    joined: list[bool] = []
    proxy.audience.on_join(lambda guest, _: joined.append(guest.asks))
    await viewer.open()
    await viewer.playlist()
    assert joined == [True]
