"""Levels of a list: the channels of a group, by how their names begin where there are many."""

import pytest

from custom_components.acestream_proxy.proxy import ContentKey
from custom_components.acestream_proxy.proxy.catalog import Channel, Listing

CONTENT = ContentKey.parse("a" * 40)


@pytest.fixture
def listing() -> Listing:
    """Return a list with two groups, and channels whose IDs are their names."""
    groups = {"News": ("A", "Áb", "ABC", "abz", "B", "Abe"), "Sport": ("Abf", "Same")}
    channels = {
        name: Channel(name=name, sources=(CONTENT,), groups=(group,))
        for group, names in groups.items()
        for name in names
    }
    twins = ("Twin", "Twin ", " twin")
    channels |= {name: Channel(name=name, sources=(CONTENT,)) for name in twins}
    return Listing("key", "Title", channels)


@pytest.mark.parametrize(
    ("group", "beginning", "most", "level"),
    [
        pytest.param("Sport", "", 2, ([], ["Abf", "Same"]), id="few"),
        pytest.param("News", "", 5, (["a", "b"], []), id="many"),
        pytest.param("News", "a", 5, ([], ["A", "Áb", "ABC", "abz", "Abe"]), id="few begin so"),
        pytest.param("News", "a", 4, (["ab"], ["A"]), id="one is at its end"),
        pytest.param("News", "ab", 3, (["abc", "abe", "abz"], ["Áb"]), id="many begin so"),
        pytest.param("News", "b", 1, ([], ["B"]), id="one"),
        pytest.param("News", "x", 1, ([], []), id="none begin so"),
        pytest.param("", "", 2, (["t"], []), id="in no group"),
        pytest.param("", "twin", 2, ([], ["Twin", "Twin ", " twin"]), id="cannot be told apart"),
        pytest.param("Nothing", "", 2, ([], []), id="unknown group"),
    ],
)
def test_level(
    listing: Listing, group: str, beginning: str, most: int, level: tuple[list[str], list[str]]
) -> None:
    """Channels, or one more letter of them; those in front whose name ends there."""
    assert listing.level(group, beginning, most) == level
