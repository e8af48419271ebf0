"""What is asked of guides."""

import asyncio
from pathlib import Path
import random
import sqlite3

import pytest

from custom_components.acestream_proxy.proxy.guide import (
    GuideChannel,
    GuideFacts,
    Guides,
    OnAir,
    Programme,
    Wanted,
    build,
)

from .conftest import Add
from .xmltv import HOUR, NOON, at, channel, document, programme, show

ONE = GuideChannel("guide", "one")


def news(start: int = 0, stop: int = HOUR, title: str = "News") -> Programme:
    """Return a programme at so many seconds after noon."""
    return Programme(NOON + start, NOON + stop, title)


def titles(on_air: OnAir) -> tuple[str, str]:
    """Return what is on and what comes."""
    return (
        on_air.now.title if on_air.now else "",
        on_air.next.title if on_air.next else "",
    )


def test_facts_are_there_after_a_restart(add: Add, tmp_path: Path) -> None:
    """They are read from the file."""
    add("guide", show("A", 0), programme(""))
    restarted = Guides()
    restarted.set("guide", tmp_path / "guide.sqlite")
    assert restarted.facts("guide") == GuideFacts(channels=1, programmes=1, skipped=1)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("one.example"),
        Wanted("ONE.Example"),
        Wanted("", ("Channel One",)),
        Wanted("", ("CHANNEL ONE FHD [1080p]",)),
        Wanted("", ("Erster",)),
        Wanted("other", ("No such", "Channel One")),
        Wanted("one.example", ("Channel Two",)),
        Wanted("", ("Channel One", "Channel Two")),
    ],
)
def test_channel_is_found_by_id_or_by_name(add: Add, wanted: Wanted) -> None:
    """An ID before a name, and a name before the next one, with no regard to decoration."""
    guides = add(
        "guide",
        channel("Two.example", "Channel Two"),
        channel("One.example", "Channel One HD", "Erster"),
        show("A", 0, on="One.example"),
        show("A", 0, on="Two.example"),
    )
    assert guides.match([wanted]) == [GuideChannel("guide", "One.example")]


@pytest.mark.parametrize("wanted", [Wanted(""), Wanted("", ("",)), Wanted("x", ("y", "\ud800"))])
def test_channel_that_no_guide_knows(add: Add, wanted: Wanted) -> None:
    """Such as one without any name."""
    guides = add("guide", channel("one", "", " "), show("A", 0))
    assert guides.match([wanted]) == [None]


def test_first_of_channels_with_a_name_is_found(add: Add) -> None:
    """Of those that show anything; their IDs are of no order."""
    guides = add(
        "guide",
        channel("c", "One"),
        channel("b", "One HD"),
        channel("a", "ONE"),
        show("A", 0, on="a"),
        show("A", 0, on="b"),
    )
    assert guides.match([Wanted("", ("One",))]) == [GuideChannel("guide", "b")]


def test_first_guide_that_knows_a_channel_is_asked(add: Add) -> None:
    """By name as well as by ID; the answers are in the order of the questions."""
    add("first", channel("a", "One"), show("A", 0, on="a"))
    guides = add("second", channel("b", "One"), show("A", 0, on="b"), show("A", 0, on="c"))
    wanted = [Wanted("c"), Wanted("b", ("One",)), Wanted("x"), Wanted("c")]
    assert guides.match(wanted) == [
        GuideChannel("second", "c"),
        GuideChannel("first", "a"),
        None,
        GuideChannel("second", "c"),
    ]


def test_guide_keeps_its_place_until_it_is_removed(add: Add, tmp_path: Path) -> None:
    """Then it is unknown, and comes last if it comes again."""
    add("first", show("A", 0))
    guides = add("second", show("B", 0))
    guides.set("first", tmp_path / "first.sqlite")
    assert guides.match([Wanted("one")]) == [GuideChannel("first", "one")]
    guides.remove("first")
    assert guides.match([Wanted("one")]) == [GuideChannel("second", "one")]
    assert guides.facts("first") is None
    guides.remove("first")
    guides.set("first", tmp_path / "first.sqlite")
    assert guides.match([Wanted("one")]) == [GuideChannel("second", "one")]


@pytest.mark.parametrize(
    ("second", "shown"),
    [
        (-1801, ("", "A")),
        (-1, ("", "A")),
        (0, ("A", "B")),
        (HOUR - 1, ("A", "B")),
        (HOUR, ("", "B")),
        (2 * HOUR, ("B", "inside")),
        (2 * HOUR + 600, ("inside", "")),
        (2 * HOUR + 1200, ("B", "")),
        (3 * HOUR, ("", "")),
    ],
)
def test_what_is_on_and_what_comes(add: Add, second: int, shown: tuple[str, str]) -> None:
    """With pauses between programmes, and one inside of another."""
    guides = add(
        "guide",
        show("inside", 2 * HOUR + 600, 2 * HOUR + 1200),
        show("B", 2 * HOUR),
        show("A", 0),
        show("Else", 0, 9 * HOUR, on="two"),
    )
    assert titles(guides.on_air([ONE], NOON + second)[ONE]) == shown


