"""Addresses of plays."""

import pytest

from custom_components.acestream_proxy.proxy import ContentKey, Ticket, UnknownPlayError
from custom_components.acestream_proxy.proxy.errors import ClosedPlayError
from custom_components.acestream_proxy.proxy.hls import Plays, plays as plays_module
from custom_components.acestream_proxy.proxy.hls.plays import LIFETIME

CONTENT = Ticket(sources=(ContentKey.parse("a" * 40),))
OTHER = Ticket(sources=(ContentKey.parse("b" * 40), ContentKey.parse("c" * 40)))


def test_token_stands_for_its_content() -> None:
    """Each play has an address of its own, too long to guess."""
    plays = Plays()
    first, second = plays.open(CONTENT, 0), plays.open(OTHER, 0)
    assert plays.get(first, 1).ticket == CONTENT
    assert plays.get(second, 1).ticket == OTHER
    assert len(first) >= 32


def test_token_that_was_never_given_out_is_unknown() -> None:
    """Guessing leads nowhere."""
    with pytest.raises(UnknownPlayError, match="unknown or has expired"):
        Plays().get("guess", 0)


def test_same_player_keeps_its_token() -> None:
    """Who asks again for the same is the same viewer; for something else, or another, is not."""
    plays = Plays()
    token = plays.open(CONTENT, 0, player="tv")
    assert plays.open(CONTENT, 10, player="tv") == token
    assert plays.open(OTHER, 10, player="tv") != token
    assert plays.open(CONTENT, 10, player="phone") != token
    assert plays.open(CONTENT, 10) != plays.open(CONTENT, 10)


def test_token_lives_as_long_as_it_is_used() -> None:
    """Each use counts; half a day without one ends it."""
    plays = Plays()
    token = plays.open(CONTENT, 0)
    assert plays.get(token, LIFETIME).ticket == CONTENT
    assert plays.get(token, 2 * LIFETIME).ticket == CONTENT
    with pytest.raises(UnknownPlayError):
        plays.get(token, 3 * LIFETIME + 1)


def test_player_that_comes_back_the_next_day_gets_a_new_token() -> None:
    """What it had has expired, and is no reason to refuse it."""
    plays = Plays()
    old = plays.open(CONTENT, 0, player="tv")
    new = plays.open(CONTENT, LIFETIME + 1, player="tv")
    assert new != old
    assert plays.get(new, LIFETIME + 2).ticket == CONTENT


def test_player_whose_token_was_refused_gets_a_new_one() -> None:
    """Also when the expired address was tried before."""
    plays = Plays()
    old = plays.open(CONTENT, 0, player="tv")
    with pytest.raises(UnknownPlayError):
        plays.get(old, LIFETIME + 1)
    assert plays.open(CONTENT, LIFETIME + 2, player="tv") != old


def test_plays_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens play after play pushes out the oldest ones, and grows nothing."""
    monkeypatch.setattr(plays_module, "_MAX_PLAYS", 10)
    plays = Plays()
    tokens = [plays.open(CONTENT, number, player=f"{number}") for number in range(100)]

    assert len(plays._plays) == len(plays._tokens) == 10
    assert plays.get(tokens[-1], 100).ticket == CONTENT
    with pytest.raises(UnknownPlayError):
        plays.get(tokens[0], 100)


def test_closed_token_stays_closed_and_its_player_gets_a_new_one() -> None:
    """As when its viewer was switched off; to close what is not there is nothing."""
    plays = Plays()
    token = plays.open(CONTENT, 0, player="tv")
    plays.close(token)
    plays.close(token)
    plays.close("guess")
    with pytest.raises(ClosedPlayError):
        plays.get(token, 1)
    with pytest.raises(UnknownPlayError) as unknown:
        plays.get("guess", 1)
    assert unknown.type is UnknownPlayError
    assert plays.open(CONTENT, 2, player="tv") != token


def test_as_many_closed_tokens_are_known_as_there_are_plays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever opens and closes plays in a loop fills no memory."""
    monkeypatch.setattr(plays_module, "_MAX_PLAYS", 5)
    plays = Plays()
    for _ in range(20):
        plays.close(plays.open(CONTENT, 0))
    assert len(plays._closed) == 5


def test_next_source_is_chosen_once_for_each_failure() -> None:
    """Two requests that saw the same source fail go on to the same one; the last is no end."""
    plays = Plays()
    play = plays.get(plays.open(OTHER, 0), 0)
    first, second = OTHER.sources
    assert play.source == first
    assert play.choose_next(first)
    assert play.choose_next(first)
    assert play.source == second
    assert not play.choose_next(second)
    assert play.source == first
