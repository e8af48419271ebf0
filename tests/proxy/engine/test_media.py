"""Reading the bytes of a session, from the engine and from answers no real one gives."""

from collections.abc import Buffer, Sequence
import socket

from aiohttp import ClientSession
from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.engine import EngineClient, EngineOptions
from custom_components.acestream_proxy.proxy.engine.head import ResponseHead
from custom_components.acestream_proxy.proxy.engine.media import MediaReader
from custom_components.acestream_proxy.proxy.errors import (
    EngineBusyError,
    EngineError,
    EngineProtocolError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    ProxyError,
    RangeError,
    StreamEndedError,
)

from ..streams import synthetic
from .scripted import OK, scripted

STREAM = synthetic(0, 1)


async def read(
    session: ClientSession, port: int, path: str = "/ace/r/x", options: EngineOptions | None = None
) -> bytes:
    """Return all there is to read."""
    client = EngineClient(session, f"127.0.0.1:{port}", options)
    reader = MediaReader(client, path)
    try:
        return b"".join([gulp async for gulp in reader])
    finally:
        reader.close()


def redirect(address: str) -> bytes:
    """Return a redirect as engines send it: without a length."""
    return f"HTTP/1.1 302 Found\r\nLocation: {address}\r\n\r\nRedirect to somewhere".encode()


CHUNKED = (
    OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%b\r\n0\r\n\r\n" % (len(STREAM), STREAM)
)
LENGTH = OK + b"Content-Length: %d\r\n\r\n%b" % (len(STREAM), STREAM)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(CHUNKED, id="chunked"),
        pytest.param(LENGTH, id="with a length"),
        pytest.param(LENGTH + b"more", id="with more than its length"),
    ],
)
async def test_body_is_read_to_its_end(session: ClientSession, answer: bytes) -> None:
    """Whichever way it says where that is."""
    async with scripted(answer) as engine:
        assert await read(session, engine.port) == STREAM


async def test_redirects_stay_on_the_engine(session: ClientSession) -> None:
    """Whatever host they name; each is followed on a connection of its own."""
    answers = redirect("http://192.0.2.1:9/content/1?a=b"), redirect("/content/2"), CHUNKED
    async with scripted(*answers) as engine:
        assert await read(session, engine.port) == STREAM
    assert [line.split(" ")[1] for line in engine.requests] == [
        "/ace/r/x",
        "/content/1?a=b",
        "/content/2",
    ]


@pytest.mark.parametrize(
    ("answers", "error", "words"),
    [
        pytest.param([b"\x16\x03 no HTTP\r\n\r\n"], EngineProtocolError, "not HTTP", id="garbage"),
        pytest.param([b"x" * 20_000], EngineProtocolError, "not HTTP", id="endless head"),
        pytest.param([b"HTTP/1.1 xyz\r\n\r\n"], EngineProtocolError, "not HTTP", id="no status"),
        pytest.param(
            [b"HTTP/1.1 " + b"9" * 5000 + b"\r\n\r\n"],
            EngineProtocolError,
            "not HTTP",
            id="endless status",
        ),
        pytest.param([b""], StreamEndedError, "closed", id="closed at once"),
        pytest.param(
            [b"HTTP/1.1 500 No\r\n\r\nfailed to seek"],
            EngineRefusedError,
            "failed to seek",
            id="refused with words",
        ),
        pytest.param([b"HTTP/1.1 403 Forbidden\r\n\r\n"], EngineRefusedError, "403", id="refused"),
        pytest.param(
            [b"HTTP/1.1 416 No\r\n\r\n"], RangeError, "not that long", id="beyond the end"
        ),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nServer: x\r\nHTTP/1.1 500 No\r\n\r\n"],
            EngineBusyError,
            "somebody else",
            id="second reader",
        ),
        pytest.param([redirect("/x")] * 9, EngineProtocolError, "in circles", id="circle"),
        pytest.param([redirect("")], EngineProtocolError, "nowhere", id="redirect to nothing"),
        pytest.param([redirect("http://[::1")], EngineProtocolError, "nowhere", id="to nonsense"),
        pytest.param([LENGTH[:-1]], StreamEndedError, "closed", id="cut off"),
        pytest.param([OK + b"\r\n" + STREAM], StreamEndedError, "closed", id="no end said"),
        pytest.param(
            [OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"],
            EngineProtocolError,
            "coding",
            id="not in its coding",
        ),
    ],
)
async def test_what_is_no_stream(
    session: ClientSession, answers: list[bytes], error: type[ProxyError], words: str
) -> None:
    """Each trouble is an error of its own, with a sentence."""
    async with scripted(*answers) as engine:
        with pytest.raises(error, match=words):
            await read(session, engine.port)


async def test_nobody_there(session: ClientSession, unused_tcp_port: int) -> None:
    """An engine that went away between start and read."""
    with pytest.raises(EngineUnreachableError):
        await read(session, unused_tcp_port)


async def test_connection_that_is_not_accepted(session: ClientSession) -> None:
    """It is given up on."""
    options = EngineOptions(connect_timeout=0)
    with socket.create_server(("127.0.0.1", 0)) as nobody, pytest.raises(EngineTimeoutError):
        await read(session, nobody.getsockname()[1], options=options)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(CHUNKED, id="chunked"),
        pytest.param(LENGTH, id="with a length"),
        pytest.param(OK + b"Content-Length: 0\r\n\r\n", id="empty"),
    ],
)
async def test_body_is_pumped_to_its_end(session: ClientSession, answer: bytes) -> None:
    """What came with the head first, the rest in paced gulps (`test_pump`)."""
    got = bytearray()

    def sink(pieces: Sequence[Buffer]) -> bool:
        got.extend(b"".join(pieces))
        return True

    async with scripted(answer) as engine:
        reader = MediaReader(EngineClient(session, engine.url), "/")
        await reader.pump(sink)
        reader.close()
    assert bytes(got) == (b"" if b"Length: 0" in answer else STREAM)


@given(st.text(st.characters(max_codepoint=255)) | st.builds(
    lambda status, location: f"HTTP/1.1 {status}\r\nLocation: {location}",
    st.integers(), st.text(st.characters(max_codepoint=255)),
))  # fmt: skip
def test_hostile_heads_are_read_or_refused(text: str) -> None:
    """No other error comes out, and a redirect leads to a path."""
    try:
        location = ResponseHead.parse(text).location
    except EngineError:
        location = None
    assert location is None or location.startswith("/")
