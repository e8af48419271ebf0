"""Content that is a file: with a length, read from any place."""

import asyncio
import socket

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import Proxy
from custom_components.acestream_proxy.proxy.web import file as file_module
from demo import CHANNELS, EmulatedEngine, SyntheticMedia

from ..players import stuck
from ..streams import INTERVAL
from ..waiting import until

FILM = next(channel for channel in CHANNELS if channel.kind == "vod")
WHOLE = SyntheticMedia(bitrate=1_000_000, keyframe_interval=INTERVAL).file(FILM)
SIZE = len(WHOLE)
ADDRESS = f"/ace/getstream?id={FILM.content_id}"


def read_to_the_end(connection: socket.socket) -> None:
    """Read all that a connection brings."""
    connection.setblocking(True)
    while connection.recv(65536):
        pass


async def test_film_is_served_whole(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """With its length, and the engine is told when nobody wants it any more."""
    async with session.get(server.make_url(ADDRESS)) as response:
        assert response.status == 200
        assert response.content_length == SIZE
        assert response.headers["accept-ranges"] == "bytes"
        assert await response.read() == WHOLE
    await until(lambda: engine.stops)
    assert (engine.starts, engine.stops) == (1, 1)


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        pytest.param("bytes=0-99", range(100), id="first bytes"),
        pytest.param("bytes=1000-", range(1000, SIZE), id="from a place on"),
        pytest.param("bytes=-500", range(SIZE - 500, SIZE), id="last bytes"),
        pytest.param(f"bytes=500-{SIZE * 2}", range(500, SIZE), id="beyond the end"),
    ],
)
async def test_players_may_seek(
    session: ClientSession, server: TestServer, wanted: str, part: range
) -> None:
    """The part that was asked for, no more, and where it is."""
    headers = {"Range": wanted}
    async with session.get(server.make_url(ADDRESS), headers=headers) as response:
        assert response.status == 206
        assert response.headers["content-range"] == f"bytes {part.start}-{part.stop - 1}/{SIZE}"
        assert await response.read() == WHOLE[part.start : part.stop]


async def test_place_beyond_the_end_is_refused(session: ClientSession, server: TestServer) -> None:
    """416, with a sentence."""
    headers = {"Range": f"bytes={SIZE * 2}-"}
    async with session.get(server.make_url(ADDRESS), headers=headers) as response:
        assert response.status == 416
        assert await response.text() == "The film is not that long.\n"


async def test_range_that_is_none_is_as_if_not_sent(
    session: ClientSession, server: TestServer
) -> None:
    """RFC 9110 section 14.2."""
    headers = {"Range": "minutes=5"}
    async with session.get(server.make_url(ADDRESS), headers=headers) as response:
        assert response.status == 200
        assert response.content_length == SIZE


async def test_seeking_stays_in_one_session(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """A player that asks for another place takes over from itself."""
    url = server.make_url(ADDRESS)
    async with session.get(url) as first:
        await first.content.readexactly(1000)
        async with session.get(url, headers={"Range": "bytes=1000-1999"}) as second:
            assert await second.read() == WHOLE[1000:2000]
    assert engine.starts == 1


async def test_player_that_takes_nothing_is_closed(
    server: TestServer, engine: EmulatedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that somebody else can watch: a film has one reader at a time."""
    monkeypatch.setattr(file_module, "_PATIENCE", 0.1)
    async with stuck(server, FILM) as connection:
        await until(lambda: engine.stops)
        with pytest.raises(ConnectionResetError):
            await asyncio.to_thread(read_to_the_end, connection)


async def test_stop_ends_a_film_too(
    session: ClientSession, server: TestServer, engine: EmulatedEngine, proxy: Proxy
) -> None:
    """No session is left in the engine."""
    async with session.get(server.make_url(ADDRESS)) as response:
        await response.content.readexactly(1000)
        await proxy.stop()
    assert not engine.open_sessions
