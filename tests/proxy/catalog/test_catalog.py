"""All channels that there are: found by place, number and name."""

from collections.abc import Mapping

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy import ContentKey
from custom_components.acestream_proxy.proxy.catalog import Catalog, Channel, Listing, listing
from custom_components.acestream_proxy.proxy.catalog.listing import number_of_group, searchable

CONTENT = ContentKey.parse("a" * 40)


def channels(*names: str, groups: tuple[str, ...] = ()) -> dict[str, Channel]:
    """Return channels with IDs that are their names."""
    return {name: Channel(name=name, sources=(CONTENT,), groups=groups) for name in names}


def names_found(listed: Mapping[str, Channel], text: str) -> list[str]:
    """Return what is found in a list."""
    return list(Listing("list", "List", listed).search(text))


def test_channel_is_found_by_list_and_id() -> None:
    """As the media browser remembers it."""
    catalog = Catalog()
    catalog.set(Listing("a", "List A", channels("One", "Two")))
    entry = catalog.entry("a", "Two")
    assert entry
    assert entry.channel.name == "Two"
    assert entry.listing.title == "List A"
    assert catalog.entry("a", "Three") is None
    assert catalog.entry("b", "Two") is None
    assert len(catalog) == 2


def test_channel_is_found_by_its_number() -> None:
    """As players of Xtream remember it."""
    catalog = Catalog()
    catalog.set(Listing("a", "A", channels("One", "Two")))
    catalog.set(Listing("b", "B", channels("One"), catalog.numbers_without("b")))
    numbers = [entry.number for entry in catalog.entries()]
    assert len(set(numbers)) == 3
    found = [catalog.by_number(number) for number in numbers]
    assert found == list(catalog.entries())
    assert catalog.by_number(0) is None
    assert all(0 < number < 2**31 for number in numbers)


def test_lists_are_in_the_order_that_they_were_given() -> None:
    """Whichever came first; those that have no place come last, as they came."""
    catalog = Catalog()
    for key in ("z", "c", "y", "a"):
        catalog.set(Listing(key, "", channels("One")))
    catalog.arrange(["a", "b", "c"])
    assert [one.key for one in catalog] == ["a", "c", "z", "y"]
    catalog.set(Listing("b", "", channels("One")))
    assert [one.key for one in catalog] == ["a", "b", "c", "z", "y"]


def test_numbers_stay_when_a_list_changes() -> None:
    """Whatever comes, goes, or moves; and after another list came."""
    before = Listing("a", "A", channels("One", "Two", "Three"))
    other = Listing("b", "B", channels("One", "Two"))
    after = Listing("a", "Renamed", channels("Zero", "Three", "One"), [other.numbers])
    assert after.number("One") == before.number("One")
    assert after.number("Three") == before.number("Three")


