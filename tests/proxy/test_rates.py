"""Rates."""

from custom_components.acestream_proxy.proxy.rates import Rate


def test_rate_is_growth_by_time() -> None:
    """Two looks make a rate; one makes none, nor does the same moment twice."""
    rate = Rate()
    rate.sample(1000, 10)
    assert rate.per_second == 0
    rate.sample(1000, 10)
    assert rate.per_second == 0
    rate.sample(2000, 12)
    assert rate.per_second == 500
    rate.sample(2000, 14)
    assert rate.per_second == 0
