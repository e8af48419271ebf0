"""Segments, cut from chunks."""

from hypothesis import given, strategies as st

from custom_components.acestream_proxy.proxy.hls import Segment, Segmenter
from custom_components.acestream_proxy.proxy.mpegts import PACKET_SIZE, Chunk, Scanner
from demo.packets import TIMESTAMP_WRAP

from ..streams import packets_of, starts_decodable, synthetic


def point(seconds: float | None, *, discontinuity: bool = False, data: bytes = b"K") -> Chunk:
    """Return a random access point at a presentation time."""
    pts = None if seconds is None else round(seconds * 90_000) % TIMESTAMP_WRAP
    chunk = Chunk(data, random_access=True, tables=b"T", pts=pts)
    chunk.discontinuity = discontinuity
    return chunk


def cut(*chunks: Chunk, target_duration: float = 2.0) -> list[Segment]:
    """Return the segments that are complete after these chunks."""
    segmenter = Segmenter(target_duration=target_duration)
    return [segment for chunk in chunks if (segment := segmenter.feed(chunk))]


def test_segments_are_cut_from_a_stream() -> None:
    """Each begins with PAT, PMT and a random access point; together they are the stream."""
    stream = synthetic(0, 4)
    segments = cut(*Scanner().feed(stream), target_duration=0.8)

    bodies = [b"".join(segment.parts) for segment in segments]
    assert len(segments) == 4
    assert all(starts_decodable(body) for body in bodies)
    assert [segment.duration for segment in segments] == [0.8] * 4
    # Without the tables in front, what they hold is one piece of the stream.
    assert b"".join(body[2 * PACKET_SIZE :] for body in bodies) in stream


def test_segments_hold_the_chunks_themselves() -> None:
    """Nothing is copied."""
    chunks = [point(0, data=bytes(500)), Chunk(bytes(600)), point(2)]
    (segment,) = cut(*chunks)
    assert segment.parts[1] is chunks[0].data
    assert segment.parts[2] is chunks[1].data
    assert segment.size == 1 + 500 + 600


def test_what_comes_before_the_first_random_access_point_is_left_out() -> None:
    """Nobody could decode it."""
    (segment,) = cut(Chunk(b"before"), point(0), point(2))
    assert segment.parts == [b"T", b"K"]


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
    held = b"".join(part for segment in segments for part in segment.parts)
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
        if (segment := segmenter.feed(chunk))
    ]

    expected = cut(*Scanner().feed(stream), target_duration=0.8)
    assert [b"".join(s.parts) for s in segments] == [b"".join(s.parts) for s in expected]
