"""Which channel is meant."""

from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.acestream_proxy import find
from custom_components.acestream_proxy.const import CONF_CONTENT, SubentryType
from custom_components.acestream_proxy.find import Found, async_find_channel
from custom_components.acestream_proxy.proxy import Channel, ContentKey, Listing
from demo import CHANNELS, Faults

from .common import CONTENT_ONE, CONTENT_TWO, ONE, ONE_ID, TWO_ID, add_subentry

THREE = CHANNELS[2]
CONTENT_THREE = ContentKey.parse(THREE.content_id)

NUMBERED_ID = "numbered"


def listed(name: str, number: str = "") -> Channel:
    """Return a channel of a list."""
    return Channel(name=name, sources=(CONTENT_THREE,), number=number)


@pytest.fixture(autouse=True)
async def lists(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Have a favourite with a number, and two lists."""
    await add_subentry(
        hass,
        entry,
        ConfigSubentry(
            data=MappingProxyType(
                {CONF_NAME: "Weather", CONF_CONTENT: THREE.content_id, "number": "7"}
            ),
            subentry_id=NUMBERED_ID,
            subentry_type=SubentryType.CHANNEL,
            title="Weather",
            unique_id=CONTENT_THREE.slug,
        ),
    )
    catalog = entry.runtime_data.lineup.catalog
    first = {
        "a": listed("Sports Demo One"),
        "b": listed("Canal más", "7"),
        "c": listed("Demo", "8"),
        "d": listed("24", "1"),
    }
    catalog.set(Listing("first", "First", first))
    catalog.set(Listing("second", "Second", {"a": listed("Canal mas", "24"), "b": listed("News")}))


async def found(hass: HomeAssistant, entry: MockConfigEntry, text: str) -> str:
    """Return the identifier of the channel that is meant."""
    return (await async_find_channel(hass, entry, text)).identifier


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        pytest.param("Demo Two", f"channel/{TWO_ID}", id="name of a favourite"),
        pytest.param("  dEmo   tWo ", f"channel/{TWO_ID}", id="case and blanks"),
        pytest.param("demo", "listed/first/c", id="a whole name before the part of a favourite's"),
        pytest.param("CANAL MÁS", "listed/first/b", id="accents; the first list"),
        pytest.param("news", "listed/second/b", id="a later list"),
        pytest.param("7", f"channel/{NUMBERED_ID}", id="number of a favourite before a list's"),
        pytest.param("8", "listed/first/c", id="number in a list"),
        pytest.param("24", "listed/first/d", id="a name before a number"),
        pytest.param("one", f"channel/{ONE_ID}", id="part of a favourite before a list's"),
        pytest.param("sport", "listed/first/a", id="part of a name in a list"),
        pytest.param(f"acestream://{ONE.content_id}", f"channel/{ONE_ID}", id="a favourite's link"),
        pytest.param(CONTENT_TWO.value.upper(), f"channel/{TWO_ID}", id="a favourite's content ID"),
        pytest.param("a" * 40, f"content/content_id-{'a' * 40}", id="nobody's content ID"),
        pytest.param(
            f"magnet:?xt=urn:btih:{'b' * 40}", f"content/infohash-{'b' * 40}", id="a magnet link"
        ),
    ],
)
async def test_best_match_is_meant(
    hass: HomeAssistant, entry: MockConfigEntry, text: str, identifier: str
) -> None:
    """By content, whole name, number, part of the name; the favourites in front."""
    assert await found(hass, entry, text) == identifier


async def test_content_that_is_no_channel_is_one_by_itself(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Without a name that a guide might have."""
    key = ContentKey.parse("a" * 40)
    assert await async_find_channel(hass, entry, key.link) == Found(
        Channel(name=key.value, sources=(key,), is_named=False), f"content/{key.slug}"
    )


async def test_unknown_name_is_refused_with_names_like_it(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """As they are written."""
    with pytest.raises(ServiceValidationError) as refused:
        await async_find_channel(hass, entry, "Demoo Tow")
    assert refused.value.translation_key == "no_such_channel_but"
    placeholders = refused.value.translation_placeholders or {}
    assert placeholders["channel"] == "Demoo Tow"
    assert placeholders["nearest"].startswith("Demo Two, Demo")


async def test_name_like_no_other_is_refused(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """There is nothing to offer."""
    with pytest.raises(ServiceValidationError) as refused:
        await async_find_channel(hass, entry, "xyzzy")
    assert refused.value.translation_key == "no_such_channel"


async def test_only_so_many_names_are_compared(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the favourites first: there may be very many."""
    monkeypatch.setattr(find, "_MOST_COMPARED", 1)
    with pytest.raises(ServiceValidationError) as refused:
        await async_find_channel(hass, entry, "Demoo Tow")
    assert refused.value.translation_placeholders == {"channel": "Demoo Tow", "nearest": "Demo One"}


async def test_network_is_searched_if_asked_for(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Only for what is not here."""
    cinema = next(channel for channel in CHANNELS if channel.name == "Demo Cinema")
    in_network = await async_find_channel(hass, entry, "cinema", search=True)
    assert in_network.identifier == f"content/infohash-{cinema.infohash}"
    assert in_network.channel.name == "Demo Cinema"
    here = await async_find_channel(hass, entry, "demo one", search=True)
    assert here.channel.sources == (CONTENT_ONE,)
    with pytest.raises(ServiceValidationError):
        await async_find_channel(hass, entry, "xyzzy", search=True)
    with pytest.raises(ServiceValidationError):
        await async_find_channel(hass, entry, "cinema")


async def test_search_that_fails_says_why(
    hass: HomeAssistant, entry: MockConfigEntry, faults: Faults
) -> None:
    """As it is said of a channel that does not play."""
    faults.garbage = {"search"}
    with pytest.raises(HomeAssistantError) as failed:
        await async_find_channel(hass, entry, "xyzzy", search=True)
    assert failed.value.translation_key == "no_engine"
    assert failed.value.translation_placeholders == {}
