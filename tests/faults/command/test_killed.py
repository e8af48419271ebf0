"""An engine, or the command itself, ends as `kill -9` ends it: without a word to anybody."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from aiohttp import ClientSession
import m3u8
import pytest

from ...proxy.command.process import running
from ...proxy.players import address
from ...proxy.streams import LIVE, OTHER, starts_decodable
from ...proxy.waiting import until
from ..test_matrix import runs_of
from .provider import Provider, look, until_seen, version
from .stage import BRIEF, EngineProcess, ask, at_rest, descriptors, log_of, watching, watching_hls

# What the log says of an engine that is killed, and of a newcomer and a viewer, each once.
SAID = (
    "WARNING The engine at ",
    f"WARNING Stream {OTHER.content_id} failed: ",
    "broke (The engine closed the connection.); trying to reconnect",
    " answers again",
    " flows again",
)

# Nothing that is written reaches the disk.
STUCK_DISK = """
import os, time
os.fsync = lambda _: time.sleep(60)
"""


async def test_players_stay_while_the_engine_is_killed_and_started_again(
    folder: Path, engine: EngineProcess, session: ClientSession
) -> None:
    """They go on at a random access point; newcomers are told meanwhile; nothing is left."""
    async with running(folder, "--engine", engine.url, "--linger", "0", prelude=BRIEF) as run:
        before = await at_rest(run)
        async with watching(run) as viewer, watching_hls(session, run) as hls:
            await engine.kill()
            newcomer = await ask(run, address(OTHER))
            sentence = await newcomer.text()
            newcomer.leave()
            await engine.start()
            await viewer.data_after(asyncio.get_running_loop().time())
            await hls.more(2)
            played = await engine.record(session)
        await until(lambda: descriptors(run) <= before)
        left = await engine.ended(session)

    assert newcomer.status == 503
    assert sentence.endswith("Is it running?\n")
    assert not viewer.player.ended
    assert all(map(starts_decodable, runs_of(viewer.stream)))
    assert all(map(starts_decodable, hls.segments.values()))
    begin = min(hls.segments)
    assert sorted(hls.segments) == list(range(begin, begin + len(hls.segments)))
    assert (len(hls.jumps - {begin}), hls.statuses) == (1, {200})
    assert (played["starts"], left["starts"], left["stops"]) == (1, 1, 1)
    log = log_of(run)
    assert len(log) == len(SAID)
    assert all(any(words in line for line in log) for words in SAID)


@pytest.mark.parametrize("session_mode", ["3.2.3", "3.2.11"])
async def test_command_that_is_killed_serves_at_once_when_it_is_started_again(
    folder: Path, engine: EngineProcess, session: ClientSession, session_mode: str
) -> None:
    """At the same address, that of a play of HLS, too, whose numbers never go back.

    The session that nobody stopped is in nobody's way, and ends.
    """
    await engine.set(session, session_mode=session_mode, expiry_scale=0.1)
    async with running(folder, "--engine", engine.url) as run:
        player = await ask(run, address())
        await player.head()
        await player.watch(100_000)
        async with session.get(f"{run.address}/ace/manifest.m3u8?id={LIVE.content_id}") as answer:
            play, before = answer.url, m3u8.loads(await answer.text())
        run.process.kill()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await player.watch_to_the_end()
    place = run.address.removeprefix("http://")
    arguments = ("--engine", engine.url, "--linger", "0", "--listen", place)
    async with running(folder, *arguments, prelude=BRIEF) as again:
        async with watching(again) as viewer, watching_hls(session, again) as hls:
            await hls.more(1)
            async with session.get(play) as answer:
                after = m3u8.loads(await answer.text())
        assert again.address == run.address
        left = await engine.ended(session)

    assert all(map(starts_decodable, runs_of(viewer.stream)))
    assert (left["starts"], left["stops"]) == (2, 1)
    assert after.media_sequence >= before.media_sequence > 0
    assert log_of(again) == []


@pytest.mark.parametrize(
    ("hang", "prelude"),
    [
        pytest.param(lambda provider: provider.whole.clear(), "", id="while it comes"),
        pytest.param(lambda _: None, STUCK_DISK, id="while it is written"),
    ],
)
async def test_what_is_kept_is_whole_after_a_kill(
    tmp_path: Path,
    folder: Path,
    engine: EngineProcess,
    session: ClientSession,
    provider: Provider,
    hang: Callable[[Provider], None],
    prelude: str,
) -> None:
    """List, guide and logo are as they were before; the next time there is nothing left over."""
    config = tmp_path / "proxy.yaml"
    provider.write_config(config, engine)
    async with running(folder, "--config", str(config)) as run:
        await until_seen(session, run, version(1))
        await until(lambda: len(files(tmp_path / "kept")) == 4)
    before = files(tmp_path / "kept")

    provider.version = 2
    hang(provider)
    async with running(folder, "--config", str(config), prelude=prelude) as run:
        await until(lambda: len(files(tmp_path / "kept")) > len(before))
        run.process.kill()
    provider.whole.set()

    provider.status = 500
    async with running(folder, "--config", str(config)) as run:
        assert await look(session, run) == version(1)
    provider.status = 200
    async with running(folder, "--config", str(config)) as run:
        await until_seen(session, run, version(2))
        await until(lambda: files(tmp_path / "kept") == before)


def files(folder: Path) -> set[str]:
    """Return the files of lists and guides."""
    return {path.name for kind in ("lists", "guides") for path in folder.glob(f"{kind}/*")}
