"""The command from its first line to its last, but for what it serves."""

import asyncio
from collections.abc import Callable, Iterator
import logging
import os
from pathlib import Path
import subprocess
import sys
import threading

import pytest

from custom_components.acestream_proxy.proxy import __main__ as command
from custom_components.acestream_proxy.proxy.config import Config

from .alone import copy_alone


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing in the environment, and a log that is afterwards as it was."""
    for name in os.environ:
        if name.startswith(("ACESTREAM_PROXY_", "ACEXY_")):
            monkeypatch.delenv(name)
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """Serve nothing; return what would have been served."""
    served: list[Config] = []

    async def serve(config: Config, folder: Path, read: object) -> None:
        served.append(config)

    monkeypatch.setattr(command, "serve", serve)
    return served


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


def test_unknown_flag_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Short for another one is unknown, too."""
    with pytest.raises(SystemExit) as caught:
        command.main(["--no-low-lat"])
    assert caught.value.code == 2
    assert "unrecognized arguments: --no-low-lat" in capsys.readouterr().err


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


def test_file_is_read_again_with_all_else_that_was_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """How much is logged changes with it; without a file there is nothing to read."""
    path = tmp_path / "proxy.yaml"
    path.write_text("{linger: 1, log_level: error}")
    again: list[Config | None] = []
    levels: list[int] = []

    async def serve(config: Config, folder: Path, read: Callable[[], Config] | None) -> None:
        levels.append(logging.getLogger().level)
        path.write_text("{linger: 2, drain: 5}")
        again.append(read() if read else None)
        levels.append(logging.getLogger().level)

    monkeypatch.setattr(command, "serve", serve)
    monkeypatch.setenv("ACESTREAM_PROXY_DRAIN", "9")
    command.main(["--config", str(path)])
    command.main([])
    assert again == [Config(linger=2, drain=9), None]
    assert levels[:2] == [logging.ERROR, logging.INFO]


def test_what_became_of_variables_is_said(
    served: list[Config], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where nothing else is to be."""
    monkeypatch.setenv("ACEXY_HOST", "engine")
    monkeypatch.setenv("ACEXY_LOG_LEVEL", "error")
    caplog.set_level(logging.INFO)
    command.main([])
    assert "ACEXY_HOST: taken as engines: http://engine:6878" in caplog.messages
    assert served == [Config(engines=("http://engine:6878",), log_level="error")]


def test_requests_are_in_no_log(served: list[Config]) -> None:
    """Their addresses have secrets in them, so not even all details are that detailed."""
    command.main(["--log-level", "debug"])
    assert logging.getLogger().isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("aiohttp.access").isEnabledFor(logging.INFO)


def test_threads_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nothing can end is left: a list that is being read, or a guide."""
    over = threading.Event()

    async def serve(*_: object) -> None:
        asyncio.get_running_loop().run_in_executor(None, over.wait)

    def leave(status: int) -> None:
        over.set()
        left.append(status)

    left: list[int] = []
    monkeypatch.setattr(command, "serve", serve)
    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(command, "_THREADS_TIMEOUT", 0.05)
    command.main([])
    assert left == [0]


def test_help_explains(tmp_path: Path) -> None:
    """With an address to play, and where it serves unless told otherwise."""
    done = subprocess.run(
        [sys.executable, "-m", "acestream_proxy", "--help"],
        cwd=copy_alone(tmp_path),
        check=True,
        capture_output=True,
        text=True,
    )
    for words in (
        *("127.0.0.1:8080", "http://127.0.0.1:6878", "/ace/getstream?id=CONTENT_ID", "--viewer"),
        *("ACESTREAM_PROXY_MOST_VIEWERS", "kill -HUP", "private networks", "--no-low-latency"),
    ):
        assert words in done.stdout
