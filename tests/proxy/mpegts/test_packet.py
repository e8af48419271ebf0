"""Packets, and how they are found in bytes as they were read."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.mpegts import (
    PACKET_SIZE,
    PacketAligner,
    elementary_stream,
)
from custom_components.acestream_proxy.proxy.mpegts.packet import (
    has_random_access_indicator,
    payload_of,
    pid_of,
)
from demo.packets import AUDIO_PID, VIDEO_PID, pes_packets

from ..streams import packets_of, synthetic

STREAM = synthetic(0, 0.4)


def packet(header: str) -> bytes:
    """Return a packet with these first bytes, in hex."""
    return bytes.fromhex(header).ljust(PACKET_SIZE, b"\xff")


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    """Return a stream cut at these places, in any order, some of them beyond it."""
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[begin:end] for begin, end in pairwise(places)]


def test_pid_is_thirteen_bits() -> None:
    """The flags above the PID are not part of it."""
    assert pid_of(packet("47 ff fe 10")) == 0x1FFE


@pytest.mark.parametrize(
    ("first_bytes", "random_access"),
    [
        pytest.param("47 01 00 10 ff ff", False, id="no adaptation field"),
        pytest.param("47 01 00 30 00 ff", False, id="adaptation field without flags"),
        pytest.param("47 01 00 30 01 00", False, id="indicator off"),
        pytest.param("47 01 00 30 01 40", True, id="indicator on"),
    ],
)
def test_random_access_indicator(first_bytes: str, random_access: bool) -> None:
    """Only the flag inside an adaptation field that has flags counts."""
    assert has_random_access_indicator(packet(first_bytes)) is random_access


@pytest.mark.parametrize(
    ("first_bytes", "size"),
    [
        pytest.param("47 01 00 10", 184, id="payload alone"),
        pytest.param("47 01 00 30 07", 176, id="after an adaptation field"),
        pytest.param("47 01 00 20 b7", 0, id="adaptation field alone"),
        pytest.param("47 01 00 30 ff", 0, id="impossible adaptation field"),
    ],
)
def test_payload(first_bytes: str, size: int) -> None:
    """The payload is what header and adaptation field leave."""
    assert len(payload_of(packet(first_bytes))) == size


def test_pieces_of_a_buffer_that_is_used_again() -> None:
    """What was read is copied before the call returns, the packet that is cut off included."""
    buffer = bytearray(STREAM[:1000])
    aligner = PacketAligner()
    view = memoryview(buffer)
    first = aligner.feed(view[:300], view[300:990], view[990:])
    buffer[:] = STREAM[1000:2000]
    assert first + aligner.feed(view) == STREAM[: 2000 - 2000 % PACKET_SIZE]


@given(cuts=st.lists(st.integers(min_value=0)))
def test_packets_come_out_whole_however_they_were_read(cuts: list[int]) -> None:
    """Where a read ends changes nothing but when packets come out."""
    aligner = PacketAligner()
    outputs = [aligner.feed(piece) for piece in pieces(STREAM, cuts)]

    assert b"".join(outputs) == STREAM
    assert all(len(output) % PACKET_SIZE == 0 for output in outputs)
    assert aligner.skipped == 0


@pytest.mark.parametrize("missing", [1, 100, 187])
def test_beginning_in_the_middle_of_a_packet_loses_only_that_packet(missing: int) -> None:
    """A connection that joins somewhere is in step from the first boundary on."""
    aligner = PacketAligner()

    assert aligner.feed(STREAM[missing:]) == STREAM[PACKET_SIZE:]
    assert aligner.skipped == PACKET_SIZE - missing


def test_lost_bytes_cost_the_packets_around_them() -> None:
    """A hole takes the packet it is in and the few that cannot be proven any more, no others."""
    aligner = PacketAligner()
    hole = 20 * PACKET_SIZE + 50

    output = aligner.feed(STREAM[:hole] + STREAM[hole + 10 :])

    assert output == STREAM[: 17 * PACKET_SIZE] + STREAM[21 * PACKET_SIZE :]
    assert aligner.skipped == 4 * PACKET_SIZE - 10


def test_noise_between_packets_is_skipped() -> None:
    """Bytes that belong to no packet do not come out."""
    aligner = PacketAligner()

    output = aligner.feed(STREAM + b"\x00" * 300 + STREAM)

    assert output == STREAM[: -4 * PACKET_SIZE] + STREAM
    assert aligner.skipped == 4 * PACKET_SIZE + 300


@given(reads=st.lists(st.binary(max_size=600), max_size=20))
def test_hostile_bytes_come_out_as_packets_or_not_at_all(reads: list[bytes]) -> None:
    """Nothing raises, all output is whole packets, and what is kept is less than one."""
    aligner = PacketAligner()

    output = b"".join(aligner.feed(read) for read in reads)

    packets_of(output)
    kept = len(b"".join(reads)) - len(output) - aligner.skipped
    assert 0 <= kept < PACKET_SIZE


@given(noise=st.binary(max_size=1000), cuts=st.lists(st.integers(min_value=0)))
def test_a_stream_after_noise_is_found_again(noise: bytes, cuts: list[int]) -> None:
    """Whatever came before, the packets of a sound stream come out in the end."""
    aligner = PacketAligner()

    output = b"".join(aligner.feed(piece) for piece in pieces(noise + STREAM, cuts))

    assert output.endswith(STREAM[-40 * PACKET_SIZE :])


def test_elementary_stream_is_what_is_left_without_headers() -> None:
    """Of one track, whatever else there is, across packets."""
    payload = bytes(range(256)) * 3
    track = pes_packets(AUDIO_PID, payload, pts=1, stream_id=0xC0)
    other = pes_packets(VIDEO_PID, payload, pts=1)
    assert elementary_stream(other + track + other + track, AUDIO_PID) == payload * 2
    assert elementary_stream(other, AUDIO_PID) == b""
    assert elementary_stream(packet("47 41 01 30 b7"), AUDIO_PID) == b""