def test_numbers_that_collide_are_still_different(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a list, and with other lists; the order of the list does not matter."""
    monkeypatch.setattr(listing, "_NUMBERS", 40)
    names = [f"{number}" for number in range(15)]
    first = Listing("a", "A", channels(*names))
    again = Listing("a", "A", channels(*reversed(names)))
    other = Listing("b", "B", channels(*names), [first.numbers])
    assert first.numbers == again.numbers
    assert len({*first.numbers, *other.numbers}) == 30
    assert [other.numbers[other.number(name)] for name in names] == names


def test_groups_are_in_the_lists_order() -> None:
    """A channel is in each of its groups; what is in none is under an empty name."""
    listed = {
        **channels("One", groups=("News", "World")),
        **channels("Two"),
        **channels("Three", groups=("News",)),
    }
    groups = Listing("a", "A", listed).groups
    assert groups == {"News": ("One", "Three"), "World": ("One",), "": ("Two",)}
    assert list(groups) == ["News", "World", ""]


def test_list_is_replaced_in_its_place_and_removed() -> None:
    """Removing what is not there is nothing."""
    catalog = Catalog()
    catalog.set(Listing("a", "A", channels("One")))
    catalog.set(Listing("b", "B", channels("Two")))
    catalog.set(Listing("a", "A", channels("Three")))
    assert [entry.channel.name for entry in catalog.entries()] == ["Three", "Two"]
    catalog.remove("a")
    catalog.remove("a")
    assert [one.key for one in catalog] == ["b"]
    assert catalog.get("a") is None


def test_search_minds_neither_case_nor_accents() -> None:
    """What a remote control can type is enough."""
    listed = channels("Télé Sept", "TELE 7", "Die Größte", "telephone")
    assert names_found(listed, "TÉLE") == ["Télé Sept", "TELE 7", "telephone"]
    assert names_found(listed, "grosste") == ["Die Größte"]
    assert names_found(listed, "  tele   s") == ["Télé Sept"]
    assert names_found(listed, "nothing") == []


def test_search_finds_a_channel_of_two_lists_once() -> None:
    """Where it is first; others that are called the same are others."""
    other = Channel(name="sport", sources=(ContentKey.parse("b" * 40),))
    catalog = Catalog()
    catalog.set(Listing("a", "A", channels("Sport")))
    catalog.set(Listing("b", "B", {**channels("SPORT"), "other": other}))
    found = [(one.listing.key, one.channel_id) for one in catalog.search("sport", 9)]
    assert found == [("a", "Sport"), ("b", "other")]


def test_search_never_finds_across_names() -> None:
    """Also not what looks like the place between them."""
    assert names_found(channels("one", "two"), "one\ntwo") == []
    assert names_found(channels("one", "two"), "\n") == ["one", "two"]
    assert names_found({}, "one") == []


def test_search_goes_through_the_lists_in_order_and_stops() -> None:
    """It may be limited to some of them."""
    catalog = Catalog()
    for key in "abc":
        catalog.set(Listing(key, key, channels(f"Sport 1 {key}", f"Sport 2 {key}")))
    assert [one.listing.key for one in catalog.search("sport", 3)] == ["a", "a", "b"]
    assert [one.listing.key for one in catalog.search("sport 1", 9, keys=["c"])] == ["c"]


@given(st.lists(st.text(), unique=True), st.text())
def test_search_finds_what_contains_the_text(names: list[str], wanted: str) -> None:
    """No more and no less, whatever the letters are."""
    expected = [name for name in names if searchable(wanted) in searchable(name)]
    assert names_found(channels(*names), wanted) == expected


def test_group_has_a_number_of_its_own() -> None:
    """It stays, and is never zero."""
    assert number_of_group("News") == number_of_group("News") != number_of_group("Sport")
    assert number_of_group("") > 0


def test_channel_is_found_by_its_whole_name() -> None:
    """Whatever the case and accents; a part of it is none, and the first list comes first."""
    catalog = Catalog()
    catalog.set(Listing("a", "A", channels("Canal Más 2", "Canal más", "Plus")))
    catalog.set(Listing("b", "B", channels("CANAL MAS", "Other")))
    found = catalog.named(" canal  MAS")
    assert found
    assert (found.listing.key, found.channel_id) == ("a", "Canal más")
    other = catalog.named("other")
    assert other
    assert other.listing.key == "b"
    assert catalog.named("Canal") is None
    assert catalog.named("más") is None
    assert catalog.named("") is None


def test_all_channels_of_a_name_are_found() -> None:
    """Also where they follow one another."""
    twins = Listing("a", "A", channels("Twin", "Twin ", "Other", " twin"))
    assert list(twins.named("TWIN")) == ["Twin", "Twin ", " twin"]


def test_channel_is_found_by_its_place_on_the_remote_control() -> None:
    """The first one that has it."""
    catalog = Catalog()
    numbered = {
        name: Channel(name=name, sources=(CONTENT,), number=number)
        for name, number in (("None", ""), ("Five", "5"), ("Again", "5"), ("Sub", "101.1"))
    }
    catalog.set(Listing("a", "A", numbered))
    names = [one and one.channel.name for one in map(catalog.numbered, ("5", "101.1", "6"))]
    assert names == ["Five", "Sub", None]
