"""What processes use, read from /proc, and what machine this is."""

from dataclasses import dataclass
from datetime import UTC, datetime
import os
from pathlib import Path
import platform
import re
import subprocess
from typing import Final

_PROC: Final = Path("/proc")
_MEMORY_OF_SOCKET: Final = re.compile(r"skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+)")


def cpu_seconds(pid: int) -> float:
    """Return what a process and all its threads have run, to the nanosecond."""
    return sum(
        int((thread / "schedstat").read_text().split()[0]) / 1e9
        for thread in (_PROC / str(pid) / "task").iterdir()
    )


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    listed = (_PROC / str(pid) / "task").glob("*/children")
    return [int(child) for one in listed for child in one.read_text().split()]


def resident_bytes(pid: int) -> int:
    """Return the memory of a process."""
    pages = int((_PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid: int) -> int:
    """Return how many files and sockets a process has open."""
    return len(list((_PROC / str(pid) / "fd").iterdir()))


def socket_bytes(port: int) -> int:
    """Return what the kernel keeps for the connections of a port, at that end of them.

    Also of those that the process has closed, but that still have something to send.
    """
    listed = subprocess.run(  # noqa: S603
        ["ss", "-tmnH", f"( sport = :{port} )"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(
        sum(int(part) for part in found.groups())
        for found in _MEMORY_OF_SOCKET.finditer(listed.stdout)
    )


@dataclass(frozen=True, slots=True)
class Busy:
    """What ran on the machine's cores in a span of time, in seconds of CPU."""

    all_seconds: float

    @classmethod
    def now(cls) -> Busy:
        """Look at it."""
        fields = (_PROC / "stat").read_text().splitlines()[0].split()[1:9]
        user, nice, system, _idle, _wait, interrupts, soft, steal = (int(one) for one in fields)
        ticks = user + nice + system + interrupts + soft + steal
        return cls(ticks / os.sysconf("SC_CLK_TCK"))


def description() -> str:
    """Return one line on the machine and when it was."""
    model = re.search(r"model name\s*: (.*)", (_PROC / "cpuinfo").read_text())
    name = model[1] if model else platform.machine()
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{when}; {os.cpu_count()} x {name}, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )
