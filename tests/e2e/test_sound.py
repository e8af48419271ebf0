"""Channels whose sound browsers cannot decode by themselves are heard in the media browser."""

from playwright.async_api import Browser
import pytest

from demo import CHANNELS, Channel, EmulatedEngine
from demo.home import Home

from .pictures import picture
from .viewer import StreamViewer, logged_in, named, until_decoded

MP2 = next(channel for channel in CHANNELS if channel.audio == "mp2" and channel.video)
AC3 = next(channel for channel in CHANNELS if channel.audio == "ac3")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("channel", [MP2, AC3], ids=["MP2", "AC-3"])
async def test_a_channel_is_heard(
    channel: Channel, engine: EmulatedEngine, home: Home, browser: Browser
) -> None:
    """Picture and sound are decoded, with a player of MPEG-TS beside it on the one session."""
    starts = engine.starts
    player = StreamViewer(home, channel)
    await player.start()
    async with logged_in(browser, home) as page:
        await named(page, "AceStream Proxy").click()
        await named(page, channel.name).click()
        await until_decoded(page.locator("ha-hls-player video"), seconds=6)
        await picture(page, channel.audio)
    await player.stop()

    assert engine.starts == starts + 1
