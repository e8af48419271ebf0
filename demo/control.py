"""`/demo/*`: steers the engine from another process, shows what it did, and lists channels.

/demo/faults                            the faults, as JSON
/demo/faults?stall=true&json_delay=2    sets some, then the same
/demo/restart                           as a crash
/demo/record                            counts and sessions, as JSON
/demo/playlist.m3u                      the channels
/demo/guide.xml                         what is on
/demo/logo/<number>.svg
"""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from .core import Core
from .http import Reply, Request, body_reply, error_reply, json_reply
from .listing import guide, logo, playlist


def control(
    core: Core, request: Request, *, record: dict[str, Any], restart: Callable[[], None]
) -> Reply:
    """Answer a request to the demo itself; no real engine has these."""
    base = f"http://{request.host}"
    channels = core.catalogue.channels
    match request.path.removeprefix("/demo/"):
        case "faults":
            return _faults(core, request)
        case "record":
            return json_reply(request, record)
        case "restart":
            restart()
            return json_reply(request, {"restarting": True})
        case "playlist.m3u":
            text = playlist(channels, base)
            return body_reply(request, text.encode(), "audio/x-mpegurl; charset=utf-8")
        case "guide.xml":
            text = guide(channels, base, datetime.now(UTC))
            return body_reply(request, text.encode(), "application/xml; charset=utf-8")
    for channel in channels:
        if request.path == channel.logo:
            return body_reply(request, logo(channel).encode(), "image/svg+xml")
    return error_reply(request, "Not found", HTTPStatus.NOT_FOUND)


def _faults(core: Core, request: Request) -> Reply:
    try:
        core.faults.set_from(request.query)
    except ValueError as error:
        return error_reply(request, str(error), HTTPStatus.BAD_REQUEST)
    return json_reply(request, core.faults.as_json())
