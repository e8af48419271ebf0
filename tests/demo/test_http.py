"""The wire: every byte where the real engine has it."""

import pytest

from demo import EmulatedEngine

from .wire import LIVE, VOD, Wire, connect, content_path, fetch, reading, start

GET_VERSION = "/webui/api/service?method=get_version"


async def test_reply_with_a_length(engine: EmulatedEngine) -> None:
    """Headers have the engine's order, and the body its spacing."""
    head, body = await fetch(engine, GET_VERSION)
    assert head == [
        "HTTP/1.1 200 OK",
        "Server: BaseHTTP/0.6 Python/3.10.13",
        "Date: now",
        "Connection: Keep-Alive",
        "Keep-Alive: timeout=15, max=100",
        "Content-Type: application/json; charset=utf-8",
        "Content-Length: 110",
        "Accept-Ranges: bytes",
        "Access-Control-Allow-Origin: *",
    ]
    assert body == (
        '{"result": {"version": "3.2.3", "code": 3020300, "platform": "linux",'
        ' "websocket_port": 45213}, "error": null}'
    )


async def test_success_keeps_the_connection_though_asked_to_close(engine: EmulatedEngine) -> None:
    """`Connection: close` is answered with Keep-Alive."""
    async with connect(engine) as wire:
        wire.send(GET_VERSION, Connection="close")
        head, _ = await wire.reply()
        assert "Connection: Keep-Alive" in head
        assert await wire.is_quiet()


async def test_requests_can_be_pipelined(engine: EmulatedEngine) -> None:
    """Two requests at once get two replies."""
    async with connect(engine) as wire:
        wire.send(GET_VERSION)
        wire.send(GET_VERSION)
        assert await wire.reply() == await wire.reply()


async def test_http_1_0_has_no_keep_alive(engine: EmulatedEngine) -> None:
    """An old client gets an old status line, and the end of the connection."""
    async with connect(engine) as wire:
        wire.send(GET_VERSION, version="HTTP/1.0")
        head, _ = await wire.reply()
        assert head[0] == "HTTP/1.0 200 OK"
        assert "Connection: Keep-Alive" not in head
        assert await wire.rest() == b""


async def test_origin_is_echoed(engine: EmulatedEngine) -> None:
    """A browser's origin is allowed, credentials as well."""
    async with connect(engine) as wire:
        wire.send(GET_VERSION, Origin="http://home.test")
        head, _ = await wire.reply()
    assert head[-2:] == [
        "Access-Control-Allow-Origin: http://home.test",
        "Access-Control-Allow-Credentials: true",
    ]


async def test_unknown_path_is_a_500(engine: EmulatedEngine) -> None:
    """There is no 404, and a first request's error ends the connection."""
    async with connect(engine) as wire:
        wire.send("/nope")
        head, body = await wire.reply()
        assert head == [
            "HTTP/1.1 500 Internal Server Error",
            "Server: BaseHTTP/0.6 Python/3.10.13",
            "Date: now",
            "Content-Type: text/plain",
            "Content-Length: 45",
        ]
        assert body == "Internal Server Error, couldn't find resource"
        assert await wire.rest() == b""


async def test_error_on_a_reused_connection_leaves_it_open(engine: EmulatedEngine) -> None:
    """Only the first request's error closes."""
    async with connect(engine) as wire:
        wire.send(GET_VERSION)
        await wire.reply()
        wire.send("/nope")
        await wire.reply()
        wire.send(GET_VERSION)
        head, _ = await wire.reply()
    assert head[0] == "HTTP/1.1 200 OK"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
async def test_method_not_implemented(engine: EmulatedEngine, method: str) -> None:
    """Nothing but GET and POST works, not even a question about it."""
    async with connect(engine) as wire:
        wire.send(f"/ace/getstream?infohash={LIVE.infohash}", method=method)
        head = await wire.head()
        assert head[0] == "HTTP/1.0 501 Not Implemented"
        assert len(head) == 3
        assert await wire.rest() == b""
    assert engine.starts == 0
    assert engine.requests == [(method, f"/ace/getstream?infohash={LIVE.infohash}")]


