"""The chunked transfer coding."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.engine.body import Body, ChunkedBody, PlainBody
from custom_components.acestream_proxy.proxy.errors import EngineProtocolError

bodies = st.lists(st.binary(min_size=1, max_size=40), max_size=10)


def coded(parts: list[bytes]) -> bytes:
    """Return a body in these chunks."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def decoded(body: Body, *reads: bytes) -> bytes:
    """Return the body in several reads, all of which come through one buffer."""
    buffer = bytearray(max(map(len, reads), default=0))
    output = b""
    for read in reads:
        buffer[: len(read)] = read
        output += b"".join(body.feed(memoryview(buffer)[: len(read)]))
    return output


@given(bodies, st.lists(st.integers(min_value=0, max_value=500), max_size=20))
def test_body_does_not_depend_on_how_it_was_read(parts: list[bytes], cuts: list[int]) -> None:
    """Size lines and line ends may be split anywhere."""
    body = ChunkedBody()
    wire = coded(parts)
    places = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]

    output = decoded(body, *(wire[begin:end] for begin, end in pairwise(places)))

    assert output == b"".join(parts)
    assert body.ended


def test_byte_by_byte() -> None:
    """The worst a network can do."""
    wire = coded([b"one", b"two" * 100])
    assert decoded(ChunkedBody(), *(bytes([byte]) for byte in wire)) == b"one" + b"two" * 100


def test_extensions_and_blanks_are_ignored() -> None:
    """Nobody sends them, but they are allowed."""
    assert decoded(ChunkedBody(), b"3 ;name=value\r\none\r\n") == b"one"


def test_what_follows_the_end_is_not_the_body() -> None:
    """Trailers are dropped."""
    body = ChunkedBody()
    assert decoded(body, b"3\r\none\r\n0\r\nTrailer: x\r\n\r\n") == b"one"
    assert body.ended
    assert decoded(body, b"more") == b""


@pytest.mark.parametrize(
    ("length", "read", "ended"),
    [
        pytest.param(5, b"one", False, id="part of its length"),
        pytest.param(3, b"one", True, id="its length"),
        pytest.param(3, b"one more", True, id="more than its length"),
        pytest.param(0, b"one", True, id="of no length"),
        pytest.param(None, b"one", False, id="of unknown length"),
    ],
)
def test_plain_body(length: int | None, read: bytes, ended: bool) -> None:
    """It ends where its length says, if it has one."""
    body = PlainBody(length)
    assert decoded(body, read) == read[:length]
    assert body.ended is ended


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"xyz\r\n", id="no number"),
        pytest.param(b"\r\n", id="nothing"),
        pytest.param(b"-3\r\n", id="negative"),
        pytest.param(b"1_0\r\n", id="underscore"),
        pytest.param(b"0x10\r\n", id="prefix"),
        pytest.param(b"1" * 300, id="endless line"),
        pytest.param(b"\x47" * 300, id="packets"),
    ],
)
def test_what_is_not_in_the_coding_is_refused(wire: bytes) -> None:
    """An engine that sends something else is said to."""
    with pytest.raises(EngineProtocolError, match="not in the coding"):
        ChunkedBody().feed(wire)


@given(st.lists(st.binary(max_size=50) | st.sampled_from([b"3\r\n", b"0\r\n", b"\r\n"])))
def test_hostile_bytes_are_refused_or_decoded(reads: list[bytes]) -> None:
    """No other error comes out, and never more bytes than went in."""
    body = ChunkedBody()
    size = 0
    for read in reads:
        try:
            size += len(decoded(body, read))
        except EngineProtocolError:
            break
    assert size <= sum(map(len, reads))
