"""Serving until the command is told to stop."""

import asyncio
from dataclasses import replace
from pathlib import Path
import re
import signal
import socket
from unittest.mock import Mock

from aiohttp import ClientSession
import pytest
from yarl import URL

from custom_components.acestream_proxy.proxy.command import serve
from custom_components.acestream_proxy.proxy.config import Config, PlaylistConfig
from custom_components.acestream_proxy.proxy.errors import ConfigError
from custom_components.acestream_proxy.proxy.station import Station
from demo import EmulatedEngine

from ..alone import copy_alone
from ..sources import PLAIN, Source
from ..streams import LIVE, is_gapless, starts_decodable
from ..waiting import PATIENCE, until
from .process import Command, running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_command_serves_until_it_is_told_to_stop(
    tmp_path: Path, engine: EmulatedEngine, session: ClientSession, number: signal.Signals
) -> None:
    """A player gets its stream and a clean end; the engine is told; all within two seconds."""
    folder = copy_alone(tmp_path)
    loop = asyncio.get_running_loop()
    async with running(folder, "--engine", engine.url) as run:
        url = f"{run.address}/ace/getstream?id={LIVE.content_id}"
        async with session.get(url) as response:
            assert response.status == 200
            start = await response.content.readexactly(188 * 500)
            began = loop.time()
            run.process.send_signal(number)
            await response.content.read()
            assert await run.process.wait() == 0
            took = loop.time() - began

    assert starts_decodable(start)
    assert took < 2
    await until(lambda: not engine.open_sessions)
    assert (engine.starts, engine.reads, engine.stops) == (1, 1, 1)


async def test_command_takes_the_place_of_acexy(
    tmp_path: Path, engine: EmulatedEngine, session: ClientSession
) -> None:
    """It is told by the same variables, and answers what its clients ask."""
    place = URL(engine.url)
    environment = {
        "ACEXY_HOST": str(place.host),
        "ACEXY_PORT": str(place.port),
        "ACEXY_M3U8": "false",
        "ACEXY_LOG_LEVEL": "INFO",
    }
    async with running(copy_alone(tmp_path), environment=environment) as run:
        url = f"{run.address}/ace/getstream?id={LIVE.content_id}"
        async with session.get(url) as response:
            assert starts_decodable(await response.content.readexactly(188 * 500))
            assert await clients(session, run) == 1
    assert f"ACEXY_HOST and ACEXY_PORT: taken as engines: {engine.url}\n" in run.log
    assert "ACEXY_M3U8: not needed: " in run.log
    assert engine.starts == 1


async def test_command_serves_on_all_networks_of_both_kinds(
    tmp_path: Path, session: ClientSession
) -> None:
    """As far as the machine has them."""
    async with running(copy_alone(tmp_path), "--listen", "*:0") as run:
        port = URL(run.address).port
        assert "Serving on http://0.0.0.0:" in run.log
        async with session.get(f"http://127.0.0.1:{port}/ace/status") as response:
            assert response.status == 200


async def test_trust_is_what_the_file_says_now(tmp_path: Path, session: ClientSession) -> None:
    """Whoever is not trusted any more finds nothing there."""
    folder = copy_alone(tmp_path)
    path = folder / "proxy.yaml"
    path.write_text("trusted_networks: none")
    async with running(folder, "--config", "proxy.yaml") as run:
        url = f"{run.address}/ace/status"
        async with session.get(url) as response:
            assert response.status == 404
        path.write_text("trusted_networks: [127.0.0.0/8]")
        run.process.send_signal(signal.SIGHUP)
        await until(lambda: "The file was read again" in run.log)
        async with session.get(url) as response:
            assert response.status == 200
        async with session.get(url, headers={"X-Forwarded-For": "8.8.8.8"}) as response:
            assert response.status == 404


