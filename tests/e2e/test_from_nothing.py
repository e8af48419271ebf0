"""Somebody has a new Home Assistant, and in a browser and without a line of YAML sets it all up."""

from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page
import pytest

from demo import CHANNELS, EmulatedEngine
from demo.home import Home

from . import editor
from .dialogs import add_integration, dialog, fill_in, finish, submit
from .pictures import picture, tall_picture
from .viewer import Player, logged_in, named, streams_in, until_state

CHANNEL: Final = CHANNELS[0]
LIST: Final = "All channels"
VIEWER: Final = "Kitchen"
AUTOMATION: Final = "Tell me of a stall"

# As a user would write it: an event says itself which channel it is of.
MESSAGE: Final = "{{ trigger.to_state.attributes.channel }} has stalled"

# So much of the integration's page, or of a long form, is looked at, in pixels.
TALL: Final = 1500


@pytest.mark.timeout(300)
async def test_from_a_new_home_assistant_to_the_trace_of_an_automation(
    engine: EmulatedEngine, browser: Browser, tmp_path: Path
) -> None:
    """Engines, a list, a channel and a viewer are added; the viewer watches, the engine stalls."""
    async with (
        EmulatedEngine() as other,
        Home(tmp_path / "home") as home,
        logged_in(browser, home) as page,
    ):
        await set_up(page, engine.url)
        await add_engine(page, other.url)
        await add_list(page, f"{engine.url}/demo/playlist.m3u")
        await until_state(home, "sensor.all_channels_channels", str(len(CHANNELS)))
        await add_favourite(page)
        addresses = await add_viewer(page)
        await tall_picture(page, "clicks-08-page", height=TALL)
        await automate(page)
        await until_state(home, "automation.tell_me_of_a_stall", "on")

        favourite, *listed = await streams_in(addresses)
        assert len(listed) == len(CHANNELS)
        player = Player(favourite)
        await player.start()
        await until_state(home, "sensor.kitchen_watching", CHANNEL.name)
        (playing,) = (one for one in (engine, other) if one.open_sessions)
        playing.faults.stall = True
        await see(page)
        await player.stop()


async def set_up(page: Page, engine: str) -> None:
    """Add the integration."""
    await add_integration(page, "AceStream Proxy")
    await fill_in(page, {"Address": engine})
    await picture(page, "clicks-01-integration")
    await submit(page)
    # The engine comes a moment after the proxy; until then, the end would be on the proxy's page.
    await dialog(page).get_by_text("Device name").nth(1).wait_for()
    await picture(page, "clicks-02-devices")
    await finish(page, "Skip and finish")


async def add_engine(page: Page, address: str) -> None:
    """Add one more engine."""
    await named(page, "Add engine").click()
    await fill_in(page, {"Address": address})
    await picture(page, "clicks-03-engine")
    await submit(page)
    await finish(page)


async def add_list(page: Page, address: str) -> None:
    """Add a list of channels."""
    await named(page, "Add list of channels").click()
    await fill_in(page, {"Name": LIST, "Address": address})
    await tall_picture(page, "clicks-04-list", height=TALL)
    await submit(page)
    await finish(page)


async def add_favourite(page: Page) -> None:
    """Make a channel of the list a favourite, which has entities."""
    await named(page, "Add channel").click()
    await named(page, "From a list of channels").click()
    await fill_in(page, {"Name": CHANNEL.name})
    await picture(page, "clicks-05-search")
    await submit(page)
    await named(page, f"{CHANNEL.name} ({LIST}, {CHANNEL.group})").click()
    await picture(page, "clicks-06-channel")
    await submit(page)
    await finish(page)


async def add_viewer(page: Page) -> str:
    """Add a viewer, and return the address of the list for its app."""
    await named(page, "Add viewer").click()
    await fill_in(page, {"Name": VIEWER})
    await submit(page)
    link = dialog(page).get_by_role("link", name="playlist.m3u")
    address = await link.get_attribute("href")
    assert address is not None
    await picture(page, "clicks-07-viewer")
    await submit(page)
    await finish(page)
    return address


async def automate(page: Page) -> None:
    """Have a notification made when the channel stalls."""
    await editor.new_automation(page)
    await editor.add_trigger(page, CHANNEL.name, "Stalled")
    await picture(page, "clicks-09-trigger")
    await editor.add_notification(page, MESSAGE)
    await picture(page, "clicks-10-action")
    await editor.save(page, AUTOMATION)


async def see(page: Page) -> None:
    """Wait for the notification, and look at how it came about."""
    await named(page, "Notifications").click()
    await named(page, f"{CHANNEL.name} has stalled").wait_for()
    await picture(page, "clicks-11-notification")
    await page.keyboard.press("Escape")
    await editor.trace(page)
    await page.get_by_text("Triggered by the state of event.demo_one_activity").wait_for()
    await picture(page, "clicks-12-trace")
