"""Measures a fleet: what a viewer costs behind HAProxy, a thousand of them, and a proxy in a proxy.

.venv/bin/python -m benchmarks.fleet [--repeats 3]

    source (C) ──▶ proxy ──▶ load (C)                    proxy
    source (C) ──▶ proxy ──▶ HAProxy ──▶ load (C)        fleet: as in docs/haproxy.cfg
    source (C) ──▶ proxy ──▶ proxy ──▶ load (C)          cascade: the second one reads the first

Proxies and HAProxy share one core, source and load the other. What a fleet of machines could do is
not measured here: it is worked out in `docs/fleet.md` from what each viewer takes.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
import sys
import tempfile
import time
from typing import Final

from .generators import Load, Source
from .haproxy import haproxy
from .machine import Busy, cpu_seconds, description, resident_bytes
from .programs import TARGET_CORE, Process, compile_programs, free_port, wait_for_port
from .report import Figure, figures_table
from .targets import GETSTREAM, copy_proxy

CROWDS: Final = (
    (100, "8 Mbit/s", 8_000_000),
    (100, "0.5 Mbit/s", 500_000),
    (1000, "0.5 Mbit/s", 500_000),
)
"""How many watch one channel, and the channel: what lists call HD, and what is low enough for a
thousand viewers, which is the most of a proxy, to be the work of one core."""

_MOST: Final = max(viewers for viewers, *_ in CROWDS)

# Until the past that is kept for newcomers has reached its full length.
_FILL: Final = 18.0

# Until all have come and have caught up; and how long is looked at them then.
_WARM: Final = 6.0
_RUN: Final = 8.0

TARGETS: Final = ("proxy", "fleet", "cascade")


@dataclass(frozen=True, slots=True)
class Hop:
    """A process between source and load."""

    name: str
    """For people."""

    pid: int
    port: int
    """Where it serves."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="benchmarks.fleet", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    figures: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = Path(temporary)
        compile_programs(folder)
        copy_proxy(folder)
        for _ in range(options.repeats):
            for target in TARGETS:
                for name, unit, value in measured(folder, target):
                    figures.setdefault(name, Figure(name, unit)).add(target, value)
    table = figures_table(list(figures.values()), list(TARGETS))
    print(f"Measured {description()}; medians of {options.repeats}.\n\n{table}")  # noqa: T201


def measured(folder: Path, target: str) -> Iterator[tuple[str, str, float]]:
    """Measure a target once; yield names, units and values."""
    for viewers, name, bitrate in CROWDS:
        what = f"{viewers} viewers of {name}"
        with (
            Source(folder, rate=bitrate / 8) as source,
            running(folder, target, source) as hops,
            Load(folder, hops[-1].port, GETSTREAM, run_ms=600_000) as first,
        ):
            first.wait_for_begin()
            time.sleep(_FILL)
            yield from _watched(folder, hops, viewers - 1, what)
            first.finish()
    began = time.monotonic()
    with Source(folder) as source, running(folder, target, source):
        yield "start, until all of it serves", "s", time.monotonic() - began


@contextmanager
def running(folder: Path, target: str, source: Source) -> Iterator[list[Hop]]:
    """Run a target; yield its hops, the one that viewers go to last."""
    with ExitStack() as stack:

        def add_proxy(name: str, engine: str) -> None:
            port = free_port()
            command = [sys.executable, "-m", "acestream_proxy", "--engine", engine]
            command += ["--listen", f"127.0.0.1:{port}", "--most-viewers", str(_MOST)]
            log = folder / "proxy.log"
            process = Process(command, core=TARGET_CORE, log=log, folder=folder)
            hops.append(Hop(name, stack.enter_context(process).pid, port))
            wait_for_port(port)

        hops: list[Hop] = []
        add_proxy("the proxy", source.url)
        if target == "cascade":
            add_proxy("the second proxy", f"http://127.0.0.1:{hops[0].port}")
        if target == "fleet":
            balancer, port = stack.enter_context(haproxy(folder, {"one": hops[0].port}))
            hops.append(Hop("HAProxy", balancer.pid, port))
        yield hops


def _watched(
    folder: Path, hops: list[Hop], viewers: int, what: str
) -> Iterator[tuple[str, str, float]]:
    """Have so many more viewers come, within two seconds; yield what they see and cost."""
    memory = {hop: resident_bytes(hop.pid) for hop in hops}
    with Load(
        folder,
        hops[-1].port,
        GETSTREAM,
        viewers=viewers,
        stagger_ms=2000 / viewers,
        warm_ms=_WARM * 1000,
        run_ms=_RUN * 1000,
    ) as load:
        load.wait_for_begin()
        before = {hop: cpu_seconds(hop.pid) for hop in hops}
        busy, began = Busy.now(), time.monotonic()
        result = load.wait_for_result()
        seconds = time.monotonic() - began
        cpu = {hop: cpu_seconds(hop.pid) - before[hop] for hop in hops}
        others = Busy.now().all_seconds - busy.all_seconds - sum(cpu.values())
        grown = {hop: resident_bytes(hop.pid) - memory[hop] for hop in hops}
        load.finish()
    for hop in hops:
        share = 100 * cpu[hop] / seconds / viewers
        yield f"{what}: CPU of {hop.name}, per viewer", "% of a core", share
        yield f"{what}: memory of {hop.name}, per viewer", "kB", grown[hop] / viewers / 1000
    yield f"{what}: all else on the machine", "% of a core", 100 * others / seconds
    yield f"{what}: served", "", result["served"]
    yield f"{what}: bytes lost", "B", result["lost_bytes"]
    yield f"{what}: latency p50", "ms", result["latency_p50_ms"]
    yield f"{what}: latency p99", "ms", result["latency_p99_ms"]
    yield f"{what}: first picture, worst", "ms", result["first_picture_max_ms"]


if __name__ == "__main__":
    main()
