"""The paths of HTTPAceProxy, over real sockets."""

from urllib.parse import quote

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import m3u8
import pytest

from custom_components.acestream_proxy.proxy import Proxy
from demo import EmulatedEngine

from ..players import connected
from ..streams import LIVE, starts_decodable

FILE = f"http://example.org/{LIVE.content_id}.acelive"
MAGNET = f"magnet:?xt=urn:btih:{LIVE.infohash}"


@pytest.mark.parametrize(
    "path",
    [
        f"/content_id/{LIVE.content_id}/name.ts",
        f"/content_id/{LIVE.content_id.upper()}/0/0/0/0/0/A%20name.mp4",
        f"/content_id/{LIVE.content_id}",
        f"/pid/{LIVE.content_id}/stream.mkv?fmt=mp2",
        f"/infohash/{LIVE.infohash}/0/name.ts",
        f"/url/{quote(FILE, safe='')}/name.ts",
        f"/torrent/{quote(FILE, safe='')}/0/0/0/0/0/name.ts",
        f"/torrent/{quote(MAGNET, safe='')}/name.ts",
    ],
)
async def test_content_plays(server: TestServer, engine: EmulatedEngine, path: str) -> None:
    """As a transport stream, whatever its name ends with."""
    async with connected(server) as player:
        player.send(path)
        assert await player.head() == 200
        assert player.headers["content-type"] == "video/mp2t"
        assert starts_decodable(await player.watch(10_000))
    assert engine.starts == 1


async def test_file_is_chosen_by_its_number(server: TestServer, proxy: Proxy) -> None:
    """The first number says which; the others say nothing."""
    async with connected(server) as player:
        player.send(f"/content_id/{LIVE.content_id}/2/7/7/7/7/name.ts")
        await player.head()
        (stream,) = proxy.stats().streams
    assert dict(stream.content.variant) == {"_idx": "2"}


async def test_name_of_a_playlist_leads_to_hls(server: TestServer, session: ClientSession) -> None:
    """At an address of the player's own."""
    address = server.make_url(f"/infohash/{LIVE.infohash}/name.M3U8")
    async with session.get(address) as response:
        assert response.url.path.startswith("/ace/hls/")
        assert m3u8.loads(await response.text()).segments


@pytest.mark.parametrize(
    ("name", "kind"), [("a.ts", "video/mp2t"), ("a.m3u8", "application/vnd.apple.mpegurl")]
)
async def test_head_costs_nothing(
    server: TestServer, session: ClientSession, engine: EmulatedEngine, name: str, kind: str
) -> None:
    """Players look before they play."""
    async with session.head(server.make_url(f"/pid/{LIVE.content_id}/{name}")) as response:
        assert (response.status, response.content_type) == (200, kind)
    assert not engine.requests


async def test_what_names_no_content_is_refused_with_a_sentence(
    server: TestServer, session: ClientSession
) -> None:
    """An address in the path has to be one, and whole."""
    async with session.get(
        server.make_url("/").with_path("/url/http:%2F%2F/x.ts", encoded=True)
    ) as response:
        assert response.status == 400
        assert await response.text() == "A transport file has an http or https address.\n"


@pytest.mark.parametrize("path", ["/content_id/1234/name.ts", "/url/ftp:x/name.ts", "/pid/x/y/z"])
async def test_other_paths_are_wrong_addresses(
    server: TestServer, session: ClientSession, path: str
) -> None:
    """They are nobody's."""
    async with session.get(server.make_url(path)) as response:
        assert response.status == 404
        assert await response.text() == "404: Not Found"
