"""What can be watched, of all lists and guides together."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession

from custom_components.acestream_proxy.proxy import ContentKey
from custom_components.acestream_proxy.proxy.catalog import Channel
from custom_components.acestream_proxy.proxy.feeds import GuideFeed, Origin
from custom_components.acestream_proxy.proxy.guide import GuideChannel
from custom_components.acestream_proxy.proxy.lineup import Lineup

CONTENT = ContentKey.parse("a" * 40)


async def test_guide_has_any_number_of_channels(session: ClientSession, tmp_path: Path) -> None:
    """More than are looked up at once, each as it is and once; the guide knows every other one."""
    lineup = Lineup(session, tmp_path)
    now = datetime.now(UTC)
    start, stop = (f"{now + timedelta(hours=hours):%Y%m%d%H%M%S} +0000" for hours in (-1, 1))
    programmes = "".join(
        f'<programme channel="{number}" start="{start}" stop="{stop}"><title>It</title></programme>'
        for number in range(0, 1000, 2)
    )
    (tmp_path / "guide.xml").write_text(f"<tv>{programmes}</tv>")
    await GuideFeed(lineup, "guide", "", Origin(path=str(tmp_path / "guide.xml"))).refresh()
    channels = [
        Channel(name="One", sources=(CONTENT,), guide_id=str(number)) for number in range(1000)
    ]

    found = await lineup.guide_channels(iter(channels * 2))

    assert found == {one: GuideChannel("guide", one.guide_id) for one in channels[::2]}
    assert list(found) == channels[::2]
