"""The bytes of a file, unpacked on the way: as they are, of gzip (RFC 1952) or of xz.

Which of them it is, its first bytes say: the names and types that servers give are often wrong.
Packed files may consist of several, one after the other, and what follows the last is ignored, as
`gzip` and `xz` do it.

Ten megabytes may unpack to ten gigabytes, so nothing is unpacked before it is asked for, and never
more than a piece of it.
"""

from collections.abc import Callable, Iterator
from lzma import FORMAT_XZ, LZMADecompressor, LZMAError
from pathlib import Path
from typing import BinaryIO, Final, Protocol
import zlib

from ..errors import GuideError, Why

# Each piece is worked on without letting anything else run: a millisecond or so.
PIECE: Final = 64 * 1024

_GZIP: Final = b"\x1f\x8b"
_XZ: Final = b"\xfd7zXZ\x00"

# `wbits` for a gzip header and trailer around the data.
_WITH_HEADER: Final = 31

# What `xz -9` needs is 65 MiB, and by default it is 9.
_XZ_MEMORY: Final = 80 * 1024 * 1024

# Some tools begin a new part every 64 KiB. To begin one costs more than its 20 bytes look like.
_MAX_PARTS: Final = 100_000


def unpack(source: Path, max_bytes: int) -> Iterator[bytes]:
    """Yield the content of a file in pieces of at most 64 KiB, none of them empty.

    Raises:
        GuideError: It is broken, ends too early, or unpacks to more than `max_bytes`.
        OSError: It cannot be read.
    """
    left = max_bytes
    for piece in _pieces(source):
        left -= len(piece)
        if left < 0:
            text = f"The guide is longer than {max_bytes // 2**20} MiB."
            raise GuideError(text, Why.TOO_LARGE)
        yield piece


class _Decompressor(Protocol):
    """What unpacks one part; `LZMADecompressor` has the words."""

    @property
    def eof(self) -> bool:
        """Whether this part is over."""

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing to be had without more of the file."""

    @property
    def unused_data(self) -> bytes:
        """What was given and is behind this part."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return some of what the data unpacks to, and keep the rest."""


class _GzipDecompressor:
    """Unpacks gzip in the words of `LZMADecompressor`."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_WITH_HEADER)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._member.eof

    @property
    def unused_data(self) -> bytes:
        return self._member.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._member.decompress(self._member.unconsumed_tail + data, max_length)
        # A full piece may have left some inside, even if all of the input was taken.
        self.needs_input = not self._member.unconsumed_tail and len(piece) < max_length
        return piece


def _pieces(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        head = file.read(PIECE)
        if head.startswith(_GZIP):
            yield from _unpacked(file, head, _GZIP, _GzipDecompressor)
        elif head.startswith(_XZ):
            yield from _unpacked(file, head, _XZ, _xz_decompressor)
        else:
            while head:
                yield head
                head = file.read(PIECE)


def _xz_decompressor() -> LZMADecompressor:
    return LZMADecompressor(FORMAT_XZ, memlimit=_XZ_MEMORY)


def _unpacked(
    file: BinaryIO, data: bytes, magic: bytes, new: Callable[[], _Decompressor]
) -> Iterator[bytes]:
    """Yield what all parts of a packed file unpack to."""
    for _ in range(_MAX_PARTS):
        part = new()
        yield from _part(file, data, part)
        data = part.unused_data
        if len(data) < len(magic):
            data += file.read(PIECE)
        if not data.startswith(magic):
            return
    raise GuideError("The guide is packed in too many parts.")


def _part(file: BinaryIO, data: bytes, part: _Decompressor) -> Iterator[bytes]:
    """Yield what one part unpacks to; it begins with data that was read already."""
    while True:
        try:
            piece = part.decompress(data, PIECE)
        except (zlib.error, LZMAError) as err:
            raise GuideError("The guide is packed, and cannot be unpacked.") from err
        if piece:
            yield piece
        if part.eof:
            return
        data = file.read(PIECE) if part.needs_input else b""
        if part.needs_input and not data:
            raise GuideError("The guide ends in the middle.")
