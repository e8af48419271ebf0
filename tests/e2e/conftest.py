"""A real Home Assistant, the emulated engine, a real browser, and figures about them.

`scripts/test --e2e` runs this folder without the plugin that the integration's other tests
need: it forbids sockets. Screenshots and figures are left in `artifacts/`.
"""

import asyncio
from collections.abc import AsyncIterator
import json
import os
from pathlib import Path
import shutil
from typing import Final

from playwright.async_api import Browser, async_playwright, expect
import pytest

from demo import CHANNELS, EmulatedEngine
from demo.forms import Forms
from demo.home import Home
from demo.playout import PatternMedia

from .pictures import ARTIFACTS
from .viewer import PATIENCE, until_state

FAVOURITES: Final = [one for one in CHANNELS if one.name in ("Demo One", "Demo News", "Demo Kids")]
_FIGURES = pytest.StashKey[dict[str, float]]()

# Its own five seconds are too few for a busy machine.
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
async def engine() -> AsyncIterator[EmulatedEngine]:
    """An engine whose channels are pictures, the first of them ready."""
    media = PatternMedia()
    # Encoding takes seconds where nobody did it before, and is not what is measured here.
    await asyncio.to_thread(media.prepare, CHANNELS[0])
    async with EmulatedEngine(media=media) as engine:
        yield engine


@pytest.fixture
async def home(engine: EmulatedEngine, tmp_path: Path) -> AsyncIterator[Home]:
    """A Home Assistant that was never started before, with the engine and its channels."""
    async with Home(tmp_path / "home") as home:
        await Forms(home).set_up(engine.url, CHANNELS)
        yield home


@pytest.fixture
async def home_with_lineup(engine: EmulatedEngine, tmp_path: Path) -> AsyncIterator[Home]:
    """A Home Assistant with three favourites, and with the demo's list, guide and viewer."""
    for channel in FAVOURITES:
        await asyncio.to_thread(PatternMedia().prepare, channel)
    async with Home(tmp_path / "home") as home:
        await Forms(home).set_up(engine.url, FAVOURITES, with_lineup=True)
        await until_state(home, "sensor.demo_list_channels", str(len(CHANNELS)))
        await until_state(home, "sensor.demo_guide_channels", str(len(CHANNELS)))
        yield home


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """Chromium without a window: of the system, as Playwright's own decodes no H.264."""
    # Its profile is a temporary one anyway; this is what it keeps beside that.
    kept = {one: str(tmp_path / "browser") for one in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    chromium = os.environ.get("CHROMIUM") or next(filter(None, found), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium,
            # On macOS it is in no folder of commands, but Playwright knows where.
            channel=None if chromium else "chrome",
            # There is no sandbox for root, nor in most containers.
            args=["--no-sandbox"],
            env={**os.environ, **kept},
        )
        yield browser
        await browser.close()


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> dict[str, float]:
    """What was measured, by what it is; printed at the end, and kept in `artifacts/`."""
    return request.config.stash.setdefault(_FIGURES, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the figures."""
    figures = config.stash.get(_FIGURES, {})
    if not figures:
        return
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    terminalreporter.section("figures")
    for what, figure in figures.items():
        terminalreporter.write_line(f"{figure:10.3f}  {what}")
