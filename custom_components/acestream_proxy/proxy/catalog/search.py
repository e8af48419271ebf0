"""What an engine finds in the network, as channels: listed, filtered and merged as a list's are."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..content import ContentKey, ContentKind
from .channel import Channel
from .source import name_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Some content that was found. Its texts are tidy, its logo is an http or https address."""

    infohash: str
    """40 lower-case hex digits."""

    name: str = ""
    """What its broadcaster calls it; empty if nobody says."""

    logo: str = ""
    """An address; empty if there is none."""

    categories: tuple[str, ...] = ()
    """Such as `sport`, as the engine calls them."""

    languages: tuple[str, ...] = ()
    """ISO 639 codes of three letters."""

    countries: tuple[str, ...] = ()
    """Codes of two or three letters, `int` for all of them."""

    availability: float | None = None
    """How often it could be had lately, from 0 to 1; None if nobody knows."""

    bitrate: int = 0
    """Bytes a second; 0 if nobody knows."""


def channels_of(results: Iterable[SearchResult]) -> list[Channel]:
    """Return what was found as channels, those in front that can most probably be had.

    What nobody knows the availability of comes last; what is equally available stays in order.
    """
    ordered = sorted(results, key=_unavailability)
    return [_channel(result) for result in ordered]


def _unavailability(result: SearchResult) -> float:
    return 2.0 if result.availability is None else 1.0 - result.availability


def _channel(result: SearchResult) -> Channel:
    source = ContentKey(ContentKind.INFOHASH, result.infohash)
    return Channel(
        name=result.name or name_of(source),
        sources=(source,),
        is_named=bool(result.name),
        logo=result.logo,
        groups=result.categories,
    )
