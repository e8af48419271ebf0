"""Who is let in without a login."""

from dataclasses import replace

import pytest

from custom_components.acestream_proxy.proxy import ContentKey
from custom_components.acestream_proxy.proxy.audience import Viewer, Viewers
from custom_components.acestream_proxy.proxy.audience.viewers import (
    make_password,
    make_secret,
    plain_username,
)
from custom_components.acestream_proxy.proxy.catalog import Channel
from custom_components.acestream_proxy.proxy.errors import UnknownViewerError

KIDS = Viewer(
    viewer_id="kids", name="Kids' TV", secret="kids-secret", password="12345", groups=("Kids*",)
)
PARENTS = Viewer(viewer_id="parents", name="Küche", secret="parents-secret")


@pytest.fixture
def viewers() -> Viewers:
    """Return two viewers, of which one may log in."""
    viewers = Viewers()
    viewers.set(KIDS)
    viewers.set(PARENTS)
    return viewers


def channel(*groups: str) -> Channel:
    """Return a channel in some groups."""
    return Channel(name="One", sources=(ContentKey.parse("a" * 40),), groups=groups)


def test_secret_is_whose_it_is(viewers: Viewers) -> None:
    """Each has its own."""
    assert viewers.by_secret("kids-secret", "home", 0) is KIDS
    assert viewers.by_secret("parents-secret", "home", 0) is PARENTS


def test_name_and_password_are_whose_they_are(viewers: Viewers) -> None:
    """However the name is typed."""
    assert viewers.by_login("kidstv", "12345", "home", 0) is KIDS
    assert viewers.by_login("Kids' TV", "12345", "home", 0) is KIDS


@pytest.mark.parametrize(
    ("username", "password"), [("kidstv", "1234"), ("kuche", ""), ("", ""), ("kid", "12345")]
)
def test_wrong_login_is_nobodys(viewers: Viewers, username: str, password: str) -> None:
    """Nobody without a password logs in with an empty one."""
    with pytest.raises(UnknownViewerError):
        viewers.by_login(username, password, "home", 0)


@pytest.mark.parametrize("secret", ["", "kids", "kids-secret ", "\udcff"])
def test_wrong_secret_is_nobodys(viewers: Viewers, secret: str) -> None:
    """Also one that is no text."""
    with pytest.raises(UnknownViewerError):
        viewers.by_secret(secret, "home", 0)


def test_guesses_are_counted_over_both_ways(viewers: Viewers) -> None:
    """Who tried secrets does not go on with passwords."""
    for number in range(10):
        with pytest.raises(UnknownViewerError):
            viewers.by_secret(f"{number}", "attic", number)
    with pytest.raises(UnknownViewerError):
        viewers.by_login("kidstv", "12345", "attic", 10)
    assert viewers.by_login("kidstv", "12345", "attic", 100) is KIDS


def test_viewer_that_was_removed_is_unknown(viewers: Viewers) -> None:
    """Removing it twice is nothing."""
    viewers.remove("kids")
    viewers.remove("kids")
    assert viewers.get("kids") is None
    assert list(viewers) == [PARENTS]
    with pytest.raises(UnknownViewerError):
        viewers.by_secret("kids-secret", "home", 0)


def test_only_channels_of_allowed_groups_are_shown() -> None:
    """No group to allow means all of them."""
    assert KIDS.may_watch(channel("News", "kids TV"))
    assert not KIDS.may_watch(channel("News"))
    assert not KIDS.may_watch(channel())
    assert PARENTS.may_watch(channel())


def test_viewer_with_another_secret_is_another() -> None:
    """So is one that is off, but not one with another name."""
    assert KIDS.is_known_as(replace(KIDS, name="Children", groups=()))
    assert not KIDS.is_known_as(replace(KIDS, secret="new"))
    assert not KIDS.is_known_as(replace(KIDS, password="new"))
    assert not KIDS.is_known_as(replace(KIDS, enabled=False))


def test_secrets_stay_out_of_logs() -> None:
    """As what a viewer looks like in a message does not contain them."""
    assert "kids-secret" not in repr(KIDS)
    assert "12345" not in repr(KIDS)


def test_secrets_are_made_anew_each_time() -> None:
    """One is for addresses, the other one to be typed."""
    assert make_secret() != make_secret()
    assert make_password() != make_password()
    assert len(make_secret()) == 32
    assert len(make_password()) == 10
    assert plain_username("Küche 2!") == "kuche2"
