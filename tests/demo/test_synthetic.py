"""Numbered packets are a valid broadcast, and no two of them are alike."""

import io
import time

import av
import pytest

from demo import CHANNELS, SyntheticMedia, packet_numbers, packet_stamp
from demo.packets import PACKET_SIZE, PMT_PID, VIDEO_PID

from .timeline import steps, timeline_of

CHANNEL = CHANNELS[0]


def packets_of(stream: bytes) -> list[bytes]:
    """Return the packets of a run."""
    return [stream[begin : begin + PACKET_SIZE] for begin in range(0, len(stream), PACKET_SIZE)]


@pytest.mark.parametrize("bitrate", [50_000, 1_000_000, 8_000_000])
@pytest.mark.parametrize("keyframe_interval", [0.2, 1.0, 2.0])
def test_broadcast_is_continuous(bitrate: int, keyframe_interval: float) -> None:
    """Numbers, counters, clock and times go on across groups, however it is read."""
    media = SyntheticMedia(bitrate=bitrate, keyframe_interval=keyframe_interval)
    begin = 1_700_000_000.37
    source = media.open(CHANNEL, begin)
    stream = b"".join(source.read(begin + step * 0.13) for step in range(50))
    timeline = timeline_of(stream)
    numbers = packet_numbers(stream)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(set(packets_of(stream))) == len(numbers)
    assert timeline.counter_errors == 0
    assert set(steps(timeline.dts[VIDEO_PID])) == {3600}
    assert set(steps(timeline.pts[VIDEO_PID])) == {3600}
    assert min(steps(timeline.pcrs)) > 0


def test_bitrate_is_kept() -> None:
    """Within what rounding to sixteen packets allows."""
    stream = SyntheticMedia(bitrate=2_000_000).open(CHANNEL, 100.0).read(110.0)
    assert len(stream) * 8 / 10 == pytest.approx(2_000_000, rel=0.02)


def test_where_it_is_joined_makes_no_difference() -> None:
    """Two readings of one span are the same bytes."""
    media = SyntheticMedia()
    whole = media.open(CHANNEL, 1000.0).read(1005.0)
    part = media.open(CHANNEL, 1002.5).read(1005.0)
    assert whole.endswith(part)
    assert media.open(CHANNEL, 1000.0).read(1002.5) + part == whole


def test_channels_differ() -> None:
    """Packets of one channel are not taken for another's."""
    media = SyntheticMedia()
    first = packets_of(media.open(CHANNELS[0], 0.0).read(1.0))
    second = packets_of(media.open(CHANNELS[1], 0.0).read(1.0))
    assert first[2] != second[2]


def test_keyframe_is_where_one_may_join() -> None:
    """Tables, then a random access point that begins with AUD, SPS, PPS and IDR."""
    packets = packets_of(SyntheticMedia().open(CHANNEL, 500.0).read(501.0))
    assert [int.from_bytes(packet[1:3]) & 0x1FFF for packet in packets[:3]] == [
        0,
        PMT_PID,
        VIDEO_PID,
    ]
    assert packets[2][5] & 0x40
    starts = packets[2].split(b"\x00\x00\x00\x01")[1:]
    assert [start[0] & 0x1F for start in starts] == [9, 7, 8, 5]
    joins = [packet for packet in packets if packet[3] & 0x20 and packet[5] & 0x40]
    assert len(joins) == 1


def test_numbers_never_look_like_start_codes() -> None:
    """As many pictures as there should be, and not one more."""
    stream = SyntheticMedia(bitrate=200_000).open(CHANNEL, 0.0).read(10.0)
    assert stream.count(b"\x00\x00\x01\x09") == 250


def test_packets_can_be_stamped() -> None:
    """Each says when it was read, tables included."""
    source = SyntheticMedia(packet_stamp=True).open(CHANNEL, 99.5)
    before = time.monotonic_ns()
    stream = source.read(101.5)
    after = time.monotonic_ns()
    stamps = [packet_stamp(packet) for packet in packets_of(stream)]
    assert before <= min(stamps)
    assert max(stamps) <= after
    numbers = packet_numbers(stream)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_demuxer_reads_it() -> None:
    """FFmpeg finds H.264 of the size the parameter sets say."""
    stream = SyntheticMedia().open(CHANNEL, 0.0).read(4.0)
    with av.open(io.BytesIO(stream), format="mpegts") as container:
        [video] = container.streams.video
        assert (video.codec_context.name, video.width, video.height) == ("h264", 640, 360)
