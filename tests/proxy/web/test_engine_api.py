"""A proxy in an engine's place: what another proxy, and what a player of engines gets."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, Lineup, Proxy, ProxyOptions
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.engine import EngineClient, SessionOptions
from custom_components.acestream_proxy.proxy.errors import (
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
)
from demo import CHANNELS, EmulatedEngine, Faults

from ..players import playing
from ..streams import LIVE, OTHER, PREMIUM, is_gapless, starts_decodable
from ..waiting import until
from .test_file import FILM, WHOLE


@pytest.fixture
def options() -> ProxyOptions:
    """Figures are looked at often."""
    return ProxyOptions(linger=0.3, session=SessionOptions(status_interval=0.05))


@pytest.fixture
async def edge(
    session: ClientSession, server: TestServer, options: ProxyOptions
) -> AsyncIterator[Proxy]:
    """Another proxy, whose engine is the first one."""
    edge = Proxy(session, options=options)
    edge.engines.add("core", str(server.make_url("")))
    yield edge
    await edge.stop()


@pytest.fixture
async def edge_server(edge: Proxy, lineup: Lineup) -> AsyncIterator[TestServer]:
    """Where players reach the other proxy."""
    server = TestServer(make_app(edge, lineup))
    await server.start_server(shutdown_timeout=2)
    yield server
    await server.close()


@pytest.fixture
async def client(session: ClientSession, server: TestServer, proxy: Proxy) -> EngineClient:
    """Who talks to the proxy as to an engine, which is known to be there."""
    for engine in proxy.engines:
        await engine.check()
    return EngineClient(session, str(server.make_url("")))


async def get(session: ClientSession, server: TestServer, path: str, *, status: int = 200) -> Any:
    """Return what the proxy answers."""
    async with session.get(server.make_url(path)) as response:
        assert response.status == status
        return await (response.json() if status == 200 else response.text())


async def test_proxies_share_one_session(
    engine: EmulatedEngine, proxy: Proxy, edge: Proxy, server: TestServer, edge_server: TestServer
) -> None:
    """A player of each sees the same channel whole; to the engine they are one reader."""
    async with playing(edge_server) as far, playing(server) as near:
        await near.watch(1000)
        start = await far.watch(188 * 500)
        assert (proxy.stats().viewers, edge.stats().viewers) == (2, 1)
        await until(lambda: edge.stats().streams[0].session.peers == 7)
        assert edge.stats().streams[0].infohash == LIVE.infohash
    assert starts_decodable(start)
    assert is_gapless(start)
    await until(lambda: engine.stops)
    assert (engine.starts, engine.stops) == (1, 1)


async def test_film_is_read_through_both(
    session: ClientSession, edge_server: TestServer, engine: EmulatedEngine
) -> None:
    """Its players may seek, too."""
    address = edge_server.make_url(f"/ace/getstream?id={FILM.content_id}")
    async with session.get(address) as response:
        assert await response.read() == WHOLE
    async with session.get(address, headers={"Range": "bytes=1000-1099"}) as response:
        assert response.status == 206
        assert await response.read() == WHOLE[1000:1100]


@pytest.mark.parametrize("path", ["/ace/getstream", "/ace/getstream/", "/ace/manifest.m3u8"])
async def test_session_is_where_everybody_plays(
    session: ClientSession, server: TestServer, engine: EmulatedEngine, path: str
) -> None:
    """Whoever asks gets an address of the one stream, with an engine's keys around it."""
    query = f"id={LIVE.content_id}"
    answer = await get(session, server, f"{path}?{query}&format=json&pid=1")
    begin = str(server.make_url("/")).removesuffix("/")
    assert answer == {
        "response": {
            "playback_url": f"{begin}{path}?{query}",
            "stat_url": f"{begin}/ace/stat?{query}",
            "command_url": f"{begin}/ace/cmd?{query}",
            "infohash": LIVE.infohash,
            "is_live": 1,
            "is_encrypted": 0,
            "client_session_id": -1,
        },
        "error": None,
    }
    figures = await get(session, server, f"/ace/stat?{query}")
    assert figures["response"]["infohash"] == LIVE.infohash
    stopped = await get(session, server, f"/ace/cmd?{query}&method=stop")
    assert stopped == {"response": "ok", "error": None}
    assert engine.starts == 1


