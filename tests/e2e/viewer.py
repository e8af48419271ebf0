"""Those who watch: the media browser of Home Assistant, and players of MPEG-TS."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
import json
import time
from typing import Any, Final

import aiohttp
from playwright.async_api import Browser, Error, Locator, Page

from demo import Channel
from demo.home import Home
from demo.packets import PACKET_SIZE

from .pictures import picture

_LOOK_INTERVAL: Final = 0.02
# Long enough for a machine that compiles and decodes at the same time.
PATIENCE: Final = 30.0

_DECODED: Final = """video => ({
    seconds: video.currentTime,
    width: video.videoWidth,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    sound: video.webkitAudioDecodedByteCount,
})"""

# The player of Home Assistant keeps its hls.js, which knows when its picture was sent.
_BEHIND: Final = """video => {
    const hls = video.getRootNode().host._hlsPolyfillInstance;
    return (Date.now() - hls.playingDate) / 1000;
}"""


@asynccontextmanager
async def logged_in(browser: Browser, home: Home) -> AsyncIterator[Page]:
    """A page of somebody who is logged in to Home Assistant, at its media browser.

    There is a picture of it if what is done there fails.
    """
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-US", base_url=home.url
    )
    # What the web UI itself keeps after a login.
    expires = (time.time() + home.tokens["expires_in"]) * 1000
    client = {"hassUrl": home.url, "clientId": home.url + "/", "expires": expires}
    tokens = json.dumps(json.dumps(home.tokens | client))
    await context.add_init_script(f"localStorage.setItem('hassTokens', {tokens});")
    page = await context.new_page()
    await page.goto("/media-browser/browser")
    try:
        yield page
    except Exception:
        with suppress(Error):  # there is none of a page that was closed
            await picture(page, "failure")
        raise
    finally:
        await context.close()


def named(page: Page, name: str) -> Locator:
    """Return what can be seen under a name: tooltips have it too, but are hidden."""
    return page.get_by_text(name, exact=True).filter(visible=True).first


async def until_decoded(video: Locator, *, seconds: float) -> None:
    """Wait until picture and sound of so many seconds were decoded and shown."""
    async with asyncio.timeout(PATIENCE):
        await video.wait_for()
        while True:
            seen = await video.evaluate(_DECODED)
            if seen["seconds"] >= seconds and seen["width"] and seen["frames"] and seen["sound"]:
                return
            await asyncio.sleep(_LOOK_INTERVAL)


async def until_moving(video: Locator) -> None:
    """Wait until the picture is another one than at first."""
    await video.wait_for()
    # `currentTime` begins where the player seeks to; only a second frame is movement.
    async with asyncio.timeout(PATIENCE):
        while (await video.evaluate(_DECODED))["frames"] < 2:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_INTERVAL)


async def until_moving_on(video: Locator) -> None:
    """Wait until time goes on in the picture, and new pictures are shown."""
    async with asyncio.timeout(PATIENCE):
        while True:
            before = await video.evaluate(_DECODED)
            await asyncio.sleep(1)
            after = await video.evaluate(_DECODED)
            if all(after[what] > before[what] for what in ("seconds", "frames", "sound")):
                return


async def behind_live(video: Locator) -> float:
    """Return by how many seconds the picture is older than what the proxy has read."""
    return float(await video.evaluate(_BEHIND))


async def until_state(home: Home, entity_id: str, state: str) -> dict[str, Any]:
    """Wait until an entity is there and in a state; return its attributes."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for found in await home.request("GET", "/api/states"):
                if (found["entity_id"], found["state"]) == (entity_id, state):
                    attributes: dict[str, Any] = found["attributes"]
                    return attributes
            await asyncio.sleep(_LOOK_INTERVAL)


async def text_at(address: str) -> str:
    """Return what an app finds at an address; it has no login of Home Assistant's."""
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        response.raise_for_status()
        return await response.text()


async def streams_in(playlist: str) -> list[str]:
    """Return the addresses in a list."""
    lines = (await text_at(playlist)).splitlines()
    return [line for line in lines if not line.startswith("#")]


class Player:
    """A player of MPEG-TS at an address, for seconds: it keeps all that it reads."""

    def __init__(self, address: str, headers: Mapping[str, str] | None = None) -> None:
        """Take what to play, and what to say to be let in."""
        self.stream = bytearray()
        """What it was sent so far."""

        self.first_byte_after = 0.0
        """Seconds from the request to the first byte."""

        self.clean_end = False
        """Whether it ended as HTTP says it should, and not by being cut off."""

        self._address = address
        self._headers = headers
        self._task: asyncio.Task[None] | None = None

    @property
    def received(self) -> int:
        """How many bytes came so far."""
        return len(self.stream)

    @property
    def packets(self) -> bytes:
        """The whole packets among them."""
        return bytes(self.stream[: self.received - self.received % PACKET_SIZE])

    async def start(self) -> None:
        """Ask for the stream, and come back with its first byte."""
        began = time.monotonic()
        arrived = asyncio.Event()
        self._task = asyncio.create_task(self._play(arrived), name="stream viewer")
        waiting = asyncio.create_task(arrived.wait())
        done, _ = await asyncio.wait(
            {self._task, waiting}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        self.first_byte_after = time.monotonic() - began
        if waiting not in done:
            waiting.cancel()
            await self.stop()
            raise AssertionError("The stream ended, or did not begin")

    async def ended(self) -> None:
        """Wait for the stream's end, whoever brings it about."""
        assert self._task is not None
        async with asyncio.timeout(PATIENCE):
            await self._task

    async def stop(self) -> None:
        """Leave."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _play(self, arrived: asyncio.Event) -> None:
        endless = aiohttp.ClientTimeout(total=None)
        # A connection of its own, as the session's pool has only so many.
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.get(self._address, timeout=endless) as response,
        ):
            response.raise_for_status()
            with suppress(aiohttp.ClientPayloadError, aiohttp.ClientOSError):  # cut off
                async for piece in response.content.iter_any():
                    self.stream += piece
                    arrived.set()
                self.clean_end = True


class StreamViewer(Player):
    """A player that is logged in with a token."""

    def __init__(self, home: Home, channel: Channel) -> None:
        """Take what to play, and where."""
        address = f"{home.url}/ace/getstream?id={channel.content_id}"
        super().__init__(address, home.session.headers)
