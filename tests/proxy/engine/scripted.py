"""An engine that says what a test tells it to, byte for byte: for answers no real one gives."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
import json
from typing import Any

OK = b"HTTP/1.1 200 OK\r\n"


def answer(content: Any) -> bytes:
    """Return a whole answer with JSON."""
    body = json.dumps(content).encode()
    return OK + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class ScriptedEngine:
    """Gives each connection the next of its answers, then closes it."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        """Take one answer for each connection."""
        self._answers = iter(answers)
        self.requests: list[str] = []
        """The request line of each connection."""
        self.heads: list[str] = []
        """The whole head of each request."""
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer a connection."""
        with closing(writer), suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head.decode())
            self.requests.append(head.split(b"\r\n")[0].decode())
            writer.write(next(self._answers))
            await writer.drain()


@asynccontextmanager
async def scripted(*answers: bytes) -> AsyncIterator[ScriptedEngine]:
    """Run such an engine."""
    engine = ScriptedEngine(answers)
    server = await asyncio.start_server(engine.serve, "127.0.0.1", 0)
    engine.port = server.sockets[0].getsockname()[1]
    async with server:
        yield engine
