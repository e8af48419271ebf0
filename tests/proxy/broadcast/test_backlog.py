"""The last seconds of a broadcast."""

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.broadcast import Backlog
from custom_components.acestream_proxy.proxy.mpegts import Chunk

START, REST = True, False


def backlog(*times: tuple[float, bool], max_bytes: int = 1000, max_age: float = 10) -> Backlog:
    """Return a backlog of chunks of 100 bytes, each with its time in it."""
    result = Backlog(max_bytes=max_bytes, max_age=max_age)
    for at, random_access in times:
        data = f"{at}".ljust(100).encode()
        result.append(Chunk(data, random_access=random_access), at)
    return result


def times(chunks: list[Chunk]) -> list[float]:
    """Return the times of chunks."""
    return [float(chunk.data) for chunk in chunks]


@pytest.mark.parametrize(
    ("lead", "joined"),
    [
        pytest.param(0, [4, 5], id="newest"),
        pytest.param(1, [4, 5], id="just long enough ago"),
        pytest.param(2, [2, 3, 4, 5], id="the one before"),
        pytest.param(99, [0, 1, 2, 3, 4, 5], id="all there is"),
    ],
)
def test_newcomer_starts_at_a_random_access_point(lead: float, joined: list[float]) -> None:
    """The newest that is at least the lead ago, or else the oldest; then all up to now."""
    held = backlog((0, START), (1, REST), (2, START), (3, REST), (4, START), (5, REST))
    assert times(held.join(5, lead)) == joined


def test_chunks_read_together_start_at_the_random_access_point() -> None:
    """What came in the same read, but before it, is left out."""
    held = backlog((1, REST), (1, START), (1, REST))
    assert [chunk.random_access for chunk in held.join(1, 0)] == [True, False]


@pytest.mark.parametrize("chunks", [[], [(0, REST), (1, REST)]])
def test_no_random_access_point_no_backlog(chunks: list[tuple[float, bool]]) -> None:
    """There is nothing a newcomer could begin with."""
    assert backlog(*chunks).join(5, 1) == []


def test_what_is_too_old_leaves_in_whole_groups() -> None:
    """The first that stays is a random access point, and older than the limit if need be."""
    held = backlog((0, START), (1, REST), (4, START), (5, REST), (14, REST), max_age=10)
    assert times(held.join(14, 99)) == [4, 5, 14]
    assert held.size == 300


def test_what_is_too_much_leaves_in_whole_groups() -> None:
    """Bytes are bounded as well."""
    held = backlog((0, START), (1, REST), (2, START), (3, REST), (4, REST), max_bytes=400)
    assert times(held.join(4, 99)) == [2, 3, 4]


def test_group_larger_than_the_limit_is_let_go() -> None:
    """Without another random access point there is nothing to keep to."""
    held = backlog((0, START), *((at, REST) for at in range(1, 10)), max_bytes=500)
    assert held.size <= 500
    assert held.join(9, 0) == []
    held.append(Chunk(b"10".ljust(100), random_access=True), 10)
    assert times(held.join(10, 0)) == [10]


def test_who_missed_something_gets_what_follows() -> None:
    """About as much as was asked for and at least one chunk, from any place that is still here."""
    held = backlog((0, START), (1, REST), (2, START), (3, REST))
    assert times(held.after(1, 150) or []) == [1, 2]
    assert times(held.after(1, 1) or []) == [1]
    assert times(held.after(2, 1000) or []) == [2, 3]
    assert held.after(4, 1000) == []
    assert held.size_after(1) == 300


def test_what_has_left_is_not_to_be_had() -> None:
    """Who fell out is told, and may go on at the newest random access point."""
    held = backlog((0, START), (1, REST), (2, START), (3, REST), (4, REST), max_bytes=400)
    assert held.after(1, 1000) is None
    assert times(held.after(2, 1000) or []) == [2, 3, 4]
    assert times(held.newest_group()) == [2, 3, 4]


def test_nearly_full_is_before_full() -> None:
    """There is time for those who are slow."""
    assert backlog(*((at, START) for at in range(8)), max_bytes=1000).nearly_full
    assert not backlog(*((at, START) for at in range(7)), max_bytes=1000).nearly_full


def test_numbers_go_on_after_a_break() -> None:
    """Who was behind before it is told that what it missed is gone."""
    held = backlog((0, START), (1, REST))
    held.clear()
    assert held.after(1, 1000) is None
    assert held.after(2, 1000) == []
    held.append(Chunk(b"2".ljust(100), random_access=True), 2)
    assert held.newest == 3
    assert held.newest_group()[0].number == 3


def test_cleared_backlog_is_empty() -> None:
    """After a break the past does not lead to the present."""
    held = backlog((0, START), (1, REST))
    held.clear()
    assert held.join(1, 0) == held.newest_group() == []
    assert held.size == 0


@given(
    st.lists(
        st.tuples(st.floats(min_value=0, max_value=3), st.integers(1, 300), st.booleans()),
        max_size=60,
    ),
    st.floats(min_value=0, max_value=20),
)
def test_bounds_hold_whatever_comes(chunks: list[tuple[float, int, bool]], lead: float) -> None:
    """Bytes are counted right and bounded, and whoever joins begins at a random access point."""
    held = Backlog(max_bytes=600, max_age=5)
    now = 0.0
    for wait, size, random_access in chunks:
        now += wait
        held.append(Chunk(bytes(size), random_access=random_access), now)
        joined = held.join(now, lead)
        kept = list(held._chunks)
        assert held.size == sum(len(chunk.data) for chunk in kept) <= 600 + 300
        assert [chunk.random_access for chunk in joined[:1]] in ([], [True])
        assert joined == kept[len(kept) - len(joined) :]
        assert held.size_after(held.newest - len(kept)) == held.size