def test_all_who_are_asked_for_are_answered(add: Add) -> None:
    """Also those that nobody knows, or knows by another case."""
    add("guide", show("A", 0))
    guides = add("other", show("B", 0))
    small, big = GuideChannel("other", "one"), GuideChannel("other", "ONE")
    strange, gone = GuideChannel("guide", "x"), GuideChannel("gone", "one")
    nothing = OnAir()
    assert guides.on_air([ONE, small, big, strange, gone], NOON) == {
        ONE: OnAir(news(title="A")),
        small: OnAir(news(title="B")),
        big: OnAir(news(title="B")),
        strange: nothing,
        gone: nothing,
    }


def test_programmes_of_a_span(add: Add) -> None:
    """Those that are on at any time of it, in their order, as many as were asked for."""
    guides = add("guide", *(show(str(hour), hour * HOUR) for hour in (3, 1, 0, 2)))
    found = guides.programmes(ONE, NOON + HOUR, NOON + 3 * HOUR, 9)
    assert [one.title for one in found] == ["1", "2"]
    assert guides.programmes(ONE, NOON + HOUR - 1, NOON + 9 * HOUR, 1) == [news(title="0")]


def test_everything_of_a_programme_is_kept(add: Add) -> None:
    """Each text in its own place."""
    inside = (
        "<title>T</title><sub-title>S</sub-title><desc>D</desc><category>C</category>"
        '<icon src="http://h/i"/><episode-num>E</episode-num>'
    )
    guides = add("guide", programme(inside))
    assert guides.programmes(ONE, NOON, NOON + 1, 1) == [
        Programme(NOON, NOON + HOUR, "T", "S", "D", "C", "http://h/i", "E")
    ]


def answers(guides: Guides) -> tuple[object, ...]:
    """Ask everything."""
    return (
        guides.facts("guide"),
        guides.match([Wanted("one", ("One",))]),
        guides.on_air([ONE], NOON),
        guides.programmes(ONE, NOON, NOON + 1, 9),
        len(list(guides.xmltv([(ONE, "One", "")], start=NOON, stop=NOON + 1))),
    )


NOTHING: tuple[object, ...] = (None, [None], {ONE: OnAir()}, [], 1)


@pytest.mark.parametrize("content", [b"", b"garbage" * 999, b"SQLite format 3\0" + b"x" * 9999])
def test_file_that_is_no_guide_counts_as_none(
    guides: Guides, tmp_path: Path, content: bytes
) -> None:
    """As after a disk has failed."""
    path = tmp_path / "guide.sqlite"
    path.write_bytes(content)
    guides.set("guide", path)
    assert answers(guides) == NOTHING


def test_file_that_is_not_there_counts_as_none(guides: Guides, tmp_path: Path) -> None:
    """Nor is one made."""
    guides.set("guide", tmp_path / "guide.sqlite")
    assert answers(guides) == NOTHING
    assert list(tmp_path.iterdir()) == []


def test_file_of_another_version_counts_as_none(add: Add, tmp_path: Path) -> None:
    """Its tables may mean something else."""
    guides = add("guide", show("A", 0))
    database = sqlite3.connect(tmp_path / "guide.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.close()
    assert answers(guides) == NOTHING


def test_any_damage_of_a_file_is_survived(add: Add, tmp_path: Path) -> None:
    """What is answered may be wrong, but nothing is raised."""
    guides = add(
        "guide", channel("one", "One"), *(show("A" * 99, hour * HOUR) for hour in range(99))
    )
    path = tmp_path / "guide.sqlite"
    whole = path.read_bytes()
    chance = random.Random(1)  # noqa: S311 - damage
    for _ in range(500):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 10, 1000))):
            damaged[chance.randrange(100, len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        answers(guides)


def test_path_may_have_any_name(tmp_path: Path, guides: Guides) -> None:
    """It is part of an address."""
    source, target = tmp_path / "guide.xml", tmp_path / "a b%20c?mode=rw#é.sqlite"
    source.write_bytes(document(show("A", 0)))
    build(source, target, now=NOON)
    guides.set("guide", target)
    assert titles(guides.on_air([ONE], NOON)[ONE]) == ("A", "")


def test_guide_may_be_replaced_while_it_is_read(add: Add) -> None:
    """What is under way goes on with what there is, and new questions see the new one."""
    many = [show(f"old {number}", number * 60, number * 60 + 60) for number in range(2000)]
    guides = add("guide", *many)
    pieces = guides.xmltv([(ONE, "One", "")], start=NOON, stop=NOON + 99 * HOUR)
    begin = next(pieces)
    add("guide", *(one.replace("old", "new") for one in many))
    whole = begin + b"".join(pieces)
    assert whole.count(b"<programme ") == 2000
    assert b"old 0<" in whole
    assert b"new 1999<" in whole
    assert titles(guides.on_air([ONE], NOON)[ONE]) == ("new 0", "new 1")


async def test_any_number_of_threads_may_ask(add: Add) -> None:
    """Each for itself."""
    guides = add("guide", channel("one", "One"), show("A", 0))
    found = await asyncio.gather(*(asyncio.to_thread(answers, guides) for _ in range(50)))
    assert found == [answers(guides)] * 50
    assert answers(guides) != NOTHING


def test_times_are_in_any_zone(add: Add) -> None:
    """They are the same moments."""
    guides = add("guide", programme(start="20261121140000 +0200", stop=at(HOUR)))
    assert guides.on_air([ONE], NOON + 0.5) == {ONE: OnAir(news())}
