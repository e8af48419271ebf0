"""What runs, as scripts ask for it."""

from dataclasses import replace
from typing import Any

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, Proxy, ProxyOptions
from custom_components.acestream_proxy.proxy.engine import SessionOptions
from custom_components.acestream_proxy.proxy.errors import ProxyError
from custom_components.acestream_proxy.proxy.mpegts import (
    AudioType,
    Codec,
    ElementaryStream,
    Program,
)
from custom_components.acestream_proxy.proxy.stats import never_started
from custom_components.acestream_proxy.proxy.web import status as status_module
from demo import EmulatedEngine

from ..players import playing
from ..streams import LIVE, OTHER
from ..waiting import until


@pytest.fixture
def options() -> ProxyOptions:
    """Figures are looked at often."""
    return ProxyOptions(linger=0.2, session=SessionOptions(status_interval=0.05))


async def status(session: ClientSession, server: TestServer, query: str = "") -> Any:
    """Return the status as JSON."""
    async with session.get(server.make_url(f"/ace/status{query}")) as response:
        assert response.status == 200
        return await response.json()


async def test_nothing_runs(session: ClientSession, server: TestServer) -> None:
    """Then there is nothing to tell."""
    assert await status(session, server) == {"streams": 0, "clients": 0, "running": []}


async def test_what_runs(session: ClientSession, server: TestServer, proxy: Proxy) -> None:
    """Each stream with its viewers and its figures."""
    async with playing(server) as player, playing(server):
        await player.watch(1000)
        await until(lambda: proxy.stats().streams[0].session.peers)
        body = await status(session, server)

    assert (body["streams"], body["clients"]) == (1, 2)
    (stream,) = body["running"]
    assert stream["stream_id"] == stream["infohash"] == LIVE.infohash
    assert stream["state"] == "streaming"
    assert stream["peers"] == 7
    assert stream["bytes_in"] > 0
    assert stream["bytes_out"] > 0
    assert stream["tracks"] == ["h264"]
    assert stream["picture"] == {
        "width": 640,
        "height": 360,
        "frame_rate": 25.0,
        "interlaced": False,
    }
    assert stream["audio"] == []


def test_what_is_not_known_yet() -> None:
    """Before anything was received."""
    nothing = never_started(ContentKey.parse(LIVE.content_id), ProxyError("Later."))

    described = status_module._describe(nothing)

    assert (described["tracks"], described["picture"], described["audio"]) == ([], None, [])


def test_sound_is_told_apart_by_language_and_type() -> None:
    """A channel in two languages, with something else beside."""
    stream = replace(
        never_started(ContentKey.parse(LIVE.content_id), ProxyError("Later.")),
        program=Program(
            (
                ElementaryStream(256, Codec.HEVC),
                ElementaryStream(257, Codec.EAC3, "spa"),
                ElementaryStream(258, Codec.MP2, "eng", AudioType.VISUAL_IMPAIRED_COMMENTARY),
                ElementaryStream(259, Codec.OTHER, "eng"),
            )
        ),
    )

    described = status_module._describe(stream)

    assert described["tracks"] == ["hevc", "eac3", "mp2", "other"]
    assert described["audio"] == [
        {"codec": "eac3", "language": "spa", "type": "undefined"},
        {"codec": "mp2", "language": "eng", "type": "visual_impaired_commentary"},
    ]


@pytest.mark.parametrize("query", [f"?id={LIVE.content_id}", f"?infohash={LIVE.infohash}"])
async def test_one_stream_by_any_of_its_names(
    session: ClientSession, server: TestServer, query: str
) -> None:
    """The engine's address is nobody's business."""
    async with playing(server) as player:
        await player.watch(1000)
        body = await status(session, server, query)
    assert body["clients"] == 1
    assert body["stat_url"] == ""


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        (f"?id={OTHER.content_id}", 404, "Stream not found"),
        ("?id=nonsense", 400, "40 hex digits"),
    ],
)
async def test_streams_that_do_not_run(
    session: ClientSession,
    server: TestServer,
    engine: EmulatedEngine,
    query: str,
    code: int,
    words: str,
) -> None:
    """Asking starts nothing."""
    async with session.get(server.make_url(f"/ace/status{query}")) as response:
        assert response.status == code
        assert words in await response.text()
    assert engine.requests == []
