"""Measures a long list of channels: having it beside an event loop, and looking through it.

.venv/bin/python -m benchmarks.lineup [--entries 50000] [--repeats 3]

    this process                         its child
    list, guide ──HTTP, 127.0.0.1──▶ feeds ──▶ Lineup ◀── search, browse, guides, M3U

The proxy streams while it reads a list, so what counts is for how long that keeps the loop from
running, and what memory it takes. Each run is a process of its own, since memory that was used
once stays with a process. All of Home Assistant that the integration imports is in it, for the
garbage collector looks at that, too.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
import gc
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
import json
import os
from pathlib import Path
import subprocess
import sys
import tempfile
from threading import Thread
from time import perf_counter, time
from types import SimpleNamespace
from typing import Any, Final, override
from urllib.parse import quote

from aiohttp import ClientSession

from custom_components.acestream_proxy.browse import browse_list, browse_root
from custom_components.acestream_proxy.proxy.catalog import Listing
from custom_components.acestream_proxy.proxy.catalog.m3u import write_channels
from custom_components.acestream_proxy.proxy.feeds import GuideFeed, ListFeed, Origin
from custom_components.acestream_proxy.proxy.lineup import Lineup

from .long_list import write_guide, write_list
from .machine import description, resident_bytes
from .programs import REPOSITORY
from .report import Figure, Goal, figures_table, goals_table
from .waits import Waits, watched

_SHORT: Final = (Goal("proxy", 50),)
_QUICK: Final = (Goal("proxy", 100),)

# Seconds in which nothing is done, to see what the machine does by itself.
_IDLE: Final = 2.0

# As many channels as the media browser shows at once, and as a search finds.
_LEVEL: Final = 300
_FOUND: Final = 200

_SEARCHES: Final = {"rare": "sky gold 77", "frequent": "sports", "none": "no such", "letter": "e"}

FIGURES: Final = {
    "idle_blocked": ("nothing: loop blocked", "ms", ()),
    "first_seconds": ("list for the first time", "s", ()),
    "first_blocked": ("list for the first time: loop blocked", "ms", _SHORT),
    "first_collected": ("list for the first time: longest garbage collection", "ms", ()),
    "first_memory": ("memory for each entry", "kB", (Goal("proxy", 1),)),
    "same_blocked": ("list that is the same: loop blocked", "ms", _SHORT),
    "changed_seconds": ("list that has changed", "s", ()),
    "changed_blocked": ("list that has changed: loop blocked", "ms", _SHORT),
    "changed_memory": ("memory for each entry after that", "kB", ()),
    **{f"search_{name}": (f"search: {name}", "ms", _QUICK) for name in _SEARCHES},
    "browse_root": ("browse: the lists", "ms", _QUICK),
    "browse_groups": ("browse: 400 groups", "ms", _QUICK),
    "browse_small": ("browse: the smallest group", "ms", _QUICK),
    "browse_large": ("browse: the largest group", "ms", _QUICK),
    "browse_letter": ("browse: a letter of that", "ms", _QUICK),
    "browse_flat": ("browse: a list without groups", "ms", _QUICK),
    "browse_flat_letter": ("browse: a letter of that list", "ms", _QUICK),
    "m3u": ("all written as M3U", "ms", ()),
    "on_air": (f"guide: what {_LEVEL} channels show", "ms", _QUICK),
    "on_air_blocked": (f"guide: what {_LEVEL} channels show: loop blocked", "ms", _SHORT),
    "matched": ("guide: all channels looked up", "ms", (Goal("proxy", 2000),)),
    "matched_blocked": ("guide: all channels looked up: loop blocked", "ms", _SHORT),
    "matched_collected": ("guide: … longest garbage collection", "ms", ()),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="benchmarks.lineup", description=__doc__)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        print(json.dumps(asyncio.run(measure(options.child, options.entries))))  # noqa: T201
        return
    figures = {key: Figure(*facts) for key, facts in FIGURES.items()}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = Path(temporary)
        write_files(folder, options.entries)
        with serving(folder) as address:
            for _ in range(options.repeats):
                for key, value in _child(address, options.entries).items():
                    figures[key].add("proxy", value)
    rows = list(figures.values())
    table = f"{goals_table(rows)}\n\n{figures_table(rows, ['proxy'])}"
    print(f"{options.entries} entries, measured {description()}.\n\n{table}")  # noqa: T201


def write_files(folder: Path, entries: int) -> None:
    """Write what `measure` fetches."""
    write_list(folder / "list.m3u", entries)
    write_list(folder / "changed.m3u", entries, seed=2)
    write_list(folder / "flat.m3u", entries, has_groups=False)
    write_guide(folder / "guide.xml", entries, time())


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder while inside, at the address yielded."""
    handler = partial(_Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Handler(SimpleHTTPRequestHandler):
    """A server that does not know whether something is still the same, as most of them."""

    @override
    def send_header(self, keyword: str, value: str) -> None:
        if keyword != "Last-Modified":
            super().send_header(keyword, value)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


async def measure(address: str, entries: int) -> dict[str, float]:
    """Have a list, and look through it; return the figures."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        async with ClientSession() as session:
            lineup = Lineup(session, Path(folder))
            figures = await _fetch(lineup, address, entries)
            listing = lineup.catalog.get("list")
            assert listing is not None  # noqa: S101 - it was just fetched
            figures |= _search(lineup) | _write(listing)
            figures |= await _ask_guide(lineup, listing, address)
            return figures | await _browse(lineup, listing, address)


async def _fetch(lineup: Lineup, address: str, entries: int) -> dict[str, float]:
    async with watched() as idle:
        await asyncio.sleep(_IDLE)
    # Threads and parsers come once, however long a list is.
    small = ListFeed(lineup, "small", "Small", Origin(text="http://example.org/1.ts"))
    await small.refresh()
    await small.forget()
    gc.collect()
    before = resident_bytes(os.getpid())
    first, feed = await _refresh(lineup, f"{address}/list.m3u")
    after = resident_bytes(os.getpid())
    async with watched() as same:
        await feed.refresh()
    feed.retire()
    changed, _ = await _refresh(lineup, f"{address}/changed.m3u")
    return {
        "idle_blocked": idle.blocked,
        "first_seconds": first.took / 1000,
        "first_blocked": first.blocked,
        "first_collected": first.collected,
        "first_memory": (after - before) / entries / 1000,
        "same_blocked": same.blocked,
        "changed_seconds": changed.took / 1000,
        "changed_blocked": changed.blocked,
        "changed_memory": (resident_bytes(os.getpid()) - before) / entries / 1000,
    }


async def _refresh(lineup: Lineup, address: str) -> tuple[Waits, ListFeed]:
    feed = ListFeed(lineup, "list", "List", Origin(address=address))
    async with watched() as waits:
        await feed.refresh()
    return waits, feed


def _search(lineup: Lineup) -> dict[str, float]:
    return {
        f"search_{name}": _milliseconds(partial(lineup.catalog.search, text, _FOUND))
        for name, text in _SEARCHES.items()
    }


def _write(listing: Listing) -> dict[str, float]:
    return {"m3u": _milliseconds(lambda: "".join(write_channels(listing.channels.values())))}


async def _ask_guide(lineup: Lineup, listing: Listing, address: str) -> dict[str, float]:
    await GuideFeed(lineup, "guide", "Guide", Origin(address=f"{address}/guide.xml")).refresh()
    some = [listing.channels[one] for one in list(listing.channels)[:_LEVEL]]
    async with watched() as on_air:
        await lineup.on_air(some, time())
    async with watched() as matched:
        await lineup.guide_channels(listing.channels.values())
    return {
        "on_air": on_air.took,
        "on_air_blocked": on_air.blocked,
        "matched": matched.took,
        "matched_blocked": matched.blocked,
        "matched_collected": matched.collected,
    }


async def _browse(lineup: Lineup, listing: Listing, address: str) -> dict[str, float]:
    """Browse with all that the media browser wants of Home Assistant's entry."""
    await ListFeed(lineup, "flat", "Flat", Origin(address=f"{address}/flat.m3u")).refresh()
    entry: Any = SimpleNamespace(runtime_data=SimpleNamespace(lineup=lineup))
    by_size = sorted(listing.groups, key=lambda name: len(listing.groups[name]))
    small, large = (quote(by_size[at], safe="") for at in (0, -1))
    levels = {
        "groups": "list/list",
        "small": f"list/list/{small}",
        "large": f"list/list/{large}",
        "letter": f"list/list/{large}/{by_size[-1][0].lower()}",
        "flat": "list/flat",
        "flat_letter": "list/flat//e",
    }
    figures = {"browse_root": await _awaited(partial(browse_root, entry, "AceStream", "Playing"))}
    for name, level in levels.items():
        figures[f"browse_{name}"] = await _awaited(partial(browse_list, entry, level))
    return figures


def _milliseconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000


async def _awaited(act: Callable[[], Awaitable[object]]) -> float:
    began = perf_counter()
    await act()
    return (perf_counter() - began) * 1000


def _child(address: str, entries: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.lineup", "--child", address]
    command += ["--entries", str(entries)]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)  # noqa: S603
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
