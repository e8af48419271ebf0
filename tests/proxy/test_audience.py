"""How many may watch."""

import pytest

from custom_components.acestream_proxy.proxy.audience import Audience, Limits
from custom_components.acestream_proxy.proxy.errors import LimitReachedError


def test_viewers_are_limited_and_leaving_makes_room() -> None:
    """One too many is refused, and counted."""
    audience = Audience(Limits(viewers=2))
    leave = audience.enter("a")
    audience.enter("b")
    with pytest.raises(LimitReachedError, match="Try again later"):
        audience.enter("c")
    assert audience.refused == 1
    leave()
    audience.enter("c")


def test_viewers_of_one_address_are_limited_apart() -> None:
    """Others are not told that they are too many."""
    audience = Audience(Limits(viewers_per_address=1))
    leave = audience.enter("a")
    with pytest.raises(LimitReachedError, match="from your address"):
        audience.enter("a")
    audience.enter("b")
    leave()
    audience.enter("a")
