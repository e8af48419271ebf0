"""Recognising where a decoder may start."""

import pytest

from custom_components.acestream_proxy.proxy.mpegts import Codec
from custom_components.acestream_proxy.proxy.mpegts.random_access import is_random_access_point
from demo.packets import VIDEO_PID, packet, pes_packets


def picture(units: str) -> bytes:
    """Return the first packet of a picture that begins with these bytes; no indicator set."""
    return pes_packets(VIDEO_PID, bytes.fromhex(units).ljust(100, b"\xff"), pts=90_000)


@pytest.mark.parametrize(
    ("codec", "units", "expected"),
    [
        pytest.param(Codec.H264, "000001 09 f0 000001 67", True, id="H.264 parameter set"),
        pytest.param(Codec.H264, "00000001 65", True, id="H.264 IDR"),
        pytest.param(Codec.H264, "000001 09 f0 000001 41", False, id="H.264 other picture"),
        pytest.param(Codec.HEVC, "000001 46 01 000001 40 01", True, id="HEVC parameter set"),
        pytest.param(Codec.HEVC, "000001 26 01", True, id="HEVC IRAP"),
        pytest.param(Codec.HEVC, "000001 02 01", False, id="HEVC other picture"),
        pytest.param(Codec.MPEG2, "000001 b3", True, id="MPEG-2 sequence"),
        pytest.param(Codec.MPEG2, "000001 00", False, id="MPEG-2 picture"),
        pytest.param(Codec.H264, "", False, id="nothing"),
    ],
)
def test_by_what_the_picture_begins_with(codec: Codec, units: str, expected: bool) -> None:
    """Without the indicator, parameter sets and keyframes count."""
    assert is_random_access_point(picture(units), codec) is expected


def test_indicator_is_believed() -> None:
    """A packet with the indicator counts whatever it holds."""
    indicated = packet(VIDEO_PID, b"", start=True, random_access=True)
    assert is_random_access_point(indicated, Codec.H264)


def test_sound_may_begin_anywhere() -> None:
    """Radio can be joined at every access unit."""
    assert is_random_access_point(packet(VIDEO_PID, b"", start=True), Codec.AAC)


def test_start_codes_inside_the_header_mean_nothing() -> None:
    """The PES header is skipped, whatever its bytes look like."""
    header = bytes.fromhex("000001 e0 0000 80 00 05 00000165 ff")
    assert not is_random_access_point(
        packet(VIDEO_PID, header + b"\xff" * 20, start=True), Codec.H264
    )


def test_start_code_at_the_very_end_is_not_read_beyond() -> None:
    """A unit whose type is in the next packet is not guessed."""
    header = bytes.fromhex("000001 e0 0000 80 00 00")
    payload = header.ljust(181, b"\xff") + b"\x00\x00\x01"
    assert not is_random_access_point(packet(VIDEO_PID, payload, start=True), Codec.H264)
