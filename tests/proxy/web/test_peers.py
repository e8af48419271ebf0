"""What clients of acexy and pyacexy look for, to the byte where they may compare bytes.

What differs on purpose is in docs/migration.md.
"""

import json
import re

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from demo import EmulatedEngine

from ..players import Player, address, connected, playing
from ..streams import LIVE, OTHER, starts_decodable


async def answer(player: Player, target: str, method: str = "GET") -> tuple[int, str]:
    """Return status and body of an answer that has a length."""
    player.send(target, method=method)
    text = await player.text()
    return player.status, text


@pytest.mark.parametrize(
    "target",
    [
        f"/ace/getstream?id={LIVE.content_id}",
        f"/ace/getstream/?id={LIVE.content_id}",
        f"/ace/getstream?infohash={LIVE.infohash}",
        f"/ace/getstream/?infohash={LIVE.infohash.upper()}",
        f"/ace/getstream?id={LIVE.content_id}&pid=7",
        f"/ace/getstream?pid=&sid=x&id={LIVE.content_id}&transcode_audio=0&anything=else",
    ],
)
async def test_stream_plays_at_their_addresses(
    server: TestServer, engine: EmulatedEngine, target: str
) -> None:
    """As a transport stream in chunks; a player's ID is nothing to complain of."""
    async with connected(server) as player:
        player.send(target)
        assert await player.head() == 200
        assert player.headers["content-type"].lower() == "video/mp2t"
        assert player.headers["transfer-encoding"] == "chunked"
        assert "date" in player.headers
        assert starts_decodable(await player.watch(10_000))
    (opened,) = (one for _, one in engine.requests if one.startswith("/ace/getstream"))
    assert re.search(r"[?&]pid=[0-9a-f]{32}(&|$)", opened)  # which is ours


@pytest.mark.parametrize("path", ["/ace/getstream", "/ace/getstream/"])
@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", "Missing id or infohash parameter\n"),
        ("?pid=1", "Missing id or infohash parameter\n"),
        ("?id=&infohash=", "Missing id or infohash parameter\n"),
        (
            f"?id={LIVE.content_id}&infohash={LIVE.infohash}",
            "Only one of id or infohash can be specified\n",
        ),
    ],
)
async def test_what_is_no_name_is_refused_in_the_same_words(
    server: TestServer, engine: EmulatedEngine, path: str, query: str, body: str
) -> None:
    """As plain text."""
    async with connected(server) as player:
        assert await answer(player, path + query) == (400, body)
        assert player.headers["content-type"] == "text/plain; charset=utf-8"
        assert player.headers["x-content-type-options"] == "nosniff"
    assert engine.requests == []


@pytest.mark.parametrize("path", [address(), address().replace("?", "/?")])
async def test_head_is_answered_as_get_would_be(
    server: TestServer, engine: EmulatedEngine, path: str
) -> None:
    """But for the stream, and without a session."""
    async with connected(server) as player:
        player.send(path, method="HEAD")
        assert await player.head() == 200
        assert player.headers["content-type"].lower() == "video/mp2t"
    assert engine.requests == []


@pytest.mark.parametrize("path", [address(), "/ace/status"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_other_methods_are_refused(server: TestServer, path: str, method: str) -> None:
    """As by pyacexy."""
    async with connected(server) as player:
        assert await answer(player, path, method) == (405, "405: Method Not Allowed")
        assert set(player.headers["allow"].split(",")) >= {"GET", "HEAD"}


async def test_status_of_all_is_how_many_run(server: TestServer) -> None:
    """As a number, for health checks and for who shows it."""
    async with connected(server) as player:
        status, body = await answer(player, "/ace/status")
        assert (status, json.loads(body)["streams"]) == (200, 0)
        assert player.headers["content-type"].startswith("application/json")
    async with playing(server) as player, playing(server, OTHER), connected(server) as asker:
        _, body = await answer(asker, "/ace/status")
        assert json.loads(body)["streams"] == 2


@pytest.mark.parametrize("query", [f"id={LIVE.content_id}", f"infohash={LIVE.infohash}"])
async def test_status_of_one_has_their_keys(server: TestServer, query: str) -> None:
    """By whichever name it is asked for, whatever it was opened by."""
    async with playing(server), playing(server), connected(server) as asker:
        status, body = await answer(asker, f"/ace/status?{query}")
    one = json.loads(body)
    assert status == 200
    assert (one["clients"], one["stream_id"], one["stat_url"]) == (2, LIVE.infohash, "")


async def test_status_of_what_does_not_run(server: TestServer) -> None:
    """In their words."""
    async with connected(server) as player:
        wanted = f"/ace/status?id={OTHER.content_id}"
        assert await answer(player, wanted) == (404, "Stream not found\n")


@pytest.mark.parametrize("path", ["/ace", "/ace/stop", "/ace/getstream/x"])
async def test_other_addresses_are_not_found(server: TestServer, path: str) -> None:
    """In pyacexy's words."""
    async with connected(server) as player:
        assert await answer(player, path) == (404, "404: Not Found")


async def test_stream_that_does_not_start_is_an_error_before_any_200(
    server: TestServer, engine: EmulatedEngine
) -> None:
    """With the engine's words; which 5xx it is says whose fault that is."""
    async with connected(server) as player:
        status, body = await answer(player, "/ace/getstream?id=" + "0" * 40)
    assert status == 502
    assert "cannot get transport file" in body


async def test_player_that_asks_three_times_in_a_row_starts_one_session(
    server: TestServer, engine: EmulatedEngine, session: ClientSession
) -> None:
    """To see whether it is there, what it is, and to play it."""
    for size in (1, 50_000, 100_000):
        async with session.get(server.make_url(address())) as response:
            await response.content.readexactly(size)
    assert engine.starts == 1
