"""Everything that can be made to go wrong, from within and from another process."""

import asyncio
from contextlib import suppress
import json
import socket

import pytest

from demo import EmulatedEngine, Faults, packet_numbers

from .wire import LIVE, connect, fetch, fetch_json, reading, start, until

GETSTREAM = f"/ace/getstream?infohash={LIVE.infohash}&format=json"


async def test_answer_can_be_late(engine: EmulatedEngine) -> None:
    """A getstream takes its time, other requests do not."""
    engine.faults.json_delay = 1000
    async with connect(engine) as wire:
        wire.send(GETSTREAM)
        assert await wire.is_quiet()
        head, _ = await fetch(engine, "/webui/api/service?method=get_version")
    assert head[0] == "HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("endpoint", "target"),
    [
        ("getstream", GETSTREAM),
        ("get_version", "/webui/api/service?method=get_version"),
        ("get_media_files", "/server/api?method=get_media_files"),
        ("search", "/search?query=x"),
        ("r", "/ace/r/x/y"),
        ("content", "/content/x/y"),
        ("stat", "/ace/stat/x/y"),
        ("cmd", "/ace/cmd/x/y?method=stop"),
    ],
)
async def test_endpoint_can_hang(engine: EmulatedEngine, endpoint: str, target: str) -> None:
    """It never answers; it does as soon as the fault is gone."""
    engine.faults.hang = {endpoint}
    async with connect(engine) as wire:
        wire.send(target)
        assert await wire.is_quiet()
    engine.faults.hang = set()
    async with connect(engine) as wire:
        wire.send(target)
        assert (await wire.head())[0].startswith("HTTP/1.1 ")


async def test_endpoint_can_be_slow(engine: EmulatedEngine) -> None:
    """Only that one."""
    engine.faults.slow = {"stat": 1000}
    session = await start(engine)
    async with connect(engine) as wire:
        wire.send(session["stat_url"])
        assert await wire.is_quiet()


async def test_endpoint_can_talk_nonsense(engine: EmulatedEngine) -> None:
    """Something that is not HTTP, then the end."""
    engine.faults.garbage = {"getstream"}
    async with connect(engine) as wire:
        wire.send(GETSTREAM)
        assert not (await wire.rest()).startswith(b"HTTP")


async def test_engine_can_be_half_open(engine: EmulatedEngine) -> None:
    """It accepts, and that is all; its control still works."""
    engine.faults.half_open = True
    async with connect(engine) as wire:
        wire.send("/webui/api/service?method=get_version")
        assert await wire.is_quiet()
    assert (await fetch_json(engine, "/demo/faults"))["half_open"] is True


async def test_stall_and_recovery(engine: EmulatedEngine) -> None:
    """No byte while it lasts, and nothing is missing afterwards."""
    engine.faults.burst_seconds = 0.2
    async with reading(engine, await start(engine)) as wire:
        await wire.head()
        stream = await wire.packets(5000)
        engine.faults.stall = True
        await until(lambda: engine.sessions[0].bytes_sent > 0)
        before = engine.sessions[0].bytes_sent
        stream += await wire.packets(before - len(stream))
        assert engine.sessions[0].reading
        engine.faults.stall = False
        stream += await wire.packets(5000)
    numbers = packet_numbers(stream)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_starving_shows_in_the_status(engine: EmulatedEngine) -> None:
    """It says `dl`, and downloads nothing."""
    engine.faults.starving = True
    session = await start(engine)
    async with reading(engine, session) as wire:
        assert await wire.is_quiet()
        polls = [(await fetch_json(engine, session["stat_url"]))["response"] for _ in range(4)]
    assert polls[3]["status"] == "dl"
    assert polls[3]["speed_down"] < 10
    assert polls[3]["downloaded"] == polls[2]["downloaded"]


async def test_eof_ends_readers_cleanly(engine: EmulatedEngine) -> None:
    """The session is still there."""
    async with reading(engine, await start(engine)) as wire:
        await wire.head()
        engine.faults.eof = True
        await wire.until_last_chunk()
    assert len(engine.open_sessions) == 1


async def test_reset_breaks_readers(engine: EmulatedEngine) -> None:
    """A TCP reset, not an end."""
    async with reading(engine, await start(engine)) as wire:
        await wire.head()
        engine.faults.reset = True
        with pytest.raises(ConnectionResetError):
            await wire.rest()


