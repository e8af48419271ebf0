"""Segments, cut from chunks."""

from collections.abc import Iterable
from itertools import batched, pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.hls import Segment, Segmenter
from custom_components.acestream_proxy.proxy.mpegts import PACKET_SIZE, Chunk, Scanner
from demo.packets import H264, TIMESTAMP_WRAP, VIDEO_PID, pat, pes_packets, pmt

from ..streams import packets_of, starts_decodable, synthetic


def point(seconds: float | None, *, discontinuity: bool = False, data: bytes = b"K") -> Chunk:
    """Return a random access point at a presentation time."""
    pts = None if seconds is None else round(seconds * 90_000) % TIMESTAMP_WRAP
    chunk = Chunk(data, random_access=True, tables=b"T", pts=pts)
    chunk.discontinuity = discontinuity
    return chunk


def cut(
    *chunks: Chunk, target_duration: float = 2.0, part_duration: float | None = None
) -> list[Segment]:
    """Return the segments that are complete after these chunks."""
    segmenter = Segmenter(target_duration=target_duration, part_duration=part_duration)
    return [segment for chunk in chunks for segment in segmenter.feed(chunk)]


def test_segments_are_cut_from_a_stream() -> None:
    """Each begins with PAT, PMT and a random access point; together they are the stream."""
    stream = synthetic(0, 4)
    segments = cut(*Scanner().feed(stream), target_duration=0.8)

    bodies = [b"".join(segment.data) for segment in segments]
    assert len(segments) == 4
    assert all(starts_decodable(body) for body in bodies)
    assert [segment.duration for segment in segments] == [0.8] * 4
    # Without the tables in front, what they hold is one piece of the stream.
    assert b"".join(body[2 * PACKET_SIZE :] for body in bodies) in stream


def test_segments_hold_the_chunks_themselves() -> None:
    """Nothing is copied."""
    chunks = [point(0, data=bytes(500)), Chunk(bytes(600)), point(2)]
    (segment,) = cut(*chunks)
    assert segment.data[1] is chunks[0].data
    assert segment.data[2] is chunks[1].data
    assert segment.size == 1 + 500 + 600


def test_what_comes_before_the_first_random_access_point_is_left_out() -> None:
    """Nobody could decode it."""
    (segment,) = cut(Chunk(b"before"), point(0), point(2))
    assert segment.data == [b"T", b"K"]


def test_segment_lasts_at_least_the_target_duration() -> None:
    """Random access points that come too soon do not end a segment."""
    segments = cut(point(0), point(1), point(1.5), point(2.5), point(4.49))
    assert [segment.duration for segment in segments] == [2.5, 1.99]


def test_durations_cross_the_wrap_of_the_clock() -> None:
    """Every 26.5 hours time stamps begin again, and the picture goes on."""
    before = TIMESTAMP_WRAP / 90_000 - 1
    segments = cut(point(before), point(before + 2), point(before + 4))
    assert [segment.duration for segment in segments] == [2.0, 2.0]
    assert not any(segment.discontinuity for segment in segments)


def test_numbers_count_up() -> None:
    """Media sequence numbers are never used twice."""
    segments = cut(*(point(2 * number) for number in range(5)))
    assert [segment.number for segment in segments] == [0, 1, 2, 3]


def test_segment_after_a_break_is_a_discontinuity() -> None:
    """Where the upstream was opened anew the segment ends, however short, and the next one says so.

    Nothing tells how long it was: as long as the one before is as good a guess as any.
    """
    segments = cut(
        point(0),
        point(2.4),
        point(3, discontinuity=True),
        point(500, discontinuity=True),
        point(502),
    )
    assert [segment.discontinuity for segment in segments] == [False, False, True, True]
    assert [segment.duration for segment in segments] == [2.4, 2.4, 2.4, 2.0]


def test_jump_of_the_clock_is_a_discontinuity() -> None:
    """Forwards too far, or backwards at all."""
    segments = cut(point(0), point(2), point(100), point(102), point(50), point(52))
    assert [s.discontinuity for s in segments] == [False, False, True, False, True]
    assert all(0 < segment.duration <= 2 for segment in segments)


