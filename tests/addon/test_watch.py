"""When the engine is started again although it runs."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from acestream_app import watch as module
from acestream_app.commands import engine_command
from acestream_app.options import Options
from acestream_app.place import Place
from acestream_app.prepare import prepare
from acestream_app.program import Program
from acestream_app.watch import FIRST, LONGEST, Patience, is_received, is_well, watch
from tests.proxy.waiting import until

from .running import answers, starts

ENGINE = "http://127.0.0.1:6878"


def ready(*, engine: str = ENGINE, reachable: bool = True, failing: bool = False) -> dict[str, Any]:
    """Return what the proxy says of its engines, of which the first is well."""
    other = {"engine": "http://192.168.1.20:6878", "state": "ready", "reachable": True}
    return {
        "ready": True,
        "reason": "Engines answer.",
        "engines": [
            {**other, "failing": False},
            {"engine": engine, "state": "ready", "reachable": reachable, "failing": failing},
        ],
    }


# What the proxy says ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "well"),
    [
        (ready(), True),
        (ready(failing=True), False),
        (ready(reachable=False), False),
        (ready(engine="http://127.0.0.1:1"), None),
        ({"engines": [None, {"engine": ENGINE, "reachable": "yes"}]}, None),
        ({"engines": None, "ready": False}, None),
        ({"ready": False}, False),
        ({"ready": True}, True),
        ([], None),
        (None, None),
    ],
)
def test_how_the_engine_is(said: Any, well: bool | None) -> None:
    """By the engine's own entry; whatever else comes says nothing."""
    assert is_well(said, ENGINE) is well


@pytest.mark.parametrize(
    ("said", "received"),
    [
        ({"running": [{"state": "stalled"}, {"state": "streaming"}]}, True),
        ({"running": [{"state": "stalled"}, {"state": "starting"}, None]}, False),
        ({"running": []}, False),
        ({"running": 1}, False),
        (None, False),
    ],
)
def test_whether_anybody_receives_anything(said: Any, received: bool) -> None:
    """Only streams in which data arrives count."""
    assert is_received(said) is received


# How long it may be no use ------------------------------------------------------------------------


def test_patience_ends_after_a_while() -> None:
    """Counted from when it was first seen to be no use."""
    patience = Patience()
    assert not patience.is_over(well=False, now=1000)
    assert not patience.is_over(well=False, now=1000 + FIRST - 1)
    assert patience.is_over(well=False, now=1000 + FIRST)


@pytest.mark.parametrize("between", [True, None])
def test_patience_begins_again_when_it_is_well(between: bool | None) -> None:
    """Or when nobody knows, as after a restart of the proxy."""
    patience = Patience()
    assert not patience.is_over(well=False, now=0)
    assert not patience.is_over(well=between, now=FIRST)
    assert not patience.is_over(well=False, now=FIRST + 1)


def test_patience_grows_with_restarts() -> None:
    """Up to an hour; that it seems to be well in between is no proof, as it has just begun."""
    patience = Patience()
    now, waits = 0.0, []
    for _ in range(7):
        began = now
        while not patience.is_over(well=False, now=now):
            now += 60
        waits.append(now - began)
        patience.begin_again(now)
        assert not patience.is_over(well=True, now=now)
    assert waits == [120, 240, 480, 960, 1920, LONGEST, LONGEST]


def test_patience_is_short_again_after_an_hour() -> None:
    """What happened then has nothing to do with it."""
    patience = Patience()
    patience.begin_again(1000)
    now = 1000 + LONGEST
    assert not patience.is_over(well=False, now=now)
    assert patience.is_over(well=False, now=now + FIRST)


# With an engine and a proxy -----------------------------------------------------------------------


class FakeProxy:
    """Answers what a test sets."""

    def __init__(self) -> None:
        """Have an engine that is well, and no streams."""
        self.ready: Any = ready()
        self.running: list[Any] = []
        self.asked = 0
        self.is_open = True
        app = web.Application()
        app.router.add_get("/ready", self._serve_ready)
        app.router.add_get("/ace/status", self._serve_status)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        """Its origin."""
        return str(self.server.make_url("")).rstrip("/")

    async def _serve_ready(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(self.ready, status=503)

    async def _serve_status(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response({"running": self.running}, status=200 if self.is_open else 404)


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeProxy]:
    """A proxy that is looked at all the time, with little patience for its engine."""
    monkeypatch.setattr(module, "INTERVAL", 0.01)
    monkeypatch.setattr(module, "FIRST", 0.05)
    fake = FakeProxy()
    async with fake.server:
        yield fake


async def test_an_engine_whose_sessions_fail_is_restarted(
    place: Place,
    environment: dict[str, str],
    session: ClientSession,
    proxy: FakeProxy,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Though it answers all calls; once, as long as that helps."""
    prepare(place)
    version = f"{place.engine_url}/webui/api/service?method=get_version"
    async with Program("engine", engine_command(place, Options(), environment)) as engine:

        async def restart() -> None:
            await engine.restart()
            proxy.ready = ready(engine=place.engine_url)

        await answers(session, version)
        proxy.ready = ready(engine=place.engine_url, failing=True)
        watching = asyncio.create_task(watch(session, proxy.url, place.engine_url, restart))
        await until(lambda: len(starts(place)) == 2)
        await answers(session, version)
        asked = proxy.asked
        await until(lambda: proxy.asked > asked + 10)
        watching.cancel()
    assert len(starts(place)) == 2
    assert "The engine runs, but plays nothing any more; restarting it" in caplog.text


@pytest.mark.parametrize(
    ("running", "is_open", "restarted"),
    [
        pytest.param([{"state": "streaming"}], True, False, id="somebody watches"),
        pytest.param([{"state": "stalled"}], True, True, id="nothing arrives"),
        pytest.param([{"state": "streaming"}], False, True, id="nobody may know"),
    ],
)
async def test_who_watches_is_not_interrupted(
    running: list[Any], is_open: bool, restarted: bool, session: ClientSession, proxy: FakeProxy
) -> None:
    """An engine that goes on with old sessions and fails new ones is left until they are over."""
    restarts: list[int] = []

    async def restart() -> None:
        restarts.append(proxy.asked)

    proxy.ready, proxy.running, proxy.is_open = ready(failing=True), running, is_open
    watching = asyncio.create_task(watch(session, proxy.url, ENGINE, restart))
    await until(lambda: proxy.asked > 20)
    watching.cancel()
    assert bool(restarts) is restarted


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(200, b"{", id="no JSON"),
        pytest.param(200, b"[" * 100_000, id="a bomb"),
        pytest.param(200, b" " * 2**20 + b"{}", id="too much"),
        pytest.param(404, b"{}", id="no such address"),
    ],
)
async def test_answers_of_no_use_say_nothing(
    status: int, body: bytes, session: ClientSession
) -> None:
    """Whatever listens at the proxy's port; and neither does nobody."""

    async def serve(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    app = web.Application()
    app.router.add_get("/ready", serve)
    async with TestServer(app) as server:
        url = str(server.make_url("/ready"))
        assert await module._ask(session, url) is None
    assert await module._ask(session, url) is None


async def test_a_long_answer_is_read_to_its_end(session: ClientSession, proxy: FakeProxy) -> None:
    """However many pieces it comes in."""
    proxy.running = [{"state": "stalled", "stream_id": "0" * 40}] * 5000
    status = await module._ask(session, f"{proxy.url}/ace/status")
    assert len(status["running"]) == 5000
