"""Chunks, cut where a decoder may start."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.mpegts import (
    PACKET_SIZE,
    Chunk,
    Codec,
    Scanner,
    ticks_between,
)
from demo.packets import (
    AAC,
    AUDIO_PID,
    H264,
    HEVC,
    VIDEO_PID,
    null_packet,
    packet,
    pat,
    pes_packets,
    pmt,
)

from ..streams import INTERVAL, is_keyframe, packets_of, starts_decodable, synthetic

STREAM = synthetic(0, 2)
TABLES = pat() + pmt({VIDEO_PID: H264, AUDIO_PID: AAC})
KEYFRAME = pes_packets(VIDEO_PID, bytes(300), pts=90_000, random_access=True)
FRAME = pes_packets(VIDEO_PID, bytes(300), pts=93_600)


def joined(chunks: list[Chunk]) -> bytes:
    """Return the bytes of chunks."""
    return b"".join(chunk.data for chunk in chunks)


def test_stream_is_cut_before_each_random_access_point() -> None:
    """The stream has one every interval, and each begins a chunk."""
    chunks = Scanner().feed(STREAM)

    assert joined(chunks) == STREAM
    assert [chunk.random_access for chunk in chunks] == [False, *[True] * 5]
    assert all(is_keyframe(chunk.data) for chunk in chunks[1:])


def test_random_access_point_comes_with_its_tables() -> None:
    """What a newcomer needs first is at hand."""
    assert all(starts_decodable(c.tables + c.data) for c in Scanner().feed(STREAM)[1:])


def test_random_access_point_comes_with_its_time() -> None:
    """The presentation times are an interval apart."""
    times = [chunk.pts for chunk in Scanner().feed(STREAM)[1:]]
    steps = [ticks_between(a or 0, b or 0) for a, b in pairwise(times)]
    assert steps == [INTERVAL * 90_000] * 4


@given(st.lists(st.integers(min_value=0, max_value=len(STREAM) // PACKET_SIZE), max_size=30))
def test_cuts_do_not_depend_on_how_the_input_was_split(places: list[int]) -> None:
    """However packets come in, what comes out is the same bytes, cut at the same places."""
    scanner = Scanner()
    ends = [*sorted(places), len(STREAM) // PACKET_SIZE]
    begins = [0, *ends[:-1]]

    chunks = [
        chunk
        for begin, end in zip(begins, ends, strict=True)
        for chunk in scanner.feed(STREAM[begin * PACKET_SIZE : end * PACKET_SIZE])
    ]

    assert joined(chunks) == STREAM
    assert all(chunks_packets_agree(chunk) for chunk in chunks)


def chunks_packets_agree(chunk: Chunk) -> bool:
    """Return whether a chunk begins at a random access point or contains none."""
    keyframes = [is_keyframe(packet) for packet in packets_of(chunk.data)]
    return keyframes == [chunk.random_access, *[False] * (len(keyframes) - 1)]


def test_no_random_access_point_before_the_tables() -> None:
    """A keyframe that nobody can make sense of is none."""
    chunks = Scanner().feed(KEYFRAME + FRAME + TABLES + KEYFRAME)

    assert [chunk.random_access for chunk in chunks] == [False, True]
    assert chunks[1].data == KEYFRAME
    assert chunks[1].tables == TABLES


def test_tables_need_both() -> None:
    """A PAT alone is no start."""
    scanner = Scanner()
    scanner.feed(pat())
    assert scanner.tables == b""
    scanner.feed(pmt({VIDEO_PID: H264}))
    assert scanner.tables == pat() + pmt({VIDEO_PID: H264})


def test_newest_tables_are_kept() -> None:
    """Tables repeat with other counters; a newcomer gets the last ones."""
    scanner = Scanner()
    newer = pat(counter=5) + pmt({VIDEO_PID: H264, AUDIO_PID: AAC}, counter=5)
    scanner.feed(TABLES + newer)
    assert scanner.tables == newer


def test_other_streams_are_not_looked_at() -> None:
    """Only the video's pictures are random access points, not the sound's."""
    sound = packet(AUDIO_PID, b"", start=True, random_access=True)
    assert [c.random_access for c in Scanner().feed(TABLES + sound + null_packet())] == [False]


def test_access_units_are_noted() -> None:
    """Where pictures begin in each chunk, and when they are decoded."""
    other = packet(AUDIO_PID, b"", start=True)
    before, chunk = Scanner().feed(TABLES + FRAME + other + KEYFRAME + other + FRAME + FRAME)
    size = len(KEYFRAME)
    assert before.units == [len(TABLES)]
    assert chunk.units == [0, size + PACKET_SIZE, 2 * size + PACKET_SIZE]
    assert [chunk.decoding_time(unit) for unit in chunk.units] == [90_000, 93_600, 93_600]
    chunk.lead_with_tables()
    assert chunk.data.startswith(TABLES)
    assert [chunk.decoding_time(unit) for unit in chunk.units] == [90_000, 93_600, 93_600]


def test_radio_begins_at_its_sound() -> None:
    """Without video every access unit will do."""
    sound = pes_packets(AUDIO_PID, bytes(100), pts=90_000, stream_id=0xC0)
    chunks = Scanner().feed(pat() + pmt({AUDIO_PID: AAC}) + sound + sound)
    assert [chunk.random_access for chunk in chunks] == [False, True, True]


def test_program_that_changes_is_followed() -> None:
    """New tables in the middle of a read are in force from the next packet on."""
    scanner = Scanner()
    moved = pat(pmt_pid=0x200) + pmt({0x333: HEVC}, pid=0x200, version=1)
    keyframe = pes_packets(0x333, bytes(100), pts=1, random_access=True)

    chunks = scanner.feed(TABLES + KEYFRAME + moved + KEYFRAME + keyframe)

    assert [chunk.data for chunk in chunks] == [TABLES, KEYFRAME + moved + KEYFRAME, keyframe]
    assert chunks[2].tables == moved
    assert scanner.program is not None
    assert scanner.program.video is not None
    assert scanner.program.video.codec is Codec.HEVC


def test_nothing_gives_nothing() -> None:
    """No packets, no chunks."""
    assert Scanner().feed(b"") == []


# Packets of a few PIDs with hostile insides: they meet in tables and pictures.
hostile_packet = st.builds(
    lambda flags, pid, rest: bytes([0x47, flags | pid >> 8, pid & 0xFF]) + rest,
    st.sampled_from([0x00, 0x40, 0x80, 0xE0]),
    st.sampled_from([0, 0x100, 0x101, 0x1000, 0x1FFF]),
    st.binary(min_size=185, max_size=185),
)
sound_packet = st.sampled_from(packets_of(TABLES + KEYFRAME + FRAME + pat(pmt_pid=0x100) + STREAM))


@given(st.lists(st.lists(hostile_packet | sound_packet, max_size=12), max_size=6))
def test_hostile_packets_never_raise_and_nothing_is_lost(reads: list[list[bytes]]) -> None:
    """Whatever the packets are, they come out once, in order, in whole packets."""
    scanner = Scanner()

    chunks = [chunk for read in reads for chunk in scanner.feed(b"".join(read))]

    assert joined(chunks) == b"".join(packet for read in reads for packet in read)
    assert all(chunk.data and len(chunk.data) % PACKET_SIZE == 0 for chunk in chunks)


@pytest.mark.parametrize("missing", ["tables", "keyframes"])
def test_stream_without_what_is_needed_is_passed_whole(missing: str) -> None:
    """Where there is no random access point, nothing is cut and nothing lost."""
    stream = {"tables": KEYFRAME + FRAME, "keyframes": TABLES + FRAME}[missing]
    assert [chunk.data for chunk in Scanner().feed(stream)] == [stream]


def test_indicator_of_a_stream_that_sets_it_is_believed() -> None:
    """What such a stream does not mark is not looked into, until it has not marked for long."""
    unmarked = pes_packets(VIDEO_PID, bytes.fromhex("000001 65").ljust(100, b"\xff"), pts=1)
    scanner = Scanner()
    before = scanner.feed(TABLES + unmarked)
    marked = scanner.feed(KEYFRAME + unmarked)
    long_after = scanner.feed(FRAME * 300 + unmarked)

    assert [chunk.random_access for chunk in before] == [False, True]
    assert [chunk.random_access for chunk in marked] == [True]
    assert [chunk.random_access for chunk in long_after] == [False, True]
