"""Somebody makes an automation about a channel, without a line of YAML, and it runs."""

from typing import Final

from playwright.async_api import Browser, Page
import pytest

from demo import EmulatedEngine
from demo.home import Home

from .conftest import ARTIFACTS, FAVOURITES
from .viewer import StreamViewer, logged_in, named, until_state

CHANNEL: Final = FAVOURITES[0]
NAME: Final = "Tell me of a stall"

# As a user would write it: an event says itself which channel it is of.
MESSAGE: Final = "{{ trigger.to_state.attributes.channel }} has stalled"


@pytest.mark.timeout(300)
async def test_an_automation_made_in_the_editor_tells_of_a_stall(
    engine: EmulatedEngine, home_with_lineup: Home, browser: Browser
) -> None:
    """The editor offers the channel's events in words, and the trace says what happened."""
    home = home_with_lineup
    async with logged_in(browser, home) as page:
        await page.goto("/config/automation/edit/new")
        await add_trigger(page, "Stalled")
        await page.screenshot(path=ARTIFACTS / "automation-trigger.png")
        await add_notification(page, MESSAGE)
        await page.screenshot(path=ARTIFACTS / "automation-action.png")
        await save(page, NAME)
        await until_state(home, "automation.tell_me_of_a_stall", "on")

        player = StreamViewer(home, CHANNEL)
        await player.start()
        engine.faults.stall = True
        await named(page, "Notifications").click()
        await named(page, f"{CHANNEL.name} has stalled").wait_for()
        await page.screenshot(path=ARTIFACTS / "automation-notification.png")
        await player.stop()

        await page.goto(page.url.replace("/edit/", "/trace/"))
        await named(page, "Trace timeline").click()
        await page.get_by_text("Triggered by the state of event.demo_one_activity").wait_for()
        await page.get_by_text("Finished at").wait_for()
        await page.screenshot(path=ARTIFACTS / "automation-trace.png")


async def add_trigger(page: Page, event: str) -> None:
    """Look for what happens to the channel, and choose an event."""
    await named(page, "Add trigger").click()
    await search(page, f"{CHANNEL.name} Activity")
    # The sidebar has an item of this name, too.
    dialog = page.locator("add-automation-element-dialog")
    await dialog.get_by_text("Activity", exact=True).filter(visible=True).first.click()
    # What it is of is behind its name.
    await page.get_by_text("Event received").filter(visible=True).first.click()
    await page.locator("ha-automation-sidebar ha-entity-state-picker ha-picker-field").click()
    await named(page, event).click()
    # The event is chosen once the field for another one has come below it.
    await page.locator("ha-automation-sidebar ha-entity-state-picker").nth(1).wait_for()


async def add_notification(page: Page, message: str) -> None:
    """Look for the action, and fill in what it says."""
    await named(page, "Add action").click()
    await search(page, "persistent notification")
    await named(page, "Persistent Notification: Create persistent notification").click()
    await page.locator("ha-automation-sidebar ha-selector-text input").first.fill(message)
    # The field becomes one for templates.
    await page.locator("ha-automation-sidebar ha-selector-template").wait_for()


async def save(page: Page, name: str) -> None:
    """Save under a name, and come back when it has an address of its own."""
    await named(page, "Save").click()
    await page.get_by_placeholder("New automation").filter(visible=True).fill(name)
    await page.locator("ha-dialog-footer").get_by_text("Save", exact=True).click()
    await named(page, "Traces").wait_for()


async def search(page: Page, words: str) -> None:
    """Fill in the search of a dialog."""
    await page.get_by_placeholder("Search").filter(visible=True).fill(words)
