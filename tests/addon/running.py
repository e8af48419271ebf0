"""The app while it runs, in this process; its programs are processes of their own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import json
import signal
from typing import Any

from aiohttp import ClientError, ClientSession
import psutil

from acestream_app import app
from acestream_app.options import Options
from acestream_app.place import Place
from tests.proxy.waiting import PATIENCE


@asynccontextmanager
async def running(
    place: Place, environment: Mapping[str, str], options: Options | None = None
) -> AsyncIterator[None]:
    """Run the app; inside it is starting, and afterwards it has ended by itself."""
    task = asyncio.create_task(app.run(place, options or Options(), environment))
    # Its first step, in which it says how it wants to be stopped.
    await asyncio.sleep(0)
    try:
        yield
    finally:
        signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            await task


def starts(place: Place, noted: str = "starts") -> list[dict[str, Any]]:
    """Return how the engine was started, each time; or what else it has noted."""
    path = place.kept("engine") / noted
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def ends(place: Place) -> list[dict[str, Any]]:
    """Return how things were when the engine was told to end, each time."""
    return starts(place, "ends")


def proxies() -> list[psutil.Process]:
    """Return the proxy's process, if it runs."""
    return [one for one in programs() if "acestream_proxy" in one.cmdline()]


def programs() -> list[psutil.Process]:
    """Return the processes that this one has started, and those that these have."""
    children = psutil.Process().children(recursive=True)
    return [one for one in children if one.status() != psutil.STATUS_ZOMBIE]


async def answers(session: ClientSession, url: str) -> None:
    """Return once there is something at an address."""
    async with asyncio.timeout(PATIENCE):
        while not await _answers(session, url):  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.02)


async def _answers(session: ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.ok
    except ClientError:
        return False
