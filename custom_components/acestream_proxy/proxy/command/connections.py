"""Connections of the command's server that ask for nothing, or for nothing that is HTTP.

    accepted ──▶ waits ──▶ asks ──▶ is answered ──▶ waits ──▶ …
                   │
                   ├── for too long ──────────────▶ closed
                   └── with too many others ──────▶ closed, those that wait longest first

To wait costs whoever connects nothing, and the command a descriptor and some memory each. Whoever
is being answered, as players are, is never closed here. aiohttp has the time limit: it counts from
when a connection is accepted or its last answer was complete until the head of a request is, in
however small pieces that comes. It has no limit to their number, hence the `_Server`.

Two more things that anybody could fill the log with are said once. asyncio reports each connection
that it cannot accept for want of descriptors, more than a hundred times a second, each with a
traceback; aiohttp does so with each request that is not HTTP.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import logging
import resource
from typing import Any, Final, override

from aiohttp import web
from aiohttp.http import HttpProcessingError

_LOGGER = logging.getLogger(__name__)

# Seconds for the head of a request: longer than reverse proxies keep a connection for the next one,
# which is a minute in most, as it is for them to close it.
_PATIENCE: Final = 75.0

# Several for each viewer there may be; some 10 KB each.
_MOST_WAITING: Final = 1000

# Waiting connections have this part of the descriptors; players, engines and files have the others.
_SHARE: Final = 4

# What did not happen for so many seconds is over.
_OVER_AFTER: Final = 60.0


class Runner(web.AppRunner):
    """Runs an application so that nobody takes all connections by asking for nothing."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        """Prepare; `options` are those of `AppRunner`."""
        logger = logging.getLogger(f"{__name__}.server")
        logger.addFilter(_is_mistake_of_ours)
        super().__init__(app, keepalive_timeout=_PATIENCE, logger=logger, **options)
        self._starved = _Notice(
            "Too many connections: new ones have to wait. A higher limit of open files helps",
            "All connections are accepted again",
        )

    @override
    async def setup(self) -> None:
        """Prepare to serve, with as many descriptors as may be had."""
        await super().setup()
        asyncio.get_running_loop().set_exception_handler(self._on_exception)

    @override
    async def cleanup(self) -> None:
        """End all that is served."""
        await super().cleanup()
        asyncio.get_running_loop().set_exception_handler(None)
        self._starved.forget()

    @override
    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        most = min(_MOST_WAITING, _descriptors() // _SHARE)
        return _Server(plain.request_handler, plain.request_factory, most, **self._kwargs)

    def _on_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Hear of what nobody caught; that of a socket is that it cannot accept."""
        if "socket" in context and isinstance(context.get("exception"), OSError):
            self._starved.happened()
        else:
            loop.default_exception_handler(context)


class _Server(web.Server):
    """Lets go of connections when too many wait."""

    def __init__(
        self,
        request_handler: Callable[[web.BaseRequest], Any],
        request_factory: Any,
        most: int,
        **options: Any,
    ) -> None:
        super().__init__(self._answer, request_factory=request_factory, **options)
        self._app_handler = request_handler
        self._most = most
        # Those that wait longest come first.
        self._waiting: dict[web.RequestHandler, asyncio.Transport] = {}
        self._crowded = _Notice(
            f"More than {most} connections ask for nothing: those that wait longest are closed",
            "Connections that ask for nothing are few again",
        )

    @override
    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._wait(handler, transport)

    @override
    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        self._waiting.pop(handler, None)
        super().connection_lost(handler, exc)

    @override
    async def shutdown(self, timeout: float | None = None) -> None:
        self._crowded.forget()
        await super().shutdown(timeout)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        transport = self._waiting.pop(connection, None)
        try:
            response: web.StreamResponse = await self._app_handler(request)
            return response
        finally:
            if transport and connection.connected:
                self._wait(connection, transport)

    def _wait(self, connection: web.RequestHandler, transport: asyncio.Transport) -> None:
        self._waiting[connection] = transport
        if len(self._waiting) > self._most:
            longest = next(iter(self._waiting))
            self._waiting.pop(longest).abort()  # to close it would be to wait until all is sent
            self._crowded.happened()


class _Notice:
    """Says of what happens again and again when it begins and when it is over, each once."""

    def __init__(self, begins: str, ends: str) -> None:
        self._begins = begins
        self._ends = ends
        self._timer: asyncio.TimerHandle | None = None

    def happened(self) -> None:
        """Say so, unless it lasts already."""
        if self._timer is None:
            _LOGGER.warning("%s", self._begins)
        self.forget()
        self._timer = asyncio.get_running_loop().call_later(_OVER_AFTER, self._over)

    def forget(self) -> None:
        """Say nothing of its end."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _over(self) -> None:
        self._timer = None
        _LOGGER.info("%s", self._ends)


def _descriptors() -> int:
    """Return how many descriptors there may be, having asked for all that are allowed."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # not everywhere what is allowed is possible
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        return most
    return allowed


def _is_mistake_of_ours(record: logging.LogRecord) -> bool:
    """Return whether something is not merely a request that is none."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
