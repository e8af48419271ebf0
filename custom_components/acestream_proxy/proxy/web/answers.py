"""Errors as HTTP, in one table, and the headers that all answers share."""

from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, Final

from aiohttp import hdrs, web

from ..errors import (
    EngineBusyError,
    EngineError,
    EngineTimeoutError,
    EngineUnreachableError,
    FetchError,
    InvalidContentError,
    LimitReachedError,
    NotABroadcastError,
    ProxyError,
    ProxyStoppedError,
    RangeError,
    StreamError,
    StreamStartingError,
    StreamStartTimeoutError,
    UndecodableError,
    UnknownLinkError,
    UnknownPlayError,
    UnknownViewerError,
    ViewerDisabledError,
)

# The most specific first: the first that fits is the answer.
STATUS_OF: Final[dict[type[ProxyError], HTTPStatus]] = {
    InvalidContentError: HTTPStatus.BAD_REQUEST,
    UnknownViewerError: HTTPStatus.NOT_FOUND,
    ViewerDisabledError: HTTPStatus.FORBIDDEN,
    FetchError: HTTPStatus.BAD_GATEWAY,
    UnknownPlayError: HTTPStatus.NOT_FOUND,
    UnknownLinkError: HTTPStatus.NOT_FOUND,
    UndecodableError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    NotABroadcastError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    LimitReachedError: HTTPStatus.SERVICE_UNAVAILABLE,
    StreamStartTimeoutError: HTTPStatus.GATEWAY_TIMEOUT,
    StreamStartingError: HTTPStatus.SERVICE_UNAVAILABLE,
    RangeError: HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    StreamError: HTTPStatus.BAD_GATEWAY,
    EngineTimeoutError: HTTPStatus.GATEWAY_TIMEOUT,
    EngineUnreachableError: HTTPStatus.SERVICE_UNAVAILABLE,
    EngineBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    EngineError: HTTPStatus.BAD_GATEWAY,
    ProxyStoppedError: HTTPStatus.SERVICE_UNAVAILABLE,
}

# Seconds after which it may well be different: about what an engine takes to come back.
_RETRY_AFTER: Final = "10"
WORTH_RETRYING: Final = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)

# Home Assistant adds such headers to whole answers, but a stream is on its way before it could.
# An empty `Server` keeps aiohttp from naming itself and Python.
BASE_HEADERS: Final = {
    hdrs.CACHE_CONTROL: "no-store",
    hdrs.SERVER: "",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def status_of(error: ProxyError) -> HTTPStatus:
    """Return the HTTP status that tells a player about an error."""
    return next(
        (status for kind, status in STATUS_OF.items() if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def refuse(request: web.Request, error: ProxyError) -> web.Response:
    """Return the answer that says why not: a sentence, or JSON for whoever asks for that."""
    status = status_of(error)
    headers = dict(BASE_HEADERS)
    if status in WORTH_RETRYING:
        headers[hdrs.RETRY_AFTER] = _RETRY_AFTER
    if "application/json" in request.headers.get(hdrs.ACCEPT, ""):
        body = {"error": type(error).__name__, "message": str(error)}
        return web.json_response(body, status=status, headers=headers)
    return web.Response(text=f"{error}\n", status=status, headers=headers)


def refusing[**P](
    serve: Callable[Concatenate[web.Request, P], Awaitable[web.StreamResponse]],
) -> Callable[Concatenate[web.Request, P], Awaitable[web.StreamResponse]]:
    """Have a function that serves answer its errors.

    A viewer or a link that is unknown gets what a wrong address gets, to the last byte: nobody
    learns by trying which secrets there are.
    """

    @wraps(serve)
    async def answer(
        request: web.Request, /, *parts: P.args, **more: P.kwargs
    ) -> web.StreamResponse:
        try:
            return await serve(request, *parts, **more)
        except UnknownViewerError, UnknownLinkError:
            raise web.HTTPNotFound from None
        except ProxyError as error:
            return refuse(request, error)

    return answer


def redirect(address: str) -> web.Response:
    """Send whoever asks elsewhere."""
    return web.Response(status=302, headers={**BASE_HEADERS, hdrs.LOCATION: address})
