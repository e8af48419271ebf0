"""The chunked transfer coding of HTTP/1.1 (RFC 9112 section 7.1), decoded as bytes come in."""

import re
from typing import Final

from ..errors import EngineProtocolError

# A size line is a few hex digits; extensions, which nobody sends, may follow.
_MAX_LINE: Final = 256
_HEX: Final = re.compile(rb"[0-9a-fA-F]+")


class ChunkedDecoder:
    """Takes the coding off a body."""

    def __init__(self) -> None:
        self.ended = False
        """Whether the last chunk was seen."""
        self._rest = b""
        self._left = 0  # bytes of the current chunk, its line end included, that are to come

    def feed(self, data: bytes) -> bytes:
        """Return the body's bytes in what was read.

        Raises:
            EngineProtocolError: It is not in the chunked coding.
        """
        if self._rest:
            data, self._rest = self._rest + data, b""
        pieces = []
        at = 0
        while at < len(data) and not self.ended:
            if self._left > 0:
                taken = min(self._left, len(data) - at)
                body = min(taken, max(self._left - 2, 0))
                pieces.append(data[at : at + body])
                self._left -= taken
                at += taken
                continue
            end = data.find(b"\r\n", at)
            if end < 0:
                self._rest = data[at:]
                if len(self._rest) > _MAX_LINE:
                    raise EngineProtocolError("The engine's stream is not in the coding it says.")
                break
            size = _size(data[at:end])
            self.ended = size == 0
            self._left = size + 2
            at = end + 2
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    # int() would take a sign, underscores or a prefix as well.
    if not _HEX.fullmatch(digits):
        raise EngineProtocolError("The engine's stream is not in the coding it says.")
    return int(digits, 16)
