"""Somebody opens the media browser, presses a channel, and it plays; others join."""

import time

from playwright.async_api import Browser
import pytest

from demo import CHANNELS, EmulatedEngine
from demo.home import Home

from .conftest import ARTIFACTS
from .viewer import StreamViewer, logged_in, named, until_decoded, until_moving

CHANNEL = CHANNELS[0]


@pytest.mark.timeout(300)
async def test_a_channel_plays_in_the_media_browser(
    engine: EmulatedEngine, home: Home, browser: Browser, figures: dict[str, float]
) -> None:
    """Picture and sound are decoded, a second player joins, and all ends with Home Assistant."""
    ARTIFACTS.mkdir(exist_ok=True)
    async with logged_in(browser, home) as page:
        await named(page, "AceStream Proxy").click()
        await named(page, CHANNEL.name).wait_for()
        await named(page, "Playing now").wait_for()
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=ARTIFACTS / "channels.png")

        pressed = time.monotonic()
        await named(page, CHANNEL.name).click()
        video = page.locator("ha-hls-player video")
        await until_moving(video)
        figures["s from press to moving picture in the browser"] = time.monotonic() - pressed
        await until_decoded(video, seconds=4)
        await page.screenshot(path=ARTIFACTS / "playing.png")

        player = StreamViewer(home, CHANNEL)
        await player.start()
        figures["s to the first byte of a player that joins the browser"] = player.first_byte_after
        assert player.first_packet.startswith(b"\x47\x40\x00"), "not a PAT"
        assert (engine.starts, engine.reads) == (1, 1)

        stopped_after = await home.stop()
        figures["s from SIGTERM to exit with two players"] = stopped_after
        await player.ended()
        assert player.clean_end
        assert stopped_after < 2
        assert not engine.open_sessions
        assert (engine.starts, engine.reads, engine.stops) == (1, 1, 1)
