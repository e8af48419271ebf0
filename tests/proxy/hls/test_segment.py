"""Where the sequences of a channel are."""

from custom_components.acestream_proxy.proxy.hls import Place

NOW = 1_800_000_000


def test_sequences_begin_by_the_clock() -> None:
    """Somebody who begins later is ahead, and the numbers have 31 bits for decades."""
    place = Place().at(NOW)
    assert place.number > 0
    assert place.discontinuities == 0  # hls.js is slow where these are many
    assert Place().at(NOW + 60).number == place.number + 60
    assert Place().at(NOW + 30 * 365 * 86_400).number < 2**31


def test_sequences_never_go_back() -> None:
    """Whatever the clock says."""
    ahead = Place(number=2**30, discontinuities=7)
    assert ahead.at(NOW) == ahead
    assert Place(number=5, discontinuities=6).at(0) == Place(number=5, discontinuities=6)
