"""Which channels are the same one, and which are not."""

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, ContentKind
from custom_components.acestream_proxy.proxy.catalog import (
    Channel,
    Source,
    StreamAddress,
    channel_id,
    merge_mirrors,
)
from custom_components.acestream_proxy.proxy.catalog.mirrors import plain_name


def source(number: int) -> Source:
    """Return one of many sources."""
    return ContentKey(ContentKind.CONTENT_ID, f"{number:040x}")


def channel(name: str, *groups: str, number: int = 1, guide_id: str = "") -> Channel:
    """Return a channel as a list has it."""
    return Channel(name=name, sources=(source(number),), groups=groups, guide_id=guide_id)


@pytest.mark.parametrize(
    "name",
    [
        "Dazn 1",
        "DAZN 1 HD",
        "DAZN 1 FHD",
        "FHD DAZN 1",
        "DAZN 1 Full HD",
        "dazn  1 4K UHD HEVC",
        "DAZN 1 1080",
        "DAZN 1 720p50",
        "DAZN1",
        "DAZN 1 [1080p]",
        "DAZN 1 (H.265, 50 fps)",
        "DAZN 1 (Backup) [elsewhere] {x}",
        "DAZN 1 --> elsewhere 2",
        "DAZN 1 - HD",
        "DAZN 1 *",
        "DAZN 1 ᴴᴰ",
        "ＤＡＺＮ　１",  # noqa: RUF001
    ],
)
def test_decoration_is_no_part_of_a_name(name: str) -> None:
    """These are all the same one in one group."""
    assert plain_name(name) == "dazn1"
    assert len(merge_mirrors([channel("DAZN 1", "Sport"), channel(name, "Sport")])) == 1


@pytest.mark.parametrize(
    "name",
    [
        "DAZN",
        "DAZN 2",
        "DAZN 11",
        "DAZN 1 1",
        "DAZN 1+",
        "DAZN 1 +1",
        "DAZN 1 (2)",
        "DAZN 1 (HD 2)",
        "DAZN 1 [+1]",
        "DAZN 1 Bar",
        "(B) DAZN 1",
        "DAZN LaLiga",
    ],
)
def test_names_that_differ_otherwise_are_other_channels(name: str) -> None:
    """Even in the same group and with the same guide id."""
    one = channel("DAZN 1", "Sport", guide_id="dazn")
    other = channel(name, "Sport", guide_id="dazn")
    assert merge_mirrors([one, other]) == (one, other)


@pytest.mark.parametrize("name", ["HD", "4K", "(Radio)", "--> x", "***"])
def test_name_of_decoration_alone_is_a_name(name: str) -> None:
    """Or all of them would be the same channel."""
    assert plain_name(name) == name.casefold().replace(" ", "")


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        pytest.param(channel("A"), channel("A"), 1, id="no groups"),
        pytest.param(channel("A", "X"), channel("A", "x"), 1, id="same group"),
        pytest.param(channel("A", "X", "Y"), channel("A", "Z", "Y"), 1, id="one group in common"),
        pytest.param(channel("A", "X"), channel("A", "Y"), 2, id="other group"),
        pytest.param(channel("A", "X"), channel("A"), 2, id="group and none"),
        pytest.param(
            channel("A", "X", guide_id="a.es"), channel("A", "Y", guide_id="A.es"), 1, id="guide id"
        ),
        pytest.param(
            channel("A", "X", guide_id="a"), channel("A", "X", guide_id="b"), 1, id="group wins"
        ),
    ],
)
def test_same_name_needs_a_group_or_a_guide_id_in_common(
    one: Channel, other: Channel, count: int
) -> None:
    """The name alone may be another country's channel."""
    assert len(merge_mirrors([one, other])) == count


def test_merged_channel_has_what_the_first_says_and_all_sources() -> None:
    """In the list's order, in the place of the first."""
    second = Channel(
        name="A HD",
        sources=(source(2), source(1)),
        logo="http://h/a.png",
        groups=("X", "Y"),
        number="5",
        guide_id="a",
    )
    merged = merge_mirrors(
        [channel("A", "X"), channel("B", "X"), second, channel("a", "Y", number=3, guide_id="b")]
    )
    assert merged == (
        Channel(
            name="A",
            sources=(source(1), source(2), source(3)),
            logo="http://h/a.png",
            groups=("X", "Y"),
            number="5",
            guide_id="a",
        ),
        channel("B", "X"),
    )


def test_third_channel_joins_two() -> None:
    """It is the same as both, so these are the same."""
    one, two = channel("A", "X"), channel("A", "Y", number=2)
    assert merge_mirrors([one, two]) == (one, two)
    (merged,) = merge_mirrors([one, two, channel("A", "Y", "X", number=3)])
    assert merged.sources == (source(1), source(2), source(3))


def test_channels_without_a_name_are_the_same_by_their_source_alone() -> None:
    """What they are called was made up: many addresses end in `index.m3u8`."""
    one, two = (
        Channel(name="index", sources=(StreamAddress(f"http://h/{n}/index.m3u8"),), is_named=False)
        for n in (1, 2)
    )
    assert merge_mirrors([one, two, one]) == (one, two)
    assert len({channel_id(one), channel_id(two), channel_id(channel("index"))}) == 3


def test_id_stays_over_refreshes() -> None:
    """The digits themselves are in people's players, so they must not change either."""
    assert channel_id(channel("A", "X")) == "0e8e3d2ec136b75d"
    assert channel_id(channel("A", "X", guide_id="a")) == "8fc3140941dcff0c"
    unnamed = Channel(name="00000000", sources=(source(1),), is_named=False)
    assert channel_id(unnamed) == "94ed0cd728a0c80f"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (channel("A", "X"), channel("a HD", "x", number=2)),
        (channel("A", "X", "Y"), channel("A", "X", "Z")),
        (channel("A", "X", guide_id="a"), channel("A", "Y", guide_id="A")),
    ],
)
def test_id_outlives_what_changes_from_day_to_day(one: Channel, other: Channel) -> None:
    """Source, quality, further groups, and with a guide id the group itself."""
    assert channel_id(one) == channel_id(other)


channels = st.lists(
    st.builds(
        Channel,
        name=st.sampled_from(["A", "a HD", "A 1", "B", "B [x]", "HD"]),
        sources=st.tuples(st.builds(source, st.integers(1, 4))),
        is_named=st.booleans(),
        groups=st.lists(st.sampled_from(["X", "x", "Y"]), max_size=2).map(tuple),
        guide_id=st.sampled_from(["", "a", "A", "b"]),
    ),
    max_size=12,
)


@given(channels)
def test_merging_loses_nothing_and_is_done_once(several: list[Channel]) -> None:
    """All sources and groups are there, ids are unique, and a second time changes nothing."""
    merged = merge_mirrors(several)
    assert merge_mirrors(merged) == merged
    assert len({channel_id(one) for one in merged}) == len(merged)
    for of in ("sources", "groups"):
        listed = {part for one in several for part in getattr(one, of)}
        assert {part for one in merged for part in getattr(one, of)} == listed


@given(st.text())
def test_any_name_has_a_plain_one(name: str) -> None:
    """Decoration is never taken for all there is."""
    assert bool(plain_name(name)) == bool(name.split())


def test_twenty_thousand_mirrors_are_merged_in_no_time() -> None:
    """Whoever writes a list cannot make merging it take for ever."""
    (merged,) = merge_mirrors([channel("A", number=number) for number in range(20_000)])
    assert len(merged.sources) == 20_000
