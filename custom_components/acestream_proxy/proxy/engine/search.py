"""A page of what an engine finds in the network, read from its answer.

    {"total": 2, "results": [{"name": …, "icons": [{"url": …}], "items": [{"infohash": …, …}]}]}

Results are channels, and items are what a channel can be had from. Anybody may broadcast, so that
names and all the rest are anybody's: what is not what it should be is left out, and there is as
much of all as anybody would look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any, Final

from ..catalog import SearchResult, is_http, tidy
from ..content import HASH
from ..errors import EngineProtocolError

# As many channels as an engine puts on a page if it is asked for more.
MAX_PAGE: Final = 200

# Channels have one item, a few have a handful. There are no more channels than items either.
_MAX_ITEMS: Final = 5 * MAX_PAGE

# Codes and categories, of which each item has one to three.
_MAX_TEXTS: Final = 16

# What is behind this is not looked at: names are tidied, which takes time for each character.
_MAX_RAW: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """One page of what an engine finds."""

    results: tuple[SearchResult, ...]
    """Whatever can be played, in the engine's order."""

    channels: int
    """Channels on this page, which the engine counts pages by."""

    total: int
    """Channels on all pages; 0 if the engine does not say."""


def read_page(answer: dict[str, Any]) -> SearchPage:
    """Read an engine's answer.

    Raises:
        EngineProtocolError: It is not one to a search.
    """
    result = answer.get("result")
    channels = result.get("results") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(channels, list):
        raise EngineProtocolError("The engine's answer has no search results in it.")
    return SearchPage(
        results=tuple(islice(_results(channels[:_MAX_ITEMS]), _MAX_ITEMS)),
        channels=len(channels),
        total=int(_number(result.get("total")) or 0),
    )


def _results(channels: list[Any]) -> Iterator[SearchResult]:
    """Yield the items of all channels."""
    for channel in _dicts(channels):
        name, logo = _text(channel.get("name")), _logo(channel.get("icons"))
        for item in _dicts(channel.get("items")):
            infohash = item.get("infohash")
            if isinstance(infohash, str) and HASH.fullmatch(infohash.lower()):
                yield _result(item, infohash.lower(), name, logo)


def _result(item: dict[str, Any], infohash: str, name: str, logo: str) -> SearchResult:
    """Return what an item says, and of its channel what it does not say itself."""
    availability = _number(item.get("availability"))
    return SearchResult(
        infohash=infohash,
        name=_text(item.get("name")) or name,
        logo=logo,
        categories=_texts(item.get("categories")),
        languages=_texts(item.get("languages")),
        countries=_texts(item.get("countries")),
        availability=None if availability is None else min(availability, 1.0),
        bitrate=int(_number(item.get("bitrate")) or 0),
    )


def _logo(icons: object) -> str:
    """Return the first icon that has an address."""
    addresses = (icon.get("url") for icon in islice(_dicts(icons), _MAX_TEXTS))
    return next((url for url in addresses if isinstance(url, str) and is_http(url)), "")


def _dicts(values: object) -> Iterator[dict[str, Any]]:
    """Yield the objects in what should be a list of objects."""
    for value in values if isinstance(values, list) else ():
        if isinstance(value, dict):
            yield value


def _texts(values: object) -> tuple[str, ...]:
    """Return the texts in what should be a list of texts, each once."""
    listed = values[:_MAX_TEXTS] if isinstance(values, list) else ()
    return tuple(dict.fromkeys(text for text in map(_text, listed) if text))


def _text(value: object) -> str:
    """Return a text for people, or nothing."""
    return tidy(value[:_MAX_RAW]) if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    """Return a number from 0 on that may come as text, or None."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) else -1.0
    except ValueError, OverflowError:
        return None
    return number if isfinite(number) and number >= 0 else None
