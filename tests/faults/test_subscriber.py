"""Whatever a socket takes, and whenever: what it gets is a stream."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Final, override

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.broadcast import (
    Backlog,
    Framing,
    SocketSubscriber,
    subscriber as subscriber_module,
)
from custom_components.acestream_proxy.proxy.engine.body import ChunkedBody
from custom_components.acestream_proxy.proxy.mpegts import NULL_PACKET, PACKET_SIZE, Chunk
from custom_components.acestream_proxy.proxy.web.mpegts import ChunkedFraming

from ..proxy.fakes import FakeTransport

TABLE: Final = b"T"
RANDOM_ACCESS: Final = b"K"
OTHER: Final = b"-"

# More than fits would make no laggard of anybody.
BACKLOG_PACKETS: Final = 16

# A batch, the chunk it ends with, tables, and the coding of it all: what a laggard may pin, however
# much it missed. What a stall pads comes on top.
BATCH: Final = 5 * PACKET_SIZE
MOST_UNSENT: Final = 16 * PACKET_SIZE


def packet(kind: bytes, number: int) -> bytes:
    """Return a packet of some kind."""
    return (b"\x47" + kind + b"%08d" % number).ljust(PACKET_SIZE, b"\xff")


@dataclass(slots=True)
class Studio:
    """Makes numbered packets, and sends them to one subscriber."""

    subscriber: SocketSubscriber
    transport: FakeTransport
    backlog: Backlog
    sent: int = 0
    """Packets so far, tables aside."""

    padding: int = 0
    """Bytes that mean nothing."""

    broken: bool = False
    """Whether the upstream has just broken: the next chunk begins anew, as a broadcast has it."""

    def pass_on(self, packets: int, *, random_access: bool) -> None:
        """Send a chunk."""
        random_access |= self.broken
        numbers = range(self.sent, self.sent + packets)
        kinds = [RANDOM_ACCESS if random_access else OTHER, *([OTHER] * (packets - 1))]
        data = b"".join(map(packet, kinds, numbers, strict=True))
        tables = packet(TABLE, self.sent)
        if self.broken:
            data, tables = tables + data, b""
        chunk = Chunk(data, random_access=random_access, tables=tables if random_access else b"")
        self.backlog.append(chunk, 0)
        self.subscriber.write(chunk)
        self.sent += packets
        self.broken = False

    def lose_upstream(self) -> None:
        """Break the upstream."""
        self.backlog.clear()
        self.broken = True


class Step:
    """Something that happens."""

    def do(self, studio: Studio) -> None:
        """Let it happen."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class PassOn(Step):
    """A chunk comes."""

    packets: int
    random_access: bool

    @override
    def do(self, studio: Studio) -> None:
        studio.pass_on(self.packets, random_access=self.random_access)


@dataclass(frozen=True, slots=True)
class Take(Step):
    """The player reads."""

    size: int

    @override
    def do(self, studio: Studio) -> None:
        # A socket's buffer holds some of what is to come, but not much.
        room = studio.transport.get_write_buffer_size() + 2 * PACKET_SIZE
        studio.transport.take(min(self.size, room))


class Break(Step):
    """The upstream breaks."""

    @override
    def do(self, studio: Studio) -> None:
        studio.lose_upstream()


class KeepAlive(Step):
    """The stream is stalled for a while."""

    @override
    def do(self, studio: Studio) -> None:
        studio.subscriber.keep_alive(Chunk(NULL_PACKET))
        studio.padding += PACKET_SIZE + 10


CHUNKS = st.lists(
    st.builds(PassOn, st.integers(1, 8), st.sampled_from((False, False, False, True))), max_size=8
)
BETWEEN = st.one_of(
    st.builds(Take, st.integers(0, 12 * PACKET_SIZE)),
    st.builds(Take, st.just(100 * PACKET_SIZE)),
    st.builds(Break),
    st.builds(KeepAlive),
)
# Chunks come in runs, so that whoever takes nothing meanwhile falls out of the backlog.
STEPS = st.lists(st.tuples(CHUNKS, BETWEEN), max_size=30).map(
    lambda rounds: [step for chunks, between in rounds for step in (*chunks, between)]
)


async def play(steps: Sequence[Step], framing: Framing, takes: int) -> tuple[bytes, int]:
    """Let it all happen to one player; return what was put on its connection, and its skips."""
    transport = FakeTransport(takes=takes)
    subscriber = SocketSubscriber(transport, framing=framing)
    studio = Studio(subscriber, transport, Backlog(max_bytes=BACKLOG_PACKETS * PACKET_SIZE))
    subscriber.start(studio.backlog, 0)
    studio.pass_on(1, random_access=True)
    for step in steps:
        step.do(studio)
        assert transport.get_write_buffer_size() <= MOST_UNSENT + studio.padding
        await asyncio.sleep(0)  # the subscriber looks at its socket
        await asyncio.sleep(0)
    subscriber.close(None)
    return transport.received, subscriber.stats.skips


def check(stream: bytes, skips: int) -> None:
    """See that a stream is whole packets, in order, and that each jump lands decodable."""
    assert len(stream) % PACKET_SIZE == 0
    packets = [bytes(one) for one in batched(stream, PACKET_SIZE, strict=True)]
    useful = [one for one in packets if one != NULL_PACKET]
    media = [(at, one) for at, one in enumerate(useful) if one[1:2] != TABLE]
    numbers = [int(one[2:10]) for _, one in media]
    assert numbers == sorted(set(numbers)), "nothing twice, nothing out of order"
    landings = [
        at
        for (at, _), number, before in zip(media[1:], numbers[1:], numbers, strict=False)
        if number != before + 1
    ]
    assert all(useful[at][1:2] == RANDOM_ACCESS for at in landings)
    assert all(useful[at - 1][1:2] == TABLE for at in landings)
    assert all(useful[at - 1][2:10] == useful[at][2:10] for at in landings)
    assert len(landings) <= skips


# The same examples on every run: a failure is everybody's failure.
MANY: Final = settings(max_examples=300, deadline=None, derandomize=True, database=None)


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Full sockets are looked at at every step, and given little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subscriber_module, "_INTERVAL", 0)
        patch.setattr(subscriber_module, "_BATCH", BATCH)
        yield


@MANY
@given(STEPS, st.integers(0, 10 * PACKET_SIZE))
def test_bare_stream(steps: list[Step], takes: int) -> None:
    """As it goes to players of HTTP/1.0."""
    stream, skips = asyncio.run(play(steps, Framing(), takes))
    check(stream, skips)


@MANY
@given(STEPS, st.integers(0, 10 * PACKET_SIZE))
def test_chunked_stream(steps: list[Step], takes: int) -> None:
    """In HTTP's chunked coding, of which no chunk is cut."""
    coded, skips = asyncio.run(play(steps, ChunkedFraming(), takes))
    body = ChunkedBody()
    check(b"".join(body.feed(coded)), skips)
    assert not body.feed(b"0\r\n\r\n")
    assert body.ended
