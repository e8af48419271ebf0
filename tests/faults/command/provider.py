"""Where a command's list, guide and logo come from, and what it makes of them."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Final

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from ...proxy.command.process import Command
from ...proxy.sources import guide
from ...proxy.streams import LIVE
from ...proxy.waiting import PATIENCE
from .stage import EngineProcess

_SECRET: Final = "sixteen-or-more_16"
_PNG: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Seen:
    """What an app gets from the command: which version of each."""

    channel: str
    programme: str
    logo: str


class Provider:
    """A server of a list, a guide and a logo, of which there are versions."""

    def __init__(self) -> None:
        """Have the first version of each."""
        self.version = 1
        self.status = 200
        self.asked: list[str] = []
        self.whole = asyncio.Event()
        """Unless this is set, the second half of each answer does not come."""
        self.whole.set()
        self.server = TestServer(web.Application())
        self.server.app.router.add_get("/{name}", self._answer)

    def address(self, name: str) -> str:
        """Return where something is."""
        return str(self.server.make_url(f"/{name}"))

    def write_config(self, path: Path, engine: EngineProcess) -> None:
        """Write a file for the command; what it keeps is in `kept` beside it."""
        path.write_text(f"""
            engines: ["{engine.url}"]
            data: kept
            playlists: [{{name: Mine, url: "{self.address("list")}"}}]
            guides: [{{name: Mine, url: "{self.address("guide")}"}}]
            viewers: [{{name: Kids, secret: {_SECRET}}}]
        """)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append(name)
        body = self._body(name)
        etag = f'"{self.version}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        response = web.StreamResponse(status=self.status, headers={"ETag": etag})
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        await self.whole.wait()
        await response.write(body[len(body) // 2 :])
        return response

    def _body(self, name: str) -> bytes:
        logo = self.address(f"logo{self.version}")
        bodies = {
            "list": f'#EXTM3U\n#EXTINF:-1 tvg-id="first.example" tvg-logo="{logo}",'
            f"Channel {self.version}\nacestream://{LIVE.content_id}\n".encode(),
            "guide": guide(f"Programme {self.version}"),
            "logo": _PNG + f"Logo {self.version}".encode(),
        }
        return bodies[name.rstrip("0123456789")]


def version(number: int) -> Seen:
    """Return what an app gets of one version."""
    return Seen(f"Channel {number}", f"Programme {number}", f"Logo {number}")


async def look(session: ClientSession, command: Command) -> Seen:
    """Return what an app gets now."""
    listed = await _get(session, f"{command.address}/{_SECRET}/playlist.m3u")
    shown = await _get(session, f"{command.address}/{_SECRET}/guide.xml")
    logo = re.search(r'tvg-logo="([^"]+)"', listed)
    picture = await _get(session, logo[1]) if logo else ""
    return Seen(
        _first(r"Channel \d+", listed),
        _first(r"Programme \d+", shown),
        _first(r"Logo \d+", picture),
    )


async def _get(session: ClientSession, address: str) -> str:
    async with session.get(address) as response:
        return (await response.read()).decode(errors="replace")


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[0] if found else ""


async def until_seen(session: ClientSession, command: Command, wanted: Seen) -> None:
    """Wait until an app gets that."""
    async with asyncio.timeout(PATIENCE):
        while await look(session, command) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
