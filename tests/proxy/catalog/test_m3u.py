"""Lists as they are written: others read them, and so do we."""

from hypothesis import given, strategies as st

from custom_components.acestream_proxy.proxy.catalog import StreamAddress, parse_playlist
from custom_components.acestream_proxy.proxy.catalog.m3u import Item, write_playlist

ADDRESS = "http://house.example/live/1.ts"


def test_list_says_everything_of_a_channel() -> None:
    """With the guide in front, under both names that apps look for."""
    item = Item(
        name='One, the "best"',
        address=ADDRESS,
        groups=("News", "World"),
        logo="http://house.example/logo/1",
        number="5",
        guide_id="one.example",
    )
    assert "".join(write_playlist([item], "http://house.example/guide.xml")) == (
        '#EXTM3U url-tvg="http://house.example/guide.xml"'
        ' x-tvg-url="http://house.example/guide.xml"\n'
        '#EXTINF:-1 tvg-id="one.example" tvg-name="One, the \'best\'" tvg-chno="5"'
        ' tvg-logo="http://house.example/logo/1" group-title="News;World",One, the "best"\n'
        "http://house.example/live/1.ts\n"
    )


def test_what_is_not_known_is_not_said() -> None:
    """No empty attributes, and no guide where there is none."""
    assert "".join(write_playlist([Item(name="One", address=ADDRESS)])) == (
        f'#EXTM3U\n#EXTINF:-1 tvg-name="One",One\n{ADDRESS}\n'
    )


@given(st.lists(st.tuples(st.text(min_size=1), st.text(), st.text())))
def test_whatever_a_channel_is_called_the_list_stays_whole(
    channels: list[tuple[str, str, str]],
) -> None:
    """No name ends a line or a value early: there are as many channels as before."""
    items = [
        Item(name=name, address=ADDRESS, groups=(group,), guide_id=guide_id)
        for name, group, guide_id in channels
    ]
    text = "".join(write_playlist(items))
    read = parse_playlist(text.encode("utf-8", "surrogatepass"))
    assert [one.sources for one in read.channels] == [(StreamAddress(ADDRESS),)] * len(items)
    assert read.problem_count == 0
