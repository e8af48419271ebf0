"""The body of an engine's answer, found in the bytes of a connection as they come in.

What is fed in may be a view of a buffer that is used again, and what comes out are views of what
was fed in: nothing is copied here.
"""

from collections.abc import Buffer
import re
from typing import Final, Protocol

from ..errors import EngineProtocolError

# A size line is a few hex digits; extensions, which nobody sends, may follow.
_SIZE_LINE: Final = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]{0,200})?\r\n")
_MAX_LINE: Final = 256


class Body(Protocol):
    """Where a body begins and ends."""

    @property
    def ended(self) -> bool:
        """Whether all of it was seen."""

    def feed(self, data: Buffer) -> list[memoryview]:
        """Return the body's bytes in what was read, in order.

        Raises:
            EngineProtocolError: It is not in the coding that the engine said.
        """


class PlainBody:
    """A body as it is, with a length or until the connection ends."""

    def __init__(self, length: int | None) -> None:
        """Expect so many bytes; None where the engine does not say how many."""
        self._left = length

    @property
    def ended(self) -> bool:
        """Whether all of it was seen."""
        return self._left == 0

    def feed(self, data: Buffer) -> list[memoryview]:
        """Return the body's bytes in what was read."""
        view = memoryview(data)[: self._left]
        if self._left is not None:
            self._left -= len(view)
        return [view] if view else []


class ChunkedBody:
    """A body in the chunked transfer coding of HTTP/1.1 (RFC 9112 section 7.1)."""

    def __init__(self) -> None:
        self.ended = False
        """Whether the last chunk was seen."""
        self._rest = b""
        self._left = 0  # bytes of the current chunk, its line end included, that are to come

    def feed(self, data: Buffer) -> list[memoryview]:
        """Return the body's bytes in what was read, in order.

        Raises:
            EngineProtocolError: It is not in the chunked coding.
        """
        view = memoryview(self._rest + bytes(data) if self._rest else data)
        self._rest = b""
        pieces = []
        at = 0
        while at < len(view) and not self.ended:
            if self._left > 0:
                end = min(at + self._left, len(view))
                if piece := view[at : min(end, at + max(self._left - 2, 0))]:
                    pieces.append(piece)
                self._left -= end - at
                at = end
            elif found := _SIZE_LINE.match(view, at):
                size = int(found[1], 16)
                self.ended = size == 0
                self._left = size + 2
                at = found.end()
            else:
                self._rest = bytes(view[at:])
                if b"\r\n" in self._rest or len(self._rest) > _MAX_LINE:
                    raise EngineProtocolError("The engine's stream is not in the coding it says.")
                break
        return pieces