async def test_head_on_a_reused_connection(engine: EmulatedEngine) -> None:
    """After a GET the server speaks HTTP/1.1, and stays."""
    async with connect(engine) as wire:
        wire.send(GET_VERSION)
        await wire.reply()
        wire.send(GET_VERSION, method="HEAD")
        head = await wire.head()
        assert head[0] == "HTTP/1.1 501 Not Implemented"
        assert await wire.is_quiet()


async def test_unheard_of_method(engine: EmulatedEngine) -> None:
    """A method nobody knows is named in the refusal."""
    async with connect(engine) as wire:
        wire.send("/", method="FOO")
        head, body = await wire.reply()
    assert head[0] == "HTTP/1.0 501 Not Implemented"
    assert body == "Unsupported method ('FOO')"


async def test_post_is_answered_in_http_1_0(engine: EmulatedEngine) -> None:
    """A known API works by POST, an unknown path fails in fewer words than by GET."""
    async with connect(engine) as wire:
        wire.send(GET_VERSION, method="POST")
        head, _ = await wire.reply()
    assert head[0] == "HTTP/1.0 200 OK"
    assert "Connection: Keep-Alive" not in head
    async with connect(engine) as wire:
        wire.send("/nope", method="POST")
        head, body = await wire.reply()
    assert head[0] == "HTTP/1.0 500 Internal Server Error"
    assert body == "Internal server error"


async def test_redirect_has_no_length(engine: EmulatedEngine) -> None:
    """On a fresh connection the end of a redirect is the end of the connection."""
    async with connect(engine) as wire:
        wire.send(f"/ace/getstream?infohash={LIVE.infohash}")
        head = await wire.head()
        body = await wire.rest()
    [session] = engine.sessions
    url = f"http://engine.test:6878/ace/r/{LIVE.infohash}/{session.token}"
    assert head == [
        "HTTP/1.1 302 Found",
        "Server: BaseHTTP/0.6 Python/3.10.13",
        "Date: now",
        f"Location: {url}",
        "Access-Control-Allow-Origin: *",
    ]
    assert body == f"Redirect to {url}".encode()


async def _redirect_after_a_reply(wire: Wire, **headers: str) -> None:
    wire.send(GET_VERSION)
    await wire.reply()
    wire.send(f"/ace/getstream?infohash={LIVE.infohash}", **headers)
    head = await wire.head()
    length = len(b"Redirect to ") + len(head[3].removeprefix("Location: "))
    await wire.body(length)


async def test_redirect_on_a_reused_connection_has_no_end(engine: EmulatedEngine) -> None:
    """Neither length nor close: who reads on, hangs."""
    async with connect(engine) as wire:
        await _redirect_after_a_reply(wire)
        assert await wire.is_quiet()


async def test_redirect_on_a_reused_connection_ends_if_asked(engine: EmulatedEngine) -> None:
    """`Connection: close` is what helps."""
    async with connect(engine) as wire:
        await _redirect_after_a_reply(wire, Connection="close")
        assert await wire.rest() == b""


async def test_redirect_on_a_reused_connection_can_be_made_harmless(
    engine: EmulatedEngine,
) -> None:
    """The knob for it."""
    engine.faults.reused_redirect_hangs = False
    async with connect(engine) as wire:
        await _redirect_after_a_reply(wire)
        assert await wire.rest() == b""


async def test_live_is_chunked(engine: EmulatedEngine) -> None:
    """A live stream has no length and takes no ranges."""
    async with reading(engine, await start(engine), Range="bytes=0-9") as wire:
        head = await wire.head()
        assert head == [
            "HTTP/1.1 200 OK",
            "Server: BaseHTTP/0.6 Python/3.10.13",
            "Date: now",
            "Connection: Keep-Alive",
            "Keep-Alive: timeout=15, max=100",
            "Content-Type: video/mp2t",
            "Transfer-Encoding: chunked",
        ]
        size = await wire.body(4)
        assert size == size.lower()
        assert int(size, 16) % 188 == 0


