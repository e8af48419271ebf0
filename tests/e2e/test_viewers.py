"""What apps do with the addresses of a viewer."""

import asyncio
import json
from pathlib import Path
import time
from typing import Final
from urllib.parse import quote

import aiohttp
import pytest

from demo import CHANNELS, EmulatedEngine
from demo.forms import VIEWER, Forms
from demo.home import Home
from tests.demo.timeline import timeline_of

from .apps import HAS_VLC, complaints_in, tracks_of, vlc
from .viewer import PATIENCE, Player, streams_in, text_at, until_state

# So many channels of the list are played, one after the other.
PLAYED: Final = 3

# It takes some milliseconds; on a busy machine more.
END_LIMIT: Final = 2.0

# Long enough to notice a gap.
A_WHILE: Final = 2.0

# Where a viewer's secrets are kept: nowhere else are they to be found.
KEPT_IN: Final = ".storage/core.config_entries"

# What might speak of addresses in the log.
TALKATIVE: Final = ("custom_components", "homeassistant.components.http", "aiohttp")

pytestmark = pytest.mark.timeout(300)


async def addresses_of(home: Home) -> dict[str, str]:
    """Return what the viewer fills in in an app."""
    return (await Forms(home).addresses())[VIEWER]


async def test_ffmpeg_plays_what_the_addresses_are_of(
    engine: EmulatedEngine, home_with_lineup: Home
) -> None:
    """MPEG-TS, HLS, and as an Xtream app has it."""
    home = home_with_lineup
    addresses = await addresses_of(home)
    for stream in (await streams_in(addresses["playlist"]))[:PLAYED]:
        assert await tracks_of(stream) == {"video": "h264", "audio": "aac"}
    number = stream.rpartition("/")[2]
    login = f"{quote(addresses['username'])}/{quote(addresses['password'])}"
    xtream = f"{addresses['server']}/live/{login}/{number}"
    assert (await tracks_of(xtream))["video"] == "h264"
    hls, *_ = await streams_in(f"{addresses['playlist']}?format=hls")
    assert hls.endswith(".m3u8")
    assert (await tracks_of(hls))["video"] == "h264"
    assert engine.starts == PLAYED


@pytest.mark.skipif(not HAS_VLC, reason="there is no VLC: apt-get install vlc-bin")
@pytest.mark.usefixtures("engine")
async def test_vlc_plays_a_list(home_with_lineup: Home, tmp_path: Path) -> None:
    """The proxy knows who watches what, and VLC has nothing to complain of."""
    home = home_with_lineup
    playlist = f"{(await addresses_of(home))['playlist']}?group=Children"
    written = tmp_path / "vlc.log"
    async with vlc(playlist, seconds=5, log=written) as process:
        watching = await until_state(home, "sensor.kids_tv_watching", "Demo Kids")
        assert watching["streams"] == 1
        assert watching["app"].startswith("VLC/")
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
    log = written.read_text(errors="replace")
    assert "Received first picture" in log
    assert complaints_in(log) == []
    (stream,) = (await home.request("GET", "/ace/status"))["running"]
    assert stream["bytes_out"] > 0
    await until_state(home, "binary_sensor.kids_tv_is_watching", "off")


@pytest.mark.usefixtures("engine")
async def test_a_viewer_is_switched_off_and_its_secrets_are_kept(
    home_with_lineup: Home, figures: dict[str, float]
) -> None:
    """What plays ends, and what lets the viewer in is written where it lives and nowhere else."""
    home = home_with_lineup
    await act(home, "logger/set_level", **dict.fromkeys(TALKATIVE, "debug"))
    addresses = await addresses_of(home)
    login = f"username={addresses['username']}&password={addresses['password']}"
    for page in ("player_api.php", "get.php", "xmltv.php"):
        assert await text_at(f"{addresses['server']}/{page}?{login}")
    assert await text_at(addresses["guide"])
    stream, *_ = await streams_in(addresses["playlist"])
    player = Player(stream)
    await player.start()
    await until_state(home, "binary_sensor.kids_tv_is_watching", "on")

    began = time.monotonic()
    await act(home, "switch/turn_off", entity_id="switch.kids_tv_may_watch")
    await player.ended()
    ended_after = time.monotonic() - began
    figures["s from switching a viewer off to the end of its stream"] = ended_after
    assert ended_after < END_LIMIT
    with pytest.raises(aiohttp.ClientResponseError, match="403"):
        await text_at(stream)

    secrets = [addresses["playlist"].split("/")[-2], addresses["password"]]
    states = json.dumps(await home.request("GET", "/api/states"))
    assert "kids_tv" in states
    assert not any(secret in states for secret in secrets)
    await home.stop()
    assert " DEBUG " in home.log.read_text()
    assert "home-assistant_v2.db" in files_with(home.folder, "kids_tv_watching")
    assert [files_with(home.folder, secret) for secret in secrets] == [{KEPT_IN}, {KEPT_IN}]


async def test_a_stream_goes_on_while_lists_and_guides_come_and_go(
    engine: EmulatedEngine, home_with_lineup: Home
) -> None:
    """Without a gap, and on the one session."""
    home, forms = home_with_lineup, Forms(home_with_lineup)
    stream, *_ = await streams_in((await addresses_of(home))["playlist"])
    player = Player(stream)
    await player.start()
    await forms.add_list("Another list", f"{engine.url}/demo/playlist.m3u?another")
    await forms.add_guide("Another guide", f"{engine.url}/demo/guide.xml?another")
    await until_state(home, "sensor.another_list_channels", str(len(CHANNELS)))
    await until_state(home, "sensor.another_guide_channels", str(len(CHANNELS)))
    await forms.remove("Another list")
    await forms.remove("Another guide")
    before = player.received
    await asyncio.sleep(A_WHILE)
    assert player.received > before
    assert timeline_of(player.packets).counter_errors == 0
    assert (engine.starts, engine.reads) == (1, 1)
    await player.stop()


async def act(home: Home, action: str, **data: str) -> None:
    """Perform an action of Home Assistant."""
    await home.request("POST", f"/api/services/{action}", json=data)


def files_with(folder: Path, text: str) -> set[str]:
    """Return which of the files in a folder contain a text."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and text.encode() in path.read_bytes()
    }
