"""Which content an address is about, as HAProxy sees it: that decides which proxy is asked."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha1
from pathlib import Path
import re
from urllib.parse import quote

from aiohttp import ClientSession, hdrs, web
from aiohttp.test_utils import TestServer
import pytest

from benchmarks.haproxy import CONFIGURATION, HAPROXY, SERVERS

from .balancer import Balancer, balancing

pytestmark = pytest.mark.skipif(not HAPROXY, reason="needs HAProxy")

HASH = "94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209"
FILE = "http://example.org/One.acelive?a=b"
INJECTION = "x%0d%0aSet-Cookie:y"
SECRET = "sixteen-or-more_16"


def hashed(text: str) -> str:
    """Return what stands for a text that is neither a hash nor a number."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


class Echo:
    """A server that says what it was asked for; or sends players of HLS to their address."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.asked: list[web.Request] = []
        """All but the looks at whether it is ready."""
        self.is_ready = True
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self.server = TestServer(app)

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path == "/ready":
            return web.Response(status=200 if self.is_ready else 503)
        self.asked.append(request)
        if request.path.endswith(".m3u8") and "/hls/" not in request.path:
            asked = quote(str(request.rel_url), safe="")
            location = f"/ace/hls/token/index.m3u8?asked={asked}"
            return web.Response(status=302, headers={hdrs.LOCATION: location})
        return web.Response(text=request.raw_path)


@pytest.fixture
async def echoes() -> AsyncIterator[dict[str, Echo]]:
    """Three of them."""
    echoes = {name: Echo() for name in SERVERS}
    await asyncio.gather(*(one.server.start_server() for one in echoes.values()))
    yield echoes
    await asyncio.gather(*(one.server.close() for one in echoes.values()))


@pytest.fixture
async def balancer(echoes: dict[str, Echo], tmp_path: Path) -> AsyncIterator[Balancer]:
    """HAProxy in front of them."""
    ports = {name: one.server.port or 0 for name, one in echoes.items()}
    async with balancing(tmp_path, ports) as balancer:
        yield balancer


async def contents(balancer: Balancer) -> list[str]:
    """Return the contents that HAProxy remembers the places of."""
    table = await balancer.ask("show table proxies")
    return [line.split("key=")[1].split(" ")[0] for line in table.splitlines() if "key=" in line]


@pytest.mark.parametrize(
    ("address", "content"),
    [
        (f"/ace/getstream?id={HASH}", HASH),
        (f"/ace/getstream?pid=1&content_id={HASH.upper()}", HASH),
        (f"/ace/getstream?infohash={HASH}&id=&magnet=", HASH),
        (f"/ace/getstream?id={HASH}&infohash=&url=", HASH),
        (f"/ace/getstream?magnet={quote(f'magnet:?xt=urn:btih:{HASH}&dn=x', safe='')}", HASH),
        (f"/ace/getstream?url={quote(FILE, safe='')}", hashed(FILE)),
        (f"/ace/stat?id={HASH}", HASH),
        (f"/server/api?method=get_media_files&content_id={HASH}", HASH),
        (f"/content_id/{HASH}/0/0/one.ts", HASH),
        (f"/pid/{HASH}/one.ts", HASH),
        (f"/infohash/{HASH}/one.m3u8", HASH),
        (f"/torrent/{quote(FILE, safe='')}/one.ts", hashed(FILE)),
        (f"/{SECRET}/live/123.ts", "123"),
        (f"/{SECRET}/live/123.m3u8", "123"),
        ("/live/kids/password/123.ts", "123"),
        ("/live/kids/password/123", "123"),
        ("/kids/password/123", "123"),
        ("/kids/password/123.ts", "123"),
        (f"/on/two/{HASH}/ace/hls/token/5.ts", HASH),
        (f"/ace/getstream?id={INJECTION}", hashed(INJECTION.lower())),
    ],
)
async def test_content_is_found_in_an_address(
    balancer: Balancer, session: ClientSession, address: str, content: str
) -> None:
    """However it is written down."""
    async with session.get(f"{balancer.address}{address}", allow_redirects=False):
        pass
    assert await contents(balancer) == [content]


@pytest.mark.parametrize(
    "address",
    [
        f"/{SECRET}/playlist.m3u",
        f"/{SECRET}/logo/123",
        "/player_api.php?username=kids&password=password",
        "/movie/kids/password/123.mp4",
        "/ace/hls/token/5.ts",
    ],
)
async def test_other_addresses_are_about_none(
    balancer: Balancer, session: ClientSession, address: str
) -> None:
    """Any proxy can answer."""
    async with session.get(f"{balancer.address}{address}") as response:
        assert response.status == 200
    assert await contents(balancer) == []


@pytest.mark.parametrize(
    "address", [f"/ace/manifest.m3u8?id={HASH}", f"/{SECRET}/live/5.m3u8", "/live/kids/pw/5.m3u8"]
)
async def test_players_of_hls_stay_where_they_were_sent(
    balancer: Balancer, echoes: dict[str, Echo], session: ClientSession, address: str
) -> None:
    """What follows is asked of the proxy that knows the token, at the address that it gave."""
    async with session.get(f"{balancer.address}{address}") as response:
        playlist = response.url
    for name in ("5.ts", "6.0.ts"):
        async with session.get(playlist.joinpath("..", name)) as response:
            assert await response.text() == f"/ace/hls/token/{name}"
    asked = [[one.path for one in echo.asked] for echo in echoes.values()]
    (paths,) = filter(None, asked)
    assert paths[1:] == [f"/ace/hls/token/{name}" for name in ("index.m3u8", "5.ts", "6.0.ts")]
    assert SECRET not in playlist.path


@pytest.mark.parametrize("address", [f"/ace/manifest.m3u8?id={HASH}", f"/{SECRET}/live/5.m3u8"])
async def test_player_of_hls_whose_proxy_is_lost_is_sent_to_another(
    balancer: Balancer, echoes: dict[str, Echo], session: ClientSession, address: str
) -> None:
    """By way of the address at which it asked first; what asks for pieces alone is refused."""
    async with session.get(f"{balancer.address}{address}") as response:
        playlist = response.url
    (name,) = (name for name, echo in echoes.items() if echo.asked)
    await echoes[name].server.close()
    async with session.get(playlist) as response:
        assert response.status == 200
        assert response.history[0].headers["Location"] == address
        assert f"/on/{name}/" not in response.url.path
    async with session.get(playlist.with_path(f"/on/{name}/{HASH}/ace/hls/token/5.ts")) as response:
        assert response.status == 503
    elsewhere = playlist.with_query(asked="//evil.test/")
    async with session.get(elsewhere, allow_redirects=False) as response:
        assert response.status == 503


@pytest.mark.parametrize(
    ("is_ready", "command", "state"),
    [
        pytest.param(False, "show info", "DOWN", id="by itself"),
        pytest.param(True, "set server proxies/{} state maint", "MAINT", id="by command"),
    ],
)
async def test_play_goes_on_while_its_proxy_is_stopping(
    balancer: Balancer,
    echoes: dict[str, Echo],
    session: ClientSession,
    is_ready: bool,
    command: str,
    state: str,
) -> None:
    """Nobody else knows its token; who comes now is sent elsewhere."""
    manifest = f"{balancer.address}/ace/manifest.m3u8?id={HASH}"
    async with session.get(manifest) as response:
        playlist = response.url
    (name,) = (name for name, echo in echoes.items() if echo.asked)
    echoes[name].is_ready = is_ready
    await balancer.ask(command.format(name))
    await balancer.until_seen(**{name: state})
    async with session.get(playlist) as response:
        assert response.status == 200
    assert len(echoes[name].asked) == 3
    async with session.get(manifest) as response:
        assert f"/on/{name}/" not in str(response.url)
    async with session.get(playlist) as response:
        assert response.status == 200
    assert len(echoes[name].asked) == 4


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/metrics", "/page/now.json"])
async def test_what_is_about_one_proxy_is_not_asked_here(
    balancer: Balancer, session: ClientSession, path: str
) -> None:
    """Outside nobody learns what it is."""
    async with session.get(f"{balancer.address}{path}") as response:
        assert response.status == 404


async def test_players_do_not_say_where_they_are(
    balancer: Balancer, echoes: dict[str, Echo], session: ClientSession
) -> None:
    """HAProxy does."""
    lies = {"X-Forwarded-For": "10.0.0.1", "X-Real-IP": "10.0.0.1", "Forwarded": "for=10.0.0.1"}
    async with session.get(f"{balancer.address}/x", headers=lies):
        pass
    (request,) = (one for echo in echoes.values() for one in echo.asked)
    assert request.headers.getall("X-Forwarded-For") == ["127.0.0.1"]
    assert {"X-Real-IP", "Forwarded"}.isdisjoint(request.headers)


def test_log_has_no_addresses() -> None:
    """They have secrets in them: no ready-made format, and nothing of the request in ours."""
    text = CONFIGURATION.read_text()
    assert not re.search(r"option (tcp|https?)log\b", text)
    (line,) = re.findall(r'log-format "(.*)"', text)
    assert {"%r", "%HU", "%HP", "%HPO", "%HQ", "%hr"}.isdisjoint(re.split(r"[ :/]", line))