async def test_live_is_chunked_for_http_1_0_too(engine: EmulatedEngine) -> None:
    """Chunks, which HTTP/1.0 does not have."""
    path = await content_path(engine, await start(engine))
    async with connect(engine) as wire:
        wire.send(path, version="HTTP/1.0")
        head = await wire.head()
        assert head[0] == "HTTP/1.0 200 OK"
        assert head[-1] == "Transfer-Encoding: chunked"
        assert (await wire.chunk())[0] == 0x47


async def test_second_reader_gets_two_status_lines(engine: EmulatedEngine) -> None:
    """The head was queued before the refusal, and the first reader goes on."""
    session = await start(engine)
    async with reading(engine, session) as first:
        await first.head()
        await first.chunk()
        async with reading(engine, session) as second:
            assert await second.head() == [
                "HTTP/1.1 200 OK",
                "Server: BaseHTTP/0.6 Python/3.10.13",
                "Date: now",
                "HTTP/1.1 500 Internal Server Error",
                "Server: BaseHTTP/0.6 Python/3.10.13",
                "Date: now",
                "Content-Type: text/plain",
                "Content-Length: 14",
            ]
            assert await second.rest() == b"failed to seek"
        assert await first.chunk()
    assert engine.reads == 1


async def test_file_has_a_length(engine: EmulatedEngine) -> None:
    """A film comes whole."""
    async with reading(engine, await start(engine, VOD)) as wire:
        head, _ = await wire.head(), None
        assert head[0] == "HTTP/1.1 200 OK"
        assert head[-1] == "Accept-Ranges: bytes"
        length = int(head[-2].removeprefix("Content-Length: "))
        film = await wire.body(length)
        assert film[0] == 0x47
        assert await wire.is_quiet()


@pytest.mark.parametrize("asked", ["bytes=0-9", "bytes=10-", "bytes=-20"])
async def test_file_range(engine: EmulatedEngine, asked: str) -> None:
    """A span within the file: its place comes first of the headers."""
    async with reading(engine, await start(engine, VOD), Range=asked) as wire:
        head = await wire.head()
        assert head[0] == "HTTP/1.1 206 Partial Content"
        place, _, size = head[3].removeprefix("Content-Range: bytes ").partition("/")
        first, last = (int(number) for number in place.split("-"))
        assert head[4] == "Connection: Keep-Alive"
        assert f"Content-Length: {last - first + 1}" in head
        assert await wire.body(last - first + 1)
        assert int(size) > last


@pytest.mark.parametrize("asked", ["bytes=0-99999999999", "bytes=0-1,3-4", "bytes=99999999999-"])
async def test_file_range_refused(engine: EmulatedEngine, asked: str) -> None:
    """An end beyond the file is refused, not cut; so is more than one range."""
    async with reading(engine, await start(engine, VOD), Range=asked) as wire:
        head = await wire.head()
        assert head[0] == "HTTP/1.1 416 Requested Range Not Satisfiable"
        assert head[3].startswith("Content-Range: bytes */")
        assert len(head) == 4
        assert await wire.rest() == b""


async def test_file_range_unreadable(engine: EmulatedEngine) -> None:
    """A header that is no range ends the connection without a word."""
    async with reading(engine, await start(engine, VOD), Range="junk") as wire:
        assert await wire.rest() == b""


async def test_second_reader_of_a_file_sees_the_range_first(engine: EmulatedEngine) -> None:
    """What was queued has the range in it."""
    session = await start(engine, VOD)
    engine.faults.stall = True
    async with reading(engine, session) as first:
        await first.head()
        async with reading(engine, session, Range="bytes=0-9") as second:
            head = await second.head()
    assert head[0] == "HTTP/1.1 206 Partial Content"
    assert head[3].startswith("Content-Range: bytes 0-9/")
    assert head[4] == "HTTP/1.1 500 Internal Server Error"
