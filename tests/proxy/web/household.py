"""A household: channels, a guide, logos, and who may watch what."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
import re
from time import gmtime, strftime, time

from aiohttp.test_utils import TestServer

from custom_components.acestream_proxy.proxy import ContentKey, Proxy
from custom_components.acestream_proxy.proxy.audience import Viewer
from custom_components.acestream_proxy.proxy.catalog import (
    Channel,
    Listing,
    StreamAddress,
    channel_id,
)
from custom_components.acestream_proxy.proxy.guide import build
from custom_components.acestream_proxy.proxy.lineup import Lineup

from ..players import Player, connected
from ..streams import DEAD, LIVE, OTHER

HOUR = 3600


def content(channel_id: str) -> ContentKey:
    """Return the key of some content."""
    return ContentKey.from_parameter("id", channel_id)


NEWS = Channel(
    name="News",
    sources=(content(LIVE.content_id),),
    groups=("General", "News"),
    number="5",
    guide_id="NEWS.demo",
    logo="http://127.0.0.1:1/news.png",
)
MIRRORED = Channel(
    name="Mirrored",
    sources=(content(DEAD.content_id), content(LIVE.content_id)),
    groups=("General",),
    guide_id="elsewhere",
)
RADIO = Channel(
    name="Radio", sources=(StreamAddress("http://radio.test/live?x=1&y=2"),), groups=("Radio",)
)
CARTOONS = Channel(name="Cartoons", sources=(content(OTHER.content_id),), groups=("Kids",))
LOOSE = Channel(name="Loose", sources=(content(OTHER.content_id),))

PARENTS = Viewer(
    viewer_id="parents", name="Parents", secret="secret-of-parents", password="pass-of-parents"
)
KIDS = Viewer(
    viewer_id="kids",
    name="Kids",
    secret="secret-of-kids",
    password="pass-of-kids",
    groups=("Kids",),
    most_streams=2,
)
ASLEEP = Viewer(
    viewer_id="asleep",
    name="Asleep",
    secret="secret-of-asleep",
    password="pass-of-asleep",
    enabled=False,
)


@dataclass(frozen=True, slots=True)
class Household:
    """What there is to watch, and for whom."""

    proxy: Proxy
    lineup: Lineup

    def list(self, *channels: Channel) -> None:
        """Have these channels, and no others."""
        ids = {channel_id(channel): channel for channel in channels}
        self.lineup.catalog.set(Listing("list", "List", ids))

    def number(self, channel: Channel) -> int:
        """Return the number of a channel."""
        entry = self.lineup.catalog.entry("list", channel_id(channel))
        assert entry
        return entry.number

    def set_guide(self, programmes: str, channels: str) -> None:
        """Have a guide."""
        source, target = self.lineup.folder / "guide.xml", self.lineup.folder / "guide"
        source.write_text(f"<tv>{channels}{programmes}</tv>")
        build(source, target, now=time(), past=30 * 24 * HOUR, ahead=30 * 24 * HOUR)
        self.lineup.guides.set("guide", target)


def programme(title: str, start: float, stop: float, channel: str = "news.demo") -> str:
    """Return a programme of a guide, with times in seconds from now."""
    moments = (strftime("%Y%m%d%H%M%S +0000", gmtime(time() + at)) for at in (start, stop))
    begin, end = moments
    return (
        f'<programme start="{begin}" stop="{end}" channel="{channel}">'
        f"<title>{title}</title><desc>About {title} &amp; more: ñ</desc></programme>"
    )


def guide_channel(guide_id: str, name: str) -> str:
    """Return a channel of a guide."""
    return f'<channel id="{guide_id}"><display-name>{name}</display-name></channel>'


def fill(proxy: Proxy, lineup: Lineup, folder: Path, viewers: Iterable[Viewer]) -> Household:
    """Have channels, a guide and viewers."""
    folder.mkdir(exist_ok=True)
    household = Household(proxy, lineup)
    household.list(NEWS, MIRRORED, RADIO, CARTOONS, LOOSE)
    household.set_guide(
        "".join(
            (
                programme("Two days ago", -49 * HOUR, -48 * HOUR),
                programme("Yesterday", -20 * HOUR, -19 * HOUR),
                programme("Now", -600, 600),
                programme("Next", 600, HOUR),
                programme("Later", HOUR, 2 * HOUR),
                programme("In ten days", 240 * HOUR, 241 * HOUR),
                programme("Mice", -600, 600, "toons.demo"),
                programme("Nobody has this", -600, 600, "else.demo"),
            )
        ),
        guide_channel("news.demo", "News HD")
        + guide_channel("toons.demo", "Cartoons")
        + guide_channel("else.demo", "Something else"),
    )
    for viewer in viewers:
        proxy.audience.set_viewer(viewer)
    return household


def live(household: Household, channel: Channel, viewer: Viewer = PARENTS, form: str = "ts") -> str:
    """Return where a viewer plays a channel."""
    return f"/{viewer.secret}/live/{household.number(channel)}.{form}"


async def closed(player: Player) -> None:
    """Wait until a connection is closed, however."""
    try:
        await player.rest()
    except ConnectionError:
        return


async def wire(server: TestServer, target: str, method: str = "GET") -> bytes:
    """Return all that comes back for a request, but for the date."""
    async with connected(server) as player:
        head = f"{method} {target} HTTP/1.1\r\nHost: proxy.test\r\nConnection: close\r\n\r\n"
        player._writer.write(head.encode())
        return re.sub(rb"Date: [^\r]+", b"", await player.rest())
