"""Choosing channels."""

import pytest

from custom_components.acestream_proxy.proxy.catalog import Channel, Filter, StreamAddress


def channel(name: str, *groups: str) -> Channel:
    """Return a channel in some groups."""
    return Channel(name=name, sources=(StreamAddress("http://h/1"),), groups=groups)


CHANNELS = (
    channel("One", "News"),
    channel("Two", "News", "World"),
    channel("Three [HD]", "Sport"),
    channel("Four"),
)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        pytest.param(Filter(), ["One", "Two", "Three [HD]", "Four"], id="all"),
        pytest.param(Filter(include_groups=("news",)), ["One", "Two"], id="group in any case"),
        pytest.param(Filter(include_groups=("W*", "sp?rt")), ["Two", "Three [HD]"], id="patterns"),
        pytest.param(Filter(include_groups=("ew",)), [], id="part of a group"),
        pytest.param(Filter(include_groups=("",)), ["Four"], id="no group"),
        pytest.param(
            Filter(exclude_groups=("world",)), ["One", "Three [HD]", "Four"], id="without"
        ),
        pytest.param(Filter(include_names=("T*",)), ["Two", "Three [HD]"], id="name"),
        pytest.param(Filter(exclude_names=("*[[]hd]",)), ["One", "Two", "Four"], id="not a name"),
        pytest.param(Filter(include_groups=("News",), include_names=("t*",)), ["Two"], id="both"),
        pytest.param(Filter(include_names=("One",), exclude_groups=("N*",)), [], id="out wins"),
    ],
)
def test_filter_chooses_channels(wanted: Filter, names: list[str]) -> None:
    """By groups and names; no pattern means all."""
    assert [one.name for one in CHANNELS if wanted.allows(one)] == names


def test_case_of_other_scripts_does_not_matter_either() -> None:
    """What is the same letter to a reader is the same."""
    assert Filter(include_names=("СПОРТ*",)).allows(channel("Спорт 1"))
