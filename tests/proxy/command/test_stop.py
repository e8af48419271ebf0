"""How the command stops, as a process of its own, with players at it."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
import signal
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout
import pytest

from custom_components.acestream_proxy.proxy.command.serve import _END_TIMEOUT
from demo import EmulatedEngine

from ..alone import copy_alone
from ..players import Player, address
from ..streams import LIVE, OTHER, is_gapless
from ..waiting import until
from .process import Command, running

MANIFEST = f"/ace/manifest.m3u8?id={LIVE.content_id}"


async def connect(stack: AsyncExitStack, run: Command, target: str = "") -> Player:
    """Connect a player, and have it play something."""
    place = urlsplit(run.address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    player = Player(reader, writer)
    stack.callback(player.leave)
    player.send(target or address())
    return player


async def ended(run: Command, began: float) -> float:
    """Wait until the command has ended; return the seconds since something began."""
    await run.process.wait()
    return asyncio.get_running_loop().time() - began


@pytest.mark.parametrize(
    "hang",
    [set(), {"cmd"}, {"cmd", "stat", "get_version", "get_media_files", "getstream"}],
    ids=["engine well", "stop hangs", "all hangs"],
)
async def test_many_players_get_a_clean_end_in_time(
    tmp_path: Path, engine: EmulatedEngine, session: ClientSession, hang: set[str]
) -> None:
    """Whatever the engine does, and although some of them read nothing."""
    folder = copy_alone(tmp_path)
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        run = await stack.enter_async_context(running(folder, "--engine", engine.url))
        players = [await connect(stack, run) for _ in range(40)]
        players.append(await connect(stack, run, address(OTHER)))
        await asyncio.gather(*(player.head() for player in players))
        await asyncio.gather(*(player.watch(188 * 100) for player in players))
        for target in (address(), address(OTHER)):
            await connect(stack, run, target)  # and never reads
        async with session.get(f"{run.address}{MANIFEST}") as response:
            assert response.status == 200
        engine.faults.hang = hang

        began = loop.time()
        run.process.send_signal(signal.SIGTERM)
        streams = await asyncio.gather(*(player.watch_to_the_end() for player in players))
        took = await ended(run, began)

    assert run.process.returncode == 0
    assert took < _END_TIMEOUT + 1
    assert all(map(is_gapless, streams))
    stops = [target for _, target in engine.requests if "method=stop" in target]
    assert len(stops) == 2
    assert "Traceback" not in run.log


async def test_while_draining_nobody_new_is_let_in(
    tmp_path: Path, engine: EmulatedEngine, session: ClientSession
) -> None:
    """Who watches goes on, as HLS too, until the last one has left."""
    folder = copy_alone(tmp_path)
    async with AsyncExitStack() as stack:
        arguments = ("--engine", engine.url, "--drain", "600")
        run = await stack.enter_async_context(running(folder, *arguments))
        player = await connect(stack, run)
        await player.head()
        async with session.get(f"{run.address}{MANIFEST}") as response:
            playlist = response.url
        run.process.send_signal(signal.SIGTERM)
        await until(lambda: "nobody new is let in" in run.log)

        for content in (LIVE, OTHER):
            async with session.get(f"{run.address}{address(content)}") as response:
                assert response.status == 503
                assert response.headers["Retry-After"] == "10"
                assert "is stopping" in await response.text()
        async with session.get(f"{run.address}{MANIFEST}", headers={"User-Agent": "x"}) as response:
            assert response.status == 503
        async with session.get(playlist) as response:
            assert response.status == 200
        assert is_gapless(await player.watch(188 * 1000))
        async with session.get(f"{run.address}/ace/status") as response:
            assert (await response.json())["streams"] == 1
        async with session.get(f"{run.address}/ready") as response:
            assert response.status == 503
        async with session.get(f"{run.address}/health") as response:
            assert response.status == 200
        assert run.process.returncode is None
        assert engine.starts == 1
        facts = [target for _, target in engine.requests if "get_media_files" in target]
        assert len(facts) == 1


async def test_draining_ends_with_the_last_viewer(tmp_path: Path, engine: EmulatedEngine) -> None:
    """There is nobody left to wait for."""
    folder = copy_alone(tmp_path)
    async with AsyncExitStack() as stack:
        arguments = ("--engine", engine.url, "--drain", "600")
        run = await stack.enter_async_context(running(folder, *arguments))
        player = await connect(stack, run)
        await player.head()
        run.process.send_signal(signal.SIGTERM)
        await until(lambda: "nobody new is let in" in run.log)
        player.leave()
        await until(lambda: run.process.returncode == 0)
    await until(lambda: not engine.open_sessions)


async def test_draining_ends_after_its_time(tmp_path: Path, engine: EmulatedEngine) -> None:
    """Those who still watch get a clean end then."""
    folder = copy_alone(tmp_path)
    async with AsyncExitStack() as stack:
        arguments = ("--engine", engine.url, "--drain", "1")
        run = await stack.enter_async_context(running(folder, *arguments))
        player = await connect(stack, run)
        await player.head()
        run.process.send_signal(signal.SIGTERM)
        assert is_gapless(await player.watch_to_the_end())
        await until(lambda: run.process.returncode == 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_second_signal_ends_it_at_once(
    tmp_path: Path, engine: EmulatedEngine, number: signal.Signals
) -> None:
    """Whoever says so twice does not want to wait."""
    folder = copy_alone(tmp_path)
    async with AsyncExitStack() as stack:
        arguments = ("--engine", engine.url, "--drain", "600")
        run = await stack.enter_async_context(running(folder, *arguments))
        player = await connect(stack, run)
        await player.head()
        run.process.send_signal(signal.SIGTERM)
        await until(lambda: "nobody new is let in" in run.log)
        run.process.send_signal(number)
        await until(lambda: run.process.returncode == -number)


async def test_engine_that_says_nothing_holds_up_no_start(
    tmp_path: Path, engine: EmulatedEngine, session: ClientSession
) -> None:
    """Its version is waited for by nobody."""
    engine.faults.hang = {"get_version"}
    async with running(copy_alone(tmp_path), "--engine", engine.url) as run:
        assert "Is it running?" not in run.log
        timeout = ClientTimeout(total=5)
        async with session.get(f"{run.address}/ace/status", timeout=timeout) as response:
            assert response.status == 200
