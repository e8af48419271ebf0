"""Addresses that are given away."""

from dataclasses import replace

import pytest

from custom_components.acestream_proxy.proxy import (
    Channel,
    ContentKey,
    StreamAddress,
    Ticket,
    Viewer,
    links,
)
from custom_components.acestream_proxy.proxy.errors import (
    InvalidContentError,
    LimitReachedError,
    UnknownLinkError,
)
from custom_components.acestream_proxy.proxy.links import Links

CONTENT, OTHER = ContentKey.parse("a" * 40), ContentKey.parse("b" * 40)
WEB = StreamAddress("http://elsewhere.test/live.ts")
NEWS = Channel(name="News", sources=(WEB, CONTENT, OTHER))
KIDS = Viewer(viewer_id="kids", name="Kids", secret="secret")


def test_link_stands_for_its_channel_and_viewer_until_a_moment() -> None:
    """What an engine plays of the channel is in the ticket."""
    made = Links()
    link = made.get(made.make(NEWS, 100, lifetime=60, viewer=KIDS), 159)
    assert link.ticket == Ticket(
        sources=(CONTENT, OTHER),
        channel=replace(NEWS, sources=(CONTENT, OTHER)),
        viewer=KIDS,
        until=160,
    )


def test_web_stream_has_no_link() -> None:
    """Its address would outlive that."""
    with pytest.raises(InvalidContentError, match="web stream"):
        Links().make(replace(NEWS, sources=(WEB,)), 0, lifetime=60)


def test_links_are_different_and_too_long_to_guess() -> None:
    """192 bits each."""
    made = Links()
    tokens = {made.make(NEWS, 0, lifetime=60) for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 32


def test_link_that_was_never_made_or_has_expired_is_unknown() -> None:
    """Both say the same."""
    made = Links()
    token = made.make(NEWS, 0, lifetime=60)
    with pytest.raises(UnknownLinkError) as expired:
        made.get(token, 60)
    with pytest.raises(UnknownLinkError) as unknown:
        made.get("guess", 0)
    assert str(expired.value) == str(unknown.value)


def test_link_is_used_up_after_its_openings() -> None:
    """To look counts as none; what was given back can be opened again."""
    made = Links()
    token = made.make(NEWS, 0, lifetime=60, openings=2)
    for _ in range(2):
        made.get(token, 1).open("")
    with pytest.raises(UnknownLinkError):
        made.get(token, 1)


def test_opening_that_came_to_nothing_is_given_back() -> None:
    """The next one may try."""
    made = Links()
    token = made.make(NEWS, 0, lifetime=60, openings=1)
    link = made.get(token, 1)
    link.open("")
    link.give_back()
    assert made.get(token, 1) is link


def test_link_without_a_limit_is_never_used_up() -> None:
    """However often it is opened, or given back."""
    made = Links()
    token = made.make(NEWS, 0, lifetime=60)
    for _ in range(100):
        link = made.get(token, 1)
        link.open("phone")
        link.give_back()
    assert link.openings is None
    assert not link.players


def test_player_that_comes_again_is_counted_once() -> None:
    """And goes on when the link is used up for all others."""
    made = Links()
    token = made.make(NEWS, 0, lifetime=60, openings=1)
    for _ in range(3):
        made.get(token, 1, "phone").open("phone")
    with pytest.raises(UnknownLinkError):
        made.get(token, 1, "tablet")


def test_links_are_bounded_and_expired_ones_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """No link that is good goes because of a new one."""
    monkeypatch.setattr(links, "_MOST_LINKS", 2)
    made = Links()
    tokens = [made.make(NEWS, 0, lifetime=lifetime) for lifetime in (10, 20)]
    with pytest.raises(LimitReachedError, match="as many links"):
        made.make(NEWS, 5, lifetime=10)
    assert made.get(tokens[0], 5)
    made.make(NEWS, 10, lifetime=10)
    assert made.get(tokens[1], 10)
