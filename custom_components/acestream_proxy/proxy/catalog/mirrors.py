"""Which channels of a list are the same one.

Lists name a channel once for each place it can be had from, with small differences:

    DAZN 1 FHD   DAZN 1 [1080p]   Dazn1 (backup)   DAZN 1 --> elsewhere   DAZN 1 ᴴᴰ

To take two channels for one does more harm than to take one for two: somebody would watch the
wrong match, and one channel would be gone from the list. So what is not plainly a decoration is
part of the name.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import chain, groupby
import re
from typing import Final
from unicodedata import normalize

from ..content import ContentKey
from .channel import Channel

_QUALITY: Final = re.compile(
    r"\b(?:sd|(?:full|ultra) ?hd|[fuq]?hd|[hl]q|[48]k|hdr(?:10)?|hevc|[hx]\.?26[456]"
    r"|(?:720|1080|2160)|[0-9]{3,4}[pi](?:[0-9]{2})?|[0-9]{2,3} ?fps)\b"
)
_ARROW: Final = re.compile(r" ?[-=]+>.*")
# With a digit inside it may tell channels apart, as (2) and (+1) do.
_BRACKETS: Final = re.compile(r"(?: ?(?:\([^()\d]*\)|\[[^][\d]*\]|\{[^{}\d]*\}))+ ?$")
_BLANKS: Final = re.compile(r"(?<!\d) | (?!\d)")
# Not `+`, which is part of names: Canal+, M+, Film4 +1.
_DANGLING: Final = " -\u2013\u2014_|:;,.*·•/"


def merge_mirrors(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    """Make one channel of those that are the same one, in the place of the first.

    Two are the same if their plain names are equal and they have a guide id in common, or a
    group, or neither is in any group; and if both are the same as a third. A plain name leaves
    out case, blanks (but not between digits), quality such as HD, 4K or [1080p], what is in
    brackets at the end (but not digits), and what an arrow points to.

    A guide id alone is not enough: a channel an hour later or a regional one often has that of
    the main one. A name alone is not, either: in another group it may be another country's. One
    that its list does not name is the same only as others with the same source.

    Name, logo, number and guide id are those of the first that has any; the sources are in the
    list's order, each of them once. To merge what was merged changes nothing.
    """
    return tuple(merged(tuple(channels)))


def merged(listed: Sequence[Channel]) -> Iterator[Channel]:
    """Yield what `merge_mirrors` returns, having but one of them in memory."""
    parents = list(range(len(listed)))

    def first_of(index: int) -> int:
        while parents[index] != index:
            parents[index] = index = parents[parents[index]]
        return index

    known: dict[tuple[str, ...], int] = {}
    for index, channel in enumerate(listed):
        for mark in _marks(channel):
            first, other = sorted((first_of(index), first_of(known.setdefault(mark, index))))
            parents[other] = first
    firsts = [first_of(index) for index in range(len(parents))]
    # No list for each of them: the garbage collector would look at all of those.
    for _, same in groupby(sorted(range(len(firsts)), key=firsts.__getitem__), firsts.__getitem__):
        yield _merged([listed[index] for index in same])


def channel_id(channel: Channel) -> str:
    """Return 16 hex digits that stand for a channel, whenever its list is read.

    They are made of its plain name with its guide id, or where it has none with its first group,
    so that another source, number, logo or quality changes nothing. Of channels that were merged,
    no two have the same.
    """
    mark = "\0".join(next(_marks(channel)))
    return blake2b(mark.encode(), digest_size=8).hexdigest()


def plain_name(name: str) -> str:
    """Return what is left of a name without case, blanks and decoration; see `merge_mirrors`.

    A name that is nothing but decoration is left as it is.
    """
    folded = " ".join(normalize("NFKC", name).casefold().split())
    plain = _QUALITY.sub("", _ARROW.sub("", folded))
    plain = _BRACKETS.sub("", " ".join(plain.split())).strip(_DANGLING)
    return _BLANKS.sub("", plain or folded)


def _marks(channel: Channel) -> Iterator[tuple[str, ...]]:
    """Yield what a channel is known by: those with a mark in common are the same."""
    if not channel.is_named:
        for source in channel.sources:
            yield "source", source.slug if isinstance(source, ContentKey) else source.address
        return
    name = plain_name(channel.name)
    if channel.guide_id:
        yield "guide", name, channel.guide_id.casefold()
    for group in channel.groups or ("",):
        yield "group", name, group.casefold()


def _merged(mirrors: list[Channel]) -> Channel:
    """Make one channel of several."""
    return replace(
        mirrors[0],
        sources=tuple(dict.fromkeys(chain.from_iterable(one.sources for one in mirrors))),
        groups=tuple(dict.fromkeys(chain.from_iterable(one.groups for one in mirrors))),
        logo=next((one.logo for one in mirrors if one.logo), ""),
        number=next((one.number for one in mirrors if one.number), ""),
        guide_id=next((one.guide_id for one in mirrors if one.guide_id), ""),
        guide_name=next((one.guide_name for one in mirrors if one.guide_name), ""),
    )
