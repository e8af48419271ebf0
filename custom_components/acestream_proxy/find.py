"""Which channel somebody means who calls it by its name, its number, its content or a part of it.

In this order, and each time the favourites come before the lists, and those in the user's order:

1. content: a content ID, an acestream link, a magnet link, the address of a transport file …
2. the whole name, whatever its case and accents;
3. the number on the remote control;
4. a part of the name;
5. what engines find in the network, if that is asked for.

What is content is not looked for among names: no channel is called like that.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .browse import identifier_of, title_of
from .const import DOMAIN, FAVOURITES
from .coordinator import AceStreamProxyConfigEntry
from .proxy import Channel, ContentKey, InvalidContentError, ProxyError
from .proxy.catalog import Catalog, Entry, channels_of
from .proxy.catalog.listing import searchable
from .reasons import reason_of_search

# Names that are compared with one that no channel has, in a thread: some 30 ms. Whoever has more
# channels than that finds them by a part of their name.
_MOST_COMPARED: Final = 20_000

# Names that are offered instead, and how alike they are at least, from 0 to 1.
_MOST_OFFERED: Final = 3
_ALIKE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Found:
    """The channel that is meant."""

    channel: Channel
    """The channel; of content that is none, what there would be in a list."""

    identifier: str
    """What it is called in the media browser."""


async def async_find_channel(
    hass: HomeAssistant, entry: AceStreamProxyConfigEntry, text: str, *, search: bool = False
) -> Found:
    """Return the channel that is meant; with `search`, look in the network, too.

    Raises:
        ServiceValidationError: There is none, or only others with names like it.
        HomeAssistantError: No engine searches.
    """
    text = text.strip()
    with suppress(InvalidContentError):
        return _of_content(entry, ContentKey.parse(text))
    catalog = entry.runtime_data.lineup.catalog
    if found := await hass.async_add_executor_job(_listed, catalog, text):
        return Found(found.channel, identifier_of(found))
    if search and (found_elsewhere := await _in_network(entry, text)):
        return found_elsewhere
    if nearest := await hass.async_add_executor_job(_nearest, catalog, text):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_such_channel_but",
            translation_placeholders={"channel": text, "nearest": ", ".join(nearest)},
        )
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_such_channel",
        translation_placeholders={"channel": text},
    )


def _of_content(entry: AceStreamProxyConfigEntry, key: ContentKey) -> Found:
    """Return the favourite that has some content in front, or else the content alone."""
    listings = (one for one in entry.runtime_data.lineup.catalog if one.key == FAVOURITES)
    for favourite in (Entry(listing, one) for listing in listings for one in listing.channels):
        if favourite.channel.sources[0] == key:
            return Found(favourite.channel, identifier_of(favourite))
    channel = Channel(name=title_of(entry, key), sources=(key,), is_named=False)
    return Found(channel, f"content/{key.slug}")


def _listed(catalog: Catalog, text: str) -> Entry | None:
    """Return the channel of the lists that fits best; this is for threads."""
    return (
        catalog.named(text) or catalog.numbered(text) or next(iter(catalog.search(text, 1)), None)
    )


async def _in_network(entry: AceStreamProxyConfigEntry, text: str) -> Found | None:
    """Return what can most probably be had of what engines find.

    Raises:
        HomeAssistantError: None searches.
    """
    try:
        results = await entry.runtime_data.proxy.engines.search(text)
    except ProxyError as error:
        reason = reason_of_search(error)
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=reason.key,
            translation_placeholders=reason.words,
        ) from error
    found = (
        Found(channel, f"content/{source.slug}")
        for channel in channels_of(results)
        for source in channel.sources
        if isinstance(source, ContentKey)
    )
    return next(found, None)


def _nearest(catalog: Catalog, text: str) -> list[str]:
    """Return the names that are most like a text; this is for threads."""
    names = {searchable(name): name for name in islice(_names(catalog), _MOST_COMPARED)}
    alike = get_close_matches(searchable(text), names, _MOST_OFFERED, _ALIKE)
    return [names[one] for one in alike]


def _names(catalog: Catalog) -> Iterator[str]:
    return (one.channel.name for one in catalog.entries())
