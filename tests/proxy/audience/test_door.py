"""Guessing is slowed down."""

import pytest

from custom_components.acestream_proxy.proxy.audience import Door, door as module


def guess(door: Door, address: str, times: int, now: float = 0) -> None:
    """Be wrong several times."""
    for _ in range(times):
        assert not door.opens(address, None, now)


def test_right_guess_after_many_wrong_ones_is_refused() -> None:
    """Else it would tell; a minute later it is let in, and elsewhere at once."""
    door = Door()
    guess(door, "there", 9)
    assert door.opens("there", "the first", 0)
    guess(door, "there", 1)
    assert not door.opens("there", "the second", 59)
    assert door.opens("elsewhere", "the second", 59)
    assert door.opens("there", "the second", 61)


def test_viewer_that_was_let_in_is_not_locked_out_by_a_neighbour() -> None:
    """A forgotten app with an old secret is behind the same router."""
    door = Door()
    assert door.opens("home", "family", 0)
    guess(door, "home", 100, now=1)
    assert door.opens("home", "family", 2)
    assert not door.opens("home", "other", 2)


def test_failures_of_long_ago_do_not_count() -> None:
    """Somebody mistypes once in a while."""
    door = Door()
    guess(door, "home", 9)
    guess(door, "home", 1, now=100)
    assert door.opens("home", "family", 101)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where every guess comes from another address."""
    monkeypatch.setattr(module, "_MOST_KNOWN", 10)
    door = Door()
    for number in range(100):
        guess(door, f"{number}", 1)
        door.opens(f"{number}", "viewer", 0)
    assert len(door._failures) == len(door._known) == 10
