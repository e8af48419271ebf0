"""The addresses for programs that look after the proxy, and for people."""

from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import Proxy, ProxyOptions
from custom_components.acestream_proxy.proxy.audience import Viewer
from custom_components.acestream_proxy.proxy.broadcast import BroadcastOptions
from custom_components.acestream_proxy.proxy.command import checkup, make_app
from custom_components.acestream_proxy.proxy.command.monitoring import Monitoring
from custom_components.acestream_proxy.proxy.command.page import FILES
from custom_components.acestream_proxy.proxy.command.version import read_version
from custom_components.acestream_proxy.proxy.engine.engine import MAX_FAILURES
from custom_components.acestream_proxy.proxy.lineup import Lineup
from demo import EmulatedEngine

from ..players import address, connected, playing
from ..streams import DEAD, LIVE, OTHER
from ..waiting import until

FOR_TRUSTED = ["/", "/metrics", "/page/now.json", "/page/content.json", "/page/page.js"]


@pytest.fixture
def options() -> ProxyOptions:
    """Nobody waits for long."""
    return ProxyOptions(linger=0.1, broadcast=BroadcastOptions(start_timeout=0.2))


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines are asked whenever somebody looks."""
    monkeypatch.setattr(checkup, "_GOOD_FOR", 0)


@pytest.fixture
async def strangers(proxy: Proxy, lineup: Lineup) -> AsyncIterator[TestServer]:
    """The server as those see it who are not trusted."""
    server = TestServer(make_app(proxy, lineup, trusts=lambda _: False))
    await server.start_server(shutdown_timeout=2)
    yield server
    await server.close()


async def ask(
    session: ClientSession, server: TestServer, path: str, status: int = 200, **query: str
) -> Any:
    """Return an answer as JSON."""
    async with session.get(server.make_url(path), params=query) as response:
        assert response.status == status
        return await response.json()


# Health and readiness -----------------------------------------------------------------------------


async def test_health_is_that_it_answers(session: ClientSession, strangers: TestServer) -> None:
    """For everybody, whatever the engine does, and without asking it."""
    body = await ask(session, strangers, "/health")
    assert body.keys() == {"status", "version"}
    assert body["status"] == "ok"


def test_version_is_that_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only its folder is there, nobody knows."""
    assert read_version("aiohttp") == version("aiohttp")
    assert read_version("no-such-package-is-installed") == "unknown"


