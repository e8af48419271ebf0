"""Measures television guides: reading a large one beside an event loop, and asking it.

.venv/bin/python -m benchmarks.guide [--megabytes 300] [--repeats 3]

The proxy streams while it reads a guide, so what counts is for how long that keeps the loop from
running, and what memory it takes. Each run is a process of its own, since memory that was used
once stays with a process.
"""

import argparse
import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re
import subprocess
import sys
import tempfile
from time import perf_counter
from typing import Final

from custom_components.acestream_proxy.proxy.guide import Guides, Wanted, build

from .machine import description
from .programs import REPOSITORY
from .report import Figure, Goal, figures_table, goals_table

# Any moment does.
_NOW: Final = 1_795_248_000

_CHANNELS: Final = 2000
_WANTED: Final = 50_000
_ON_AIR: Final = 300
_SLOT: Final = 1800
_LENGTH: Final = timedelta(seconds=_SLOT)
_FORM: Final = "%Y%m%d%H%M%S %z"

# How often the loop looks whether it was kept from running.
_TICK: Final = 0.001

_MEMORY: Final = re.compile(r"^(VmHWM|VmRSS):\s+(\d+) kB$", re.MULTILINE)

_PROGRAMME: Final = """\
  <programme start="{start}" stop="{stop}" channel="{channel}.example">
    <title lang="en">Programme {slot} of channel {channel}</title>
    <sub-title lang="en">What happens in number {slot}</sub-title>
    <desc lang="en">{description}</desc>
    <credits><actor>One of them</actor><actor>Another &amp; more</actor></credits>
    <category lang="en">News</category>
    <icon src="http://example.org/pictures/{channel}/{slot}.jpg"/>
    <episode-num system="xmltv_ns">1.{slot}.</episode-num>
  </programme>
"""

_FIGURES: Final = {
    "memory": ("guide of {} MB: memory", "MiB", (Goal("proxy", 60),)),
    "seconds": ("guide of {} MB: time to read it", "s", ()),
    "blocked": ("guide of {} MB: longest wait of the event loop", "ms", (Goal("proxy", 50),)),
    "by_id": (f"{_WANTED} channels found by ID", "ms", (Goal("proxy", 1000),)),
    "by_name": (f"{_WANTED} channels found by name", "ms", (Goal("proxy", 1000),)),
    "on_air": (f"what {_ON_AIR} channels show", "ms", (Goal("proxy", 20),)),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="benchmarks.guide", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        print(json.dumps(asyncio.run(measure(options.child))))  # noqa: T201
        return
    figures = {
        key: Figure(name.format(options.megabytes), unit, goals)
        for key, (name, unit, goals) in _FIGURES.items()
    }
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        guide = Path(folder) / "guide.xml"
        write_guide(guide, options.megabytes * 1_000_000)
        for _ in range(options.repeats):
            for key, value in _child(guide).items():
                figures[key].add("proxy", value)
    rows = list(figures.values())
    table = f"{goals_table(rows)}\n\n{figures_table(rows, ['proxy'])}"
    print(f"Measured {description()}.\n\n{table}")  # noqa: T201


def write_guide(path: Path, size: int) -> None:
    """Write a guide of half hours, of at least so many bytes."""
    words = " ".join(f"word{number}" for number in range(50))
    with path.open("w") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<tv>\n')
        for channel in range(_CHANNELS):
            file.write(f'  <channel id="{channel}.example">')
            file.write(f"<display-name>Channel {channel} HD</display-name></channel>\n")
        slot = 0
        while file.tell() < size:
            begin = datetime.fromtimestamp(_NOW + slot * _SLOT, UTC)
            start, stop = (f"{moment:{_FORM}}" for moment in (begin, begin + _LENGTH))
            for channel in range(_CHANNELS):
                file.write(
                    _PROGRAMME.format(
                        start=start, stop=stop, channel=channel, slot=slot, description=words
                    )
                )
            slot += 1
        file.write("</tv>\n")


async def measure(source: Path) -> dict[str, float]:
    """Read a guide in a thread, and ask it; return the figures."""
    target = source.with_suffix(".sqlite")
    base = _memory("VmRSS")
    watching = asyncio.create_task(_longest_wait())
    await asyncio.sleep(_TICK)
    began = perf_counter()
    await asyncio.to_thread(build, source, target, now=_NOW)
    figures = {"seconds": perf_counter() - began, "memory": _memory("VmHWM") - base}
    watching.cancel()
    figures["blocked"] = await watching
    guides = Guides()
    guides.set("guide", target)
    return figures | _ask(guides)


def _ask(guides: Guides) -> dict[str, float]:
    by_id = [Wanted(f"{number}.Example", ("No such",)) for number in range(_WANTED)]
    by_name = [Wanted("", (f"channel {number} FHD", "No such")) for number in range(_WANTED)]
    found = [channel for channel in guides.match(by_name) if channel][:_ON_AIR]
    return {
        "by_id": _milliseconds(lambda: guides.match(by_id)),
        "by_name": _milliseconds(lambda: guides.match(by_name)),
        "on_air": _milliseconds(lambda: guides.on_air(found, _NOW)),
    }


def _milliseconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000


async def _longest_wait() -> float:
    """Return by how many milliseconds the loop was ever late, once this is cancelled."""
    longest = 0.0
    try:
        while True:
            began = perf_counter()
            await asyncio.sleep(_TICK)
            longest = max(longest, perf_counter() - began - _TICK)
    except asyncio.CancelledError:
        return longest * 1000


def _memory(name: str) -> float:
    """Return how much memory this process has, or has had at most, in MiB."""
    values = dict(_MEMORY.findall(Path("/proc/self/status").read_text()))
    return int(values[name]) / 1024


def _child(guide: Path) -> dict[str, float]:
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.guide", "--child", guide]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)  # noqa: S603
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
