"""Points in time."""

from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.guide.moments import read_moment, write_moment

EIGHT = int(datetime(2026, 11, 21, 8, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "text",
    [
        "20261121080000 +0000",
        "20261121080000",
        "202611210800",
        "2026112108",
        "20261121090000 +0100",
        "20261121090000+0100",
        "20261121090000 +01:00",
        "20261121043000 -0330",
        "20261121073000 -0030",
        "20261121080000 Z",
        "20261121080000 UTC",
        "202611210800 GMT",
        " 20261121080000 ",
    ],
)
def test_forms_of_a_moment(text: str) -> None:
    """Some initial substring, and a zone or none."""
    assert read_moment(text) == EIGHT


def test_day_alone_is_its_beginning() -> None:
    """The shortest form that makes sense for a programme."""
    assert read_moment("20261121") == EIGHT - 8 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026",
        "202611210",
        "20261121080000 BST",
        "20261121080000 +1",
        "20261321080000",
        "20261131080000",
        "20261121250000",
        "20261121086000",
        "00001121080000",
        "²0261121080000",
        "-0261121080000",
    ],
)
def test_other_texts_are_no_moments(text: str) -> None:
    """Neither those of no form, nor those that never come."""
    with pytest.raises(ValueError, match=r"month|day|hour|minute|year|form"):
        read_moment(text)


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - UTC below
def test_what_is_written_reads_the_same(moment: datetime) -> None:
    """To the second."""
    seconds = int(moment.replace(tzinfo=UTC).timestamp())
    assert read_moment(write_moment(seconds)) == seconds


@given(st.text())
def test_any_text_is_a_moment_or_not(text: str) -> None:
    """There is but one way to fail."""
    with suppress(ValueError):
        read_moment(text)
