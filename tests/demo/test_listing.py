"""Playlist, guide and logos of the demo, as any player would read them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

from demo import CHANNELS, EmulatedEngine
from demo.listing import guide

from .wire import fetch

BASE = "http://engine.test:6878"


def test_channels_are_all_different() -> None:
    """No number, name or hash twice, and no content ID that is an infohash."""
    hashes = [value for one in CHANNELS for value in (one.content_id, one.infohash)]
    assert len(set(hashes)) == 2 * len(CHANNELS)
    assert {len(value) for value in hashes} == {40}
    assert len({one.number for one in CHANNELS}) == len({one.name for one in CHANNELS}) == 21


async def test_playlist(engine: EmulatedEngine) -> None:
    """Each channel with what players know, and its content ID."""
    head, text = await fetch(engine, "/demo/playlist.m3u")
    lines = text.splitlines()
    assert "Content-Type: audio/x-mpegurl; charset=utf-8" in head
    assert lines[0] == f'#EXTM3U url-tvg="{BASE}/demo/guide.xml"'
    assert lines[1] == (
        '#EXTINF:-1 tvg-id="demo-one.demo" tvg-name="Demo One"'
        f' tvg-logo="{BASE}/demo/logo/1.svg" tvg-chno="1" group-title="General",Demo One'
    )
    assert lines[2::2] == [f"acestream://{channel.content_id}" for channel in CHANNELS]


async def test_guide_over_the_wire(engine: EmulatedEngine) -> None:
    """It knows every channel of the playlist, and what is on."""
    _, text = await fetch(engine, "/demo/guide.xml")
    root = ET.fromstring(text)  # noqa: S314 - it is our own
    assert [one.get("id") for one in root.iter("channel")] == [one.tvg_id for one in CHANNELS]


def test_programmes_follow_each_other() -> None:
    """From a day before to a day after, on every channel, without a gap."""
    now = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    root = ET.fromstring(guide(CHANNELS, BASE, now))  # noqa: S314 - it is our own
    day = timedelta(days=1)
    for channel in CHANNELS:
        spans = [
            (one.get("start", ""), one.get("stop", ""))
            for one in root.iter("programme")
            if one.get("channel") == channel.tvg_id
        ]
        assert spans[0][0] <= f"{now - day:%Y%m%d%H%M%S +0000}"
        assert spans[-1][1] >= f"{now + day:%Y%m%d%H%M%S +0000}"
        assert all(earlier[1] == later[0] for earlier, later in pairwise(spans))


async def test_logos(engine: EmulatedEngine) -> None:
    """Each channel has one that is well-formed."""
    for channel in CHANNELS:
        head, text = await fetch(engine, channel.logo)
        assert "Content-Type: image/svg+xml" in head
        assert ET.fromstring(text)[0].text == channel.name  # noqa: S314 - it is our own


async def test_nothing_else_is_there(engine: EmulatedEngine) -> None:
    """The demo's own paths know a 404."""
    head, _ = await fetch(engine, "/demo/logo/99.svg")
    assert head[0] == "HTTP/1.1 404 Not Found"
