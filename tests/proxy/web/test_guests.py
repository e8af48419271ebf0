"""Who is let in, and what those are told who are not."""

from dataclasses import replace
import logging

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import m3u8
import pytest

from custom_components.acestream_proxy.proxy import Proxy
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.lineup import Lineup
from custom_components.acestream_proxy.proxy.web import Paths, guests

from ..players import connected
from ..streams import LIVE
from .household import CARTOONS, NEWS, PARENTS, Household, closed, live, wire

LIST = "/secret-of-parents/playlist.m3u"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        "/{}/playlist.m3u",
        "/{}/guide.xml",
        "/{}/logo/{number}",
        "/{}/live/{number}.ts",
        "/{}/live/{number}.m3u8",
        "/secret-of-parents/live/1.ts",
        "/secret-of-parents/logo/1",
        "/secret-of-kids/live/{number}.ts",
        "/secret-of-kids/live/{number}.m3u8",
        "/secret-of-kids/logo/{number}",
    ],
)
async def test_wrong_secret_is_a_wrong_address(
    server: TestServer, household: Household, path: str, method: str
) -> None:
    """To the last byte; and so is a channel that is not there, or not for this viewer."""
    target = path.format("no-secret-at-all", number=household.number(NEWS))
    wrong = await wire(server, "/nothing/of/the/kind/here", method)
    assert wrong.startswith(b"HTTP/1.1 404")
    assert await wire(server, target, method) == wrong


async def test_nobody_guesses_for_long(
    server: TestServer,
    session: ClientSession,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After ten wrong ones the right one is no better, until a minute has passed."""
    now = 1000.0
    monkeypatch.setattr(guests, "_now", lambda: now)
    for guess in range(10):
        async with session.get(server.make_url(f"/{guess}/playlist.m3u")) as response:
            assert response.status == 404
    async with session.get(server.make_url(LIST)) as response:
        assert response.status == 404
    now += 61
    async with session.get(server.make_url(LIST)) as response:
        assert response.status == 200


@pytest.mark.parametrize("host", ["", 'x"y', "a b", "x:99999", "x/y", "user@x"])
async def test_addresses_are_made_of_no_nonsense(
    server: TestServer, household: Household, host: str
) -> None:
    """What is no host is in no list."""
    async with connected(server) as player:
        player._writer.write(f"GET {LIST} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert "which host" in await player.text()
        assert player.status == 400


async def test_address_of_ipv6_is_in_brackets(server: TestServer, household: Household) -> None:
    """As it was in the request."""
    async with connected(server) as player:
        player._writer.write(f"GET {LIST} HTTP/1.1\r\nHost: [fd00::1]:81\r\n\r\n".encode())
        await player.head()
        assert b'url-tvg="http://[fd00::1]:81/' in await player.watch_to_the_end()


async def test_content_has_no_address_for_whom_nobody_trusts(
    session: ClientSession, proxy: Proxy, lineup: Lineup, household: Household
) -> None:
    """What viewers are given goes on to work."""
    server = TestServer(make_app(proxy, lineup, trusts=lambda _: False))
    async with server:
        wrong = await wire(server, "/nothing")
        for target in (
            f"/ace/getstream?id={LIVE.content_id}",
            f"/ace/manifest.m3u8?id={LIVE.content_id}",
            "/ace/status",
            f"/content_id/{LIVE.content_id}/one.ts",
            f"/pid/{LIVE.content_id}/one.ts",
        ):
            assert await wire(server, target) == wrong
            assert await wire(server, target, "OPTIONS") == wrong
        async with session.get(server.make_url(live(household, NEWS, form="m3u8"))) as response:
            assert response.url.path.startswith("/ace/hls/")
            assert m3u8.loads(await response.text()).segments


def test_paths_differ_between_faces() -> None:
    """Home Assistant's are below its API."""
    paths = Paths(viewer="/api/x/{secret}", play="/api/x/hls/{token}/index.m3u8")
    assert paths.channels == "/api/x/{secret}/playlist.m3u"
    assert paths.live == "/api/x/{secret}/live/{number:[0-9]{1,10}}.{form:ts|m3u8}"


async def test_no_secret_is_logged(
    server: TestServer,
    session: ClientSession,
    household: Household,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither here nor in what others log; the log of requests is off in both faces."""
    caplog.set_level(logging.WARNING, logger="aiohttp.access")  # as both of them do
    caplog.set_level(logging.DEBUG)
    number = household.number(CARTOONS)
    for path in ("playlist.m3u", "guide.xml", f"logo/{number}", f"live/{number}.m3u8"):
        for secret in (PARENTS.secret, "guess", "secret-of-asleep"):
            async with session.get(server.make_url(f"/{secret}/{path}")) as response:
                await response.read()
    async with connected(server) as player:
        player.send(live(household, CARTOONS))
        await player.head()
        household.proxy.audience.set_viewer(replace(PARENTS, secret="another-secret"))
        await closed(player)
    async with session.get(server.make_url("/player_api.php?username=parents&password=x")):
        pass
    assert caplog.records
    for secret in ("secret-of-", "pass-of-", "guess", "another-secret"):
        assert secret not in caplog.text
    assert PARENTS.secret not in repr(PARENTS)
