"""The playlist, read back by somebody else's parser."""

from itertools import pairwise

from hypothesis import given, strategies as st
import m3u8
import pytest

from custom_components.acestream_proxy.proxy.hls import Segment, Window


def segment(number: int, *, duration: float = 2.0, discontinuity: bool = False) -> Segment:
    """Return a segment."""
    return Segment(number=number, duration=duration, discontinuity=discontinuity, parts=[b"x"])


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
