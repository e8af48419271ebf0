"""Test patterns play for ever: nobody can tell where the loop begins anew."""

from dataclasses import replace
import io
from pathlib import Path

import av
from av.container import InputContainer
import pytest

from demo import CHANNELS, Channel, EmulatedEngine, Faults
from demo.loops import LoopFolder
from demo.packets import PACKET_SIZE
from demo.pattern import LOOP_SECONDS
from demo.playout import PatternMedia

from .timeline import steps, timeline_of
from .wire import reading, start

# Any time will do; this one is in the middle of a loop and of a group of pictures.
NOON = 1_700_000_000.3
SEAMS = 3
SMALL = replace(CHANNELS[10], width=160, height=96)

# The PIDs libav gives the first and the second stream.
FIRST_PID = 0x100
SECOND_PID = 0x101


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> PatternMedia:
    """Patterns encoded once for all tests."""
    return PatternMedia(tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="session", params=[0, 3], ids=["AAC", "AC-3"])
def channel(request: pytest.FixtureRequest) -> Channel:
    """A channel with pictures."""
    index: int = request.param
    return CHANNELS[index]


@pytest.fixture(scope="session")
def stream(media: PatternMedia, channel: Channel) -> bytes:
    """Some loops of it in a row, read in small pieces."""
    return play(media, channel, seconds=(SEAMS + 0.5) * LOOP_SECONDS)


def demuxed(stream: bytes) -> InputContainer:
    """Open a stream as a player does."""
    return av.open(io.BytesIO(stream), "r", format="mpegts")


def play(media: PatternMedia, channel: Channel, *, seconds: float) -> bytes:
    """Return what is on during some seconds."""
    source = media.open(channel, NOON)
    return b"".join(source.read(NOON + step * 0.5) for step in range(int(seconds * 2)))


def test_counters_have_no_error(stream: bytes) -> None:
    """Each PID counts on across the seams."""
    assert timeline_of(stream).counter_errors == 0


def test_clock_has_no_jump(stream: bytes) -> None:
    """A clock at least every tenth of a second, as the standard demands."""
    clock_steps = steps(timeline_of(stream).pcrs)
    assert min(clock_steps) > 0
    assert max(clock_steps) <= 2_700_000


def test_every_picture_has_its_time(stream: bytes) -> None:
    """One picture every 40 ms, seams included, over a clock that is ahead of it."""
    timeline = timeline_of(stream)
    assert set(steps(timeline.dts[FIRST_PID])) == {3600}
    assert set(steps(timeline.pts[FIRST_PID])) == {3600}
    assert min(timeline.dts[FIRST_PID]) * 300 > timeline.pcrs[0]


def test_sound_has_no_gap(stream: bytes) -> None:
    """As much sound as time has passed."""
    times = timeline_of(stream).pts[SECOND_PID]
    assert min(steps(times)) > 0
    assert max(steps(times)) < 90_000 / 2
    assert times[-1] - times[0] == pytest.approx(SEAMS * LOOP_SECONDS * 90_000, rel=0.2)


def test_pictures_and_sound_can_be_decoded(stream: bytes) -> None:
    """FFmpeg decodes all of it, and every frame follows from the one before."""
    with demuxed(stream) as container:
        pictures = [frame.pts or 0 for frame in container.decode(video=0)]
    with demuxed(stream) as container:
        played = sum(frame.samples for frame in container.decode(audio=0)) / 48_000
    assert set(steps(pictures)) == {3600}
    assert len(pictures) > SEAMS * LOOP_SECONDS * 25
    assert played > SEAMS * LOOP_SECONDS


def test_service_has_the_channels_name(stream: bytes, channel: Channel) -> None:
    """In the table television sets read it from."""
    assert channel.name.encode() in stream


def test_keyframe_every_two_seconds_with_its_headers(stream: bytes) -> None:
    """Wherever one joins, there is soon a place to begin."""
    starts = [
        stream[begin : begin + PACKET_SIZE]
        for begin in range(0, len(stream), PACKET_SIZE)
        if stream[begin + 3] & 0x20 and stream[begin + 4] and stream[begin + 5] & 0x40
    ]
    video = [packet for packet in starts if int.from_bytes(packet[1:3]) & 0x1FFF == FIRST_PID]
    assert len(video) == pytest.approx((SEAMS + 0.5) * LOOP_SECONDS / 2, abs=1)
    assert all(b"\x00\x00\x01\x67" in packet for packet in video)


def test_everyone_sees_the_same(media: PatternMedia, stream: bytes, channel: Channel) -> None:
    """Who joins later gets the end of what the first one gets."""
    end = NOON + ((SEAMS + 0.5) * LOOP_SECONDS - 0.5)
    late = media.open(channel, end - 3.21).read(end)
    assert stream.endswith(late)
    assert len(late) * 8 / 3.21 == pytest.approx(channel.bitrate, rel=0.25)


def test_radio_has_sound_alone(media: PatternMedia) -> None:
    """A stream without pictures has its clock on the sound."""
    radio = next(channel for channel in CHANNELS if channel.video is None)
    stream = play(media, radio, seconds=2.2 * LOOP_SECONDS)
    timeline = timeline_of(stream)
    assert timeline.counter_errors == 0
    assert set(timeline.dts) == {FIRST_PID}
    assert len(timeline.pcrs) > 2 * LOOP_SECONDS
    with demuxed(stream) as container:
        assert [one.codec_context.name for one in container.streams] == ["aac"]


@pytest.mark.parametrize(
    ("channel", "names"),
    [
        pytest.param(SMALL, ["hevc", "aac"], id="HEVC"),
        pytest.param(replace(SMALL, video=None, audio="mp2"), ["mp2"], id="MP2"),
    ],
)
def test_other_codecs_decode(media: PatternMedia, channel: Channel, names: list[str]) -> None:
    """Small pictures, so that the slow encoder is quick."""
    stream = play(media, channel, seconds=1.5 * LOOP_SECONDS)
    timeline = timeline_of(stream)
    assert timeline.counter_errors == 0
    assert min(steps(timeline.dts[FIRST_PID])) > 0
    with demuxed(stream) as container:
        assert [one.codec_context.name for one in container.streams] == names
        assert len([frame.pts for frame in container.decode()]) > 25 * LOOP_SECONDS


def test_loop_is_encoded_once(tmp_path: Path, media: PatternMedia) -> None:
    """A file that is there is played as it is."""
    folder = LoopFolder(tmp_path)
    folder.path(CHANNELS[0]).write_bytes(b"encoded before")
    assert folder.read(CHANNELS[0]) == b"encoded before"
    assert folder.path(CHANNELS[0]) != folder.path(replace(CHANNELS[0], bitrate=1))


async def test_engine_plays_patterns(media: PatternMedia) -> None:
    """From start to picture through the engine."""
    media.prepare(CHANNELS[0])
    async with (
        EmulatedEngine(media=media, faults=Faults(burst_seconds=6)) as engine,
        reading(engine, await start(engine)) as wire,
    ):
        await wire.head()
        stream = await wire.packets(700_000)
    with demuxed(stream) as container:
        assert next(container.decode(video=0)).width == 640
