"""Connections that ask for nothing: how long they are waited for, and how many of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
import logging
import resource
from unittest.mock import AsyncMock, Mock

from aiohttp import web
import pytest

from custom_components.acestream_proxy.proxy.command import connections
from custom_components.acestream_proxy.proxy.command.connections import Runner

from ..waiting import PATIENCE, until


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged of connections and requests."""
    return [one.message for one in caplog.records if one.name.startswith(connections.__name__)]


class Caller:
    """Somebody who connects."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take an open connection."""
        self._reader = reader
        self._writer = writer

    def say(self, text: str) -> None:
        """Send something."""
        self._writer.write(text.encode())

    async def ask(self, path: str = "/") -> str:
        """Send a request; return the body of the answer."""
        self.say(f"GET {path} HTTP/1.1\r\nHost: proxy.test\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
            size = int(head.decode().lower().split("content-length: ")[1].split("\r\n")[0])
            return (await self._reader.readexactly(size)).decode()

    async def is_let_go(self) -> bool:
        """Return once nothing more comes."""
        return await self.rest() == ""

    async def rest(self) -> str:
        """Return what comes until the connection is closed."""
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                return (await self._reader.read()).decode()
        return ""

    def leave(self) -> None:
        """Close the connection."""
        self._writer.close()


class Place:
    """A server of two addresses: `/`, and `/slow`, where the answer waits until it may come."""

    def __init__(self) -> None:
        """Prepare."""
        self.may_answer = asyncio.Event()
        self.asked = 0
        app = web.Application()
        app.router.add_get("/", self._answer)
        app.router.add_get("/slow", self._answer_late)
        app.router.add_get("/broken", AsyncMock(side_effect=ZeroDivisionError))
        app.router.add_get("/large", self._answer_at_length)
        self.runner = Runner(app, handler_cancellation=True, shutdown_timeout=0)

    async def call(self) -> Caller:
        """Connect."""
        host, port = self.runner.addresses[0]
        return Caller(*await asyncio.open_connection(host, port))

    async def _answer(self, _: web.Request) -> web.Response:
        return web.Response(text="here")

    async def _answer_at_length(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(body=bytes(50 << 20))

    async def _answer_late(self, _: web.Request) -> web.Response:
        self.asked += 1
        await self.may_answer.wait()
        return web.Response(text="late")


@asynccontextmanager
async def serving() -> AsyncIterator[Place]:
    """Serve inside."""
    place = Place()
    await place.runner.setup()
    await web.TCPSite(place.runner, "127.0.0.1", 0).start()
    yield place
    await place.runner.cleanup()


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Descriptors of this process stay as they are; say that many are allowed."""
    monkeypatch.setattr(resource, "setrlimit", setrlimit := Mock())
    monkeypatch.setattr(resource, "getrlimit", Mock(return_value=(1024, 4096)))
    return setrlimit


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """A server."""
    async with serving() as place:
        yield place


@pytest.fixture
def two_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two connections may ask for nothing."""
    monkeypatch.setattr(connections, "_MOST_WAITING", 2)


@pytest.mark.parametrize("said", ["", "GET / HTTP/1.1\r\nHost: proxy"])
async def test_who_does_not_ask_in_time_is_let_go(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """Also who has begun to."""
    monkeypatch.setattr(connections, "_PATIENCE", 0.1)
    async with serving() as place:
        caller = await place.call()
        caller.say(said)
        assert await caller.is_let_go()


async def test_who_asked_and_asks_no_more_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """But not while the answer is waited for."""
    monkeypatch.setattr(connections, "_PATIENCE", 0.1)
    async with serving() as place:
        caller, other = await place.call(), await place.call()
        asking = asyncio.create_task(caller.ask("/slow"))
        await until(lambda: place.asked)
        assert await other.is_let_go()
        place.may_answer.set()
        assert await asking == "late"
        assert await caller.is_let_go()


@pytest.mark.usefixtures("two_may_wait")
async def test_of_too_many_who_waits_longest_is_let_go(caplog: pytest.LogCaptureFixture) -> None:
    """To have asked is to begin to wait anew; it is said once."""
    async with serving() as place:
        first, second = await place.call(), await place.call()
        assert await first.ask() == "here"
        third = await place.call()
        assert await second.is_let_go()
        fourth = await place.call()
        assert await first.is_let_go()
        assert (await third.ask(), await fourth.ask()) == ("here", "here")
    assert said(caplog) == [
        "More than 2 connections ask for nothing: those that wait longest are closed"
    ]


@pytest.mark.usefixtures("two_may_wait")
async def test_who_is_being_answered_is_not_among_them(place: Place) -> None:
    """However many come."""
    answers = []
    for count in range(1, 4):
        answers.append(asyncio.create_task((await place.call()).ask("/slow")))
        await until(lambda: place.asked == count)  # noqa: B023 - waited for here
    crowd = [await place.call() for _ in range(5)]
    assert [await one.is_let_go() for one in crowd[:3]] == [True] * 3
    place.may_answer.set()
    assert await asyncio.gather(*answers) == ["late"] * 3


@pytest.mark.usefixtures("two_may_wait")
async def test_who_left_is_not_among_them(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Whether they have asked or not."""
    for _ in range(5):
        caller = await place.call()
        await caller.ask()
        caller.leave()
        asking = await place.call()
        asking.say("GET /slow HTTP/1.1\r\nHost: proxy.test\r\n\r\n")
        asking.leave()
        assert place.runner.server
        await until(lambda: place.runner.server and not place.runner.server.connections)
    assert said(caplog) == []


@pytest.mark.usefixtures("two_may_wait")
async def test_who_does_not_take_the_answer_can_be_let_go(place: Place) -> None:
    """It is made, so that nothing is waited for but them."""
    caller = await place.call()
    caller.say("GET /large HTTP/1.1\r\nHost: proxy.test\r\n\r\n")
    await until(lambda: place.asked)
    others = [await place.call(), await place.call()]
    assert len(await caller.rest()) < 50 << 20
    assert [await one.ask() for one in others] == ["here", "here"]


async def test_end_of_a_crowd_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Once nobody had to be let go for a while."""
    monkeypatch.setattr(connections, "_MOST_WAITING", 1)
    monkeypatch.setattr(connections, "_OVER_AFTER", 0.05)
    caplog.set_level(logging.INFO, connections.__name__)
    async with serving() as place:
        callers = [await place.call() for _ in range(3)]
        await until(lambda: len(said(caplog)) == 2)
        assert said(caplog)[1] == "Connections that ask for nothing are few again"
        callers += [await place.call()]
        await until(lambda: len(said(caplog)) == 3)


@pytest.mark.parametrize(
    ("refusal", "most"), [(None, 1024), (ValueError, 256), (PermissionError, 256)]
)
async def test_a_quarter_of_the_descriptors_may_wait(
    monkeypatch: pytest.MonkeyPatch, allowed: Mock, refusal: type[Exception] | None, most: int
) -> None:
    """Of all that are allowed, or, where these cannot be had, of those that there are."""
    monkeypatch.setattr(connections, "_MOST_WAITING", 10_000)
    allowed.side_effect = refusal
    async with serving() as place:
        assert place.runner.server
        assert place.runner.server._most == most  # type: ignore[attr-defined]
    allowed.assert_called_once_with(resource.RLIMIT_NOFILE, (4096, 4096))


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("GET /?" + "x" * 10_000, id="long address"),
        pytest.param("GET / HTTP/1.1\r\nX: " + "x" * 10_000, id="long header"),
        pytest.param("GET / HTTP/1.1" + "\r\nX: x" * 200, id="many headers"),
        pytest.param("GET / HTTP/1.1\r\nno header", id="no header"),
        pytest.param("GET nonsense", id="no address"),
        pytest.param("\x16\x03\x01", id="TLS"),
    ],
)
async def test_what_is_no_request_is_refused_and_not_logged(
    place: Place, caplog: pytest.LogCaptureFixture, head: str
) -> None:
    """With status 400, after which the connection is closed."""
    caller = await place.call()
    caller.say(f"{head}\r\n\r\n")
    assert (await caller.rest()).startswith("HTTP/1.0 400 Bad Request\r\n")
    assert said(caplog) == []


async def test_mistake_of_ours_is_logged(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """With all that is needed to find it."""
    caller = await place.call()
    assert "500" in await caller.ask("/broken")
    assert "ZeroDivisionError" in caplog.text


def out_of_descriptors() -> dict[str, object]:
    """Return what asyncio says when it cannot accept a connection."""
    return {"message": "", "exception": OSError(24, "Too many open files"), "socket": "one"}


@pytest.mark.usefixtures("place")
async def test_lack_of_descriptors_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And its end, when it did not happen for a while."""
    monkeypatch.setattr(connections, "_OVER_AFTER", 0.05)
    caplog.set_level(logging.INFO, connections.__name__)
    loop = asyncio.get_running_loop()
    for _ in range(100):
        loop.call_exception_handler(out_of_descriptors())
    await until(lambda: len(said(caplog)) == 2)
    assert said(caplog) == [
        "Too many connections: new ones have to wait. A higher limit of open files helps",
        "All connections are accepted again",
    ]


@pytest.mark.parametrize("leave_out", ["socket", "exception"])
@pytest.mark.usefixtures("place")
async def test_what_else_nobody_caught_is_logged_as_ever(
    caplog: pytest.LogCaptureFixture, leave_out: str
) -> None:
    """By asyncio."""
    context = {**out_of_descriptors(), "message": "something else"}
    del context[leave_out]
    asyncio.get_running_loop().call_exception_handler(context)
    assert "something else" in caplog.text
