"""How often a broken upstream is tried again."""

from custom_components.acestream_proxy.proxy.broadcast.retry import Retry


def test_waits_grow() -> None:
    """The first attempt is quick, the others give an engine time."""
    retry = Retry(jitter=lambda: 1.0)
    assert [retry.next_delay(0, 0) for _ in range(7)] == [0.25, 1, 2, 4, 8, 10, 10]
    assert retry.attempt == 7


def test_waits_of_many_streams_differ() -> None:
    """They do not all come back at once."""
    retries = [Retry(attempt=6) for _ in range(20)]
    delays = {retry.next_delay(0, 0) for retry in retries}
    assert len(delays) > 1
    assert all(delay and 8 <= delay <= 12 for delay in delays)


def test_trying_ends() -> None:
    """Counted from the first break, not from the last attempt."""
    retry = Retry(give_up_after=90)
    assert retry.next_delay(1000, 0)
    assert retry.next_delay(1089, 0)
    assert retry.next_delay(1090, 0) is None


def test_data_in_between_makes_up_for_as_long_without() -> None:
    """An engine that fails every few seconds, and plays for most of them, is not given up."""
    retry = Retry(give_up_after=90)
    assert all(retry.next_delay(now, 20) for now in range(1000, 5000, 25))


def test_data_that_hardly_ever_comes_is_not_enough() -> None:
    """It takes a little longer than without any."""
    retry = Retry(give_up_after=90)
    delays = [retry.next_delay(now, 1) for now in range(1000, 1200, 10)]
    assert delays.index(None) == 12


def test_a_while_of_flow_makes_a_new_beginning() -> None:
    """A stream that breaks once an hour is tried again for ever."""
    retry = Retry(give_up_after=90)
    assert retry.next_delay(1000, 0)
    assert retry.next_delay(5000, 30) == 0.25
    assert retry.attempt == 1
