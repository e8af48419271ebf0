"""Sums of what has passed."""

import pytest

from custom_components.acestream_proxy.proxy import ContentKey, Traffic, traffic
from custom_components.acestream_proxy.proxy.traffic import Ledger

ONE, ONE_TOO, TWO = (ContentKey.parse(digit * 40) for digit in "123")


def test_what_runs_again_goes_on_where_it_was() -> None:
    """Its counters begin at nothing, the sum does not."""
    ledger = Ledger()
    first = ledger.open([ONE])
    first.note(100, 300)
    first.note(150, 310)
    ledger.open([ONE]).note(10, 20)

    assert ledger.of([ONE]) == ledger.total == Traffic(160, 330)


def test_content_is_counted_once_whatever_its_names() -> None:
    """And apart from other content; the total has all of it."""
    ledger = Ledger()
    ledger.open([ONE]).note(1, 2)
    ledger.open([ONE_TOO, ONE]).note(10, 20)
    ledger.open([TWO]).note(100, 200)

    assert ledger.of([ONE]) == ledger.of([ONE_TOO]) == ledger.of([ONE, ONE_TOO]) == Traffic(11, 22)
    assert ledger.of([ONE, TWO]) == ledger.total == Traffic(111, 222)
    assert ledger.of([]) == Traffic()


def test_rates_are_of_what_was_sampled() -> None:
    """In both directions; what is sampled counts, too."""
    ledger = Ledger()
    meter = ledger.open([ONE])
    meter.sample(0, 0, 10)
    meter.sample(100, 400, 12)

    assert (meter.rate_in.per_second, meter.rate_out.per_second) == (50, 200)
    assert ledger.total == Traffic(100, 400)


def test_content_that_nobody_has_played_for_long_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is no end of names that somebody makes up."""
    monkeypatch.setattr(traffic, "_MOST_NAMES", 2)
    ledger = Ledger()
    for name in (ONE, TWO, ONE, ONE_TOO):
        ledger.open([name]).note(1, 1)

    assert ledger.of([ONE]) == Traffic(2, 2)
    assert ledger.of([TWO]) == Traffic()
    assert ledger.total == Traffic(4, 4)