async def test_head_opens_nothing(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """As with every address that plays."""
    address = server.make_url(f"/ace/getstream?id={LIVE.content_id}&format=json")
    async with session.head(address) as response:
        assert (response.status, response.content_type) == (200, "video/mp2t")
    assert engine.starts == 0


async def test_infohash_is_empty_where_nobody_knows_it(
    session: ClientSession, server: TestServer, faults: Faults
) -> None:
    """An engine may play what it will not name."""
    faults.garbage.add("get_media_files")
    path = f"/ace/getstream?id={LIVE.content_id}&format=json"
    answer = await get(session, server, path)
    assert answer["response"]["infohash"] == ""


async def test_refusal_has_the_words_of_the_engine(
    session: ClientSession, server: TestServer, client: EngineClient
) -> None:
    """Not ours around them: two proxies in a row say no more than one."""
    content = ContentKey.parse(PREMIUM.content_id)
    with pytest.raises(EngineRefusedError, match="premium") as refused:
        await client.start(content, "1")
    assert refused.value.engine_message == "To continue, you need to activate premium"
    answer = await get(session, server, "/ace/getstream?id=1&format=json")
    assert answer["response"] is None
    assert "40 hex digits" in answer["error"]


@pytest.mark.parametrize(
    ("status", "text", "error", "words"),
    [
        (503, "All seats are taken.", EngineUnreachableError, "All seats are taken."),
        (503, "<html>no server</html>", EngineUnreachableError, "The engine cannot play now."),
        (504, "", EngineTimeoutError, "The engine cannot play now."),
    ],
)
async def test_what_another_engine_may_do_better_is_no_refusal(
    session: ClientSession, status: int, text: str, error: type[Exception], words: str
) -> None:
    """A proxy, or what is in front of one, says so with a status."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server:
        client = EngineClient(session, str(server.make_url("")))
        with pytest.raises(error) as raised:
            await client.start(ContentKey.parse(LIVE.content_id), "1")
    assert str(raised.value) == words


async def test_proxy_without_engines_is_an_engine_that_cannot_play(
    session: ClientSession, lineup: Lineup
) -> None:
    """So that another proxy tries its other engines."""
    bare = Proxy(session)
    async with TestServer(make_app(bare, lineup)) as server:
        client = EngineClient(session, str(server.make_url("")))
        with pytest.raises(EngineRefusedError, match="no engine answers"):
            await client.version()
        with pytest.raises(EngineUnreachableError, match="No AceStream engine is set up"):
            await client.start(ContentKey.parse(LIVE.content_id), "1")


async def test_proxy_whose_engine_is_itself_has_none(
    session: ClientSession, proxy: Proxy, server: TestServer, engine: EmulatedEngine
) -> None:
    """Nobody asks in circles."""
    (real,) = proxy.engines
    proxy.engines.remove(real.engine_id)
    itself = proxy.engines.add("itself", str(server.make_url("")))
    await itself.check()
    assert not itself.stats().reachable
    assert engine.requests == []


async def test_proxy_is_what_its_engine_is(client: EngineClient, engine: EmulatedEngine) -> None:
    """The same version; and it knows what contents are without playing them."""
    version = await client.version()
    assert (version.version, version.platform) == ("3.2.11", "linux")
    facts = await client.facts(ContentKey.parse(LIVE.content_id))
    assert (facts.infohash, facts.name, facts.is_live) == (LIVE.infohash, LIVE.name, True)
    assert not (await client.facts(ContentKey.parse(FILM.content_id))).is_live
    with pytest.raises(EngineRefusedError, match="cannot get transport file"):
        await client.facts(ContentKey.parse("0" * 40))
    assert engine.starts == 0


async def test_search_goes_through(client: EngineClient) -> None:
    """Page by page, and by category."""
    live = [channel.infohash for channel in CHANNELS]
    pages = [await client.search("", page=number, page_size=8) for number in range(4)]
    found = [result.infohash for page in pages for result in page.results]
    assert sorted(found) == sorted(live)
    (one,) = (await client.search(OTHER.name)).results
    assert (one.name, one.infohash, one.bitrate) == (
        OTHER.name,
        OTHER.infohash,
        OTHER.bitrate // 8,
    )
    assert one.logo.endswith(OTHER.logo)
    assert one.availability == 1.0
    news = await client.search("", category="news")
    assert {result.categories for result in news.results} == {("news",)}


async def test_search_is_bounded(session: ClientSession, server: TestServer) -> None:
    """Pages that nobody turns to are empty, and numbers that are none are as if not sent."""
    beyond = await get(session, server, "/search?page=999999&page_size=200")
    assert beyond == {"result": {"total": 0, "results": []}}
    first = await get(session, server, "/search?page=x&page_size=-1")
    assert len(first["result"]["results"]) == 10


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/webui/api/service?method=x", {"result": None, "error": "unknown method"}),
        ("/server/api?method=x", {"error": {"code": 0, "message": "unknown method"}}),
        (
            f"/ace/stat?id={LIVE.content_id}",
            {"response": None, "error": "unknown playback session id"},
        ),
    ],
)
async def test_what_is_not_there_is_refused(
    session: ClientSession, server: TestServer, path: str, answer: Any
) -> None:
    """As engines refuse, which is with status 200."""
    assert await get(session, server, path) == answer


async def test_search_that_fails_says_why(
    session: ClientSession, server: TestServer, faults: Faults
) -> None:
    """With the sentence that the engine's failure has."""
    faults.garbage.add("search")
    answer = await get(session, server, "/search?query=x", status=503)
    assert "does not answer" in answer
