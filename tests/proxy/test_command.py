"""The command, as a process of its own, from the package alone."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
import logging
from pathlib import Path
import re
import signal
import socket
import subprocess
import sys
from unittest.mock import Mock

from aiohttp import ClientSession
import pytest

from custom_components.acestream_proxy.proxy import __main__ as command
from custom_components.acestream_proxy.proxy.config import Config, PlaylistConfig
from custom_components.acestream_proxy.proxy.errors import ConfigError
from custom_components.acestream_proxy.proxy.station import Station
from demo import EmulatedEngine

from .alone import copy_alone
from .sources import PLAIN, Source
from .streams import LIVE, is_gapless, starts_decodable
from .waiting import PATIENCE, until


class Command:
    """The command while it runs."""

    def __init__(self, process: Process) -> None:
        """Know nothing of it yet."""
        self.process = process
        self.address = ""
        """Where it serves."""
        self.log = ""

    async def listen(self) -> None:
        """Keep what it says, until it ends."""
        assert self.process.stderr
        async for line in self.process.stderr:
            self.log += line.decode()
            if found := re.search(r"Serving .*?(http://[0-9.:]+)", self.log):
                self.address = found[1]


@asynccontextmanager
async def running(folder: Path, *arguments: str) -> AsyncIterator[Command]:
    """Run the command on a free port; inside it serves."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "acestream_proxy", "--listen", "127.0.0.1:0", *arguments),
        cwd=folder,
        stderr=PIPE,
    )
    command = Command(process)
    listening = asyncio.create_task(command.listen())
    try:
        await until(lambda: command.address or listening.done())
        assert command.address, command.log
        yield command
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening


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


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """Serve nothing; return what would have been served."""
    served: list[Config] = []

    async def serve(config: Config, folder: Path, read: object) -> None:
        served.append(config)

    monkeypatch.setattr(command, "serve", serve)
    return served


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        ("0.0.0.0:80", ("0.0.0.0", 80)),  # noqa: S104 - parsed, not bound
        ("[::1]:80", ("::1", 80)),
        (":80", ("127.0.0.1", 80)),
    ],
)
def test_places_to_listen(served: list[Config], text: str, listen: tuple[str, int]) -> None:
    """Hosts of both kinds; without one, this machine alone."""
    command.main(["--listen", text])
    assert served[0].listen == listen


def test_without_a_file_there_are_defaults_and_options(served: list[Config]) -> None:
    """Each engine is there once."""
    command.main([])
    command.main(["--engine", "h", "--engine", "http://h:6878/", "--audio-language", "SPA"])
    command.main(["--no-low-latency"])
    assert served == [
        Config(),
        Config(engines=("http://h:6878",), audio_language="spa"),
        Config(low_latency=False),
    ]


def test_options_count_more_than_the_file(served: list[Config], tmp_path: Path) -> None:
    """What is not given stays as it is in the file."""
    path = tmp_path / "proxy.yaml"
    path.write_text(
        "{engines: [a], listen: 'h:1', audio_language: eng, low_latency: true, anonymous: false}"
    )
    options = ("--engine", "b", "--listen", "h:2", "--audio-language", "spa", "--no-low-latency")
    command.main(["--config", str(path)])
    command.main(["--config", str(path), *options])
    first, second = served
    assert first == Config(
        engines=("http://a:6878",), listen=("h", 1), audio_language="eng", anonymous=False
    )
    assert second == Config(
        engines=("http://b:6878",),
        listen=("h", 2),
        audio_language="spa",
        low_latency=False,
        anonymous=False,
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("engines: []\nport: 80", ["proxy.yaml, line 1: engines:", "proxy.yaml, line 2: port:"]),
        ("data: proxy.yaml/kept", ["Nothing can be kept in", "proxy.yaml/kept (Not a directory)."]),
    ],
)
def test_file_that_cannot_be_used_ends_the_command(
    served: list[Config],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    said: list[str],
) -> None:
    """With sentences that say why, before anything is served."""
    path = tmp_path / "proxy.yaml"
    path.write_text(content)
    with pytest.raises(SystemExit) as caught:
        command.main(["--config", str(path)])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert [words for words in said if words not in error] == []
    assert "usage" not in error
    assert served == []


def test_things_are_kept_for_as_long_as_the_command_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a folder of its own, or in that of the file, which stays."""
    folders: list[Path] = []

    async def serve(config: Config, folder: Path, read: object) -> None:
        (folder / "list").write_bytes(b"")
        folders.append(folder)

    monkeypatch.setattr(command, "serve", serve)
    path = tmp_path / "proxy.yaml"
    path.write_text("data: deep/kept")
    command.main([])
    command.main(["--config", str(path)])
    assert [folder.exists() for folder in folders] == [False, True]
    assert folders[1] == tmp_path / "deep" / "kept"
    assert [path.name for path in folders[1].iterdir()] == ["list"]


def test_requests_are_in_no_log(served: list[Config], caplog: pytest.LogCaptureFixture) -> None:
    """Their addresses have secrets in them, so not even all details are that detailed."""
    caplog.set_level(logging.DEBUG, logger="aiohttp.access")
    command.main(["--verbose"])
    assert not logging.getLogger("aiohttp.access").isEnabledFor(logging.INFO)


def test_address_that_is_taken_is_said(tmp_path: Path) -> None:
    """And the command ends."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        config = Config(engines=(), listen=other.getsockname())
        with pytest.raises(SystemExit, match="Players cannot be served: "):
            asyncio.run(command.serve(config, tmp_path))


async def test_main_serves_in_this_process_too(engine: EmulatedEngine, tmp_path: Path) -> None:
    """Engines are asked for their versions before it serves; nothing is left when it has ended."""
    playlists = (PlaylistConfig(name="Mine", text=PLAIN.decode()),)
    config = Config(engines=(engine.url,), listen=("127.0.0.1", 0), playlists=playlists)
    before = asyncio.all_tasks()
    serving = asyncio.create_task(command.serve(config, tmp_path))
    await until(lambda: engine.requests)
    await until(lambda: len(asyncio.all_tasks()) > 1)
    signal.raise_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await serving
    assert engine.requests == [("GET", "/webui/api/service?method=get_version")]
    assert [one for one in asyncio.all_tasks() - before if "Mine" in one.get_name()] == []


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
    serving = asyncio.create_task(command.serve(config, tmp_path, lambda: config))
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
    changed = replace(config, anonymous=False, data=tmp_path)
    read = Mock(side_effect=[ConfigError("line 1\nline 2"), changed])
    caplog.set_level("INFO")
    serving = asyncio.create_task(command.serve(config, tmp_path, read))
    await until(lambda: "Serving on" in caplog.text)
    signal.raise_signal(signal.SIGHUP)
    await until(lambda: "Everything goes on as it was" in caplog.text)
    assert "The file was read again" not in caplog.text
    signal.raise_signal(signal.SIGHUP)
    await until(lambda: "A restart is needed" in caplog.text)
    signal.raise_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await serving
    assert [
        (one.levelname, one.message) for one in caplog.records if one.name == command._LOGGER.name
    ][1:] == [
        ("ERROR", "line 1"),
        ("ERROR", "line 2"),
        ("ERROR", "Everything goes on as it was"),
        ("INFO", "The file was read again"),
        ("WARNING", "A restart is needed for what changed: data, anonymous"),
    ]
