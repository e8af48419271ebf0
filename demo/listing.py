"""What a listing says of the channels: an M3U playlist, an XMLTV guide, and logos."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from .channels import Channel

_DAY: Final = timedelta(days=1)

# Titles and minutes; a group's evening repeats them in order.
_PROGRAMMES: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    "News": (("Headlines", 30), ("The World Today", 60), ("Weather", 15), ("Interview", 45)),
    "Sport": (("Kick-off", 30), ("The Match", 120), ("Highlights", 60), ("Studio", 30)),
    "Films": (("The Long Way Home", 105), ("A Test of Patterns", 95), ("Shorts", 40)),
    "Documentaries": (("Rivers", 50), ("Inside the Machine", 50), ("Night Sky", 60)),
    "Children": (("Bouncing Block", 20), ("Colour Time", 25), ("Counting to Ten", 15)),
    "Radio": (("Morning Tones", 180), ("Sine of the Times", 120), ("Late Frequencies", 120)),
}
_OTHER: Final = (("Morning Show", 90), ("Kitchen", 45), ("Quiz", 60), ("Series", 45), ("News", 30))

_HUES: Final = 360


def playlist(channels: Sequence[Channel], base_url: str) -> str:
    """Return the playlist; guide and logos have their address below `base_url`."""
    lines = [f'#EXTM3U url-tvg="{base_url}/demo/guide.xml"']
    for channel in channels:
        lines.append(
            f'#EXTINF:-1 tvg-id="{channel.tvg_id}" tvg-name="{channel.name}"'
            f' tvg-logo="{base_url}{channel.logo}" tvg-chno="{channel.number}"'
            f' group-title="{channel.group}",{channel.name}'
        )
        lines.append(f"acestream://{channel.content_id}")
    return "\n".join([*lines, ""])


def guide(channels: Sequence[Channel], base_url: str, now: datetime) -> str:
    """Return a guide from a day before until a day after a moment."""
    root = ET.Element("tv", {"generator-info-name": "AceStream Proxy demo"})
    for channel in channels:
        element = ET.SubElement(root, "channel", id=channel.tvg_id)
        ET.SubElement(element, "display-name").text = channel.name
        ET.SubElement(element, "icon", src=f"{base_url}{channel.logo}")
    for channel in channels:
        _add_programmes(root, channel, now)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def logo(channel: Channel) -> str:
    """Return a logo as SVG: the channel's number on a colour of its own."""
    hue = channel.number * 47 % _HUES
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">'
        f"<title>{escape(channel.name)}</title>"
        f'<rect width="200" height="200" rx="36" fill="hsl({hue} 60% 42%)"/>'
        '<text x="100" y="130" text-anchor="middle" font-family="sans-serif" font-weight="bold"'
        f' font-size="84" fill="#fff">{channel.number}</text></svg>'
    )


def _add_programmes(root: ET.Element, channel: Channel, now: datetime) -> None:
    """Add programmes without a gap, the same ones whenever the guide is asked for."""
    titles = _PROGRAMMES.get(channel.group, _OTHER)
    begin = (now.astimezone(UTC) - _DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    index = channel.number
    while begin < now + _DAY:
        title, minutes = titles[index % len(titles)]
        end = begin + timedelta(minutes=minutes)
        element = ET.SubElement(
            root, "programme", start=_time(begin), stop=_time(end), channel=channel.tvg_id
        )
        ET.SubElement(element, "title", lang="en").text = title
        ET.SubElement(element, "desc", lang="en").text = f"{title} on {channel.name}."
        ET.SubElement(element, "category", lang="en").text = channel.group
        begin = end
        index += 1


def _time(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S +0000")
