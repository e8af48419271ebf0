"""Figures of the proxy, its engines and its channels."""

from dataclasses import replace
import json
from pathlib import Path
from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy import stream_sensors
from custom_components.acestream_proxy.proxy.errors import ProxyError
from custom_components.acestream_proxy.proxy.mpegts import (
    Codec,
    ElementaryStream,
    PictureFormat,
    Program,
)
from custom_components.acestream_proxy.proxy.stats import StreamStats, never_started
from demo import EmulatedEngine, Faults
from tests.proxy.waiting import until

from .common import CONTENT_ONE, PREMIUM, STREAM, play, state_of

STATUS = "sensor.demo_one_status"
VIEWERS = "sensor.demo_one_viewers"


async def test_upload_speed_is_off_until_the_user_wants_it(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """It changes all the time and few look at it."""
    upload = entity_registry.async_get("sensor.demo_one_upload_speed")
    assert upload is not None
    assert upload.disabled_by is er.RegistryEntryDisabler.INTEGRATION


async def test_status_follows_a_stream_from_start_to_stop(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    faults: Faults,
    hass_client: ClientSessionGenerator,
) -> None:
    """Each state of a stream shows, the last one once nobody watches any more."""
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    faults.slow = {"getstream": 0.1}
    faults.start_delay = 0.1
    client = await hass_client()

    assert state_of(hass, STATUS) == "stopped"
    response = await play(client)
    await until(lambda: state_of(hass, STATUS) == "streaming")
    response.close()
    await until(lambda: state_of(hass, STATUS) == "stopped")

    states = [c.data["new_state"].state for c in changes if c.data["entity_id"] == STATUS]
    assert states == ["starting", "prebuffering", "streaming", "stopped"]


async def test_status_says_what_a_channel_that_plays_carries(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """It knows with the first picture, and says nothing of a channel that does not play."""
    client = await hass_client()
    response = await play(client)

    await until(lambda: "resolution" in attributes_of(hass, STATUS))
    playing = attributes_of(hass, STATUS)
    response.close()
    await until(lambda: state_of(hass, STATUS) == "stopped")
    stopped = attributes_of(hass, STATUS)

    assert {name: value for name, value in playing.items() if name not in stopped} == {
        "video_codec": "h264",
        "audio_codecs": [],
        "audio_languages": [],
        "resolution": "640x360",
        "frame_rate": 25.0,
        "interlaced": False,
    }
    assert "resolution" not in attributes_of(hass, VIEWERS)


def attributes_of(hass: HomeAssistant, entity_id: str) -> dict[str, Any]:
    """Return an entity's attributes."""
    state = hass.states.get(entity_id)
    return dict(state.attributes) if state else {}


def stream(*tracks: ElementaryStream, picture: PictureFormat | None = None) -> StreamStats:
    """Return a stream with some tracks."""
    nothing = never_started(CONTENT_ONE, ProxyError("Later."))
    return replace(nothing, program=Program(tracks), picture=picture)


def test_attributes_of_a_channel_in_two_languages() -> None:
    """A language for each codec, with room for one that is not known."""
    bilingual = stream(
        ElementaryStream(256, Codec.MPEG2),
        ElementaryStream(257, Codec.MP2, "spa"),
        ElementaryStream(258, Codec.AC3),
        ElementaryStream(259, Codec.OTHER, "eng"),
        picture=PictureFormat(1920, 1080, None, interlaced=True),
    )
    assert stream_sensors.stream_attributes(bilingual) == {
        "video_codec": "mpeg2video",
        "audio_codecs": ["mp2", "ac3"],
        "audio_languages": ["spa", ""],
        "resolution": "1920x1080",
        "frame_rate": None,
        "interlaced": True,
    }


def test_attributes_of_radio_and_of_what_is_not_known_yet() -> None:
    """What there is not, or not yet, is left out."""
    radio = stream(ElementaryStream(256, Codec.AAC, "deu"))

    assert stream_sensors.stream_attributes(radio) == {
        "video_codec": None,
        "audio_codecs": ["aac"],
        "audio_languages": ["deu"],
    }
    assert stream_sensors.stream_attributes(replace(radio, program=None)) == {}


def test_attributes_have_their_names() -> None:
    """No attribute without words, no words without an attribute."""
    file = Path(stream_sensors.__file__).parent / "translations" / "en.json"
    status = json.loads(file.read_text())["entity"]["sensor"]["status"]
    complete = stream(picture=PictureFormat(16, 16, None, interlaced=False))

    assert status["state_attributes"].keys() == stream_sensors.stream_attributes(complete).keys()
    assert all(text["name"] for text in status["state_attributes"].values())


async def test_figures_of_a_channel_that_plays(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Viewers at once, the network's figures with the engine's next status."""
    client = await hass_client()
    await play(client)
    await play(client)

    await until(lambda: state_of(hass, VIEWERS) == "2")
    await until(lambda: int(state_of(hass, "sensor.demo_one_peers") or 0) > 0)
    await until(lambda: float(state_of(hass, "sensor.demo_one_download_speed") or 0) > 0)
    assert state_of(hass, "sensor.demo_two_viewers") == "0"
    assert state_of(hass, "sensor.demo_two_status") == "stopped"


async def test_figures_of_the_proxy_and_the_engine_while_something_plays(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """One stream, two viewers: twice as much goes out as comes in."""
    client = await hass_client()
    await play(client)
    await play(client)

    await until(lambda: state_of(hass, "sensor.acestream_proxy_active_streams") == "1")
    await until(lambda: state_of(hass, "sensor.acestream_proxy_viewers") == "2")
    await until(lambda: state_of(hass, "sensor.engine_active_streams") == "1")
    await until(lambda: float(state_of(hass, "sensor.acestream_proxy_sent_to_viewers") or 0) > 0)
    received = state_of(hass, "sensor.acestream_proxy_received_from_engines")
    assert float(received or 0) > 0


async def test_figures_go_back_to_nothing_when_the_last_viewer_leaves(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Nothing is left standing of a stream that is over."""
    client = await hass_client()
    response = await play(client)
    await until(lambda: state_of(hass, "sensor.acestream_proxy_viewers") == "1")

    response.close()

    await until(lambda: state_of(hass, "sensor.acestream_proxy_active_streams") == "0")
    await until(lambda: state_of(hass, "sensor.engine_active_streams") == "0")
    await until(lambda: state_of(hass, "sensor.acestream_proxy_received_from_engines") == "0.0")
    assert state_of(hass, "sensor.acestream_proxy_viewers") == "0"
    assert state_of(hass, VIEWERS) == "0"


async def test_a_viewer_of_hls_counts(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Whoever fetches playlists watches, too."""
    client = await hass_client()

    response = await client.get(f"/ace/manifest.m3u8?id={STREAM.rpartition('-')[2][:-3]}")

    assert response.status == 200
    await until(lambda: state_of(hass, VIEWERS) == "1")


async def test_an_engine_that_cuts_its_readers_shows_as_reconnecting(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """The viewer stays, the status says what is going on."""
    client = await hass_client()
    await play(client)
    await until(lambda: state_of(hass, STATUS) == "streaming")

    engine.cut_readers()

    await until(lambda: state_of(hass, STATUS) == "reconnecting")
    await until(lambda: state_of(hass, STATUS) == "streaming")
    assert state_of(hass, VIEWERS) == "1"


async def test_a_refused_stream_does_not_leave_anything_running(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """What the engine will not play counts nowhere."""
    client = await hass_client()

    response = await client.get(f"/ace/getstream?id={PREMIUM.content_id}")

    assert response.status == 502
    await until(lambda: state_of(hass, "sensor.acestream_proxy_active_streams") == "0")
    assert state_of(hass, "sensor.engine_active_streams") == "0"
