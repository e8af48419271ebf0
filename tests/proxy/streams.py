"""Transport streams to feed in, and what can be said of those that come out."""

from itertools import pairwise

from demo import CHANNELS, SyntheticMedia, packet_numbers
from demo.packets import PACKET_SIZE, PAT_PID, PMT_PID, VIDEO_PID

INTERVAL = 0.4
"""Seconds between random access points in the streams of these tests."""

LIVE = CHANNELS[0]
OTHER = CHANNELS[1]
DEAD = next(channel for channel in CHANNELS if channel.kind == "dead")
PREMIUM = next(channel for channel in CHANNELS if channel.kind == "premium")

_MEDIA = SyntheticMedia(bitrate=1_000_000, keyframe_interval=INTERVAL)


def synthetic(begin: float, end: float) -> bytes:
    """Return the numbered packets between two times, in seconds; groups are `INTERVAL` long."""
    return _MEDIA.open(LIVE, begin).read(end)


def packets_of(stream: bytes) -> list[bytes]:
    """Return the packets of a stream; what is not a whole one fails the test."""
    assert len(stream) % PACKET_SIZE == 0
    assert stream[::PACKET_SIZE] == b"\x47" * (len(stream) // PACKET_SIZE)
    return [stream[at : at + PACKET_SIZE] for at in range(0, len(stream), PACKET_SIZE)]


def pid_of(packet: bytes) -> int:
    """Return a packet's PID."""
    return (packet[1] & 0x1F) << 8 | packet[2]


def is_keyframe(packet: bytes) -> bool:
    """Return whether the packet begins a picture at which decoding may start."""
    has_flags = packet[3] & 0x20 and packet[4] > 0
    return pid_of(packet) == VIDEO_PID and bool(has_flags and packet[5] & 0x40)


def starts_decodable(stream: bytes) -> bool:
    """Return whether the first packets are PAT, PMT and a random access point."""
    pat, pmt, video = packets_of(stream)[:3]
    return (pid_of(pat), pid_of(pmt)) == (PAT_PID, PMT_PID) and is_keyframe(video)


def is_gapless(stream: bytes) -> bool:
    """Return whether every packet follows the one before it, but for the tables it began with.

    A newcomer is sent the tables before its random access point: their numbers may be older.
    """
    numbers = packet_numbers(stream[2 * PACKET_SIZE :])
    return all(later == earlier + 1 for earlier, later in pairwise(numbers))
