"""The endpoints beside playback: version, search, what is in a transport file."""

import json
from typing import Any, Final
from urllib.parse import parse_qsl

from .channels import Channel
from .connection import Connection
from .core import Core
from .http import Reply, Request, body_reply, json_reply
from .replies import analysis, media_files, search_results, version_of

_WEBSOCKET_PORT: Final = 45213

# Public methods that nobody calls here; they are known, but have nothing to say.
_EMPTY_METHODS: Final = ("get_available_players",)


class ApiError(Exception):
    """A method said no; its text goes into the reply."""


async def service(core: Core, _: Connection, request: Request) -> Reply:
    """Answer `/webui/api/service`: always with status 200."""
    method = request.query.get("method")
    content: dict[str, Any]
    if method is None:
        content = {"result": None, "error": "missing method"}
    elif method == "get_version":
        version = version_of(core.version) | {"websocket_port": _WEBSOCKET_PORT}
        content = {"result": version, "error": None}
    elif method == "get_api_access_token":
        content = {"result": {"token": core.access_token}, "error": None}
    else:
        content = {"result": None, "error": _unknown_method(request)}
    if request.query.get("format") == "jsonp":
        callback = request.query.get("callback", "callback")
        body = f"{callback}({json.dumps(content)});".encode()
        return body_reply(request, body, "text/javascript")
    return json_reply(request, content)


async def server(core: Core, connection: Connection, request: Request) -> Reply:
    """Answer `/server/api`, whose envelope depends on `api_version`."""
    method = request.query.get("method")
    is_v3 = request.query.get("api_version") == "3"
    cors = method != "get_api_access_token"
    try:
        result = await _call(core, connection, request, method)
    except ApiError as error:
        text = str(error)
        failed = (
            {"error": {"code": 0, "message": text}} if is_v3 else {"result": None, "error": text}
        )
        return json_reply(request, failed, cors=cors)
    done = {"result": result} if is_v3 else {"result": result, "error": None}
    return json_reply(request, done, cors=cors)


async def search(core: Core, _: Connection, request: Request) -> Reply:
    """Answer `/search`: the method of the same name, always in version 3's envelope."""
    return json_reply(request, {"result": _search(core, request)})


async def _call(core: Core, connection: Connection, request: Request, method: str | None) -> Any:
    match method:
        case None:
            raise ApiError("missing method")
        case "get_status":
            return {"version": version_of(core.version), "playlist_loaded": True}
        case "get_network_connection_status":
            return {"connected": True}
        case "get_api_access_token":
            return {"token": core.access_token}
        case "get_media_files":
            channel = await _channel(core, connection, request.query)
            return media_files(channel)
        case "analyze_content":
            named = request.query.get("query", "").removeprefix("acestream:?")
            return analysis(await _channel(core, connection, dict(parse_qsl(named))))
        case "get_content_id":
            channel = await _channel(core, connection, request.query)
            return {"content_id": channel.content_id}
        case "search":
            return _search(core, request)
        case _ if method in _EMPTY_METHODS:
            return {}
    raise ApiError(_unknown_method(request))


async def _channel(core: Core, connection: Connection, query: dict[str, str]) -> Channel:
    channel = core.catalogue.find(query)
    if channel is None:
        await connection.sleep(core.faults.unknown_id_delay)
        raise ApiError("cannot get transport file")
    return channel


def _search(core: Core, request: Request) -> dict[str, Any]:
    return search_results(core.catalogue.channels, request.query, core.base_url(request))


def _unknown_method(request: Request) -> str:
    """Return the error: only who has a token learns that a method does not exist."""
    return "unknown method" if request.query.get("token") else "access denied"
