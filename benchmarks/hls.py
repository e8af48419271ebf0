"""Viewers of HLS, as a program of its own: they ask as players do, and throw away what they get.

    python -m benchmarks.hls --port 8080 --path '/ace/manifest.m3u8?id=…' [--viewers 1] [--parts 1]
        [--newcomers 0 --stagger-ms 500] [--warm-ms 1000] [--run-ms 5000]

With parts they do as hls.js does with low latency: one connection waits for the playlist that lists
the next part, another one fetches parts. Without, they ask for the playlist again every target
duration and fetch whole segments. Newcomers come one by one while the others watch, and leave after
their first segment or part.

What is printed is as with `c/load.c`: `begin` after the warm-up, a line of JSON after the run. The
viewers stay until standard input ends.
"""

import argparse
import asyncio
from collections.abc import Sequence
import json
import os
from statistics import median
import sys
import time
from typing import Final

from aiohttp import ClientSession, TCPConnector
from yarl import URL

from .playlist import Playlist

# After an answer that is a refusal, as nobody should ask without end.
_PAUSE: Final = 0.5


class Viewer:
    """One player, with connections of its own."""

    def __init__(self, url: URL, *, name: str, parts: bool) -> None:
        """Play the manifest at an address; the name tells players at one address apart."""
        self.bytes = 0
        """What it got of segments and parts."""
        self.refused = 0
        """Answers with a status other than 200."""
        self.missed = 0
        """How often what comes next was no longer listed."""
        self._url = url
        self._parts = parts
        self._last = ""  # the newest segment or part that is known
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        self._session = ClientSession(
            connector=TCPConnector(limit=2), headers={"User-Agent": f"viewer {name}"}
        )

    async def watch(self) -> None:
        """Watch until cancelled."""
        async with self._session, asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._fetch_all())

    async def visit(self) -> tuple[float, float]:
        """Come and leave; return the seconds to the first playlist, and to the first piece."""
        async with self._session:
            began = time.perf_counter()
            listed = await self._load()
            playlist_after = time.perf_counter() - began
            assert listed is not None  # noqa: S101 - the channel runs
            await self._fetch(listed.pieces[listed.start].name)
            return playlist_after, time.perf_counter() - began

    async def _follow(self) -> None:
        """Learn of what is new."""
        query: dict[str, int] = {}
        while True:
            listed = await self._load(**query)
            if listed is None:
                await asyncio.sleep(_PAUSE)
                continue
            is_news = self._note(listed)
            if self._parts:
                query = {"_HLS_msn": listed.next[0], "_HLS_part": listed.next[1]}
            else:
                # An unchanged playlist is asked for sooner (RFC 8216 section 6.3.4).
                await asyncio.sleep(listed.target_duration / (1 if is_news else 2))

    def _note(self, listed: Playlist) -> bool:
        """Want what is new in a playlist; return whether anything is."""
        names = [piece.name for piece in listed.pieces]
        if self._last in names:
            new = names[names.index(self._last) + 1 :]
        else:
            self.missed += bool(self._last)
            new = names[listed.start :]
        for name in new:
            self._wanted.put_nowait(name)
            self._last = name
        return bool(new)

    async def _load(self, **query: int) -> Playlist | None:
        """Return the playlist, or None if it was refused."""
        async with self._session.get(self._url.update_query(query)) as response:
            text = await response.text()
        if response.status != 200:
            self.refused += 1
            return None
        self._url = response.url.with_query(None)  # the manifest sends each player to its own
        return Playlist.parse(text, parts=self._parts)

    async def _fetch_all(self) -> None:
        while True:
            await self._fetch(await self._wanted.get())

    async def _fetch(self, name: str) -> None:
        async with self._session.get(self._url.joinpath("..", name)) as response:
            data = await response.read()
        if response.status == 200:
            self.bytes += len(data)
        else:
            self.refused += 1


async def run(options: argparse.Namespace) -> None:
    """Watch until standard input ends, and say what was seen."""
    url = URL(f"http://127.0.0.1:{options.port}{options.path}")

    def viewer(number: int) -> Viewer:
        return Viewer(url, name=f"{os.getpid()} {number}", parts=bool(options.parts))

    viewers = [viewer(number) for number in range(options.viewers)]
    newcomers = [viewer(options.viewers + number) for number in range(options.newcomers)]
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one.watch()) for one in viewers]
        tasks.append(group.create_task(_report(viewers, newcomers, options)))
        await ended.wait()
        for task in tasks:
            task.cancel()


async def _report(
    viewers: list[Viewer], newcomers: list[Viewer], options: argparse.Namespace
) -> None:
    """Say when the run begins, and what was seen in it."""
    await asyncio.sleep(options.warm_ms / 1000)
    for one in viewers:
        one.bytes = 0
    _say("begin")
    end = time.monotonic() + options.run_ms / 1000
    arrivals = []
    for newcomer in newcomers:
        arrivals.append(await newcomer.visit())
        await asyncio.sleep(options.stagger_ms / 1000)
    await asyncio.sleep(max(0.0, end - time.monotonic()))
    _say(json.dumps(_result(viewers, arrivals)))


def _result(viewers: list[Viewer], arrivals: list[tuple[float, float]]) -> dict[str, float]:
    result: dict[str, float] = {
        "served": sum(one.bytes > 0 for one in viewers),
        "bytes": sum(one.bytes for one in viewers),
        "least_bytes": min((one.bytes for one in viewers), default=0),
        "refused": sum(one.refused for one in viewers),
        "missed": sum(one.missed for one in viewers),
    }
    if arrivals:
        for name, seconds in zip(("playlist", "piece"), zip(*arrivals, strict=True), strict=True):
            result[f"{name}_p50_ms"] = median(seconds) * 1000
            result[f"{name}_max_ms"] = max(seconds) * 1000
    return result


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hls", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--viewers", type=int, default=1)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--newcomers", type=int, default=0)
    parser.add_argument("--stagger-ms", type=float, default=500)
    parser.add_argument("--warm-ms", type=float, default=1000)
    parser.add_argument("--run-ms", type=float, default=5000)
    asyncio.run(run(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
