"""The editor of automations, as it is in the web UI."""

import asyncio
from contextlib import suppress
from typing import Final

from playwright.async_api import Page, TimeoutError as NotInTime

from .viewer import PATIENCE, named

# Milliseconds after which a look at what changes by itself is worth while.
_MOMENT: Final = 500


async def new_automation(page: Page) -> None:
    """Find the editor, and begin with nothing."""
    await named(page, "Settings").click()
    await named(page, "Automations & scenes").click()
    await named(page, "Create automation").click()
    await page.get_by_text("Start with an empty automation").click()


async def add_trigger(page: Page, channel: str, event: str) -> None:
    """Look for what happens to a channel, and choose an event."""
    await named(page, "Add trigger").click()
    await _search(page, f"{channel} Activity")
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
    await _search(page, "persistent notification")
    await named(page, "Persistent Notification: Create persistent notification").click()
    field = page.locator("ha-automation-sidebar ha-selector-text input").first
    # The field becomes one for templates. It may also be made anew, empty, soon after it is there.
    template = page.locator("ha-automation-sidebar ha-selector-template")
    async with asyncio.timeout(PATIENCE):
        while not await template.is_visible():
            with suppress(NotInTime):
                await field.fill(message, timeout=_MOMENT)
                await template.wait_for(timeout=_MOMENT)


async def save(page: Page, name: str) -> None:
    """Save under a name, and come back when there could be traces of it."""
    await named(page, "Save").click()
    await page.get_by_placeholder("New automation").filter(visible=True).fill(name)
    await page.locator("ha-dialog-footer").get_by_text("Save", exact=True).click()
    await named(page, "Traces").wait_for()


async def trace(page: Page) -> None:
    """Show what the automation did when it last ran."""
    await named(page, "Traces").click()
    await named(page, "Trace timeline").click()
    await page.get_by_text("Finished at").wait_for()


async def _search(page: Page, words: str) -> None:
    """Fill in the search of a dialog."""
    await page.get_by_placeholder("Search").filter(visible=True).fill(words)
