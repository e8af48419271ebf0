"""Files as they are, in gzip and in xz."""

from contextlib import suppress
import gzip
import lzma
from pathlib import Path
import tempfile

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.errors import GuideError
from custom_components.acestream_proxy.proxy.guide import unpack as module
from custom_components.acestream_proxy.proxy.guide.unpack import PIECE, unpack

# More than a piece, and not the same all over.
TEXT = b"".join(b"%d " % number for number in range(100_000))
MEBIBYTE = 2**20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to write into."""
    return tmp_path / "guide"


def unpacked(file: Path, packed: bytes) -> bytes:
    """Return what a file with this content unpacks to."""
    file.write_bytes(packed)
    return b"".join(unpack(file, MEBIBYTE))


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param(gzip.compress(TEXT), id="gzip"),
        pytest.param(gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:]), id="gzip in parts"),
        pytest.param(gzip.compress(b"") + gzip.compress(TEXT), id="gzip with an empty part"),
        pytest.param(gzip.compress(TEXT) + b"\0" * 99, id="gzip, then zeros"),
        pytest.param(gzip.compress(TEXT) + b"\x1f", id="gzip, then a byte"),
        pytest.param(gzip.compress(TEXT) + b"garbage", id="gzip, then garbage"),
        pytest.param(lzma.compress(TEXT), id="xz"),
        pytest.param(lzma.compress(TEXT, preset=9), id="xz -9"),
        pytest.param(lzma.compress(TEXT[:9]) + lzma.compress(TEXT[9:]), id="xz in parts"),
        pytest.param(lzma.compress(TEXT) + b"\0" * 4, id="xz, then zeros"),
    ],
)
def test_content_of_a_file(file: Path, packed: bytes) -> None:
    """Its first bytes say what it is."""
    assert unpacked(file, packed) == TEXT


@pytest.mark.parametrize("at", [PIECE - 1, PIECE, PIECE + 1])
def test_parts_may_begin_anywhere(file: Path, at: int) -> None:
    """Also where the pieces do that are read."""
    first = gzip.compress(b"one")
    # The comment that a header may have is as long as needed (RFC 1952 section 2.3.1).
    padded = first[:3] + b"\x10" + first[4:10] + b"x" * (at - len(first) - 1) + b"\0" + first[10:]
    assert len(padded) == at
    assert unpacked(file, padded + gzip.compress(b"two")) == b"onetwo"


@given(st.binary(max_size=3 * PIECE), st.integers(0, 9))
def test_what_is_packed_comes_out(text: bytes, level: int) -> None:
    """Whatever it is, in pieces that are neither empty nor long."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "guide"
        file.write_bytes(gzip.compress(text * 3, level))
        pieces = list(unpack(file, MEBIBYTE))
    assert b"".join(pieces) == text * 3
    assert all(0 < len(piece) <= PIECE for piece in pieces)


@pytest.mark.parametrize("packed", [gzip.compress(TEXT), lzma.compress(TEXT)])
def test_truncated_file_is_refused(file: Path, packed: bytes) -> None:
    """Also if only its last byte is missing."""
    for end in (20, len(packed) // 2, len(packed) - 1):
        with pytest.raises(GuideError, match="ends in the middle"):
            unpacked(file, packed[:end])


@pytest.mark.parametrize("packed", [gzip.compress(TEXT), lzma.compress(TEXT)])
def test_broken_file_is_refused(file: Path, packed: bytes) -> None:
    """What is packed has sums to tell."""
    broken = packed[:1000] + bytes([packed[1000] ^ 0xFF]) + packed[1001:]
    with pytest.raises(GuideError, match="cannot be unpacked"):
        unpacked(file, broken)


def test_xz_that_wants_too_much_memory_is_refused(file: Path) -> None:
    """Its header says how much, and is believed."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**28}]
    with pytest.raises(GuideError, match="cannot be unpacked"):
        unpacked(file, lzma.compress(TEXT, filters=filters))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_nothing_is_unpacked_beyond_the_limit(file: Path, pack: type[bytes]) -> None:
    """Of a gigabyte of zeros no more than was asked for."""
    file.write_bytes(pack(bytes(8 * MEBIBYTE)))
    pieces = unpack(file, MEBIBYTE)
    for _ in range(MEBIBYTE // PIECE):
        next(pieces)
    with pytest.raises(GuideError, match="longer than 1 MiB"):
        next(pieces)


def test_endless_parts_are_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that unpack to nothing are not bounded by what they unpack to."""
    monkeypatch.setattr(module, "_MAX_PARTS", 10)
    with pytest.raises(GuideError, match="too many parts"):
        unpacked(file, gzip.compress(b"") * 11)


@given(st.sampled_from([b"\x1f\x8b\x08", b"\xfd7zXZ\x00"]), st.binary())
def test_any_bytes_end_in_a_sentence(magic: bytes, rest: bytes) -> None:
    """Or in a text, but in nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "guide"
        file.write_bytes(magic + rest)
        with suppress(GuideError):
            list(unpack(file, MEBIBYTE))