def test_stream_without_times_is_cut_at_every_random_access_point() -> None:
    """It plays, if roughly."""
    segments = cut(point(None), point(None), point(None))
    assert [segment.duration for segment in segments] == [2.0, 2.0]


def any_chunk(data: bytes, random_access: bool, pts: int | None, discontinuity: bool) -> Chunk:
    """Return a chunk."""
    chunk = Chunk(data, random_access=random_access, pts=pts)
    chunk.discontinuity = discontinuity
    return chunk


chunks = st.builds(
    any_chunk,
    st.binary(min_size=1, max_size=3),
    st.booleans(),
    st.none() | st.integers(min_value=0, max_value=TIMESTAMP_WRAP - 1),
    st.booleans(),
)


@given(st.lists(chunks, max_size=40))
def test_hostile_chunks_lose_nothing_and_durations_make_sense(given_chunks: list[Chunk]) -> None:
    """Whatever the times say, segments follow on each other and hold every byte once."""
    segments = cut(*given_chunks)

    assert [segment.number for segment in segments] == list(range(len(segments)))
    assert all(0 < segment.duration <= 30 for segment in segments)
    begin = next((i for i, chunk in enumerate(given_chunks) if chunk.random_access), 0)
    everything = b"".join(chunk.data for chunk in given_chunks[begin:])
    held = b"".join(part for segment in segments for part in segment.data)
    assert everything.startswith(held)


@given(st.lists(st.integers(min_value=0, max_value=2000), max_size=20))
def test_segments_do_not_depend_on_how_the_stream_was_read(places: list[int]) -> None:
    """The same stream gives the same segments, whatever the reads were."""
    stream = synthetic(0, 3)
    whole = len(packets_of(stream))
    ends = [*sorted(place % (whole + 1) for place in places), whole]
    scanner, segmenter = Scanner(), Segmenter(target_duration=0.8)

    segments = [
        segment
        for begin, end in zip([0, *ends[:-1]], ends, strict=True)
        for chunk in scanner.feed(stream[begin * PACKET_SIZE : end * PACKET_SIZE])
        for segment in segmenter.feed(chunk)
    ]

    expected = cut(*Scanner().feed(stream), target_duration=0.8)
    assert [b"".join(s.data) for s in segments] == [b"".join(s.data) for s in expected]


def picture(seconds: float | None, *, keyframe: bool = False) -> bytes:
    """Return the packets of a picture that is decoded at a time, and shown a little later."""
    if seconds is None:
        return pes_packets(VIDEO_PID, bytes(300), pts=None, random_access=keyframe)
    decoded = round(seconds * 90_000) % TIMESTAMP_WRAP
    shown = (decoded + 7200) % TIMESTAMP_WRAP
    return pes_packets(VIDEO_PID, bytes(300), pts=shown, dts=decoded, random_access=keyframe)


def pictures(times: Iterable[float | None], *, reads: int = 1, every: int = 50) -> list[Chunk]:
    """Return pictures, each `every`th a keyframe, as chunks of so many pictures at a time."""
    scanner = Scanner()
    whole = [picture(time, keyframe=not n % every) for n, time in enumerate(times)]
    tables = pat() + pmt({VIDEO_PID: H264})
    batches = [b"".join(batch) for batch in batched(whole, reads, strict=False)]
    return [chunk for data in [tables, *batches] for chunk in scanner.feed(data)]


def at_25(seconds: float, *, begin: float = 0.0) -> list[float | None]:
    """Return the times of pictures, 25 a second."""
    return [begin + n / 25 for n in range(round(seconds * 25))]


