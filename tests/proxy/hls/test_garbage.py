"""What broadcasters and networks do to a stream never gets the better of it."""

from collections.abc import Callable
from functools import partial
from typing import Final

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.broadcast import Backlog
from custom_components.acestream_proxy.proxy.broadcast.backlog import MAX_BYTES
from custom_components.acestream_proxy.proxy.hls import HlsOptions, HlsOutput
from custom_components.acestream_proxy.proxy.mpegts import PACKET_SIZE, PacketAligner, Scanner
from demo.packets import PAT_PID, VIDEO_PID

from ..streams import packets_of, pid_of, starts_decodable, synthetic

STREAM: Final = packets_of(synthetic(0, 4))
_MEGABYTE: Final = 1024 * 1024

type Mutation = Callable[[list[bytes]], list[bytes]]


def lose(at: int, count: int, packets: list[bytes]) -> list[bytes]:
    """Lose some packets."""
    return packets[:at] + packets[at + count :]


def lose_pat(packets: list[bytes]) -> list[bytes]:
    """Lose each and every PAT."""
    return [packet for packet in packets if pid_of(packet) != PAT_PID]


def scramble(at: int, packets: list[bytes]) -> list[bytes]:
    """Scramble the payloads from a place on."""
    scrambled = [
        packet[:3] + bytes([packet[3] | 0xC0]) + bytes(byte ^ 0x5A for byte in packet[4:])
        for packet in packets[at:]
    ]
    return packets[:at] + scrambled


def spoil(at: int, noise: bytes, packets: list[bytes]) -> list[bytes]:
    """Write noise over some of it, sync bytes and all."""
    stream = bytearray(b"".join(packets))
    stream[at : at + len(noise)] = noise
    return [bytes(stream)]


def insert(at: int, noise: bytes, packets: list[bytes]) -> list[bytes]:
    """Put noise in between."""
    stream = b"".join(packets)
    return [stream[:at] + noise + stream[at:]]


def lose_keyframes(packets: list[bytes]) -> list[bytes]:
    """Lose what marks keyframes, and what they begin with."""
    return [
        packet
        if pid_of(packet) != VIDEO_PID or not packet[1] & 0x40
        else packet[:1] + bytes([packet[1] & ~0x40]) + packet[2:]
        for packet in packets
    ]


places = st.integers(min_value=0, max_value=len(STREAM))
offsets = st.integers(min_value=0, max_value=len(STREAM) * PACKET_SIZE)
mutations = st.one_of(
    st.builds(lambda at, count: partial(lose, at, count), places, st.integers(1, 500)),
    st.just(lose_pat),
    st.just(lose_keyframes),
    st.builds(lambda at: partial(scramble, at), places),
    st.builds(lambda at, noise: partial(spoil, at, noise), offsets, st.binary(max_size=3000)),
    st.builds(lambda at, noise: partial(insert, at, noise), offsets, st.binary(max_size=3000)),
)


def feed(output: HlsOutput, stream: bytes, read: int = 50_000) -> None:
    """Give an output a stream as it is read."""
    aligner, scanner, backlog = PacketAligner(), Scanner(), Backlog()
    for at in range(0, len(stream), read):
        for chunk in scanner.feed(aligner.feed(stream[at : at + read])):
            backlog.append(chunk, at / 125_000)
            output.write(chunk)
            assert backlog.size <= MAX_BYTES + _MEGABYTE


@settings(max_examples=100, deadline=None)
@given(st.lists(mutations, min_size=1, max_size=4), st.integers(1000, 200_000))
async def test_whatever_happens_to_a_stream_it_goes_on_after_it(
    several: list[Mutation], read: int
) -> None:
    """Nothing is raised, and with whole packets again there are segments again."""
    packets = STREAM
    for mutation in several:
        spoilt = b"".join(mutation(packets))
        spoilt += bytes(-len(spoilt) % PACKET_SIZE)
        packets = [spoilt[at : at + PACKET_SIZE] for at in range(0, len(spoilt), PACKET_SIZE)]
    output = HlsOutput(HlsOptions(target_duration=0.4, part_duration=0.2), 0)
    feed(output, b"".join(packets) + b"".join(STREAM), read)

    last = output.segment(output._window.next_number - 1)
    assert last is not None
    assert starts_decodable(b"".join(last.data))


@pytest.mark.parametrize("mutation", [lose_keyframes, partial(scramble, 500)])
async def test_a_minute_without_a_keyframe_is_bounded(mutation: Mutation) -> None:
    """Nothing piles up while nobody could decode anything."""
    output = HlsOutput(HlsOptions(target_duration=0.4), 0)
    stream = b"".join([*STREAM, *(b"".join(mutation(STREAM)) for _ in range(60))])
    for _ in range(2):
        feed(output, stream)
    window = output._window
    assert sum(segment.size for segment in window._segments) < 9 * 20 * _MEGABYTE
    assert output._segmenter._size < 17 * _MEGABYTE
