"""What is measured: each target is started against an engine and then serves viewers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import sys
from typing import Final

import imageio_ffmpeg

from .generators import Engine
from .home import home
from .programs import REPOSITORY, TARGET_CORE, Process, free_port, wait_for_port

PROXY_FOLDER: Final = REPOSITORY / "custom_components/acestream_proxy/proxy"

GETSTREAM: Final = "/ace/getstream?id=%040x"
MANIFEST: Final = "/ace/manifest.m3u8?id={content}"


@dataclass(frozen=True, slots=True)
class Running:
    """A target that serves."""

    pid: int
    port: int
    path: str = GETSTREAM
    header: str = ""
    has_sessions: bool = False
    """Whether it opens and stops sessions as the engine's API wants it."""


type Start = Callable[[Path, Engine], Iterator[Running]]


def start_proxy(folder: Path, source: Engine) -> Iterator[Running]:
    """Run the command `python -m acestream_proxy`, from the copy that `copy_proxy` made."""
    port = free_port()
    command = [sys.executable, "-m", "acestream_proxy", "--engine", source.url]
    command += ["--listen", f"127.0.0.1:{port}"]
    with Process(
        command,
        core=TARGET_CORE,
        log=folder / "proxy.log",
        environment={"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
        folder=folder,
    ) as process:
        wait_for_port(port)
        yield Running(process.pid, port, has_sessions=True)


def start_hass(folder: Path, source: Engine) -> Iterator[Running]:
    """Run Home Assistant with the integration."""
    with home(folder, source.url) as started:
        header = f"Authorization: Bearer {started.token}"
        yield Running(started.pid, started.port, header=header, has_sessions=True)


def start_baseline(folder: Path, source: Engine) -> Iterator[Running]:
    """Run a proxy as the known Python proxies are."""
    return _start_baseline(folder, source, 0)


def start_baseline_timeout(folder: Path, source: Engine) -> Iterator[Running]:
    """Run the same with a timeout around each write, as pyacexy has it."""
    return _start_baseline(folder, source, 2)


def _start_baseline(folder: Path, source: Engine, timeout: int) -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.baseline"]
    command += [str(port), str(source.port), str(timeout)]
    log = folder / "baseline.log"
    with Process(command, core=TARGET_CORE, log=log, folder=REPOSITORY) as process:
        wait_for_port(port)
        yield Running(process.pid, port)


def _start_limit(folder: Path, source: Engine, coalesce_ms: int) -> Iterator[Running]:
    port = free_port()
    command: list[str | Path] = [
        folder / "limit",
        "--port",
        str(port),
        "--engine",
        str(source.port),
    ]
    command += ["--coalesce-ms", str(coalesce_ms)]
    with Process(command, core=TARGET_CORE, log=folder / "limit.log") as process:
        process.read_line()
        yield Running(process.pid, port, path="/%040x")


def start_limit(folder: Path, source: Engine) -> Iterator[Running]:
    """Run the fan-out in C that writes each read at once."""
    return _start_limit(folder, source, 0)


def start_limit_50ms(folder: Path, source: Engine) -> Iterator[Running]:
    """Run the fan-out in C that reads every 50 ms."""
    return _start_limit(folder, source, 50)


TARGETS: Final[dict[str, Start]] = {
    "limit": start_limit,
    "limit-50ms": start_limit_50ms,
    "proxy": start_proxy,
    "hass": start_hass,
    "baseline": start_baseline,
    "baseline-timeout": start_baseline_timeout,
}


@contextmanager
def started(name: str, folder: Path, source: Engine) -> Iterator[Running]:
    """Run a target while inside."""
    yield from TARGETS[name](folder, source)


def copy_proxy(folder: Path, proxy_folder: Path = PROXY_FOLDER) -> None:
    """Copy what is measured, so that it stays as it is for a run.

    The proxy goes under the name it is installed as, and once more inside the integration.
    """
    ignored = shutil.ignore_patterns("__pycache__", "proxy")
    integration = folder / "custom_components/acestream_proxy"
    shutil.copytree(PROXY_FOLDER.parent, integration, ignore=ignored)
    for copy in (folder / "acestream_proxy", integration / "proxy"):
        shutil.copytree(proxy_folder, copy, ignore=shutil.ignore_patterns("__pycache__"))


def link_ffmpeg(folder: Path) -> None:
    """Have the ffmpeg of the requirements found, whatever the machine has."""
    link = folder / "bin/ffmpeg"
    link.parent.mkdir()
    link.symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
