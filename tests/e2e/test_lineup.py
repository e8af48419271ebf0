"""What the media browser makes of lists and guides."""

from datetime import datetime
import re
from typing import Final
from xml.etree import ElementTree as ET

from playwright.async_api import Browser, Locator, Page, expect
import pytest

from demo import CHANNELS, EmulatedEngine
from demo.forms import LIST, Forms
from demo.home import Home

from .conftest import FAVOURITES
from .pictures import picture
from .viewer import logged_in, named, until_decoded, until_state

NEWS: Final = [one for one in CHANNELS if one.group == "News"]
LISTED: Final = "Demo Sport 1"
UNLISTED: Final = "Demo Sport 2"

pytestmark = pytest.mark.timeout(300)


async def test_the_channels_in_the_media_browser(
    engine: EmulatedEngine, home_with_lineup: Home, browser: Browser
) -> None:
    """Favourites and those of a group have logos and say what is on; and one of these plays."""
    async with logged_in(browser, home_with_lineup) as page:
        await named(page, "AceStream Proxy").click()
        for channel in FAVOURITES:
            assert re.search(" · .+ ▸ ", await title_of(page, channel.name))
        await until_logos(page, len(FAVOURITES))
        await picture(page, "favourites")
        await show_as(page, "List")
        await until_logos(page, len(FAVOURITES))
        await picture(page, "favourites-as-list")
        await show_as(page, "Grid")

        await named(page, LIST).click()
        await named(page, "Documentaries").wait_for()
        await page.wait_for_load_state("networkidle")
        await picture(page, "groups")

        await named(page, "News").click()
        for channel in NEWS:
            assert re.search(" · .+ ▸ ", await title_of(page, channel.name))
        await until_logos(page, len(NEWS))
        await picture(page, "group")

        await tile(page, "Demo News").click()
        await until_decoded(page.locator("ha-hls-player video"), seconds=2)
        await picture(page, "listed")
    assert engine.starts == 1


async def test_a_search_finds_what_lists_and_what_the_network_have(
    engine: EmulatedEngine, home_with_lineup: Home, browser: Browser
) -> None:
    """The network has neither a logo nor a guide."""
    forms = Forms(home_with_lineup)
    await forms.remove(LIST)
    await forms.add_list("Part", f"{engine.url}/demo/playlist.m3u", include_names=[LISTED])
    await until_state(home_with_lineup, "sensor.part_channels", "1")
    async with logged_in(browser, home_with_lineup) as page:
        await named(page, "AceStream Proxy").click()
        await page.get_by_placeholder("Search AceStream Proxy").filter(visible=True).fill("sport")
        await named(page, "Search").click()
        assert await title_of(page, UNLISTED) == UNLISTED
        assert re.search(" · .+ ▸ ", await title_of(page, LISTED))
        await until_logos(page, 1)
        await picture(page, "found")


async def test_a_favourite_says_what_is_on(engine: EmulatedEngine, home_with_lineup: Home) -> None:
    """As the guide has it, and what follows."""
    home, favourite = home_with_lineup, FAVOURITES[0]
    (state,) = (
        one
        for one in await home.request("GET", "/api/states")
        if one["entity_id"] == "sensor.demo_one_on_now"
    )
    async with home.session.get(f"{engine.url}/demo/guide.xml") as response:
        guide = ET.fromstring(await response.text())  # noqa: S314 - it is our own
    titles = {
        datetime.strptime(one.get("start", ""), "%Y%m%d%H%M%S %z"): one.findtext("title")
        for one in guide.iter("programme")
        if one.get("channel") == favourite.tvg_id
    }
    start, following = (
        datetime.fromisoformat(state["attributes"][one]) for one in ("start", "next_start")
    )
    assert start <= datetime.now(start.tzinfo) < following
    assert state["state"] == titles[start]
    assert state["attributes"]["next_title"] == titles[following]


def tile(page: Page, channel: str) -> Locator:
    """Return the title of a channel, with what is on behind its name."""
    title = re.compile(rf"^\s*{channel}( · .*)?\s*$")
    return page.get_by_text(title).filter(visible=True).first


async def title_of(page: Page, channel: str) -> str:
    """Return what is written below a channel's logo."""
    return (await tile(page, channel).inner_text()).strip()


async def until_logos(page: Page, count: int) -> None:
    """Wait until so many logos are shown: the page fetches them as whoever is logged in."""
    logos = page.locator('ha-media-browser-thumbnail [style*="data:image/svg+xml"]')
    await expect(logos.filter(visible=True)).to_have_count(count)


async def show_as(page: Page, layout: str) -> None:
    """Choose how channels are laid out."""
    await page.locator("ha-dropdown > [slot=trigger]").filter(visible=True).click()
    choice = page.get_by_text(layout, exact=True).filter(visible=True)
    await choice.click()
    await expect(choice).to_have_count(0)  # the menu takes a moment to go
