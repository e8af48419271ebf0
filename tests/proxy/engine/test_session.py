"""One playback session: exactly one stop for every start."""

import asyncio
from collections.abc import Coroutine

from aiohttp import ClientSession
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, EngineClient
from custom_components.acestream_proxy.proxy.broadcast import spawn
from custom_components.acestream_proxy.proxy.engine import (
    EngineOptions,
    PlaybackSession,
    SessionOptions,
)
from custom_components.acestream_proxy.proxy.errors import EngineRefusedError, EngineTimeoutError
from demo import EmulatedEngine

from ..streams import LIVE
from ..waiting import until

CONTENT = ContentKey.parse(LIVE.content_id)


@pytest.fixture
def client(session: ClientSession, engine: EmulatedEngine) -> EngineClient:
    """A client of the engine."""
    return EngineClient(session, engine.url)


def started(engine: EmulatedEngine) -> list[str]:
    """Return the engine's requests that open sessions."""
    return [target for _, target in engine.requests if target.startswith("/ace/getstream")]


def stopped(engine: EmulatedEngine) -> list[str]:
    """Return the engine's requests that end sessions."""
    return [target for _, target in engine.requests if target.endswith("?method=stop")]


async def test_session_is_opened_read_and_stopped(
    client: EngineClient, engine: EmulatedEngine
) -> None:
    """One start, one read, one stop; inside there are packets and figures."""
    looks: list[int] = []
    flows: list[bool] = []
    playback = PlaybackSession(
        client,
        CONTENT,
        options=SessionOptions(status_interval=0.01),
        on_status=lambda: looks.append(playback.status.peers),
        on_flow=lambda: flows.append(True),
    )
    assert not playback.infohash
    async with playback:
        media = playback.reader()
        gulp = await anext(media)
        await until(lambda: 7 in looks)
        assert playback.infohash == LIVE.infohash
        assert playback.flowed > 0

    assert gulp.startswith(b"\x47")
    assert len(gulp) > 10_000
    assert flows == [True]
    assert (engine.starts, engine.reads, engine.stops) == (1, 1, 1)
    await until(lambda: not engine.sessions[0].reading)


async def test_each_session_is_another_player(client: EngineClient, engine: EmulatedEngine) -> None:
    """To the engine a player that asks for something else ends what it had."""
    async with PlaybackSession(client, CONTENT), PlaybackSession(client, CONTENT):
        assert len({session.player_id for session in engine.sessions}) == 2


async def test_error_inside_still_stops(client: EngineClient, engine: EmulatedEngine) -> None:
    """Whatever happens while it plays."""

    async def fail() -> None:
        async with PlaybackSession(client, CONTENT):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (engine.starts, engine.stops) == (1, 1)


async def test_refused_start_needs_no_stop(client: EngineClient, engine: EmulatedEngine) -> None:
    """Nothing was opened."""
    engine.faults.refuse_text = "mod_detected"
    with pytest.raises(EngineRefusedError, match="mod_detected"):
        async with PlaybackSession(client, CONTENT):
            pass
    assert stopped(engine) == []


async def test_start_that_nobody_waits_for_is_stopped_once(
    client: EngineClient, engine: EmulatedEngine
) -> None:
    """Cancelled in the middle, it is seen through, so that it can be closed."""
    engine.faults.slow = {"getstream": 0.1}
    opening = asyncio.create_task(PlaybackSession(client, CONTENT).__aenter__())
    await until(lambda: started(engine))

    opening.cancel()
    await asyncio.wait({opening})

    assert opening.cancelled()
    assert (engine.starts, len(stopped(engine)), engine.stops) == (1, 1, 1)


async def test_start_that_comes_too_late_is_stopped_once(
    session: ClientSession, engine: EmulatedEngine
) -> None:
    """A session that nobody knows of would be in the way of the next one."""
    client = EngineClient(session, engine.url, EngineOptions(start_timeout=0.05))
    engine.faults.slow = {"getstream": 0.2}
    tasks: list[asyncio.Task[None]] = []

    def keep(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        tasks.append(spawn(work, name))
        return tasks[-1]

    with pytest.raises(EngineTimeoutError, match="did not answer within 0 seconds"):
        await PlaybackSession(client, CONTENT, spawn=keep).__aenter__()
    assert stopped(engine) == []

    await asyncio.wait(tasks)

    assert (engine.starts, len(stopped(engine)), engine.stops) == (1, 1, 1)


async def test_late_start_that_nobody_waits_for_either(
    session: ClientSession, engine: EmulatedEngine
) -> None:
    """Cancelled, then too late: still one stop."""
    client = EngineClient(session, engine.url, EngineOptions(start_timeout=0.1))
    engine.faults.slow = {"getstream": 0.3}
    opening = asyncio.create_task(PlaybackSession(client, CONTENT).__aenter__())
    await until(lambda: started(engine))
    opening.cancel()
    await asyncio.wait({opening})
    assert opening.cancelled()
    await until(lambda: engine.stops == 1)


async def test_second_cancellation_ends_the_wait(
    client: EngineClient, engine: EmulatedEngine
) -> None:
    """Whoever has no time left is not held up by an engine that hangs."""
    engine.faults.hang = {"getstream"}
    opening = asyncio.create_task(PlaybackSession(client, CONTENT).__aenter__())
    await until(lambda: started(engine))
    opening.cancel()
    await asyncio.sleep(0)
    opening.cancel()
    async with asyncio.timeout(1):
        await asyncio.wait({opening})
    assert opening.cancelled()


async def test_stop_that_fails_is_no_error(client: EngineClient, engine: EmulatedEngine) -> None:
    """The engine ends such a session by itself."""
    async with PlaybackSession(client, CONTENT):
        engine.faults.garbage = {"cmd"}
    assert len(stopped(engine)) == 1


async def test_figures_that_do_not_come_are_no_error(
    client: EngineClient, engine: EmulatedEngine
) -> None:
    """What was known last stays."""
    engine.faults.garbage = {"stat"}
    playback = PlaybackSession(client, CONTENT, options=SessionOptions(status_interval=0.01))
    async with playback:
        await until(lambda: sum("/ace/stat/" in target for _, target in engine.requests) > 1)
        assert playback.status.peers == 0
