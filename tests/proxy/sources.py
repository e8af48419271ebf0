"""Where lists and guides come from: a server whose content changes, and what it may be."""

from datetime import UTC, datetime, timedelta

from aiohttp import web
from aiohttp.test_utils import TestServer

from custom_components.acestream_proxy.proxy import ContentKey, Origin

ONE, TWO = ContentKey.parse("a" * 40), ContentKey.parse("b" * 40)
LIST = f"""#EXTM3U url-tvg="http://guides.example/one.xml"
#EXTINF:-1 group-title="News" tvg-id="first.example",First
acestream://{ONE.value}
#EXTINF:-1 group-title="Sport",Second
acestream://{TWO.value}
nonsense
""".encode()
# The same without a guide, for those who would follow it.
PLAIN = LIST.replace(b"url-tvg", b"nothing")


def guide(title: str, channel: str = "first.example") -> bytes:
    """Return a guide with one programme, which is on."""
    now = datetime.now(UTC)
    start, stop = (f"{now + timedelta(hours=h):%Y%m%d%H%M%S} +0000" for h in (-1, 1))
    return f"""<tv><channel id="{channel}"><display-name>First</display-name></channel>
        <programme channel="{channel}" start="{start}" stop="{stop}"><title>{title}</title>
        </programme></tv>""".encode()


class Source:
    """A server whose content may change, and which says when it has not."""

    def __init__(self) -> None:
        """Have the list."""
        self.body = LIST
        self.status = 200
        self.answered: list[int] = []
        self.server = TestServer(web.Application())
        self.server.app.router.add_get("/it", self._answer)

    @property
    def origin(self) -> Origin:
        """Where it is."""
        return Origin(address=str(self.server.make_url("/it")))

    async def _answer(self, request: web.Request) -> web.Response:
        etag = f'"{hash(self.body)}"'
        status = 304 if request.headers.get("If-None-Match") == etag else self.status
        self.answered.append(status)
        body = b"" if status == 304 else self.body
        return web.Response(body=body, status=status, headers={"ETag": etag})