async def test_readers_can_be_cut_once(engine: EmulatedEngine) -> None:
    """The reader of the moment ends; the next one of the same session plays on."""
    session = await start(engine)
    async with reading(engine, session) as wire:
        await wire.head()
        await wire.chunk()
        engine.cut_readers()
        await wire.until_last_chunk()
    await until(lambda: not engine.sessions[0].reading)
    async with reading(engine, session) as wire:
        await wire.head()
        assert await wire.chunk()
    assert engine.reads == 2


async def test_restart_forgets_everything(engine: EmulatedEngine) -> None:
    """Connections break, the port stays, nobody is known."""
    port = engine.port
    session = await start(engine)
    async with reading(engine, session) as wire:
        await wire.head()
        await engine.restart()
        with pytest.raises(ConnectionResetError):
            await wire.rest()
    assert engine.port == port
    answer = await fetch_json(engine, session["stat_url"])
    assert answer["error"] == "unknown playback session id"
    assert [session.stopped_by for session in engine.sessions] == ["restart"]


async def test_stop_leaves_nothing_behind(engine: EmulatedEngine) -> None:
    """The port is closed, and so is every connection."""
    async with connect(engine) as wire:
        wire.send("/webui/api/service?method=get_version")
        await wire.reply()
        await engine.stop()
        with pytest.raises(ConnectionResetError):
            await wire.rest()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(engine.host, engine.port)


async def test_faults_from_another_process(engine: EmulatedEngine) -> None:
    """Every kind of field can be set by a query, and is shown in the reply."""
    query = "stall=true&json_delay=2&hang=r,content&slow=stat:0.5&second_reader=blocking"
    shown = await fetch_json(engine, f"/demo/faults?{query}")
    assert engine.faults.stall is True
    assert engine.faults.json_delay == 2.0
    assert engine.faults.hang == {"r", "content"}
    assert engine.faults.slow == {"stat": 0.5}
    assert engine.faults.second_reader == "blocking"
    assert shown == json.loads(json.dumps(engine.faults.as_json()))
    assert engine.requests == []


@pytest.mark.parametrize("query", ["nope=1", "json_delay=soon", "session_mode=4"])
async def test_faults_that_do_not_fit_are_refused(engine: EmulatedEngine, query: str) -> None:
    """Nothing is set then."""
    before = engine.faults.as_json()
    head, _ = await fetch(engine, f"/demo/faults?stall=true&{query}")
    assert head[0] == "HTTP/1.1 400 Bad Request"
    assert engine.faults.as_json() == before


@pytest.mark.parametrize("turns", range(6))
async def test_restart_at_the_moment_somebody_connects(engine: EmulatedEngine, turns: int) -> None:
    """Whichever turn of the loop it is: the connection ends, without a word in the log."""
    with socket.create_connection((engine.host, engine.port)) as somebody:
        for _ in range(turns):
            await asyncio.sleep(0)
        await engine.restart()
        somebody.settimeout(5)
        with suppress(ConnectionResetError):
            assert await asyncio.to_thread(somebody.recv, 1) == b""


async def test_restart_from_another_process(engine: EmulatedEngine) -> None:
    """The reply still leaves."""
    await start(engine)
    assert await fetch_json(engine, "/demo/restart") == {"restarting": True}
    await until(lambda: engine.sessions[0].stopped_by == "restart")


async def test_record_for_another_process(engine: EmulatedEngine) -> None:
    """Counts and sessions."""
    session = await start(engine)
    await fetch_json(engine, f"{session['command_url']}?method=stop")
    record = await fetch_json(engine, "/demo/record")
    assert [record["starts"], record["reads"], record["stops"], record["open"]] == [1, 0, 1, 0]
    assert record["sessions"][0]["infohash"] == LIVE.infohash
    assert record["sessions"][0]["stopped_by"] == "command"


def test_fresh_faults_are_none() -> None:
    """A fresh engine is healthy."""
    fields = Faults().as_json()
    off = {name for name, value in fields.items() if not value}
    assert off >= {"stall", "eof", "reset", "hang", "slow", "garbage", "starving", "half_open"}
