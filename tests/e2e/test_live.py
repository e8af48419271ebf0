"""What an evening does to a channel in the media browser: it plays on, on one session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median
import time
from typing import Final

from playwright.async_api import Browser, Locator, Page
import pytest

from demo import CHANNELS, Channel, EmulatedEngine
from demo.forms import Forms
from demo.home import Home
from demo.playout import PatternMedia

from .pictures import picture
from .viewer import (
    PATIENCE,
    StreamViewer,
    behind_live,
    logged_in,
    named,
    until_decoded,
    until_moving,
    until_moving_on,
)

CHANNEL: Final = CHANNELS[0]
OTHERS: Final = [one for one in CHANNELS if one.audio == "aac" and one.video == "libx264"][1:]
HEVC: Final = next(one for one in CHANNELS if one.video == "libx265")
RADIO: Final = next(one for one in CHANNELS if one.video is None)
RUNS: Final = 5

# What the web UI's player listens to when a tab is hidden or shown.
_VISIBILITY: Final = """hidden => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""

_REMEMBER_AUDIO: Final = """() => {
    const Real = window.Audio;
    window.Audio = function (...parts) { return (window.audio = new Real(...parts)); };
}"""

pytestmark = pytest.mark.timeout(300)


@asynccontextmanager
async def watching(
    browser: Browser, home: Home, channel: Channel = CHANNEL
) -> AsyncIterator[tuple[Page, Locator]]:
    """A tab in which a channel plays."""
    async with logged_in(browser, home) as page:
        await named(page, "AceStream Proxy").click()
        await named(page, channel.name).click()
        video = page.locator("ha-hls-player video")
        await until_decoded(video, seconds=2)
        yield page, video


async def test_press_to_picture(
    engine: EmulatedEngine, home: Home, browser: Browser, figures: dict[str, float]
) -> None:
    """How long it takes, of a channel that runs and of one that does not; and how live it is."""
    for channel in OTHERS[:RUNS]:  # what the demo takes to encode them is no engine's time
        await asyncio.to_thread(PatternMedia().prepare, channel)
    player = StreamViewer(home, CHANNEL)
    await player.start()
    running, behind = [], []
    for _ in range(RUNS):
        async with logged_in(browser, home) as page:
            running.append(await press(page, CHANNEL))
            video = page.locator("ha-hls-player video")
            await until_decoded(video, seconds=4)
            behind.append(await behind_live(video))
    await player.stop()
    cold = []
    for channel in OTHERS[:RUNS]:
        async with logged_in(browser, home) as page:
            cold.append(await press(page, channel))
    what = "s from press to moving picture in the browser, median of 5, of a channel that"
    figures[f"{what} runs"] = median(running)
    figures[f"{what} does not run"] = median(cold)
    figures["s behind the live edge in the browser, median of 5"] = median(behind)
    assert median(behind) < 5


async def press(page: Page, channel: Channel) -> float:
    """Return the seconds from the press of a channel to its moving picture."""
    await named(page, "AceStream Proxy").click()
    await named(page, channel.name).wait_for()
    await page.wait_for_load_state("networkidle")
    pressed = time.monotonic()
    await named(page, channel.name).click()
    await until_moving(page.locator("ha-hls-player video"))
    return time.monotonic() - pressed


async def test_engine_stalls(engine: EmulatedEngine, home: Home, browser: Browser) -> None:
    """For ten seconds nothing comes; then the picture goes on by itself."""
    async with watching(browser, home) as (page, video):
        engine.faults.stall = True
        await asyncio.sleep(10)
        engine.faults.stall = False
        await until_moving_on(video)
        await picture(page, "after-a-stall")
    assert engine.starts == 1


async def test_engine_restarts(engine: EmulatedEngine, home: Home, browser: Browser) -> None:
    """It is gone for five seconds, and all its sessions are."""
    async with watching(browser, home) as (page, video):
        await engine.stop()
        await asyncio.sleep(5)
        await engine.restart()
        await until_moving_on(video)
        await picture(page, "after-a-restart")
        assert len(engine.open_sessions) == 1


@pytest.mark.usefixtures("engine")
async def test_tab_is_hidden_and_shown(home: Home, browser: Browser) -> None:
    """The player is torn down when it is hidden, and comes back to the same address."""
    async with watching(browser, home) as (page, video):
        await page.evaluate(_VISIBILITY, True)
        await asyncio.sleep(15)
        await page.evaluate(_VISIBILITY, False)
        await until_moving_on(video)
        await picture(page, "hidden-and-shown")


async def test_two_tabs_and_a_player_of_mpegts(
    engine: EmulatedEngine, home: Home, browser: Browser
) -> None:
    """All of them on the one session."""
    async with watching(browser, home) as (page, one), watching(browser, home) as (_, other):
        player = StreamViewer(home, CHANNEL)
        await player.start()
        received = player.received
        await until_moving_on(one)
        await until_moving_on(other)
        assert player.received > received
        await picture(page, "two-tabs")
        await player.stop()
    assert (engine.starts, engine.reads) == (1, 1)


@pytest.mark.usefixtures("engine")
async def test_a_picture_that_browsers_cannot_decode(home: Home, browser: Browser) -> None:
    """A sentence says so, at once; no player waits for it."""
    async with logged_in(browser, home) as page:
        await named(page, "AceStream Proxy").click()
        await named(page, HEVC.name).click()
        await page.get_by_text("Browsers cannot decode the picture").filter(visible=True).wait_for()
        await picture(page, "hevc")


@pytest.mark.usefixtures("engine")
async def test_a_picture_that_is_transcoded(home: Home, browser: Browser) -> None:
    """Where the channel asks for it, browsers get one that they decode."""
    await Forms(home).change_channel(HEVC, {"transcode_video": True})
    async with watching(browser, home, HEVC) as (page, video):
        await until_moving_on(video)
        await picture(page, "transcoded")


@pytest.mark.usefixtures("engine")
async def test_without_low_latency(home: Home, browser: Browser, figures: dict[str, float]) -> None:
    """It plays as well, further behind."""
    await Forms(home).change_options({"low_latency": False})
    async with watching(browser, home) as (_, video):
        await until_decoded(video, seconds=8)
        behind = await behind_live(video)
    figures["s behind the live edge in the browser without low latency"] = behind
    assert behind < 10


@pytest.mark.usefixtures("engine")
async def test_radio_plays_in_the_bar(home: Home, browser: Browser) -> None:
    """Which stays below whatever one looks at."""
    async with logged_in(browser, home) as page:
        # The bar's player is no part of the page.
        await page.evaluate(_REMEMBER_AUDIO)
        await named(page, "AceStream Proxy").click()
        await named(page, RADIO.name).click()
        async with asyncio.timeout(PATIENCE):
            while await page.evaluate("window.audio?.currentTime ?? 0") < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert await page.evaluate("window.audio.webkitAudioDecodedByteCount") > 0
        assert await page.locator("ha-hls-player").count() == 0
        await picture(page, "radio")
