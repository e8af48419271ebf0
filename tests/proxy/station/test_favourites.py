"""The channels of the file."""

from custom_components.acestream_proxy.proxy import Channel, ChannelOptions, ContentKey
from custom_components.acestream_proxy.proxy.config import ChannelConfig
from custom_components.acestream_proxy.proxy.station.favourites import favourites, wishes

ONE, TWO, THREE = (ContentKey.parse(letter * 40) for letter in "abc")


def config(name: str, *sources: ContentKey, groups: tuple[str, ...] = ()) -> ChannelConfig:
    """Return a favourite."""
    return ChannelConfig(channel=Channel(name=name, sources=sources or (ONE,), groups=groups))


def test_favourites_are_in_the_order_of_the_file() -> None:
    """Also those that are called the same."""
    listing = favourites([config("B"), config("A"), config("B", TWO)], [])
    assert [one.name for one in listing.channels.values()] == ["B", "A", "B"]
    assert (listing.key, listing.title) == ("favourites", "Favourites")


def test_favourite_without_a_group_is_in_one() -> None:
    """Apps show channels by group."""
    listing = favourites([config("A"), config("B", groups=("News",))], [])
    assert [one.groups for one in listing.channels.values()] == [("Favourites",), ("News",)]


def test_number_of_a_favourite_stays() -> None:
    """Wherever in the file it is, and whatever else changes of it."""
    before = favourites([config("A"), config("B")], [])
    after = favourites([config("B", TWO, groups=("News",)), config("C"), config("A")], [])
    numbers = {before.channels[one].name: before.number(one) for one in before.channels}
    assert {name: numbers[name] for name in ("A", "B")} == {
        after.channels[one].name: after.number(one)
        for one in after.channels
        if after.channels[one].name != "C"
    }


def test_numbers_are_those_of_no_other_list() -> None:
    """Else an app would play another channel."""
    first = favourites([config("A")], [])
    second = favourites([config("A")], [first.numbers])
    assert not first.numbers.keys() & second.numbers.keys()


def test_wishes_are_those_of_each_source() -> None:
    """Whichever of them plays."""
    wished = ChannelOptions(audio_language="eng")
    channel = Channel(name="A", sources=(ONE, TWO))
    channels = [ChannelConfig(channel=channel, options=wished), config("B", THREE)]
    assert wishes(channels) == {ONE: wished, TWO: wished, THREE: ChannelOptions()}
