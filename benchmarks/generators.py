"""The source and the load, as Python sees them."""

from collections.abc import Mapping
import json
from pathlib import Path
import sys
from typing import Any, Protocol, Self, override
from urllib.request import urlopen

from .machine import cpu_seconds
from .programs import GENERATOR_CORE, REPOSITORY, Process, free_port

type Answer = dict[str, Any]


def _arguments(options: Mapping[str, object]) -> list[str]:
    """Return `--some-name value` for each `some_name=value`."""
    return [
        word
        for name, value in options.items()
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]


class Engine(Protocol):
    """What targets read."""

    port: int

    @property
    def pid(self) -> int:
        """The number of its process."""
        ...

    @property
    def url(self) -> str:
        """Its origin."""
        ...


class Source(Process):
    """An engine that costs next to nothing; see `c/source.c` for the options."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.port = free_port()
        command: list[str | Path] = [
            folder / "source",
            "--port",
            str(self.port),
            *_arguments(options),
        ]
        super().__init__(command, core=GENERATOR_CORE, log=folder / "source.log")
        self.read_line()

    @override
    def __enter__(self) -> Self:
        return self

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"

    def stats(self) -> Answer:
        """Return its sessions and bytes so far."""
        return self.ask("/bench/stats")

    def fault(self, kind: str, ms: int = 0) -> None:
        """Let it go wrong."""
        self.ask(f"/bench/fault?kind={kind}&ms={ms}")

    def ask(self, path: str) -> Answer:
        """Return the JSON that one of its addresses answers with."""
        with urlopen(self.url + path, timeout=10) as answer:  # noqa: S310
            content: Answer = json.loads(answer.read())
            return content


class DemoEngine(Process):
    """The demo's engine, for what has to decode what it gets; see `demo_engine.py`."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.demo_engine"]
        log = folder / "demo_engine.log"
        super().__init__(command, core=GENERATOR_CORE, log=log, folder=REPOSITORY)
        self.port = int(self.read_line())

    @override
    def __enter__(self) -> Self:
        return self

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"


class Viewers(Process):
    """Viewers of any kind."""

    @override
    def __enter__(self) -> Self:
        return self

    def wait_for_begin(self) -> None:
        """Return when the warm-up is over."""
        self.read_line()

    def wait_for_result(self) -> Answer:
        """Return what the viewers saw; they stay until `finish`."""
        result: Answer = json.loads(self.read_line())
        return result

    @property
    def cpu_seconds(self) -> float:
        """What it has used so far."""
        return cpu_seconds(self.pid)


class Load(Viewers):
    """Viewers of MPEG-TS; see `c/load.c` for the options."""

    def __init__(
        self, folder: Path, port: int, path: str, header: str = "", **options: object
    ) -> None:
        command: list[str | Path] = [
            folder / "load",
            "--port",
            str(port),
            "--path",
            path,
            "--header",
            header,
        ]
        command += _arguments(options)
        super().__init__(command, core=GENERATOR_CORE, log=folder / "load.log")


class HlsLoad(Viewers):
    """Viewers of HLS; see `hls.py` for the options."""

    def __init__(self, folder: Path, port: int, path: str, **options: object) -> None:
        command = [sys.executable, "-m", "benchmarks.hls", "--port", str(port), "--path", path]
        command += _arguments(options)
        log = folder / "hls.log"
        super().__init__(command, core=GENERATOR_CORE, log=log, folder=REPOSITORY)
