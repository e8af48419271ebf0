"""The engine's HTTP, byte for byte: requests in, replies as bytes out, no sockets.

The engine answers with Python's old `http.server`, changed in ways that matter to clients:
which header comes where, which replies have a length, and which of them end the connection.
A real library would put all that right, so everything is written by hand here.
"""

from dataclasses import dataclass
from email.utils import formatdate
from functools import cached_property
from http import HTTPStatus
import json
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

SERVER: Final = "BaseHTTP/0.6 Python/3.10.13"
NOT_FOUND: Final = "Internal Server Error, couldn't find resource"
LAST_CHUNK: Final = b"0\r\n\r\n"

# What the engine's older Python says where today's says something else.
_PHRASES: Final = {
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "Requested Range Not Satisfiable",
}


@dataclass(frozen=True)
class Request:
    """One request as it was read from a connection."""

    method: str
    target: str
    """Path and query, as sent."""

    version: str
    """`HTTP/1.1` or `HTTP/1.0`."""

    headers: dict[str, str]
    """By lower-case name."""

    client_ip: str
    server_address: str
    """Host and port the request came in on, for clients that send no Host."""

    reused: bool
    """Not the first request on its connection."""

    @cached_property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.target).path

    @cached_property
    def query(self) -> dict[str, str]:
        """The query; of a repeated name the last one."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def host(self) -> str:
        """Host and port the client knows the engine by."""
        return self.headers.get("host") or self.server_address

    @property
    def asks_to_close(self) -> bool:
        """Whether the client wants no further reply on this connection."""
        return self.headers.get("connection", "").lower() == "close"


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes to send, and whether the connection stays open afterwards."""

    content: bytes
    stays_open: bool


def parse_request(
    head: bytes, *, client_ip: str, server_address: str, reused: bool
) -> Request | None:
    """Return the request of a head (its empty line included), or None if it is none."""
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split()
    if len(words) != 3:
        return None
    method, target, version = words
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Request(method, target, version, headers, client_ip, server_address, reused)


def json_reply(request: Request, content: Any, *, cors: bool = True) -> Reply:
    """Return a reply with JSON, in the spacing of the engine's own."""
    body = json.dumps(content).encode()
    return body_reply(request, body, "application/json; charset=utf-8", cors=cors)


def body_reply(request: Request, body: bytes, content_type: str, *, cors: bool = True) -> Reply:
    """Return a reply with a length."""
    headers = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "Accept-Ranges": "bytes",
    }
    if cors:
        headers |= _cors(request)
    head = _ok_head(request, headers)
    return Reply(head + body, stays_open=_stays_open_after_success(request))


def file_head(request: Request, *, size: int, content_type: str, span: range | None) -> Reply:
    """Return the head of a file, or of the span that was asked for."""
    length = size if span is None else len(span)
    headers = {
        "Content-Type": content_type,
        "Content-Length": str(length),
        "Accept-Ranges": "bytes",
    }
    content = _ok_head(request, headers, content_range=_content_range(span, size))
    return Reply(content, stays_open=_stays_open_after_success(request))


def live_head(request: Request) -> Reply:
    """Return the head of a live stream: chunked, to clients of HTTP/1.0 as well."""
    headers = {"Content-Type": "video/mp2t", "Transfer-Encoding": "chunked"}
    content = _ok_head(request, headers)
    return Reply(content, stays_open=_stays_open_after_success(request))


def chunk(content: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(content), content)


def redirect(request: Request, url: str, *, reused_hangs: bool = True) -> Reply:
    """Return a redirect: no length, and on a reused connection no end either."""
    head = _head(request, HTTPStatus.FOUND, {"Location": url} | _cors(request))
    stays_open = _stays_open_after_failure(request) and reused_hangs
    return Reply(head + f"Redirect to {url}".encode(), stays_open=stays_open)


def error_reply(
    request: Request,
    text: str = NOT_FOUND,
    status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR,
) -> Reply:
    """Return an error with its text; without arguments what stands in for a 404."""
    body = text.encode()
    headers = {"Content-Type": "text/plain", "Content-Length": str(len(body))}
    head = _head(request, status, headers)
    return Reply(head + body, stays_open=_stays_open_after_failure(request))


