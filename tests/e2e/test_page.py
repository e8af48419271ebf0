"""The command's page, in a real browser: the command as a process, players, and people who look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import re
from typing import Final

import aiohttp
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect
import pytest

from demo import CHANNELS, EmulatedEngine
from demo.playout import PatternMedia

from ..proxy.alone import copy_alone
from ..proxy.command.process import Command, running
from .pictures import ARTIFACTS
from .viewer import Player

ONE, KIDS = (one for one in CHANNELS if one.name in ("Demo One", "Demo Kids"))
_SECRET: Final = "secret-of-the-living-room"
_FILE: Final = f"""
engines: [ENGINE]
channels:
  - {{name: Demo One, content: {ONE.content_id}}}
viewers:
  - {{name: Living room, secret: {_SECRET}}}
"""
_DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 900}
_PHONE: Final[ViewportSize] = {"width": 390, "height": 844}


@pytest.fixture
async def command(engine: EmulatedEngine, tmp_path: Path) -> AsyncIterator[Command]:
    """The command, from the package alone, with a favourite and a viewer."""
    await asyncio.to_thread(PatternMedia().prepare, KIDS)
    folder = copy_alone(tmp_path)
    (folder / "proxy.yaml").write_text(_FILE.replace("ENGINE", engine.url))
    async with running(folder, "--config", "proxy.yaml") as command:
        yield command


@asynccontextmanager
async def looking(browser: Browser, command: Command, *, dark: bool = False) -> AsyncIterator[Page]:
    """Look at the page; nothing may be wrong with it as the browser sees it."""
    context = await browser.new_context(
        viewport=_DESKTOP,
        color_scheme="dark" if dark else "light",
        locale="en-US",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.goto(command.address)
    yield page
    assert wrong == []
    await context.close()


@asynccontextmanager
async def playing(address: str, device: str) -> AsyncIterator[Player]:
    """Play what is at an address."""
    player = Player(address, {"User-Agent": device})
    await player.start()
    yield player
    await player.stop()


async def address_of_viewer(command: Command) -> str:
    """Return where the viewer's app finds the favourite."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{command.address}/{_SECRET}/playlist.m3u") as response,
    ):
        return (await response.text()).split()[-1]


def figure(card: Locator, name: str) -> Locator:
    """Return a figure of a stream."""
    return card.locator(f"[data-field={name}]")


async def until_moved(what: Locator) -> None:
    """Wait until a figure is another one than now."""
    await expect(what).not_to_have_text(await what.inner_text())


async def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page."""
    await page.screenshot(
        path=ARTIFACTS / f"page-{name}.png", full_page=True, animations="disabled"
    )


@pytest.mark.timeout(200)
async def test_page_shows_what_runs(
    engine: EmulatedEngine, command: Command, browser: Browser
) -> None:
    """Who watches what, with figures that move; then nothing, and an engine that is gone."""
    async with looking(browser, command) as page:
        await expect(page.get_by_text("Nothing plays.")).to_be_visible()
        await expect(page.locator("#health")).to_have_text("An engine answers.")
        await picture(page, "empty")
        vlc = "VLC/3.0.21 LibVLC/3.0.21"
        kids = f"{command.address}/ace/getstream?id={KIDS.content_id}"
        async with (
            playing(await address_of_viewer(command), vlc),
            playing(kids, "Kodi/21.1 (Linux; Android 14)"),
            playing(kids, vlc),
        ):
            card = page.get_by_role("listitem").filter(
                has=page.get_by_role("heading", name="Demo One")
            )
            await expect(card.locator(".state")).to_have_text("streaming")
            await expect(card.get_by_text("Living room")).to_be_visible()
            await expect(
                card.get_by_text(re.compile("H.264 · 640 . 360 · 25 fps · AAC"))
            ).to_be_visible()
            await expect(card.get_by_text("live")).to_be_visible()
            await expect(page.get_by_text("Kodi 21.1")).to_be_visible()
            await expect(page.locator("#viewers")).to_have_text("3")
            await expect(page.locator("#streams")).to_have_text("2")
            await until_moved(figure(card, "received"))
            await until_moved(figure(card, "age"))
            await expect(page.locator("#rate-in")).not_to_have_text("0.0 Mbit/s")
            await expect(figure(card, "peers")).to_have_text("7")
            await picture(page, "light")
            await page.set_viewport_size(_PHONE)
            assert await page.evaluate("document.documentElement.scrollWidth") == _PHONE["width"]
            await picture(page, "phone")
            async with looking(browser, command, dark=True) as dark:
                await expect(dark.get_by_text("Living room")).to_be_visible()
                await picture(dark, "dark")
            assert _SECRET not in await page.content()
        await page.set_viewport_size(_DESKTOP)
        await expect(card.get_by_text("Nobody watches.")).to_be_visible()
        await engine.stop()
        words = f"No engine answers at {engine.url}. Is it running?"
        await expect(page.locator("#health")).to_have_text(words)
        await expect(page.locator("#engines").get_by_text("unreachable")).to_be_visible()
        await picture(page, "trouble")


@pytest.mark.parametrize("clipboard", [True, False], ids=["clipboard", "without TLS"])
async def test_address_is_made_and_copied(
    command: Command, browser: Browser, clipboard: bool
) -> None:
    """Of whatever names content; what does not is said. It all works with the keyboard alone."""
    async with looking(browser, command) as page:
        await page.add_init_script(
            "" if clipboard else "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
        )
        await page.reload()
        field = page.get_by_label("A content ID, or a link with")
        await field.fill("acestream://nonsense")
        await expect(page.get_by_text("A content ID is 40 hex digits")).to_be_visible()
        await field.fill(f"acestream://{ONE.content_id.upper()}")
        address = f"{command.address}/ace/getstream?id={ONE.content_id}"
        await expect(page.get_by_label("For VLC, Kodi and TVs")).to_have_value(address)
        await expect(page.get_by_text("40 hex digits")).to_have_count(0)
        await field.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        await field.focus()
        await field.press("ControlOrMeta+A")
        await field.press("ControlOrMeta+V")
        await expect(field).to_have_value(address)
