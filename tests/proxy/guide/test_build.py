"""From a file that was downloaded to one that can be asked."""

import gzip
from pathlib import Path
import sqlite3

import pytest

from custom_components.acestream_proxy.proxy.errors import GuideError, Why
from custom_components.acestream_proxy.proxy.guide import (
    GuideChannel,
    GuideFacts,
    Guides,
    Limits,
    build,
)
from custom_components.acestream_proxy.proxy.guide.reader import LONGEST

from .conftest import Add
from .xmltv import HOUR, NOON, channel, document, programme, show

DAY = 24 * HOUR
ONE = GuideChannel("guide", "one")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file to download into."""
    return tmp_path / "guide.xml"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The file to make."""
    return tmp_path / "guide.sqlite"


def shown(guides: Guides) -> list[tuple[str, int, int]]:
    """Return title, start and stop of all that channel one shows, counted from noon."""
    found = guides.programmes(ONE, NOON - 99 * DAY, NOON + 99 * DAY, 99)
    return [(one.title, one.start - NOON, one.stop - NOON) for one in found]


def test_facts_of_a_guide(source: Path, target: Path) -> None:
    """What there is, and how much of it is broken; nothing else is left of the work."""
    broken = programme("")
    source.write_bytes(gzip.compress(document(channel("one", "One"), show("A", 0), broken)))
    assert build(source, target, now=NOON) == GuideFacts(channels=1, programmes=1, skipped=1)
    assert sorted(target.parent.iterdir()) == [target, source]


def test_a_day_back_and_a_week_ahead(add: Add) -> None:
    """What is on at any time of it is kept."""
    guides = add(
        "guide",
        show("over", -DAY - HOUR),
        show("nearly over", -DAY - HOUR + 1),
        show("soon", 7 * DAY - 1),
        show("later", 7 * DAY),
    )
    assert [title for title, _, _ in shown(guides)] == ["nearly over", "soon"]


def test_span_is_for_the_caller_to_say(source: Path, target: Path) -> None:
    """In seconds, of a moment that is an argument as well."""
    source.write_bytes(document(*(show(str(hour), hour * HOUR) for hour in range(10))))
    facts = build(source, target, now=NOON + 5 * HOUR, past=2 * HOUR, ahead=HOUR)
    assert facts.programmes == 3


def test_programme_without_a_stop_lasts_until_the_next(add: Add) -> None:
    """Of its own channel, wherever that is in the document, and not for longer than a film."""
    guides = add(
        "guide",
        programme("<title>C</title>", start="20261121140000", stop=None),
        programme("<title>A</title>", stop=None),
        show("Else", 600, on="two"),
        show("B", 1800),
        programme("<title>D</title>", start="20261122140000", stop=None),
    )
    assert shown(guides) == [
        ("A", 0, 1800),
        ("B", 1800, 1800 + HOUR),
        ("C", 2 * HOUR, 2 * HOUR + LONGEST),
        ("D", 26 * HOUR, 26 * HOUR + LONGEST),
    ]


def test_programme_that_turns_out_to_be_over_is_left_out(add: Add) -> None:
    """Only what follows says so."""
    guides = add(
        "guide",
        programme("<title>A</title>", start="20261120100000", stop=None),
        show("B", -DAY - HOUR, -DAY + 1),
    )
    assert [title for title, _, _ in shown(guides)] == ["B"]


def test_first_of_two_programmes_at_a_time_counts(add: Add) -> None:
    """A guide that was put together of others has some twice."""
    guides = add("guide", show("A", 0), show("B", 0, 2 * HOUR), show("C", 0, on="two"))
    assert shown(guides) == [("A", 0, HOUR)]
    assert guides.facts("guide") == GuideFacts(channels=2, programmes=2, skipped=0)


def test_case_of_an_id_does_not_matter(add: Add) -> None:
    """Programmes of one channel are together, however it is written."""
    guides = add("guide", channel("ONE"), show("A", 0), show("B", HOUR, on="One"))
    assert [title for title, _, _ in shown(guides)] == ["A", "B"]


def test_channel_that_shows_nothing_is_left_out(add: Add) -> None:
    """In another guide it may show something."""
    guides = add("guide", channel("one", "One"), channel("two", "Two"), show("A", 0))
    assert guides.facts("guide") == GuideFacts(channels=1, programmes=1, skipped=0)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (Limits(unpacked=99), "The guide is longer than 0 MiB."),
        (Limits(channels=2), "The guide has more than 2 channels."),
        (Limits(programmes=2), "The guide has more than 2 programmes."),
    ],
)
def test_too_much_of_a_guide_is_refused(
    source: Path, target: Path, limits: Limits, sentence: str
) -> None:
    """Not cut, since nobody would know what is missing."""
    source.write_bytes(document(*(show("A", 0, on=str(number)) for number in range(3))))
    with pytest.raises(GuideError) as caught:
        build(source, target, now=NOON, limits=limits)
    assert str(caught.value) == sentence
    assert caught.value.why is Why.TOO_LARGE
    assert list(target.parent.iterdir()) == [source]


def test_as_much_as_the_limits_say_is_taken(source: Path, target: Path) -> None:
    """To the last byte."""
    whole = document(*(show("A", 0, on=str(number)) for number in range(3)))
    source.write_bytes(whole)
    limits = Limits(unpacked=len(whole), channels=3, programmes=3)
    assert build(source, target, now=NOON, limits=limits).programmes == 3


@pytest.mark.parametrize("content", [document(show("A", 0))[:-9], b"<html>", b""])
def test_guide_before_survives_one_that_is_broken(
    source: Path, target: Path, content: bytes
) -> None:
    """Whatever has been read of that."""
    source.write_bytes(document(show("A", 0)))
    build(source, target, now=NOON)
    before = target.read_bytes()
    source.write_bytes(content)
    with pytest.raises(GuideError):
        build(source, target, now=NOON)
    assert target.read_bytes() == before
    assert sorted(target.parent.iterdir()) == [target, source]


def test_remains_of_a_build_that_was_cut_off_do_no_harm(source: Path, target: Path) -> None:
    """As after a power cut."""
    target.with_name("guide.sqlite.new").write_bytes(b"half of it")
    source.write_bytes(document(show("A", 0)))
    assert build(source, target, now=NOON).programmes == 1


def test_source_that_is_not_there_ends_in_a_sentence(source: Path, target: Path) -> None:
    """As every trouble with files does."""
    with pytest.raises(GuideError, match=r"cannot be read, or there is no room\.") as caught:
        build(source, target, now=NOON)
    assert caught.value.why is Why.NO_FILE


@pytest.mark.parametrize("name", ["none/guide.sqlite", "guide.xml/guide.sqlite"])
def test_target_that_cannot_be_ends_in_a_sentence(source: Path, name: str) -> None:
    """In a folder that is none, or not there."""
    source.write_bytes(document(show("A", 0)))
    with pytest.raises(GuideError, match=r"cannot be read, or there is no room\.") as caught:
        build(source, source.parent / name, now=NOON)
    assert caught.value.why is Why.NOT_KEPT


def test_disk_that_is_full_ends_in_a_sentence(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is left on it."""
    monkeypatch.setattr(
        "custom_components.acestream_proxy.proxy.guide.database._SETTINGS",
        "PRAGMA max_page_count = 12;",
    )
    entries = (show("x" * 256, hour * HOUR, on=str(hour)) for hour in range(150))
    source.write_bytes(document(*entries))
    with pytest.raises(GuideError, match="no room") as caught:
        build(source, target, now=NOON)
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    assert list(target.parent.iterdir()) == [source]
