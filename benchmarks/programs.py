"""Compiles the C programs, and starts and ends processes on the core they belong to."""

from collections.abc import Sequence
from contextlib import suppress
import os
from pathlib import Path
import socket
import subprocess
import time
from typing import Final, Self

REPOSITORY: Final = Path(__file__).parents[1]
C_FOLDER: Final = Path(__file__).parent / "c"

# The target has a core for itself; the generators share the last one.
TARGET_CORE: Final = 0
GENERATOR_CORE: Final = max(os.sched_getaffinity(0))

# Whatever else runs on the machine is to wait; not for long, as runs are seconds.
_PRIORITY: Final = -15

_END_TIMEOUT: Final = 10.0


class BenchmarkError(Exception):
    """Something that is needed to measure did not work."""


def compile_programs(folder: Path) -> None:
    """Compile `source`, `load` and `limit` into a folder."""
    for name in ("source", "load", "limit"):
        subprocess.run(  # noqa: S603
            ["gcc", "-O2", "-Wall", "-o", folder / name, C_FOLDER / f"{name}.c"],  # noqa: S607
            check=True,
        )


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def claim(thread: int, core: int) -> None:
    """Bind a thread to a core and, where that is allowed, put it before all else there."""
    os.sched_setaffinity(thread, {core})
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, thread, _PRIORITY)


class Process:
    """A process pinned to a core; `with` ends it."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        core: int,
        log: Path,
        environment: dict[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        """Start it; what it says on standard error goes to a log."""
        with log.open("ab") as errors:
            self.process = subprocess.Popen(  # noqa: S603
                [str(part) for part in command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=os.environ | (environment or {}),
                cwd=folder,
            )
        claim(self.process.pid, core)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def read_line(self) -> str:
        """Return the next line it prints."""
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe
        line = self.process.stdout.readline()
        if not line:
            raise BenchmarkError(f"{self.process.args!r} ended")
        return line.strip()

    def finish(self) -> None:
        """Close its standard input, which is what `load` ends upon."""
        assert self.process.stdin is not None  # noqa: S101 - it is a pipe
        self.process.stdin.close()
        self.process.wait(_END_TIMEOUT)


def wait_for_port(port: int, *, timeout: float = 60.0) -> None:
    """Return once somebody listens on a port."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise BenchmarkError(f"nobody listens on port {port}")
