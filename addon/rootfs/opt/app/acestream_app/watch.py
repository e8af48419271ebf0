"""Starts the engine again when it is there, but no use.

An engine that has run for days may answer `get_version` and yet load nothing any more; only a
restart helps. Who knows is the proxy, by how sessions went: `/ready` says of each engine whether it
is reachable, and whether it is failing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
import json
import logging
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout

_LOGGER = logging.getLogger(__name__)

# Seconds between looks, which cost the proxy nothing.
INTERVAL: Final = 5.0

# Seconds that an engine may be no use. Longer than a start takes on a slow machine (30), and than
# a stream is given to come back (90): until then the proxy may still mend it by itself.
FIRST: Final = 120.0

# Seconds, at most, that it may be no use after restarts that did not help. If nothing plays because
# nobody is broadcasting, no restart does, and each costs the peers that the engine had found.
LONGEST: Final = 3600.0

_TIMEOUT: Final = ClientTimeout(total=4)

# What both answers are far below of.
_MAX_BYTES: Final = 1024 * 1024


class Patience:
    """Says when an engine that is no use has been that for too long. Time is an argument."""

    def __init__(self) -> None:
        self._limit = FIRST
        self._since: float | None = None
        self._restarted: float | None = None

    def is_over(self, *, well: bool | None, now: float) -> bool:
        """Return whether it is, knowing how the engine is; None if nobody knows."""
        if well is not False:
            self._since = None
            return False
        if self._since is None:
            self._since = now
            # Right after a restart every engine is well, so that alone says nothing.
            if self._restarted is None or now - self._restarted >= LONGEST:
                self._limit = FIRST
        return now - self._since >= self._limit

    def begin_again(self, now: float) -> None:
        """Have twice the patience after a restart, until it was an hour ago."""
        self._since, self._restarted = None, now
        self._limit = min(2 * self._limit, LONGEST)


async def watch(
    session: ClientSession, proxy: str, engine: str, restart: Callable[[], Awaitable[None]]
) -> None:
    """Ask the proxy how an engine is, and restart that if need be, until cancelled."""
    patience, loop = Patience(), asyncio.get_running_loop()
    while True:
        await asyncio.sleep(INTERVAL)
        well = is_well(await _ask(session, f"{proxy}/ready"), engine)
        if not patience.is_over(well=well, now=loop.time()):
            continue
        if is_received(await _ask(session, f"{proxy}/ace/status")):
            continue
        _LOGGER.warning("The engine runs, but plays nothing any more; restarting it")
        await restart()
        patience.begin_again(loop.time())


def is_well(ready: Any, engine: str) -> bool | None:
    """Return whether an engine is of use, by the proxy's `/ready`; None if that does not say.

    Who is not trusted is told of no engine, but whether any of them is of use.
    """
    match ready:
        case {"engines": [*engines]}:
            known = [one for one in engines if isinstance(one, dict)]
            match next((one for one in known if one.get("engine") == engine), None):
                case {"reachable": bool(reachable), "failing": bool(failing)}:
                    return reachable and not failing
        case {"ready": bool(is_ready)} if "engines" not in ready:
            return is_ready
    return None


def is_received(status: Any) -> bool:
    """Return whether anybody receives anything, by the proxy's `/ace/status`.

    Where that is not open to all nobody can say. Then the engine is restarted nevertheless: who
    watches sees the picture stop for some seconds, and all others would see none at all.
    """
    match status:
        case {"running": [*streams]}:
            return any(isinstance(one, dict) and one.get("state") == "streaming" for one in streams)
    return False


async def _ask(session: ClientSession, url: str) -> Any:
    """Return the JSON at an address of the proxy; None if there is none."""
    try:
        async with session.get(url, timeout=_TIMEOUT) as response:
            if response.status not in (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE):
                return None
            body = bytearray()
            async for piece in response.content.iter_any():
                body += piece
                if len(body) > _MAX_BYTES:
                    return None
            return json.loads(body)
    except ClientError, TimeoutError, ValueError, RecursionError:
        return None
