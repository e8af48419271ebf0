"""The command, as a process of its own, from the package alone."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import re
import signal
import subprocess
import sys

from aiohttp import ClientSession
import pytest

from custom_components.acestream_proxy.proxy import ProxyOptions, __main__ as command
from demo import EmulatedEngine

from .alone import copy_alone
from .streams import LIVE, starts_decodable
from .waiting import PATIENCE, until


@asynccontextmanager
async def running(folder: Path, *arguments: str) -> AsyncIterator[tuple[Process, str]]:
    """Run the command on a free port; inside it serves. Yields it and its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "acestream_proxy", "--listen", "127.0.0.1:0", *arguments),
        cwd=folder,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            yield process, await _address(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _address(process: Process) -> str:
    assert process.stderr
    async for line in process.stderr:
        if found := re.search(rb"Serving .*?(http://[0-9.:]+)", line):
            return found[1].decode()
    raise AssertionError("The command ended before it served")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_command_serves_until_it_is_told_to_stop(
    tmp_path: Path, engine: EmulatedEngine, session: ClientSession, number: signal.Signals
) -> None:
    """A player gets its stream and a clean end; the engine is told; all within two seconds."""
    folder = copy_alone(tmp_path)
    loop = asyncio.get_running_loop()
    async with running(folder, "--engine", engine.url) as (process, address):
        url = f"{address}/ace/getstream?id={LIVE.content_id}"
        async with session.get(url) as response:
            assert response.status == 200
            start = await response.content.readexactly(188 * 500)
            began = loop.time()
            process.send_signal(number)
            await response.content.read()
            assert await process.wait() == 0
            took = loop.time() - began

    assert starts_decodable(start)
    assert took < 2
    await until(lambda: not engine.open_sessions)
    assert (engine.starts, engine.reads, engine.stops) == (1, 1, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--engine", "ftp://x"], "looks like http://"),
        (["--listen", "nowhere"], "is not HOST:PORT"),
        (["--listen", "0.0.0.0:99999"], "is not HOST:PORT"),
        (["--audio-language", "es"], "is not a code of three letters"),
        (["--nonsense"], "unrecognized arguments"),
    ],
)
def test_bad_arguments_are_said(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a sentence and the exit code of all commands."""
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        ("0.0.0.0:80", ("0.0.0.0", 80)),  # noqa: S104 - parsed, not bound
        ("[::1]:80", ("::1", 80)),
        (":80", ("127.0.0.1", 80)),
    ],
)
def test_places_to_listen(text: str, listen: tuple[str, int]) -> None:
    """Hosts of both kinds; without one, this machine alone."""
    assert command._listen(text) == listen


def test_language_reaches_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is empty unless it is given."""
    served: list[str] = []

    async def serve(*_: object, options: ProxyOptions) -> None:
        served.append(options.audio_language)

    monkeypatch.setattr(command, "serve", serve)
    command.main(["--audio-language", "spa"])
    command.main([])
    assert served == ["spa", ""]


async def test_main_serves_in_this_process_too(engine: EmulatedEngine) -> None:
    """Several engines are asked for their versions before it serves."""
    serving = asyncio.create_task(command.serve([engine.url], "127.0.0.1", 0))
    await until(lambda: engine.requests)
    await until(lambda: len(asyncio.all_tasks()) > 1)
    signal.raise_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await serving
    assert engine.requests == [("GET", "/webui/api/service?method=get_version")]


def test_help_names_the_defaults(tmp_path: Path) -> None:
    """It says where it serves unless told otherwise."""
    done = subprocess.run(
        [sys.executable, "-m", "acestream_proxy", "--help"],
        cwd=copy_alone(tmp_path),
        check=True,
        capture_output=True,
        text=True,
    )
    assert "127.0.0.1:8080" in done.stdout
    assert "http://127.0.0.1:6878" in done.stdout


@pytest.mark.parametrize(("arguments", "wanted"), [([], True), (["--no-low-latency"], False)])
def test_low_latency_is_on_unless_it_is_turned_off(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], wanted: bool
) -> None:
    """For players that make a mess of it."""
    served: list[bool] = []

    async def serve(*_: object, options: ProxyOptions) -> None:
        served.append(options.hls.low_latency)

    monkeypatch.setattr(command, "serve", serve)
    command.main(arguments)
    assert served == [wanted]