@pytest.mark.parametrize("reads", [1, 3, 40], ids=["single", "ticks", "a burst"])
def test_parts_are_cut_at_pictures(reads: int) -> None:
    """Whatever the reads were: parts of half a second at most, which are the segment."""
    chunks = pictures(at_25(6.2), reads=reads)
    segments = cut(*chunks, part_duration=0.5)

    # Nothing is lost where it is cut; each segment repeats the tables.
    tables = pat() + pmt({VIDEO_PID: H264})
    stream = b"".join(chunk.data for chunk in chunks)
    held = b"".join(b"".join(segment.data).removeprefix(tables) for segment in segments)
    assert stream.removeprefix(tables).startswith(held)
    assert [segment.duration for segment in segments] == [2.0] * 3
    for segment in segments:
        assert [round(part.duration, 2) for part in segment.parts] == [0.44] * 4 + [0.24]
        assert [part.independent for part in segment.parts] == [True] + [False] * 4
        assert segment.parts[0].size > segment.parts[4].size
        assert b"".join(piece for part in segment.parts for piece in part.data) == b"".join(
            segment.data
        )
        for part in segment.parts[1:]:
            first = bytes(part.data[0][:PACKET_SIZE])
            assert first[1] & 0x40, "a part begins with a picture"


def test_keyframe_inside_a_segment_may_begin_a_part() -> None:
    """A player can begin there, and is told so."""
    (segment,) = cut(*pictures(at_25(1.8), every=22), target_duration=1.5, part_duration=0.5)
    assert segment.duration == 1.76
    assert [part.independent for part in segment.parts] == [True, False, True, False]


def test_rare_keyframes_do_not_make_long_segments() -> None:
    """They are cut all the same, tables first; who joins has to wait, who watches does not."""
    segments = cut(*pictures(at_25(21), reads=3, every=250))
    durations = [segment.duration for segment in segments]
    assert durations == pytest.approx([6.0, 4.0, 6.0, 4.0], abs=0.1)
    assert [segment.independent for segment in segments] == [True, False, True, False]
    assert not any(segment.discontinuity for segment in segments)
    assert all(segment.data[0] == pat() + pmt({VIDEO_PID: H264}) for segment in segments)


def test_parts_across_the_wrap_of_the_clock() -> None:
    """Nothing is to be seen of it."""
    begin = TIMESTAMP_WRAP / 90_000 - 1
    segments = cut(*pictures(at_25(4.2, begin=begin)), part_duration=0.5)
    assert [len(segment.parts) for segment in segments] == [5, 5]
    assert [segment.duration for segment in segments] == [2.0, 2.0]


def test_part_across_a_jump_of_the_clock() -> None:
    """Its length is counted anew from there, and the segment is as long as what is inside."""
    times = [*at_25(1.2), *at_25(1.8, begin=500)]
    segments = cut(*pictures(times, every=75), *pictures(at_25(0.2, begin=900)), part_duration=0.5)
    assert [segment.duration for segment in segments] == [pytest.approx(1.8, abs=0.1)]
    assert all(0 < part.duration <= 2 for part in segments[0].parts)


def test_stream_that_never_says_when_is_bounded() -> None:
    """One random access point, then nothing that could be understood: scrambled, for example."""
    noise = [Chunk(bytes(1024 * 1024)) for _ in range(40)]
    segments = cut(point(None), *noise)
    assert len(segments) == 2
    assert all(segment.size < 18 * 1024 * 1024 for segment in segments)
    assert [segment.independent for segment in segments] == [True, False]


def test_dates_follow_on_each_other() -> None:
    """A segment was sent where the one before ended, and never after it had arrived."""
    chunks = pictures(at_25(10.2), reads=3)
    for number, chunk in enumerate(chunks):
        # Four seconds at once in the beginning, the rest as it is sent.
        chunk.arrived_at = 1000 + max(0, number * 0.12 - 4)
    dates = [segment.date for segment in cut(*chunks)]
    assert dates[0] == pytest.approx(998, abs=0.2)
    assert all(0 <= later - earlier <= 2.01 for earlier, later in pairwise(dates))
    assert dates[4] == pytest.approx(1004, abs=0.5)


def test_date_after_a_break_is_that_of_its_arrival() -> None:
    """What was missed meanwhile took its time, too."""
    chunks = [point(0), point(2), point(50, discontinuity=True), point(52)]
    for chunk, arrived_at in zip(chunks, (100, 102, 160, 162), strict=True):
        chunk.arrived_at = arrived_at
    assert [segment.date for segment in cut(*chunks)] == [100, 102, 160]
