"""Channels in little memory: what was put in comes out."""

import gc

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, ContentKind
from custom_components.acestream_proxy.proxy.catalog import Channel, Source, StreamAddress, tidy
from custom_components.acestream_proxy.proxy.catalog.packed import (
    ByChannel,
    ChannelsById,
    PackedChannels,
    pack,
    unpack,
)
from custom_components.acestream_proxy.proxy.catalog.playlist import read_playlist

HASH = "a" * 40
CONTENT = ContentKey.parse(HASH)
ONE, TWO, THREE = (Channel(name=name, sources=(CONTENT,)) for name in ("One", "Two", "Three"))

texts = st.text(max_size=20).map(tidy)
sources: st.SearchStrategy[Source] = st.sampled_from(
    [
        CONTENT,
        ContentKey(ContentKind.INFOHASH, HASH, (("_idx", "2"), ("quality", "hd"))),
        ContentKey(ContentKind.URL, "http://[::1]:80/x~y-z.acelive?ñ=1"),
        StreamAddress("http://example.org/1.ts"),
        StreamAddress("HTTPS://example.org"),
    ]
)
channels = st.builds(
    Channel,
    name=texts.filter(bool),
    sources=st.lists(sources, min_size=1, unique=True).map(tuple),
    is_named=st.booleans(),
    logo=st.sampled_from(["", "http://example.org/logo.png"]),
    groups=st.lists(texts.filter(bool), unique=True).map(tuple),
    number=st.sampled_from(["", "1", "12.3"]),
    guide_id=texts,
    guide_name=texts,
)


@given(channels)
def test_channel_is_the_same_when_it_is_unpacked(channel: Channel) -> None:
    """Whatever a list may say of it."""
    assert unpack(pack(channel)) == channel


@given(channels, channels)
def test_different_channels_are_packed_differently(one: Channel, other: Channel) -> None:
    """So that what is packed can stand for them."""
    assert (pack(one) == pack(other)) == (one == other)


def test_garbage_collector_sees_nothing_of_a_channel() -> None:
    """It is why they are packed."""
    assert not gc.is_tracked(pack(ONE))


def test_sequence_of_channels() -> None:
    """It is like a list of them."""
    packed = PackedChannels([ONE])
    packed.append(TWO)
    packed.append(THREE)
    assert list(packed) == [ONE, TWO, THREE]
    assert len(packed) == 3
    assert packed[1] == TWO
    assert packed[1:] == [TWO, THREE]
    packed.clear()
    assert list(packed) == []


def test_channels_under_their_ids() -> None:
    """They are like a dictionary of them."""
    packed = ChannelsById([("1", ONE), ("2", TWO)])
    assert dict(packed) == {"1": ONE, "2": TWO}
    assert list(packed) == ["1", "2"]
    assert len(packed) == 2
    assert "2" in packed
    assert "3" not in packed
    with pytest.raises(KeyError):
        packed["3"]


def test_values_by_channel() -> None:
    """They are found by what a channel is, whichever object it is."""
    values = ByChannel([(ONE, 1), (TWO, 2), (ONE, 3)])
    assert values == {ONE: 3, TWO: 2}
    assert len(values) == 2
    assert values[Channel(name="Two", sources=(CONTENT,))] == 2
    assert values.get(THREE) is None


def test_list_that_is_none_leaves_nothing() -> None:
    """Also not of what was read before that was known."""
    packed = PackedChannels()
    playlist = read_playlist(f"{HASH}\n#EXT-X-TARGETDURATION:2\n".encode(), packed)
    assert list(packed) == []
    assert playlist.problem_count == 1
