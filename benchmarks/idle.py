"""What the command costs before anybody watches: its start, its memory, and what it does then.

    .venv/bin/python -m benchmarks.idle [--seconds 60] [--repeats 3]

It runs from a copy of the package alone, beside an emulated engine, once with nothing but a flag
and once with docs/proxy.example.yaml as its file. The start is from the process to the line that
says where it serves; Python has compiled everything before.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
import subprocess
import sys
import tempfile
import time
from typing import Final

from .machine import cpu_seconds, description, resident_bytes
from .programs import REPOSITORY, free_port, wait_for_port
from .report import Figure, Goal, figures_table, goals_table
from .targets import copy_proxy

_TARGETS: Final = ("flags", "file")
_GOALS: Final = {"start": 1.0, "memory": 60.0, "CPU": 0.2}

# What is loaded, imported or freed a moment later is not what it costs to be there.
_SETTLE: Final = 3.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the tables as Markdown."""
    options = _parser().parse_args(arguments)
    figures = _figures()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary, _engine() as engine:
        folder = Path(temporary)
        copy_proxy(folder)
        commands = _commands(folder, engine)
        for command in commands.values():
            with _started(folder, command):  # compiles
                pass
        for _ in range(options.repeats):
            for target, command in commands.items():
                _measure(folder, command, target, figures, options.seconds)
    print(f"Measured {description()}; medians of {options.repeats}.\n")  # noqa: T201
    print(goals_table(list(figures.values())), end="\n\n")  # noqa: T201
    print(figures_table(list(figures.values()), list(_TARGETS)))  # noqa: T201


def _figures() -> dict[str, Figure]:
    units = {"start": "s", "memory": "MB", "CPU": "% of a core"}
    return {
        name: Figure(name, unit, goals=tuple(Goal(one, _GOALS[name]) for one in _TARGETS))
        for name, unit in units.items()
    }


def _commands(folder: Path, engine: str) -> dict[str, list[str]]:
    """Return what is measured, by target."""
    example = (REPOSITORY / "docs/proxy.example.yaml").read_text()
    file = folder / "proxy.yaml"
    file.write_text(example.replace("/var/lib/acestream-proxy", str(folder / "data")))
    command = [sys.executable, "-m", "acestream_proxy", "--listen", "127.0.0.1:0"]
    command += ["--engine", engine]
    return {"flags": command, "file": [*command, "--config", str(file)]}


def _measure(
    folder: Path, command: list[str], target: str, figures: dict[str, Figure], seconds: float
) -> None:
    began = time.perf_counter()
    with _started(folder, command) as process:
        figures["start"].add(target, time.perf_counter() - began)
        time.sleep(_SETTLE)
        before, since = cpu_seconds(process.pid), time.perf_counter()
        time.sleep(seconds)
        used = cpu_seconds(process.pid) - before
        figures["CPU"].add(target, 100 * used / (time.perf_counter() - since))
        figures["memory"].add(target, resident_bytes(process.pid) / 1e6)


@contextmanager
def _started(folder: Path, command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a command; inside it serves."""
    with subprocess.Popen(  # noqa: S603
        command, cwd=folder, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        try:
            next(line for line in process.stderr if "Serving on" in line)
            yield process
        finally:
            process.terminate()
            process.stderr.read()


@contextmanager
def _engine() -> Iterator[str]:
    """Run an emulated engine; return its address."""
    port = free_port()
    command = [sys.executable, "-m", "demo", "--synthetic", "--port", str(port)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        wait_for_port(port)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for how long CPU is measured")
    parser.add_argument("--repeats", type=int, default=3, help="how often each is measured")
    return parser


if __name__ == "__main__":
    main()
