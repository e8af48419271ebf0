"""Words of ours that nobody else translates, in Home Assistant's language."""

from http import HTTPStatus

from homeassistant.components.media_source import async_browse_media
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy.const import FAVOURITES
from custom_components.acestream_proxy.proxy import Listing
from custom_components.acestream_proxy.proxy.catalog import parse_playlist
from demo import CHANNELS
from tests.proxy.waiting import until

from .common import add_subentry, channel_subentry
from .test_media_source import PLAYING, ROOT, titles
from .test_viewers import PREFIX, add_viewer

THREE = CHANNELS[2]


@pytest.fixture
def spanish(hass: HomeAssistant) -> None:
    """Home Assistant speaks Spanish from the start."""
    hass.config.language = "es"


def favourites(entry: MockConfigEntry) -> Listing:
    """Return the list of the user's own channels."""
    found: Listing = entry.runtime_data.lineup.catalog.get(FAVOURITES)
    return found


def groups(entry: MockConfigEntry) -> set[str]:
    """Return the groups that the user's own channels are in."""
    return {one for channel in favourites(entry).channels.values() for one in channel.groups}


async def test_favourites_are_called_so_in_english(entry: MockConfigEntry) -> None:
    """The list, and the group that apps show."""
    assert favourites(entry).title == "Favourites"
    assert groups(entry) == {"Favourites"}


async def test_favourites_have_a_name_in_the_language(
    spanish: None,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Also one that is added later; a viewer is given the group under this name."""
    await add_subentry(hass, entry, channel_subentry("Tres", THREE.content_id))
    assert favourites(entry).title == "Favoritos"
    assert groups(entry) == {"Favoritos"}

    add_viewer(hass, entry, groups=["Favoritos"])
    await hass.async_block_till_done()
    response = await (await hass_client_no_auth()).get(f"{PREFIX}/playlist.m3u")
    assert response.status == HTTPStatus.OK
    listed = parse_playlist(await response.read()).channels
    assert [(one.name, one.groups) for one in listed] == [
        ("Demo One", ("Favoritos",)),
        ("Demo Two", ("Favoritos",)),
        ("Tres", ("Favoritos",)),
    ]


async def test_favourites_follow_a_change_of_language(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """At once, as sensors and pages do."""
    await hass.config.async_update(language="it")
    await until(lambda: groups(entry) == {"Preferiti"})
    assert favourites(entry).title == "Preferiti"


async def test_a_language_that_we_do_not_speak_is_english(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """As all of Home Assistant does it."""
    hass.config.language = "fy"

    assert await hass.config_entries.async_setup(config_entry.entry_id)

    assert groups(config_entry) == {"Favourites"}
    await hass.config_entries.async_unload(config_entry.entry_id)


@pytest.mark.usefixtures("spanish", "media_source")
async def test_what_plays_has_a_name_in_the_language(hass: HomeAssistant) -> None:
    """Where it stands, and when one is there."""
    assert await titles(hass, ROOT) == ["En reproducción", "Demo One", "Demo Two"]
    assert (await async_browse_media(hass, PLAYING)).title == "En reproducción"
