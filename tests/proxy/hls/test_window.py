"""The playlist, read back by somebody else's parser."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given, strategies as st
import m3u8
import pytest

from custom_components.acestream_proxy.proxy.hls import Part, Segment, Window


def segment(number: int, *, duration: float = 2.0, discontinuity: bool = False) -> Segment:
    """Return a segment of one part."""
    part = Part(duration=duration, independent=True, data=[b"x"])
    return Segment(
        number=number, duration=duration, discontinuity=discontinuity, parts=[part], date=number
    )


def in_parts(number: int, *, independent: bool = True) -> Segment:
    """Return a segment of four parts."""
    parts = [Part(duration=0.5, independent=independent and not n, data=[b"x"]) for n in range(4)]
    return Segment(number=number, duration=2.0, discontinuity=False, parts=parts)


def window(*segments: Segment, listed: int = 3) -> Window:
    """Return a window with these segments."""
    result = Window(target_duration=2.0, segments=listed)
    for one in segments:
        result.append(one)
    return result


def test_playlist_of_nothing() -> None:
    """Before the first segment there is a playlist without any."""
    playlist = m3u8.loads(Window(target_duration=2.0).playlist())
    assert playlist.segments == []
    assert playlist.media_sequence == 0


def test_playlist_lists_the_newest_segments() -> None:
    """Numbers, durations and addresses are those of the newest segments."""
    playlist = m3u8.loads(window(*(segment(n, duration=2 + n / 10) for n in range(5))).playlist())

    assert [one.uri for one in playlist.segments] == ["2.ts", "3.ts", "4.ts"]
    assert [one.duration for one in playlist.segments] == [2.2, 2.3, 2.4]
    assert playlist.media_sequence == 2
    assert not playlist.is_endlist
    assert playlist.is_independent_segments


def test_segments_stay_for_a_moment_after_they_left_the_playlist() -> None:
    """Players that read an older playlist still find what it listed."""
    one = window(*(segment(number) for number in range(10)))
    assert [number for number in range(12) if one.segment(number)] == [4, 5, 6, 7, 8, 9]
    assert len(one) == 3


@pytest.mark.parametrize(
    ("count", "sequence", "tags"),
    [
        pytest.param(3, 0, [False, True, False], id="listed"),
        pytest.param(4, 0, [True, False, False], id="oldest"),
        pytest.param(5, 1, [False, False, False], id="gone"),
        pytest.param(9, 1, [False, False, False], id="long gone"),
    ],
)
def test_discontinuities_that_left_the_playlist_are_counted(
    count: int, sequence: int, tags: list[bool]
) -> None:
    """A tag that is no longer there is in the discontinuity sequence instead (section 6.2.2)."""
    segments = [segment(number, discontinuity=number == 1) for number in range(count)]
    playlist = m3u8.loads(window(*segments).playlist())

    assert playlist.discontinuity_sequence == sequence
    assert [bool(one.discontinuity) for one in playlist.segments] == tags


@pytest.mark.parametrize(
    ("duration", "target"),
    [(1.9, 2), (2.0, 2), (2.4, 2), (2.5, 3), (3.5, 4), (4.4, 4), (4.5, 5)],
)
def test_target_duration_covers_every_segment(duration: float, target: int) -> None:
    """Rounded to the nearest whole number no segment is longer (section 4.3.3.1)."""
    playlist = m3u8.loads(window(segment(0, duration=duration)).playlist())
    assert playlist.target_duration == target


@given(
    st.lists(st.tuples(st.floats(min_value=0.01, max_value=30), st.booleans()), max_size=30),
    st.integers(min_value=1, max_value=8),
)
def test_every_segment_keeps_its_place_as_the_window_moves(
    shapes: list[tuple[float, bool]], listed: int
) -> None:
    """Whatever comes, a segment's number and its discontinuity number never change."""
    one = Window(target_duration=2.0, segments=listed)
    seen: dict[str, set[tuple[int, int]]] = {}
    targets = []
    for number, (duration, discontinuity) in enumerate(shapes):
        one.append(segment(number, duration=duration, discontinuity=discontinuity))
        playlist = m3u8.loads(one.playlist())
        targets.append(playlist.target_duration)
        discontinuities = playlist.discontinuity_sequence
        for place, listed_one in enumerate(playlist.segments):
            discontinuities += bool(listed_one.discontinuity)
            position = (playlist.media_sequence + place, discontinuities)
            seen.setdefault(listed_one.uri, set()).add(position)

    assert all(len(positions) == 1 for positions in seen.values())
    assert all(earlier <= later for earlier, later in pairwise(targets))


def test_segments_are_dated() -> None:
    """So that a player knows what time it is in the picture."""
    one = Window(target_duration=2.0, epoch=1_800_000_000.25)
    one.append(segment(3))
    (listed,) = m3u8.loads(one.playlist()).segments
    assert listed.program_date_time == datetime(2027, 1, 15, 8, 0, 3, 250_000, UTC)


def test_parts_are_listed_near_the_live_edge() -> None:
    """Those of the last segments and of the one to come, and where the next one will be."""
    one = Window(target_duration=2.0, part_duration=0.5, segments=5)
    for number in range(6):
        one.append(in_parts(number))
    coming = [Part(duration=0.48, independent=n == 0, data=[b"x"]) for n in range(2)]

    playlist = m3u8.loads(one.playlist(coming))

    assert playlist.server_control.can_block_reload
    assert playlist.server_control.part_hold_back == 2.0
    assert playlist.part_inf.part_target == 0.5
    *whole, last = playlist.segments
    assert [len(listed.parts) for listed in whole] == [0, 0, 4, 4, 4]
    assert [part.uri for part in whole[2].parts] == ["3.0.ts", "3.1.ts", "3.2.ts", "3.3.ts"]
    assert [part.independent for part in whole[2].parts] == ["YES", None, None, None]
    assert [part.uri for part in last.parts] == ["6.0.ts", "6.1.ts"]
    assert playlist.preload_hint.uri == "6.2.ts"
    assert playlist.preload_hint.hint_type == "PART"


def test_part_target_covers_every_part_that_is_listed() -> None:
    """Where pictures are long, parts are: players are told, and keep their distance."""
    one = Window(target_duration=2.0, part_duration=0.5)
    one.append(in_parts(0))
    playlist = m3u8.loads(one.playlist([Part(duration=0.75, independent=True, data=[b"x"])]))
    assert playlist.part_inf.part_target == 0.75
    assert playlist.server_control.part_hold_back == 3.0


def test_break_before_the_first_part_of_a_segment() -> None:
    """It is said before the segment is complete, or the first parts would not be decoded."""
    one = Window(target_duration=2.0, part_duration=0.5)
    one.append(in_parts(0))
    coming = [Part(duration=0.5, independent=True, data=[b"x"])]
    lines = one.playlist(coming, discontinuity=True).splitlines()
    assert lines[-3:] == [
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-PART:DURATION=0.50000,URI="1.0.ts",INDEPENDENT=YES',
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="1.1.ts"',
    ]


def test_segments_that_need_the_one_before_are_not_called_independent() -> None:
    """Only where keyframes are rare."""
    one = window(in_parts(0), in_parts(1, independent=False))
    assert not m3u8.loads(one.playlist()).is_independent_segments
