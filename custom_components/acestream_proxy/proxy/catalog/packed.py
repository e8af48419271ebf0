"""Channels of long lists, in little memory.

A channel of a list of 50,000 is looked at now and then, but has to be there. As an object it would
be four of them and take more than 1 kB, and the garbage collector would look at each whenever it
looks at everything: that stops all threads, and so all streams, for a tenth of a second. So it is
one piece of bytes, which the collector does not know of, until somebody asks for it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, overload, override

from ..content import ContentKey
from .channel import Channel, Source, StreamAddress

# Neither is in a tidy text, nor in an address.
_FIELD: Final = "\n"
_ITEM: Final = "\t"


class PackedChannels(Sequence[Channel]):
    """Channels in the order in which they came."""

    def __init__(self, channels: Iterable[Channel] = ()) -> None:
        """Take channels, one at a time."""
        self._packed = [pack(channel) for channel in channels]

    def append(self, channel: Channel) -> None:
        """Take one more."""
        self._packed.append(pack(channel))

    def clear(self) -> None:
        """Have none."""
        self._packed.clear()

    @override
    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._packed)

    @override
    def __iter__(self) -> Iterator[Channel]:
        """Go through all of them."""
        return map(unpack, self._packed)

    @overload
    def __getitem__(self, index: int) -> Channel: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Channel]: ...
    @override
    def __getitem__(self, index: int | slice) -> Channel | Sequence[Channel]:
        """Return one of them, or some."""
        if isinstance(index, slice):
            return [unpack(packed) for packed in self._packed[index]]
        return unpack(self._packed[index])


class ChannelsById(Mapping[str, Channel]):
    """Channels under their IDs, in the order in which they came."""

    def __init__(self, channels: Iterable[tuple[str, Channel]]) -> None:
        """Take channels with their IDs, one at a time."""
        self._packed = {channel_id: pack(channel) for channel_id, channel in channels}

    @override
    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._packed)

    @override
    def __iter__(self) -> Iterator[str]:
        """Go through the IDs."""
        return iter(self._packed)

    @override
    def __contains__(self, channel_id: object) -> bool:
        """Return whether there is a channel with an ID."""
        return channel_id in self._packed

    @override
    def __getitem__(self, channel_id: str) -> Channel:
        """Return the channel with an ID."""
        return unpack(self._packed[channel_id])


class ByChannel[Value](Mapping[Channel, Value]):
    """What there is to say of some channels."""

    def __init__(self, values: Iterable[tuple[Channel, Value]]) -> None:
        """Take what there is to say of each, one at a time; of the same one, the last counts."""
        self._values = {pack(channel): value for channel, value in values}

    @override
    def __len__(self) -> int:
        """Return of how many channels there is something."""
        return len(self._values)

    @override
    def __iter__(self) -> Iterator[Channel]:
        """Go through the channels."""
        return map(unpack, self._values)

    @override
    def __getitem__(self, channel: Channel) -> Value:
        """Return what there is to say of a channel."""
        return self._values[pack(channel)]


def pack(channel: Channel) -> bytes:
    """Return what `unpack` makes a channel of."""
    return _FIELD.join(
        (
            channel.name,
            "named" if channel.is_named else "",
            channel.logo,
            channel.number,
            channel.guide_id,
            channel.guide_name,
            _ITEM.join(channel.groups),
            _ITEM.join(map(_pack_source, channel.sources)),
        )
    ).encode()


def unpack(packed: bytes) -> Channel:
    """Return the channel that `pack` was given."""
    name, named, logo, number, guide_id, guide_name, groups, sources = packed.decode().split(_FIELD)
    return Channel(
        name=name,
        sources=tuple(map(_unpack_source, sources.split(_ITEM))),
        is_named=bool(named),
        logo=logo,
        groups=tuple(groups.split(_ITEM)) if groups else (),
        number=number,
        guide_id=guide_id,
        guide_name=guide_name,
    )


def _pack_source(source: Source) -> str:
    return source.slug if isinstance(source, ContentKey) else source.address


def _unpack_source(text: str) -> Source:
    return StreamAddress(text) if ":" in text else ContentKey.from_slug(text)
