"""`/demo/*`: steers the engine from another process, and shows what it did.

/demo/faults                            the faults, as JSON
/demo/faults?stall=true&json_delay=2    sets some, then the same
/demo/restart                           as a crash
/demo/record                            counts and sessions, as JSON
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from .core import Core
from .http import Reply, Request, error_reply, json_reply


def control(
    core: Core, request: Request, *, record: dict[str, Any], restart: Callable[[], None]
) -> Reply:
    """Answer a request to the demo itself; no real engine has these."""
    match request.path:
        case "/demo/faults":
            return _faults(core, request)
        case "/demo/record":
            return json_reply(request, record)
        case "/demo/restart":
            restart()
            return json_reply(request, {"restarting": True})
    return error_reply(request)


def _faults(core: Core, request: Request) -> Reply:
    try:
        core.faults.set_from(request.query)
    except ValueError as error:
        return error_reply(request, str(error), HTTPStatus.BAD_REQUEST)
    return json_reply(request, core.faults.as_json())
