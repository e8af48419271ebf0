"""What the command is told, and what it says to that."""

import logging
from pathlib import Path
import subprocess
import sys

import pytest

from custom_components.acestream_proxy.proxy import __main__ as command
from custom_components.acestream_proxy.proxy.config import Config

from .alone import copy_alone


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
