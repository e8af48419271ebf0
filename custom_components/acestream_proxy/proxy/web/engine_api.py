"""The engine's HTTP API, as far as a proxy speaks it: to another proxy it is an engine.

Where one machine is not enough, others read each channel once from the one that has the engine; an
app that brings an engine offers it to Home Assistant like that. So that there is one session for
each channel, whoever asks, what an engine would open a session for is only an address of the
stream that everybody shares.

    GET /ace/getstream?id=…&format=json   ──▶ playback_url: /ace/getstream?id=…
                                               stat_url:     /ace/stat?id=…
                                               command_url:  /ace/cmd?id=…

Nothing is remembered between these: nobody's stream ends with somebody else's `stop`, and a proxy
that was restarted knows all addresses that it ever gave.

What an engine would refuse is refused as it would: with status 200, and the words in `error`. What
another engine may do better, or this one in a moment, is a status and a sentence.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from ..catalog import SearchResult
from ..content import ContentKey, ContentKind
from ..engine import MAX_PAGE
from ..errors import EngineRefusedError, ProxyError
from ..runtime import Proxy
from .addresses import origin_of
from .answers import BASE_HEADERS, WORTH_RETRYING, refuse, status_of

_UNKNOWN_SESSION: Final = "unknown playback session id"

# Engines count in these.
_KILOBYTE: Final = 1024

# As many as one may page through; an engine is asked for all that are before a page, too.
_MOST_RESULTS: Final = 1000
_PAGE_SIZE: Final = 10

type _Answer = Callable[[web.Request, Proxy], Awaitable[dict[str, Any]]]


async def serve_session(request: web.Request, proxy: Proxy) -> web.StreamResponse:
    """Say where some content plays, once it does; HLS where a manifest was asked for."""
    return await _answer(request, proxy, _open, _refused_session)


async def serve_stat(request: web.Request, proxy: Proxy) -> web.StreamResponse:
    """Serve the figures of a stream."""
    return await _answer(request, proxy, _figures, _refused_session)


async def serve_command(_: web.Request) -> web.StreamResponse:
    """Take note of a command: who stops leaves, too, and that is all there is to it."""
    return web.json_response({"response": "ok", "error": None}, headers=BASE_HEADERS)


async def serve_service(request: web.Request, proxy: Proxy) -> web.StreamResponse:
    """Say which engine there is."""
    return await _answer(request, proxy, _version, _refused_service)


async def serve_media_files(request: web.Request, proxy: Proxy) -> web.StreamResponse:
    """Say what some content is; opens no session."""
    return await _answer(request, proxy, _media_files, _refused_server)


async def serve_search(request: web.Request, proxy: Proxy) -> web.StreamResponse:
    """Serve a page of what engines find."""
    return await _answer(request, proxy, _search, _refused_server)


async def _answer(
    request: web.Request, proxy: Proxy, answer: _Answer, refused: Callable[[str], dict[str, Any]]
) -> web.StreamResponse:
    try:
        body = await answer(request, proxy)
    except ProxyError as error:
        if status_of(error) in WORTH_RETRYING:
            return refuse(request, error)
        words = error.engine_message if isinstance(error, EngineRefusedError) else str(error)
        body = refused(words)
    return web.json_response(body, headers=BASE_HEADERS)


async def _open(request: web.Request, proxy: Proxy) -> dict[str, Any]:
    resolved = await proxy.resolve(ContentKey.from_query(request.query))
    if resolved.is_live:
        # Players of films open the session themselves, and those of HLS know how to wait.
        await proxy.start(resolved.key, for_browsers=False)
    origin, query = origin_of(request), urlencode(resolved.asked.query)
    response = {
        "playback_url": f"{origin}{request.path}?{query}",
        "stat_url": f"{origin}/ace/stat?{query}",
        "command_url": f"{origin}/ace/cmd?{query}",
        "infohash": resolved.key.value if resolved.key.kind is ContentKind.INFOHASH else "",
        "is_live": int(resolved.is_live),
        "is_encrypted": 0,
        "client_session_id": -1,
    }
    return {"response": response, "error": None}


async def _figures(request: web.Request, proxy: Proxy) -> dict[str, Any]:
    stats = proxy.stats()
    stream = stats.stream(ContentKey.from_query(request.query))
    if stream is None or stream not in stats.streams:
        return _refused_session(_UNKNOWN_SESSION)
    session = stream.session
    response = {
        "status": session.status,
        "infohash": stream.infohash,
        "peers": session.peers,
        "speed_down": session.speed_down // _KILOBYTE,
        "speed_up": session.speed_up // _KILOBYTE,
        "downloaded": session.downloaded,
        "uploaded": session.uploaded,
    }
    if session.progress is not None:
        response["progress"] = session.progress
    return {"response": response, "error": None}


async def _version(request: web.Request, proxy: Proxy) -> dict[str, Any]:
    if request.query.get("method") != "get_version":
        return _refused_service("unknown method")
    # What is known, without asking: a proxy that has itself for an engine would ask without end.
    for engine in proxy.stats().engines:
        if engine.reachable and engine.version:
            return {"result": asdict(engine.version), "error": None}
    return _refused_service("no engine answers")


async def _media_files(request: web.Request, proxy: Proxy) -> dict[str, Any]:
    if request.query.get("method") != "get_media_files":
        return _refused_server("unknown method")
    facts = await proxy.engines.facts(ContentKey.from_query(request.query))
    kind = "live" if facts.is_live else "vod"
    return {"result": {"infohash": facts.infohash, "name": facts.name, "type": kind}}


async def _search(request: web.Request, proxy: Proxy) -> dict[str, Any]:
    page = _number(request, "page", 0)
    size = min(max(_number(request, "page_size", _PAGE_SIZE), 1), MAX_PAGE)
    first, last = page * size, min((page + 1) * size, _MOST_RESULTS)
    if first >= last:
        return {"result": {"total": 0, "results": []}}
    # One more, to know whether there is another page.
    found = await proxy.engines.search(request.query.get("query", ""), most=last + 1)
    if category := request.query.get("category"):
        found = tuple(result for result in found if category in result.categories)
    results = [_described(result) for result in found[first:last]]
    return {"result": {"total": len(found), "results": results}}


def _described(result: SearchResult) -> dict[str, Any]:
    item: dict[str, Any] = {
        "name": result.name,
        "infohash": result.infohash,
        "categories": result.categories,
        "languages": result.languages,
        "countries": result.countries,
        "bitrate": result.bitrate,
    }
    if result.availability is not None:
        item["availability"] = result.availability
    icons = [{"url": result.logo}] if result.logo else []
    return {"name": result.name, "icons": icons, "items": [item]}


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default


def _refused_session(words: str) -> dict[str, Any]:
    return {"response": None, "error": words}


def _refused_service(words: str) -> dict[str, Any]:
    return {"result": None, "error": words}


def _refused_server(words: str) -> dict[str, Any]:
    return {"error": {"code": 0, "message": words}}
