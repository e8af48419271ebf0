"""The app as a whole: real programs, an emulated engine, a Supervisor that is none."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.util import find_spec
import os
from pathlib import Path
import signal
import socket
import sys
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from acestream_app import follow, watch
from acestream_app.options import Options
from acestream_app.place import Place
from demo import CHANNELS
from tests.proxy.waiting import PATIENCE, until

from .running import answers, ends, programs, proxies, running, starts

LIVE = [channel for channel in CHANNELS if channel.kind == "live"]


async def test_a_channel_plays(
    place: Place, environment: dict[str, str], session: ClientSession
) -> None:
    """Through the proxy, from the engine beside it."""
    async with running(place, environment):
        await answers(session, f"{place.engine_url}/webui/api/service?method=get_version")
        await answers(session, f"{place.proxy_url}/ace/status")
        url = f"{place.proxy_url}/ace/getstream?id={LIVE[0].content_id}"
        async with session.get(url) as response:
            assert response.status == 200
            assert (await response.content.readexactly(188))[0] == 0x47


async def test_nothing_is_left_when_it_stops(
    place: Place, environment: dict[str, str], session: ClientSession
) -> None:
    """The one who watches gets an end, and every process does."""
    async with running(place, environment):
        await answers(session, f"{place.engine_url}/webui/api/service?method=get_version")
        await answers(session, f"{place.proxy_url}/ace/status")
        response = await session.get(f"{place.proxy_url}/ace/getstream?id={LIVE[0].content_id}")
        await response.content.readexactly(188)
        assert len(programs()) == 2
    assert programs() == []
    async with asyncio.timeout(PATIENCE):
        await response.content.read()


async def test_the_proxy_ends_first(
    place: Place, environment: dict[str, str], session: ClientSession
) -> None:
    """So that the engine still hears that its sessions are over."""
    async with running(place, environment):
        await answers(session, f"{place.engine_url}/webui/api/service?method=get_version")
        await answers(session, f"{place.proxy_url}/ace/status")
        url = f"{place.proxy_url}/ace/getstream?id={LIVE[0].content_id}"
        async with session.get(url) as response:
            await response.content.readexactly(188)
            signal.raise_signal(signal.SIGTERM)
            await response.content.read()
    assert ends(place) == [{"stops": 1}]


async def test_an_engine_that_ends_is_started_again(
    place: Place, environment: dict[str, str], session: ClientSession, caplog: Any
) -> None:
    """And the log says so."""
    async with running(place, environment):
        await answers(session, f"{place.engine_url}/webui/api/service?method=get_version")
        os.kill(starts(place)[0]["pid"], signal.SIGKILL)
        await until(lambda: len(starts(place)) == 2)
        await answers(session, f"{place.engine_url}/webui/api/service?method=get_version")
    assert "The engine ended (status -9); starting it in 1 s" in caplog.text


async def test_a_proxy_that_ends_is_started_again(
    place: Place, environment: dict[str, str], session: ClientSession
) -> None:
    """The engine goes on meanwhile."""
    async with running(place, environment):
        await answers(session, f"{place.proxy_url}/ace/status")
        (first,) = proxies()
        first.kill()
        await until(lambda: proxies() and proxies() != [first])
        await answers(session, f"{place.proxy_url}/ace/status")
        assert len(starts(place)) == 1


@pytest.mark.skipif(
    find_spec("custom_components.acestream_proxy.proxy.command.readiness") is None,
    reason="the proxy does not say yet how its engines do",
)
async def test_an_engine_that_plays_nothing_is_restarted(
    place: Place,
    environment: dict[str, str],
    session: ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the proxy has it from how sessions went; the new one is asked as if nothing had been."""
    monkeypatch.setattr(watch, "INTERVAL", 0.02)
    monkeypatch.setattr(watch, "FIRST", 0.1)
    async with running(place, environment):
        await answers(session, f"{place.engine_url}/webui/api/service?method=get_version")
        await answers(session, f"{place.proxy_url}/health")
        await answers(session, f"{place.engine_url}/demo/faults?refuse_text=failed")
        for channel in LIVE[:4]:
            url = f"{place.proxy_url}/ace/getstream?id={channel.content_id}"
            async with session.get(url) as response:
                assert response.status == 502
        await until(lambda: len(starts(place)) == 2)
        await answers(session, f"{place.proxy_url}/ace/getstream?id={LIVE[4].content_id}")


