"""The `/ace/*` endpoints: start a session, look at it, steer it."""

from http import HTTPStatus
import math
import time
from typing import Final

from .catalogue import selector
from .connection import Connection
from .core import Core
from .http import Reply, Request, body_reply, error_reply, json_reply, redirect
from .replies import (
    FAILED_TO_LOAD,
    PREMIUM,
    UNKNOWN_SESSION,
    failure,
    playback_path,
    response,
    session_status,
    session_urls,
)
from .sessions import Format, Session

_SEGMENT: Final = 4
"""Seconds of one HLS segment."""

_FIRST_SEGMENTS: Final = 3
"""How many of them there are when a session begins."""

_WINDOW: Final = 17
_EVENT_WAIT: Final = 15.0

# Nobody has seen the answers to some of these from a real engine; "ok" is what stop gives.
_COMMANDS: Final = ("stop", "liveseek", "set_stream", "set_player_activity_timeout")


async def getstream(core: Core, connection: Connection, request: Request) -> Reply:
    """Start a session, or return the player's own."""
    await connection.sleep(core.faults.json_delay)
    if selector(request.query) is None:
        return error_reply(request)
    channel = core.catalogue.find(request.query)
    if channel is None:
        await connection.sleep(core.faults.unknown_id_delay)
        return _refusal(request, FAILED_TO_LOAD)
    if core.faults.refuse_text:
        return _refusal(request, core.faults.refuse_text)
    if channel.kind == "premium":
        return _refusal(request, PREMIUM)
    core.catalogue.learn(channel)
    output: Format = "hls" if request.path.endswith(".m3u8") else "http"
    session = core.sessions.open(
        channel,
        client_ip=request.client_ip,
        player_id=request.query.get("pid", request.query.get("sid")),
        output=output,
        has_events=request.query.get("use_api_events") == "1",
    )
    base = core.base_url(request)
    if request.query.get("format") == "json":
        return json_reply(request, response(session_urls(session, base)))
    url = base + playback_path(session)
    return redirect(request, url, reused_hangs=core.faults.reused_redirect_hangs)


async def read(core: Core, connection: Connection, request: Request) -> Reply:
    """Redirect to the content, once there is some; until then not a byte."""
    session = _session_of(core, request)
    if session is None:
        return error_reply(request)
    if not await core.until_ready(connection, session, delay=core.faults.start_delay):
        return error_reply(request, "failed to start")
    url = core.base_url(request) + core.sessions.new_content_path(session)
    return redirect(request, url, reused_hangs=core.faults.reused_redirect_hangs)


async def stat(core: Core, _: Connection, request: Request) -> Reply:
    """Return a session's figures; asking keeps the session alive, unless told otherwise."""
    session = _session_of(core, request)
    if session is None:
        return json_reply(request, failure(UNKNOWN_SESSION))
    if request.query.get("skip_player_activity") != "1":
        session.active_at = time.monotonic()
    return json_reply(request, response(session_status(session, core.faults)))


async def command(core: Core, _: Connection, request: Request) -> Reply:
    """Carry out a command."""
    session = _session_of(core, request)
    if session is None:
        return json_reply(request, failure(UNKNOWN_SESSION))
    method = request.query.get("method")
    if method is None:
        return json_reply(request, failure("missing method"))
    if method not in _COMMANDS:
        return json_reply(request, failure("unknown method"))
    if method == "stop":
        core.sessions.stop(session)
    return json_reply(request, response("ok"))


async def event(core: Core, connection: Connection, request: Request) -> Reply:
    """Wait for something to tell: the only event here is the end of the session.

    How long a real engine waits, and what it says when nothing happened, is not known.
    """
    session = _session_of(core, request)
    if session is None or not session.has_events:
        return json_reply(request, failure(UNKNOWN_SESSION))
    end = time.monotonic() + _EVENT_WAIT
    while session.is_open and time.monotonic() < end:
        await connection.sleep(0.02)
    if session.is_open:
        return json_reply(request, response({}))
    return json_reply(request, failure(UNKNOWN_SESSION))


async def playlist(core: Core, connection: Connection, request: Request) -> Reply:
    """Return the media playlist of an HLS session, once it has a segment."""
    infohash, _, token = request.path.removesuffix(".m3u8").rpartition("/")
    infohash = infohash.rpartition("/")[2]
    session = core.sessions.latest(infohash, token)
    if session is not None and session.stopped_by == "superseded":
        return error_reply(request, "Forbidden", HTTPStatus.FORBIDDEN)
    if session is None or not session.is_open or session.format != "hls":
        return error_reply(request)
    if not await core.until_ready(connection, session):
        return error_reply(request)
    session.active_at = time.monotonic()
    count = int((time.time() - _begin(session)) / _SEGMENT)
    first = max(0, count - _WINDOW)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{math.ceil(_SEGMENT)}",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
    ]
    base = core.base_url(request)
    for number in range(first, count):
        lines += [f"#EXTINF:{_SEGMENT:.2f},", f"{base}/ace/c/{infohash}/{number}.ts"]
    body = "\n".join([*lines, ""]).encode()
    return body_reply(request, body, "application/vnd.apple.mpegurl")


async def segment(core: Core, _: Connection, request: Request) -> Reply:
    """Return one segment; any number of clients may read it."""
    infohash, _slash, name = request.path.removeprefix("/ace/c/").partition("/")
    session = core.sessions.find_hls(infohash)
    number = name.removesuffix(".ts")
    if session is None or not number.isdecimal():
        return error_reply(request)
    begin = _begin(session) + int(number) * _SEGMENT
    if begin + _SEGMENT > time.time():
        return error_reply(request)
    session.active_at = time.monotonic()
    await core.prepare(session.channel)
    content = core.media.open(session.channel, begin).read(begin + _SEGMENT)
    session.reads = 1
    session.bytes_sent += len(content)
    return body_reply(request, content, "video/mp2t")


def _begin(session: Session) -> float:
    """Return when the first segment begins: on a keyframe, for those are regular."""
    return (session.opened_at // _SEGMENT - _FIRST_SEGMENTS) * _SEGMENT


def _session_of(core: Core, request: Request) -> Session | None:
    """Return the open session in a path such as `/ace/stat/<infohash>/<token>`."""
    infohash, _, token = request.path.rpartition("/")
    return core.sessions.find(infohash.rpartition("/")[2], token)


def _refusal(request: Request, text: str) -> Reply:
    """Return why there is no session: with status 200 in JSON, with 500 without."""
    if request.query.get("format") == "json":
        return json_reply(request, failure(text))
    return error_reply(request, text)