def not_implemented(request: Request) -> Reply:
    """Return the answer to HEAD, OPTIONS and methods nobody knows."""
    known = request.method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
    body = b"" if known else f"Unsupported method ('{request.method}')".encode()
    headers = {} if known else {"Content-Type": "text/plain", "Content-Length": str(len(body))}
    head = _head(request, HTTPStatus.NOT_IMPLEMENTED, headers)
    return Reply(head + body, stays_open=_stays_open_after_failure(request))


def second_reader(request: Request, *, size: int | None = None, span: range | None = None) -> Reply:
    """Return what a second reader gets: two status lines, because the first was queued."""
    first = {}
    if size is not None and span is not None:
        first["Content-Range"] = _content_range(span, size)
    queued = _head(request, HTTPStatus.OK if span is None else HTTPStatus.PARTIAL_CONTENT, first)
    refusal = error_reply(request, "failed to seek")
    return Reply(queued.removesuffix(b"\r\n") + refusal.content, refusal.stays_open)


def range_refused(request: Request, *, size: int) -> Reply:
    """Return the 416 of a file, which has no length."""
    headers = {"Content-Range": f"bytes */{size}"}
    head = _head(request, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers)
    return Reply(head, stays_open=_stays_open_after_failure(request))


class UnreadableRangeError(Exception):
    """The Range header made the engine's handler fail: it closes without a reply."""


class RefusedRangeError(Exception):
    """The Range header asked for what the engine does not give."""


def parse_range(text: str, size: int) -> range:
    """Return the span a Range header asks for.

    Two things differ from RFC 9110: an end beyond the file is refused, not cut, and so
    are several ranges at once.
    """
    unit, _, spec = text.partition("=")
    if unit.strip() != "bytes" or "-" not in spec:
        raise UnreadableRangeError(text)
    if "," in spec:
        raise RefusedRangeError(text)
    first, _, last = spec.strip().partition("-")
    try:
        if first:
            span = range(int(first), int(last) + 1 if last else size)
        else:
            span = range(size - int(last), size)
    except ValueError:
        raise UnreadableRangeError(text) from None
    if not span or span.start < 0 or span.stop > size:
        raise RefusedRangeError(text)
    return span


def _head(request: Request, status: HTTPStatus, headers: dict[str, str]) -> bytes:
    """Return a head. Only a GET makes the server speak HTTP/1.1, from then on."""
    is_old = request.version != "HTTP/1.1" or (request.method != "GET" and not request.reused)
    version = "HTTP/1.0" if is_old else "HTTP/1.1"
    lines = [f"{version} {status.value} {_PHRASES.get(status, status.phrase)}"]
    every = {"Server": SERVER, "Date": formatdate(usegmt=True)} | headers
    lines += [f"{name}: {value}" for name, value in every.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _ok_head(request: Request, headers: dict[str, str], *, content_range: str = "") -> bytes:
    status = HTTPStatus.PARTIAL_CONTENT if content_range else HTTPStatus.OK
    first = {"Content-Range": content_range} if content_range else {}
    if request.version == "HTTP/1.1" and request.method == "GET":
        first |= {"Connection": "Keep-Alive", "Keep-Alive": "timeout=15, max=100"}
    return _head(request, status, first | headers)


def _content_range(span: range | None, size: int) -> str:
    return "" if span is None else f"bytes {span.start}-{span.stop - 1}/{size}"


def _cors(request: Request) -> dict[str, str]:
    origin = request.headers.get("origin")
    if origin is None:
        return {"Access-Control-Allow-Origin": "*"}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}


def _stays_open_after_success(request: Request) -> bool:
    """A client that asks to close is not listened to."""
    if request.method == "GET":
        return request.version == "HTTP/1.1"
    return request.reused


def _stays_open_after_failure(request: Request) -> bool:
    """Only the first request of a connection may end it, unless the client asks."""
    return request.reused and not request.asks_to_close
