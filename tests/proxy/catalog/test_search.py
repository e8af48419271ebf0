"""What was found, as channels."""

from custom_components.acestream_proxy.proxy import ContentKey
from custom_components.acestream_proxy.proxy.catalog import (
    Channel,
    Filter,
    SearchResult,
    channels_of,
    merge_mirrors,
)


def found(number: int, name: str = "One", availability: float | None = None) -> SearchResult:
    """Return something that was found."""
    return SearchResult(
        infohash=f"{number:040x}", name=name, categories=("sport",), availability=availability
    )


def key(number: int) -> ContentKey:
    """Return how that is played."""
    return ContentKey.parse(f"infohash:{number:040x}")


def test_result_is_a_channel() -> None:
    """With its categories for groups."""
    result = SearchResult(
        infohash=f"{1:040x}", name="One", logo="http://h/x.png", categories=("sport", "news")
    )
    assert channels_of([result]) == [
        Channel(name="One", sources=(key(1),), logo="http://h/x.png", groups=("sport", "news"))
    ]


def test_what_can_most_probably_be_had_comes_first() -> None:
    """What nobody knows anything of comes last; else the engine's order stays."""
    results = [found(1), found(2, availability=0.0), found(3, availability=1.0), found(4)]
    results += [found(5, availability=0.5), found(6, availability=1.0)]
    assert [one.sources[0] for one in channels_of(results)] == [key(n) for n in (3, 6, 5, 2, 1, 4)]


def test_result_without_a_name_is_called_by_its_infohash() -> None:
    """It is no mirror of others without a name."""
    first, second = merge_mirrors(channels_of([found(1, ""), found(2, "")]))
    assert first.name == second.name == "00000000"
    assert not first.is_named


def test_results_are_filtered_and_merged_as_channels_of_lists_are() -> None:
    """The most available source is in front."""
    results = [found(1, "One", 0.5), found(2, "Two", 1.0), found(3, "One HD", 0.9)]
    wanted = Filter(include_groups=("SPORT",), exclude_names=("two",))
    (merged,) = merge_mirrors(filter(wanted.allows, channels_of(results)))
    assert (merged.name, merged.sources) == ("One HD", (key(3), key(1)))
