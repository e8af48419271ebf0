"""The integration's page, and the forms that are opened there."""

from collections.abc import Mapping
import re

from playwright.async_api import Locator, Page, expect

from .viewer import named


async def add_integration(page: Page, name: str) -> None:
    """Find it among all that there are, and open its form."""
    await named(page, "Settings").click()
    await named(page, "Devices & services").click()
    await named(page, "Add integration").click()
    await page.get_by_placeholder("Search for a brand name").fill(name)
    await named(page, name).click()


async def fill_in(page: Page, fields: Mapping[str, str]) -> None:
    """Fill in a form, whose fields are found by their names."""
    for name, text in fields.items():
        # One that must be filled in has a star.
        label = re.compile(rf"^{name}\*?$")
        await dialog(page).get_by_role("textbox", name=label).fill(text)
    # What is said about the fields comes a moment after them.
    words = dialog(page).locator("ha-markdown-element")
    await words.first.wait_for()
    await expect(words.and_(page.locator(":empty"))).to_have_count(0)


async def submit(page: Page) -> None:
    """Send a form."""
    await dialog(page).get_by_text("Submit", exact=True).click()


async def finish(page: Page, last: str = "Finish") -> None:
    """Press the last button, and come back when the dialog has gone."""
    await dialog(page).get_by_text(last, exact=True).click()
    await expect(dialog(page)).to_be_hidden()


def dialog(page: Page) -> Locator:
    """Return the dialog that forms are in."""
    return page.locator("dialog-data-entry-flow")