async def test_engine_that_answers_is_ready(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """And where it is gone nothing is; all as supervising programs have it."""
    here = {"engine": engine.url, "reachable": True, "failing": False, "state": "idle"}
    assert await ask(session, server, "/ready") == {
        "ready": True,
        "reason": "An engine answers.",
        "engines": [here],
    }
    async with playing(server) as player:
        await player.watch(1000)
        body = await ask(session, server, "/ready")
        assert body["engines"] == [here | {"state": "playing"}]
        assert body["reason"] == "An engine answers, and bytes arrive."
    await engine.stop()
    assert await ask(session, server, "/ready", 503) == {
        "ready": False,
        "reason": "No engine answers. Is it running?",
        "engines": [here | {"reachable": False, "state": "unreachable"}],
    }


async def test_strangers_are_not_told_of_engines(
    session: ClientSession, strangers: TestServer
) -> None:
    """A load balancer needs no more."""
    body = await ask(session, strangers, "/ready")
    assert body == {"ready": True, "reason": "An engine answers."}


async def fail(server: TestServer, *contents: str) -> None:
    """Ask for contents of which nothing comes."""
    for content in contents:
        async with connected(server) as player:
            player.send(f"/ace/getstream?id={content}")
            assert await player.head() == 504


async def test_dead_channel_does_not_make_the_proxy_ill_but_three_do(
    session: ClientSession, server: TestServer, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """However often it is tried; the first that plays makes it well again."""
    dead = DEAD.content_id
    await fail(server, dead, dead, dead)
    assert (await ask(session, server, "/ready"))["ready"]
    engine.faults.starving = True
    await fail(server, LIVE.content_id, OTHER.content_id)
    body = await ask(session, server, "/ready", 503)
    assert "nothing came" in body["reason"]
    assert body["engines"] == [
        {"engine": engine.url, "reachable": True, "failing": True, "state": "failing"}
    ]
    (known,) = (await ask(session, server, "/page/now.json"))["engines"]
    assert "It answers, but nothing came" in known["words"]
    engine.faults.starving = False
    async with playing(server) as player:
        await player.watch(1000)
        assert (await ask(session, server, "/ready"))["ready"]
    await until(lambda: not proxy.stats().streams)
    assert (await ask(session, server, "/ready"))["engines"][0]["state"] == "idle"


async def test_proxy_that_is_about_to_stop_is_not_ready(
    session: ClientSession, proxy: Proxy
) -> None:
    """But it lives."""
    app = web.Application()
    Monitoring(proxy, is_trusted=lambda _: False, is_draining=lambda: True).add_to(app)
    server = TestServer(app)
    async with server:
        body = await ask(session, server, "/ready", 503)
        assert body == {"ready": False, "reason": "The proxy is stopping."}
        assert (await ask(session, server, "/health"))["status"] == "ok"


# Who is told --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FOR_TRUSTED)
async def test_for_strangers_there_is_nothing(
    session: ClientSession, strangers: TestServer, engine: EmulatedEngine, path: str
) -> None:
    """To the last byte, and no engine is asked."""
    async with session.get(strangers.make_url("/nonsense")) as response:
        nothing = response.status, await response.read()
    async with session.get(strangers.make_url(path)) as response:
        assert (response.status, await response.read()) == nothing
    assert engine.requests == []


@pytest.mark.parametrize("path", [*FOR_TRUSTED, "/health", "/ready"])
async def test_pages_of_other_origins_are_told_nothing(
    session: ClientSession, server: TestServer, path: str
) -> None:
    """Somebody at home may well read one."""
    async with session.get(server.make_url(path)) as response:
        assert response.status == 200
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["Cache-Control"] == "no-store"


async def test_browsers_run_nothing_but_the_files_of_the_page(
    session: ClientSession, server: TestServer
) -> None:
    """Each is what it says it is, and nothing in it comes from anywhere else."""
    for file in FILES:
        async with session.get(server.make_url(f"/{file.path}")) as response:
            assert response.status == 200
            assert response.headers["Content-Type"] == file.content_type
            policy = response.headers["Content-Security-Policy"]
            text = await response.text()
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "https://" not in text
        assert " style=" not in text


# The page -----------------------------------------------------------------------------------------


KIDS = Viewer(viewer_id="kids", name="Kids", secret="a-secret-of-kids", password="pass-of-kids")


async def test_page_is_told_what_runs(
    session: ClientSession, server: TestServer, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """And who watches; secrets are not in it."""
    nothing = await ask(session, server, "/page/now.json")
    assert (nothing["streams"], nothing["others"], nothing["has_viewers"]) == ([], [], False)
    proxy.audience.set_viewer(KIDS)
    async with playing(server) as player:
        await player.watch(1000)
        now = await ask(session, server, "/page/now.json")
    assert (now["ready"], now["viewers"], now["has_viewers"]) == (True, 1, True)
    (stream,) = now["streams"]
    assert stream["title"] == LIVE.name
    assert stream["content"] == LIVE.infohash
    assert (stream["state"], stream["error"]) == ("streaming", "")
    assert (stream["video"], stream["audio"]) == ("h264", [])
    assert stream["picture"]["width"] == 640
    assert stream["engine"] == engine.url
    assert stream["received"] > 0
    (one,) = stream["watching"]
    assert (one["viewer"], one["device"], one["form"], one["lag"]) == ("", "", "ts", 0)
    (known,) = now["engines"]
    assert (known["version"], known["state"], known["words"]) == ("3.2.11", "playing", "")
    assert KIDS.secret not in str(now)
    assert KIDS.password not in str(now)


async def test_page_is_told_what_failed_and_why(
    session: ClientSession, server: TestServer, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """In sentences."""
    await fail(server, DEAD.content_id)
    engine.faults.refuse_text = "mod_detected"
    async with connected(server) as player:
        player.send(address())
        assert await player.head() == 502
    now = await ask(session, server, "/page/now.json")
    assert {one["title"]: one["error"] for one in now["failed"]} == {
        DEAD.name: "No data came within 0 seconds. Nobody may be broadcasting now.",
        LIVE.name: "The engine refused: mod_detected",
    }
    assert "“mod_detected”" in now["engines"][0]["words"]
    for engine_here in proxy.engines:
        for _ in range(MAX_FAILURES):
            engine_here.failed()
    now = await ask(session, server, "/page/now.json")
    assert "failed several times in a row" in now["engines"][0]["words"]
    await engine.stop()
    now = await ask(session, server, "/page/now.json")
    assert now["engines"][0]["words"] == f"No engine answers at {engine.url}. Is it running?"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        (f" acestream://{LIVE.content_id.upper()} ", f"id={LIVE.content_id}"),
        (f"infohash:{LIVE.infohash}", f"infohash={LIVE.infohash}"),
        ("http://host.test/x?a=1&b=2", "url=http%3A%2F%2Fhost.test%2Fx%3Fa%3D1%26b%3D2"),
    ],
)
async def test_content_is_read_as_people_write_it(
    session: ClientSession, server: TestServer, text: str, query: str
) -> None:
    """Players are given what engines understand."""
    assert await ask(session, server, "/page/content.json", text=text) == {
        "query": query,
        "words": "",
    }


async def test_what_names_no_content_is_said(session: ClientSession, server: TestServer) -> None:
    """With what would."""
    body = await ask(session, server, "/page/content.json", text="nonsense")
    assert body == {"query": "", "words": "A content ID is 40 hex digits (0-9, a-f)."}
