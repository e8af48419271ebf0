"""Telling the Supervisor, however it is."""

from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from acestream_app import backoff
from acestream_app.announce import announce

from .conftest import free_port


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(backoff, "FIRST", 0.01)


async def told(session: ClientSession, *statuses: int) -> int:
    """Announce to a Supervisor with these answers; return how many it gave."""
    given: list[Any] = []

    async def discovery(_: web.Request) -> web.Response:
        given.append(statuses[len(given)])
        return web.json_response({}, status=given[-1])

    app = web.Application()
    app.router.add_post("/discovery", discovery)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        await announce(session, url, "secret", host="h", port=1)
    return len(given)


async def test_a_supervisor_that_is_away_is_asked_again(
    session: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once."""
    caplog.set_level("INFO")
    assert await told(session, 502, 503, 200) == 3
    assert caplog.text.count("The Supervisor does not answer (status 502); trying again") == 1
    assert caplog.text.count("trying again") == 1
    assert "Home Assistant was told of the proxy at h:1" in caplog.text


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_is_final(
    session: ClientSession, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """Nobody suffers from it but who wanted to find the proxy."""
    assert await told(session, status) == 1
    assert f"Home Assistant is told of no proxy (status {status})" in caplog.text
    assert "secret" not in caplog.text


async def test_no_supervisor_at_all_is_a_line_in_the_log(
    session: ClientSession, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where nothing listens."""

    class EnoughError(Exception):
        """The test has seen what it wanted."""

    async def sleep(_: float) -> None:
        raise EnoughError

    monkeypatch.setattr("acestream_app.announce.asyncio.sleep", sleep)
    with pytest.raises(EnoughError):
        await announce(session, f"http://127.0.0.1:{free_port()}", "secret", host="h", port=1)
    assert "The Supervisor does not answer (Cannot connect" in caplog.text
