"""The addresses for programs that look after the proxy, and for people who see what it does.

Everybody is told whether it lives, and whether players should be sent here. What runs, who watches
and where the engines are is for callers that are trusted; for others those are wrong addresses.
None of it is for pages of other origins: a page that somebody on the network happens to read
elsewhere would learn what they watch.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from aiohttp import hdrs, web

from ..content import ContentKey
from ..errors import InvalidContentError
from ..runtime import Proxy
from ..stats import ProxyStats
from ..web import BASE_HEADERS
from .checkup import Checkup
from .metrics import Metrics
from .page import FILES, PageFile, describe
from .readiness import EngineState, Readiness, judge, state_of
from .version import VERSION

type IsTrusted = Callable[[web.Request], bool]
"""Returns whether a request comes from somebody who may know all."""

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Has browsers refuse to give an answer to pages of other origins.
_POLICY: Final = "Cross-Origin-Resource-Policy"
_HEADERS: Final = {**BASE_HEADERS, _POLICY: "same-origin"}

# Nothing but files of ours; and nobody's page around them but one of the same origin, such as a
# dashboard behind the same reverse proxy.
_PAGE_HEADERS: Final = {
    **_HEADERS,
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'",
}


def is_for_own_pages(response: web.StreamResponse) -> bool:
    """Return whether an answer is not for pages of other origins."""
    return _POLICY in response.headers


class Monitoring:
    """What answers at these addresses."""

    def __init__(
        self,
        proxy: Proxy,
        *,
        is_trusted: IsTrusted,
        is_draining: Callable[[], bool] = lambda: False,
    ) -> None:
        """Count from now on what happens to a proxy.

        `is_draining` says whether it is about to stop, and players should be sent elsewhere.
        """
        self._proxy = proxy
        self._is_trusted = is_trusted
        self._is_draining = is_draining
        self._checkup = Checkup(proxy.engines)
        self._metrics = Metrics(proxy, self._judge)

    def add_to(self, app: web.Application) -> None:
        """Have a web application answer at these addresses; what is begun ends with it."""
        for path, handler in (
            ("/health", self._health),
            ("/ready", self._ready),
            ("/metrics", self._trusted(self._read_metrics)),
            ("/page/now.json", self._trusted(self._now)),
            ("/page/content.json", self._trusted(self._content)),
            *((f"/{file.path}", self._trusted(_serving(file))) for file in FILES),
        ):
            app.router.add_get(path, handler, allow_head=True)

        async def stop(_: web.Application) -> None:
            await self._checkup.stop()

        app.on_shutdown.append(stop)

    def _judge(self, stats: ProxyStats) -> Readiness:
        return judge(stats, is_draining=self._is_draining())

    def _trusted(self, handler: _Handler) -> _Handler:
        """Return what answers as a wrong address does, unless a caller is trusted."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if not self._is_trusted(request):
                raise web.HTTPNotFound
            return await handler(request)

        return answer

    async def _health(self, _: web.Request) -> web.StreamResponse:
        """Say that the loop answers, which is all that this is about."""
        return web.json_response({"status": "ok", "version": VERSION}, headers=_HEADERS)

    async def _ready(self, request: web.Request) -> web.StreamResponse:
        """Say whether players should be sent here; to whom may know, what engines there are."""
        await self._checkup.refresh()
        stats = self._proxy.stats()
        readiness = self._judge(stats)
        body = asdict(readiness)
        if self._is_trusted(request):
            states = [(engine, state_of(engine, stats)) for engine in stats.engines]
            body["engines"] = [
                {
                    "engine": engine.url,
                    "reachable": engine.reachable,
                    "failing": state is EngineState.FAILING,
                    "state": state,
                }
                for engine, state in states
            ]
        status = HTTPStatus.OK if readiness.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response(body, status=status, headers=_HEADERS)

    async def _read_metrics(self, request: web.Request) -> web.StreamResponse:
        await self._checkup.refresh()
        body, content_type = self._metrics.text(request.headers.get(hdrs.ACCEPT, ""))
        return web.Response(body=body, headers={**_HEADERS, hdrs.CONTENT_TYPE: content_type})

    async def _now(self, _: web.Request) -> web.StreamResponse:
        await self._checkup.refresh()
        stats = self._proxy.stats()
        body = describe(self._proxy, stats, self._judge(stats))
        return web.json_response(body, headers=_HEADERS)

    async def _content(self, request: web.Request) -> web.StreamResponse:
        """Say how players ask for content that somebody typed, or what is wrong with it."""
        try:
            content = ContentKey.parse(request.query.get("text", ""))
        except InvalidContentError as error:
            return web.json_response({"query": "", "words": str(error)}, headers=_HEADERS)
        found = {"query": urlencode(content.query), "words": ""}
        return web.json_response(found, headers=_HEADERS)


def _serving(file: PageFile) -> _Handler:
    """Return what serves a file of the page."""

    async def serve(_: web.Request) -> web.StreamResponse:
        headers = {**_PAGE_HEADERS, hdrs.CONTENT_TYPE: file.content_type}
        return web.Response(body=file.body, headers=headers)

    return serve
