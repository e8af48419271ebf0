"""Packets made by hand are what the standard says, and what a real demuxer takes."""

import io

import av
import pytest

from demo.packets import (
    AAC,
    AUDIO_PID,
    H264,
    PACKET_SIZE,
    VIDEO_PID,
    crc32,
    null_packet,
    packet,
    pat,
    pcr_field,
    pes_packets,
    pmt,
    read_pcr,
    read_timestamp,
    section_packet,
    timestamp_field,
)

from .timeline import timeline_of


def test_pat() -> None:
    """The table every demuxer knows by heart."""
    assert pat()[:21].hex() == "474000100000b00d0001c10000" + "0001f000" + "2ab104b2"
    assert pat()[21:] == b"\xff" * (PACKET_SIZE - 21)


def test_checksum_of_a_section_with_its_checksum_is_zero() -> None:
    """Which is how a reader checks it."""
    section = pmt({VIDEO_PID: H264, AUDIO_PID: AAC})[5:]
    length = (int.from_bytes(section[1:3]) & 0x0FFF) + 3
    assert crc32(section[:length]) == 0


def test_null_packet() -> None:
    """PID 8191, no counter."""
    assert null_packet()[:4].hex() == "471fff10"
    assert len(null_packet()) == PACKET_SIZE


@pytest.mark.parametrize("size", [0, 1, 100, 182, 183, 184])
def test_packet_is_filled_up_in_front_of_its_payload(size: int) -> None:
    """Whatever the payload's size, it is at the end, and the rest is stuffing."""
    payload = b"p" * size
    made = packet(VIDEO_PID, payload, counter=17)
    assert len(made) == PACKET_SIZE
    assert made.endswith(payload)
    assert made[3] & 0x0F == 1
    field_size = made[4] + 1 if made[3] & 0x20 else 0
    assert 4 + field_size + size == PACKET_SIZE


@pytest.mark.parametrize("size", [185, 1000])
def test_payload_too_long_is_refused(size: int) -> None:
    """Nothing is cut off in silence."""
    with pytest.raises(ValueError, match="too long"):
        packet(VIDEO_PID, b"p" * size)
    with pytest.raises(ValueError, match="too long"):
        section_packet(0, b"p" * size)


@pytest.mark.parametrize("value", [0, 1, 2**32, 2**33 - 1])
def test_timestamps_come_back(value: int) -> None:
    """Times survive their odd layout."""
    assert read_timestamp(timestamp_field(0x2, value)) == value
    assert read_pcr(pcr_field(value * 300 + 299)) == value * 300 + 299


def test_timestamps_wrap() -> None:
    """After 33 bits they begin again."""
    assert read_timestamp(timestamp_field(0x2, 2**33 + 5)) == 5


@pytest.mark.parametrize("size", [0, 10, 150, 158, 159, 1000])
def test_pes_packets_carry_everything(size: int) -> None:
    """The payload, whole and in order, with counters that go up."""
    payload = bytes(range(256)) * 4
    made = pes_packets(
        VIDEO_PID, payload[:size], pts=9000, dts=6000, pcr=0, random_access=True, counter=15
    )
    timeline = timeline_of(made)
    bodies = [
        made[begin + (5 + made[begin + 4] if made[begin + 3] & 0x20 else 4) : begin + PACKET_SIZE]
        for begin in range(0, len(made), PACKET_SIZE)
    ]
    assert b"".join(bodies)[19:] == payload[:size]
    assert timeline.counter_errors == 0
    assert timeline.pts[VIDEO_PID] == [9000]
    assert timeline.dts[VIDEO_PID] == [6000]
    assert timeline.pcrs == [0]
    assert made[5] & 0x40


def test_demuxer_finds_the_streams() -> None:
    """FFmpeg reads the tables as they are meant."""
    stream = pat() + pmt({VIDEO_PID: H264, AUDIO_PID: AAC})
    picture = bytes.fromhex("0000000109f0 000000016742c01eda0280bfe5840000030004 0000000168ce0fc8")
    for frame in range(20):
        stream += pes_packets(
            VIDEO_PID, picture + b"v" * 2000, pts=frame * 3600, counter=12 * frame
        )
    with av.open(io.BytesIO(stream), format="mpegts") as container:
        found = {one.id: one.codec_context.name for one in container.streams}
    assert found == {VIDEO_PID: "h264", AUDIO_PID: "aac"}
