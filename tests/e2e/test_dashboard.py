"""The view for a dashboard that the documents offer, with what the demo has."""

import re
from typing import Any, Final

from playwright.async_api import Browser
import pytest
import yaml

from demo import EmulatedEngine
from demo.forms import Forms
from demo.home import ROOT, Home

from .conftest import FAVOURITES
from .pictures import picture
from .viewer import StreamViewer, logged_in, until_state

VIEW: Final = ROOT / "docs" / "dashboard.yaml"

_PATH: Final = "the-house"

# What Home Assistant shows in the place of a card that it cannot show.
_BROKEN: Final = re.compile("Configuration error|Entity not found|not available")


@pytest.mark.timeout(200)
async def test_view_of_the_documents_shows_what_plays(
    engine: EmulatedEngine, home_with_lineup: Home, browser: Browser
) -> None:
    """Each card of it is one that Home Assistant brings, and finds what it is about."""
    view: dict[str, Any] = yaml.safe_load(VIEW.read_text())
    forms = Forms(home_with_lineup)
    new = {"url_path": _PATH, "title": "House", "mode": "storage"}
    await forms.ask({"type": "lovelace/dashboards/create", **new})
    config = {"url_path": _PATH, "config": {"views": [view]}}
    await forms.ask({"type": "lovelace/config/save", **config})
    player = StreamViewer(home_with_lineup, FAVOURITES[0])
    await player.start()
    await until_state(home_with_lineup, "sensor.demo_one_status", "streaming")
    async with logged_in(browser, home_with_lineup) as page:
        await page.goto(f"/{_PATH}/{view['path']}")
        await page.get_by_text("Streaming").first.wait_for()
        await page.get_by_text("Who watches").wait_for()
        await page.get_by_text("Rates").wait_for()
        assert await page.get_by_text(_BROKEN).count() == 0
        await picture(page, "dashboard")
    await player.stop()
