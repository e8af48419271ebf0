"""Lists of channels as they are written, for IPTV apps to read.

#EXTM3U url-tvg="http://…/guide.xml" x-tvg-url="http://…/guide.xml"
#EXTINF:-1 tvg-id="one" tvg-name="One" tvg-logo="http://…" group-title="News;World",One
http://…
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ..content import ContentKey
from .channel import Channel, tidy

# No value may end early, and none is worth a rule of its own: apps unescape nothing.
_IN_QUOTES: Final = str.maketrans({'"': "'"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A channel of a list that is written."""

    name: str
    """For people."""

    address: str
    """Where it is played."""

    groups: tuple[str, ...] = ()
    """The groups it is in."""

    logo: str = ""
    """The address of a picture; empty if there is none."""

    number: str = ""
    """Its place on the remote control; empty if it has none."""

    guide_id: str = ""
    """What the guide calls it; empty if it is in none."""


def write_playlist(items: Iterable[Item], guide: str = "") -> Iterator[str]:
    """Yield a list line by line; `guide` is the address of a guide for it, if there is one."""
    yield f'#EXTM3U url-tvg="{guide}" x-tvg-url="{guide}"\n' if guide else "#EXTM3U\n"
    for item in items:
        attributes = {
            "tvg-id": item.guide_id,
            "tvg-name": item.name,
            "tvg-chno": item.number,
            "tvg-logo": item.logo,
            "group-title": ";".join(item.groups),
        }
        said = "".join(
            f' {name}="{tidy(value) if name != "tvg-logo" else value}"'
            for name, value in ((one, of.translate(_IN_QUOTES)) for one, of in attributes.items())
            if value
        )
        yield f"#EXTINF:-1{said},{tidy(item.name)}\n{item.address}\n"


def write_channels(channels: Iterable[Channel]) -> Iterator[str]:
    """Yield a list of channels as `parse_playlist` reads it, mirrors one after the other."""
    return write_playlist(
        Item(
            name=channel.name,
            address=source.link if isinstance(source, ContentKey) else source.address,
            groups=channel.groups,
            logo=channel.logo,
            number=channel.number,
            guide_id=channel.guide_id,
        )
        for channel in channels
        for source in channel.sources
    )
