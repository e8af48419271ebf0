"""Answers that are made while they are sent."""

from collections.abc import AsyncIterator, Iterator
from threading import current_thread, main_thread

from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy.web.pieces import in_pieces, send_pieces

from ..players import connected

LINE = "a line of text\n"


@pytest.fixture
async def threads() -> list[bool]:
    """Whether each piece was made where streams are served."""
    return []


@pytest.fixture
async def server(threads: list[bool]) -> AsyncIterator[TestServer]:
    """A server of 20,000 lines."""

    def lines() -> Iterator[str]:
        for _ in range(20_000):
            yield LINE

    def pieces() -> Iterator[bytes]:
        for piece in in_pieces(lines()):
            threads.append(current_thread() is main_thread())
            yield piece

    async def answer(request: web.Request) -> web.StreamResponse:
        return await send_pieces(request, pieces(), {"Content-Type": "text/plain"})

    app = web.Application()
    app.router.add_get("/", answer)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


async def test_pieces_are_made_apart_and_are_all_there(
    server: TestServer, threads: list[bool]
) -> None:
    """However long one takes, streams go on."""
    async with connected(server) as player:
        player.send("/")
        assert await player.head() == 200
        assert await player.watch_to_the_end() == (LINE * 20_000).encode()
    assert threads == [False] * 5


async def test_old_app_is_told_the_end_by_the_connection(server: TestServer) -> None:
    """HTTP/1.0 knows no chunks."""
    async with connected(server) as player:
        player.send("/", version="HTTP/1.0")
        assert await player.head() == 200
        assert await player.rest() == (LINE * 20_000).encode()


def test_pieces_are_some_64_kib() -> None:
    """Whatever they are made of; at the end there may be nothing left."""
    assert [len(piece) for piece in in_pieces(["x" * 40_000] * 4)] == [80_000, 80_000, 0]