async def test_the_engine_is_told_what_the_options_say(
    place: Place, environment: dict[str, str]
) -> None:
    """Above all to keep what it plays in memory, and nothing of the Supervisor's token."""
    given = {**environment, "SUPERVISOR_TOKEN": "secret"}
    async with running(place, given, Options(cache_size=64)):
        await until(lambda: starts(place))
    (start,) = starts(place)
    said = " ".join(start["arguments"])
    assert "--live-cache-type memory --live-mem-cache-size 67108864 " in said
    assert "--disable-sentry" in start["arguments"]
    assert "--bind-all" not in start["arguments"]
    assert "SUPERVISOR_TOKEN" not in start["environment"]
    assert start["environment"]["HOME"] == str(place.kept("engine"))


@pytest.mark.parametrize(
    ("engines", "said"),
    [
        pytest.param(True, "The engine is switched off; the engines", id="others"),
        pytest.param(False, "The engine is switched off; name one", id="none"),
    ],
)
async def test_the_engine_can_be_switched_off(
    engines: bool,
    said: str,
    place: Place,
    environment: dict[str, str],
    session: ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Then the proxy is there alone, for engines elsewhere."""
    caplog.set_level("INFO")
    others = ("http://127.0.0.1:1",) * engines
    async with running(place, environment, Options(engine=False, engines=others)):
        await answers(session, f"{place.proxy_url}/ace/status")
        assert programs() == proxies()
    assert starts(place) == []
    assert said in caplog.text


async def test_a_machine_without_an_engine_uses_others(
    place: Place,
    environment: dict[str, str],
    session: ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As on aarch64, where the image has none."""
    place.engine.unlink()
    async with running(place, environment):
        await answers(session, f"{place.proxy_url}/ace/status")
        assert programs() == proxies()
    assert "There is no AceStream engine for this machine; name one" in caplog.text


async def test_the_proxys_file_is_read_again_when_it_is_saved(
    place: Place,
    environment: dict[str, str],
    session: ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is there from the first start, and what is added to it counts at once."""
    monkeypatch.setattr(follow, "INTERVAL", 0.02)
    secret = "sixteen-or-more_16"
    async with running(place, environment):
        await answers(session, f"{place.proxy_url}/ace/status")
        with place.proxy_file.open("a") as file:
            file.write(f"viewers: [{{name: Kids, secret: {secret}}}]\n")
        await answers(session, f"{place.proxy_url}/{secret}/playlist.m3u")


# The Supervisor -----------------------------------------------------------------------------------


@pytest.fixture
async def announced() -> AsyncIterator[tuple[str, list[Any]]]:
    """A Supervisor's address, and what it was told."""
    told: list[Any] = []

    async def discovery(request: web.Request) -> web.Response:
        told.append((request.headers["Authorization"], await request.json()))
        return web.json_response({"result": "ok", "data": {"uuid": "0"}})

    supervisor = web.Application()
    supervisor.router.add_post("/discovery", discovery)
    async with TestServer(supervisor) as server:
        yield str(server.make_url("")).rstrip("/"), told


async def test_home_assistant_is_told_where_the_proxy_is(
    place: Place, environment: dict[str, str], announced: tuple[str, list[Any]]
) -> None:
    """At the container's name, at the port that players have."""
    supervisor, told = announced
    given = {**environment, "SUPERVISOR_TOKEN": "secret"}
    async with running(replace(place, supervisor=supervisor), given):
        await until(lambda: told)
    config = {"host": socket.gethostname(), "port": place.port}
    assert told == [("Bearer secret", {"service": "acestream_proxy", "config": config})]


# The program --------------------------------------------------------------------------------------


async def test_the_program_ends_by_a_signal(
    place: Place, environment: dict[str, str], session: ClientSession, tmp_path: Path
) -> None:
    """As the image runs it: status 0, and no process is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "acestream_app", "--root", str(tmp_path / "root")),
        *("--host", "127.0.0.1", "--port", str(place.port)),
        *("--engine-port", str(place.engine_port), "--supervisor", place.supervisor),
        cwd=Path(follow.__file__).parents[1],
        env={**environment, "SUPERVISOR_TOKEN": "secret"},
        stderr=asyncio.subprocess.PIPE,
    )
    await answers(session, f"{place.engine_url}/webui/api/service?method=get_version")
    await answers(session, f"{place.proxy_url}/ace/status")
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    assert process.returncode == 0
    assert programs() == []
    log = said.decode()
    assert "engine | Ready" in log
    assert "Serving on" in log
    assert "app | " in log
    assert "The Supervisor does not answer" in log
    assert "secret" not in log
