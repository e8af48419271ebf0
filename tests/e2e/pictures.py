"""Pictures of what somebody sees, to be looked at by those who change it."""

from pathlib import Path
from typing import Final

from playwright.async_api import Page

ARTIFACTS: Final = Path(__file__).parents[2] / "artifacts"


async def picture(page: Page, name: str) -> None:
    """Keep what a page shows."""
    # Half-way through an animation, the name of a field lies on top of what is filled in.
    await page.screenshot(path=ARTIFACTS / f"{name}.png", animations="disabled")


async def tall_picture(page: Page, name: str, *, height: int) -> None:
    """Keep what a page would show on a screen that is so many pixels high."""
    screen = page.viewport_size
    assert screen is not None
    await page.set_viewport_size({"width": screen["width"], "height": height})
    await picture(page, name)
    await page.set_viewport_size(screen)
