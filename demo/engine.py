"""An emulated AceStream engine on a real socket, bad habits included.

    connection ──▶ EmulatedEngine ──▶ endpoint (playback, content, api) ──▶ Core
                   routes, faults                                            sessions, media

It is written by hand on asyncio's streams because what makes the engine hard to talk to
is what an HTTP library does not let one send: see `http`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Self

from . import api, playback
from .catalogue import Catalogue
from .channels import CHANNELS, Channel
from .connection import ClientGoneError, Connection
from .content import content
from .control import control
from .core import Core
from .faults import Faults
from .http import Reply, Request, error_reply, not_implemented
from .media import Media
from .sessions import Session, Sessions

type Endpoint = Callable[[Core, Connection, Request], Awaitable[Reply]]

_GARBAGE: Final = b"\x16\x03\x01\x02\x00\x01 this is not HTTP\x00\r\n\r\n"

_PATHS: Final[dict[str, tuple[str, Endpoint]]] = {
    "/ace/getstream": ("getstream", playback.getstream),
    "/ace/manifest.m3u8": ("getstream", playback.getstream),
    "/hls/manifest.m3u8": ("getstream", playback.getstream),
    "/webui/api/service": ("", api.service),
    "/server/api": ("", api.server),
    "/service/api": ("", api.server),
    "/search": ("search", api.search),
}
_PREFIXES: Final[dict[str, tuple[str, Endpoint]]] = {
    "/ace/r/": ("r", playback.read),
    "/ace/m/": ("m", playback.playlist),
    "/ace/c/": ("c", playback.segment),
    "/ace/stat/": ("stat", playback.stat),
    "/ace/cmd/": ("cmd", playback.command),
    "/ace/event/": ("event", playback.event),
}
# Long enough for the reply that announces a restart to leave.
_RESTART_DELAY: Final = 0.05


class EmulatedEngine:
    """The engine: start it, look at what it was asked, turn its faults."""

    def __init__(
        self,
        channels: Sequence[Channel] = CHANNELS,
        host: str = "127.0.0.1",
        port: int = 0,
        media: Media | None = None,
        faults: Faults | None = None,
        version: str = "3.2.11",
    ) -> None:
        """Take what it plays and how; port 0 is any free one, no media the test patterns."""
        self.host = host
        self.port = port
        self.faults = Faults() if faults is None else faults
        self.requests: list[tuple[str, str]] = []
        """Method and target of every request, but for those to `/demo/`."""

        self._sessions = Sessions(self.faults)
        self._core = Core(
            catalogue=Catalogue(channels),
            faults=self.faults,
            sessions=self._sessions,
            media=_test_patterns() if media is None else media,
            version=version,
        )
        self._server: asyncio.Server | None = None
        self._connections: dict[Connection, asyncio.Task[None]] = {}
        self._restarting: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The engine's address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def sessions(self) -> list[Session]:
        """All sessions there were, oldest first."""
        return self._sessions.all()

    @property
    def open_sessions(self) -> list[Session]:
        """The sessions nothing has ended yet."""
        return self._sessions.open_ones()

    @property
    def starts(self) -> int:
        """Sessions opened."""
        return len(self.sessions)

    @property
    def reads(self) -> int:
        """Readers that got at least one byte."""
        return sum(session.reads for session in self.sessions)

    @property
    def stops(self) -> int:
        """Sessions ended by command."""
        return sum(session.stopped_by == "command" for session in self.sessions)

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything, whoever is connected."""
        restarting = self._restarting
        if restarting is not None and restarting is not asyncio.current_task():
            restarting.cancel()
            with suppress(asyncio.CancelledError):
                await restarting
        await self._close()

    async def restart(self) -> None:
        """Crash and come back: connections reset, sessions forgotten, same port."""
        await self._close()
        self._sessions.forget()
        self._core.catalogue.forget()
        await self.start()

    def cut_readers(self, *, reset: bool = False) -> None:
        """End the readers of this moment, cleanly or with a TCP reset; later ones play on."""
        self._core.cuts += 1
        self._core.cut_resets = reset

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def record(self) -> dict[str, Any]:
        """Return what happened so far, for another process."""
        return {
            "starts": self.starts,
            "reads": self.reads,
            "stops": self.stops,
            "open": len(self.open_sessions),
            "sessions": [session.as_json() for session in self.sessions],
        }

    async def _close(self) -> None:
        if self._server is not None:
            # What was accepted in this turn of the loop has to get its transport before the server
            # closes: CPython fails where it does so afterwards (`Server._attach`).
            for accepting in self._server.sockets:
                asyncio.get_running_loop().remove_reader(accepting)
            await asyncio.sleep(0)
            self._server.close()
        for connection, task in self._connections.items():
            connection.reset()
            task.cancel()
        await asyncio.gather(*self._connections.values(), return_exceptions=True)
        if self._server is not None:
            self._server.abort_clients()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: request after request, while it stays open."""
        connection = Connection(reader, writer)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a callback of start_server runs in a task
        self._connections[connection] = task
        try:
            while (request := await connection.read_request()) is not None:
                if not await self._answer(connection, request):
                    return
        except ClientGoneError:
            pass
        finally:
            del self._connections[connection]
            connection.close()

    async def _answer(self, connection: Connection, request: Request) -> bool:
        """Answer one request; return whether the connection stays open."""
        if request.path.startswith("/demo/"):
            record = self.record()
            reply = control(self._core, request, record=record, restart=self._restart_soon)
            return await connection.send(reply)
        self.requests.append((request.method, request.target))
        if self.faults.half_open:
            await connection.hang()
        if request.method not in ("GET", "POST"):
            return await connection.send(not_implemented(request))
        name, endpoint = _route(request)
        await connection.sleep(self.faults.slow.get(name, 0.0))
        if name in self.faults.hang:
            await connection.hang()
        if name in self.faults.garbage:
            await connection.write(_GARBAGE)
            return False
        if endpoint is None:
            return await content(self._core, connection, request)
        return await connection.send(await endpoint(self._core, connection, request))

    def _restart_soon(self) -> None:
        async def restart() -> None:
            await asyncio.sleep(_RESTART_DELAY)
            await self.restart()

        self._restarting = asyncio.create_task(restart(), name="restart the engine")


def _route(request: Request) -> tuple[str, Endpoint | None]:
    """Return an endpoint's name, for faults, and the endpoint; None is the content itself."""
    if request.path.startswith("/content/"):
        return "content", None
    for prefix, route in _PREFIXES.items():
        if request.path.startswith(prefix):
            return route
    name, endpoint = _PATHS.get(request.path, ("", _unknown))
    return name or request.query.get("method", ""), endpoint


async def _unknown(_core: Core, _connection: Connection, request: Request) -> Reply:
    """Answer a path that is none: not with a 404."""
    if request.method == "POST":
        return error_reply(request, "Internal server error")
    return error_reply(request)


def _test_patterns() -> Media:
    # PyAV is needed only by who wants pictures.
    from .playout import PatternMedia

    return PatternMedia()
