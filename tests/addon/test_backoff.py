"""Waiting longer and longer, and briefly again."""

from acestream_app.backoff import FIRST, LONG_ENOUGH, LONGEST, Backoff


def test_waits_double_up_to_the_longest() -> None:
    """And stay there."""
    backoff = Backoff()
    assert [backoff.delay() for _ in range(8)] == [1, 2, 4, 8, 16, 32, LONGEST, LONGEST]


def test_what_ran_for_long_is_tried_again_soon() -> None:
    """What ran less long is not."""
    backoff = Backoff()
    assert [backoff.delay(ran=ran) for ran in (0, 0, LONG_ENOUGH - 1, LONG_ENOUGH, 0)] == [
        *(FIRST, 2 * FIRST, 4 * FIRST),
        *(FIRST, 2 * FIRST),
    ]