def test_address_that_is_taken_is_said(tmp_path: Path) -> None:
    """And the command ends."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        config = Config(engines=(), listen=other.getsockname())
        with pytest.raises(SystemExit, match="Players cannot be served: "):
            asyncio.run(serve(config, tmp_path))


async def test_main_serves_in_this_process_too(engine: EmulatedEngine, tmp_path: Path) -> None:
    """Engines are asked for their versions before it serves; nothing is left when it has ended."""
    playlists = (PlaylistConfig(name="Mine", text=PLAIN.decode()),)
    config = Config(engines=(engine.url,), listen=("127.0.0.1", 0), playlists=playlists)
    before = asyncio.all_tasks()
    serving = asyncio.create_task(serve(config, tmp_path))
    await until(lambda: engine.requests)
    await until(lambda: len(asyncio.all_tasks()) > 1)
    signal.raise_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await serving
    assert engine.requests == [("GET", "/webui/api/service?method=get_version")]
    assert [one for one in asyncio.all_tasks() - before if "Mine" in one.get_name()] == []


# The file, while the command runs -----------------------------------------------------------------


async def clients(session: ClientSession, run: Command) -> int:
    """Return how many watch."""
    async with session.get(f"{run.address}/ace/status") as response:
        return int((await response.json())["clients"])


async def test_command_follows_its_file_and_cuts_nobody(
    tmp_path: Path, engine: EmulatedEngine, session: ClientSession, source: Source
) -> None:
    """What was added is there; whoever watches goes on; what needs a restart is said."""
    folder = copy_alone(tmp_path)
    source.body = PLAIN
    path = folder / "proxy.yaml"
    path.write_text(f"{{engines: ['{engine.url}'], data: kept}}")
    async with running(folder, "--config", "proxy.yaml") as run:
        url = f"{run.address}/ace/getstream?id={LIVE.content_id}"
        async with session.get(url) as response:
            stream = await response.content.readexactly(188 * 100)
            path.write_text(f"""
                engines: ['{engine.url}', '{engine.url.replace("127.0.0.1", "localhost")}']
                data: elsewhere
                playlists: [{{name: Mine, url: '{source.origin.address}'}}]
                viewers: [{{name: Kids, secret: sixteen-or-more_16}}]
            """)
            run.process.send_signal(signal.SIGHUP)
            await until(lambda: source.answered == [200])
            await until(lambda: len(list((folder / "kept" / "lists").glob("*.json"))) == 1)
            await until(lambda: "A restart is needed for what changed: data" in run.log)
            assert await clients(session, run) == 1
            async with session.get(f"{run.address}/sixteen-or-more_16/playlist.m3u") as channels:
                assert (await channels.text()).count("#EXTINF") == PLAIN.count(b"#EXTINF")
            stream += await response.content.readexactly(188 * 500)
        run.process.send_signal(signal.SIGTERM)
        assert await run.process.wait() == 0

    assert is_gapless(stream)
    assert engine.starts == 1
    assert not (folder / "elsewhere").exists()


async def test_broken_file_changes_nothing(
    tmp_path: Path, engine: EmulatedEngine, session: ClientSession, source: Source
) -> None:
    """It is logged, line by line, and the next one that can be used is."""
    folder = copy_alone(tmp_path)
    source.body = PLAIN
    path = folder / "proxy.yaml"
    good = f"engines: ['{engine.url}']\n"
    path.write_text(good)
    async with running(folder, "--config", "proxy.yaml") as run:
        url = f"{run.address}/ace/getstream?id={LIVE.content_id}"
        async with session.get(url) as response:
            stream = await response.content.readexactly(188 * 100)
            path.write_text("engines: []\nport: 80")
            run.process.send_signal(signal.SIGHUP)
            await until(lambda: "Everything goes on as it was" in run.log)
            assert await clients(session, run) == 1
            stream += await response.content.readexactly(188 * 500)
        path.write_text(f"{good}playlists: [{{name: Mine, url: '{source.origin.address}'}}]")
        run.process.send_signal(signal.SIGHUP)
        await until(lambda: source.answered == [200])

    assert is_gapless(stream)
    assert re.search(r"ERROR proxy\.yaml, line 1: engines: .*\n", run.log)
    assert re.search(r"ERROR proxy\.yaml, line 2: port: .*\n", run.log)


async def test_mistake_of_ours_is_logged_and_the_next_file_is_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """And the command goes on."""
    applied: list[Config] = []

    async def apply(_: Station, config: Config) -> None:
        applied.append(config)
        assert len(applied) != 2, "a mistake"

    monkeypatch.setattr(Station, "apply", apply)
    config = Config(engines=(), listen=("127.0.0.1", 0))
    caplog.set_level("INFO")
    serving = asyncio.create_task(serve(config, tmp_path, lambda: config))
    await until(lambda: "Serving on" in caplog.text)
    signal.raise_signal(signal.SIGHUP)
    await until(lambda: "a mistake" in caplog.text)
    signal.raise_signal(signal.SIGHUP)
    await until(lambda: "The file was read again" in caplog.text)
    signal.raise_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await serving
    assert "A restart is needed" not in caplog.text


async def test_file_is_read_for_each_signal(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """One that cannot be used is said, and so is what needs a restart."""
    config = Config(engines=(), listen=("127.0.0.1", 0))
    changed = replace(config, listen=("127.0.0.1", 1), data=tmp_path)
    read = Mock(side_effect=[ConfigError("line 1\nline 2"), changed])
    caplog.set_level("INFO")
    serving = asyncio.create_task(serve(config, tmp_path, read))
    await until(lambda: "Serving on" in caplog.text)
    signal.raise_signal(signal.SIGHUP)
    await until(lambda: "Everything goes on as it was" in caplog.text)
    assert "The file was read again" not in caplog.text
    signal.raise_signal(signal.SIGHUP)
    await until(lambda: "A restart is needed" in caplog.text)
    signal.raise_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await serving
    assert [(one.levelname, one.message) for one in caplog.records if one.name == serve.__module__][
        1:-1
    ] == [
        ("ERROR", "line 1"),
        ("ERROR", "line 2"),
        ("ERROR", "Everything goes on as it was"),
        ("INFO", "The file was read again"),
        ("WARNING", "A restart is needed for what changed: listen, data"),
    ]
