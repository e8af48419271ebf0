"""What apps are given, read by others: clients and parsers that know nothing of this project."""

import asyncio
from base64 import b64decode
from pathlib import Path

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from ipytv import playlist as m3u
import pytest
from pyxtream import XTream
from pyxtream.schemaValidator import SchemaType, schemaValidator
from xmltv.models import xmltv
from xsdata.formats.dataclass.parsers import XmlParser

from .household import LOOSE, NEWS, Household

NAMES = ["News", "Mirrored", "Radio", "Cartoons", "Loose"]
LOGIN = "username=parents&password=pass-of-parents"


@pytest.mark.parametrize("path", ["/secret-of-parents/playlist.m3u", f"/get.php?{LOGIN}"])
async def test_list_is_read_by_others(
    server: TestServer, session: ClientSession, household: Household, path: str
) -> None:
    """Names, numbers, groups, IDs of the guide, logos and addresses."""
    async with session.get(server.make_url(path)) as response:
        read = await asyncio.to_thread(m3u.loads, await response.text())
    assert [one.name for one in read] == NAMES
    news = read[0]
    assert {name: news.attributes[name] for name in ("tvg-id", "tvg-chno", "group-title")} == {
        "tvg-id": "news.demo",
        "tvg-chno": "5",
        "group-title": "General;News",
    }
    number = household.number(NEWS)
    assert news.url.endswith(f"/{number}.ts")
    assert news.attributes["tvg-logo"].endswith(f"/{number}")
    assert read.get_attribute("url-tvg").startswith(str(server.make_url("/")))


@pytest.mark.parametrize("path", ["/secret-of-parents/guide.xml", f"/xmltv.php?{LOGIN}"])
async def test_guide_is_read_by_others(
    server: TestServer, session: ClientSession, household: Household, path: str
) -> None:
    """It has nothing in it that XMLTV does not know."""
    async with session.get(server.make_url(path)) as response:
        read = XmlParser().from_bytes(await response.read(), xmltv.Tv)
    assert [one.id for one in read.channel] == ["news.demo", "toons.demo"]
    assert [one.display_name[0].content for one in read.channel] == [["News"], ["Cartoons"]]
    assert read.channel[0].icon[0].src.endswith(f"/{household.number(NEWS)}")
    assert [one.title[0].content for one in read.programme] == [
        ["Yesterday"],
        ["Now"],
        ["Next"],
        ["Later"],
        ["Mice"],
    ]
    assert read.programme[1].desc[0].content == ["About Now & more: ñ"]


async def test_login_is_taken_by_others(
    server: TestServer, session: ClientSession, household: Household, tmp_path: Path
) -> None:
    """All that a client loads fits what it knows of servers, and what it makes of it plays."""
    client = await asyncio.to_thread(load, str(server.make_url("/")).rstrip("/"), tmp_path)
    assert client.authorization == {"username": "parents", "password": "pass-of-parents"}
    assert client.auth_data["server_info"]["port"] == str(server.port)
    assert [one.name for one in client.channels] == NAMES
    assert all(schemaValidator(one.raw, SchemaType.LIVE) for one in client.channels)
    assert [one.group_title for one in client.channels] == [
        "General",
        "General",
        "Radio",
        "Kids",
        "Other",
    ]
    assert {one.name for one in client.groups} >= {"General", "News", "Radio", "Kids", "Other"}
    assert (client.movies, client.series) == ([], [])
    news, loose = client.channels[0], client.channels[4]
    assert (news.epg_channel_id, loose.epg_channel_id) == ("news.demo", None)
    assert loose.id == household.number(LOOSE)
    async with session.get(news.url) as response:
        assert response.status == 200
        assert await response.content.readexactly(188)
    async with session.get(news.logo) as response:  # nobody has it, but it may be asked for
        assert response.status == 404
        assert await response.text() != "404: Not Found"
    guide = await asyncio.to_thread(client.liveEpgByStreamAndLimit, news.id, 1)
    assert [b64decode(one["title"]) for one in guide["epg_listings"]] == [b"Now"]


def load(address: str, folder: Path) -> XTream:
    """Log in, and load all that there is."""
    client = XTream("test", "parents", "pass-of-parents", address, cache_path=str(folder))
    client.load_iptv()
    return client
