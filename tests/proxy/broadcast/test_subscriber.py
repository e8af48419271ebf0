"""A player's socket, and what becomes of it when it is full."""

import asyncio

import pytest

from custom_components.acestream_proxy.proxy.broadcast import (
    Backlog,
    SocketSubscriber,
    subscriber as subscriber_module,
)
from custom_components.acestream_proxy.proxy.mpegts import Chunk

from ..fakes import FakeTransport
from ..waiting import until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Full sockets are looked at often, and given little."""
    monkeypatch.setattr(subscriber_module, "_INTERVAL", 0.005)
    monkeypatch.setattr(subscriber_module, "_BATCH", 20)


def start(number: int) -> Chunk:
    """Return a random access point of ten bytes."""
    return Chunk(b"K%09d" % number, random_access=True, tables=b"T")


def rest(number: int) -> Chunk:
    """Return another chunk of ten bytes."""
    return Chunk(b"-%09d" % number)


class Stream:
    """A backlog and one subscriber of it."""

    def __init__(
        self, transport: FakeTransport, *, max_bytes: int = 1000, drop_after: float = 30
    ) -> None:
        """Begin with one random access point."""
        self.backlog = Backlog(max_bytes=max_bytes)
        self.backlog.append(start(0), 0)
        self.subscriber = SocketSubscriber(transport, drop_after=drop_after)
        self.subscriber.start(self.backlog, 0)

    def write(self, *chunks: Chunk) -> None:
        """Pass on chunks."""
        for chunk in chunks:
            self.backlog.append(chunk, 0)
            self.subscriber.write(chunk)


async def test_socket_that_takes_everything_is_written_to_at_once() -> None:
    """Tables, backlog, and each chunk as it comes."""
    transport = FakeTransport()
    stream = Stream(transport)

    stream.write(rest(1), rest(2))

    assert transport.received == b"TK000000000-000000001-000000002"
    assert stream.subscriber.stats.sent == 31
    assert stream.subscriber.stats.lag == 0


async def test_full_socket_is_left_alone_and_catches_up() -> None:
    """What it missed waits in the backlog, and nothing is missing in the end."""
    transport = FakeTransport(takes=15)
    stream = Stream(transport)
    chunks = [rest(number) for number in range(1, 30)]

    stream.write(*chunks)
    unsent = transport.get_write_buffer_size()
    lag = stream.subscriber.stats.lag
    transport.take(None)
    await until(lambda: not stream.subscriber.stats.lag)

    assert unsent <= 10
    assert lag > 250
    assert transport.received == b"TK000000000" + b"".join(chunk.data for chunk in chunks)
    assert stream.subscriber.stats.skips == 0
    stream.subscriber.leave()


async def test_socket_with_room_again_catches_up_with_the_next_chunk() -> None:
    """It need not wait for its turn to be looked at."""
    transport = FakeTransport(takes=11)
    stream = Stream(transport)
    stream.write(rest(1))
    stream.write(rest(2))
    transport.take(None)

    stream.write(rest(3))

    assert transport.received.endswith(b"-000000001-000000002-000000003")
    stream.subscriber.leave()


async def test_who_falls_out_of_the_backlog_goes_on_at_a_random_access_point() -> None:
    """Tables first; the jump is counted."""
    transport = FakeTransport(takes=11)
    stream = Stream(transport, max_bytes=60)
    stream.write(*(rest(number) for number in range(1, 4)))
    stream.write(start(4), *(rest(number) for number in range(5, 8)))
    stream.write(start(8), rest(9))

    transport.take(None)
    await until(lambda: not stream.subscriber.stats.lag)

    assert transport.received == b"TK000000000-000000001" + b"TK000000008-000000009"
    assert stream.subscriber.stats.skips == 1
    assert not stream.subscriber.stats.dropped


async def test_laggard_across_a_break_goes_on_with_what_comes_next() -> None:
    """The past is gone, and the next chunk is a random access point."""
    transport = FakeTransport(takes=11)
    stream = Stream(transport)
    stream.write(rest(1), rest(2))
    stream.backlog.clear()
    transport.take(None)
    await until(lambda: stream.subscriber.stats.skips)

    stream.write(start(3))

    assert transport.received == b"TK000000000-000000001TK000000003"


async def test_who_takes_nothing_for_long_is_closed() -> None:
    """Its connection is closed for real."""
    transport = FakeTransport(takes=11)
    stream = Stream(transport, drop_after=0.03)
    stream.write(rest(1))

    await until(stream.subscriber.over.is_set)

    assert transport.closing
    assert stream.subscriber.stats.dropped


async def test_who_takes_a_little_is_not_closed() -> None:
    """Moving is enough, however slowly."""
    transport = FakeTransport(takes=11)
    stream = Stream(transport, drop_after=0.05)
    stream.write(*(rest(number) for number in range(1, 9)))
    for _ in range(20):
        transport.take(1)
        await asyncio.sleep(0.01)  # the time it takes is what is tested
    assert not stream.subscriber.over.is_set()
    stream.subscriber.leave()


async def test_who_is_about_to_lose_something_holds_up() -> None:
    """A moving one is worth a moment's patience; one that has nothing to lose needs none."""
    transport = FakeTransport(takes=11)
    stream = Stream(transport, max_bytes=100)
    before = stream.subscriber.stats.holds_up
    stream.write(*(rest(number) for number in range(1, 10)))
    behind = stream.subscriber.stats.holds_up
    stream.subscriber.leave()
    assert (before, behind, stream.subscriber.stats.holds_up) == (False, True, False)


async def test_end_gives_what_there_is_still_to_send() -> None:
    """A laggard gets the rest, not a cut."""
    transport = FakeTransport(takes=11)
    stream = Stream(transport)
    stream.write(rest(1), rest(2), rest(3))

    stream.subscriber.close(None)

    assert transport.received.endswith(b"-000000001-000000002-000000003")
    assert stream.subscriber.over.is_set()


@pytest.mark.parametrize("takes", [None, 11])
async def test_nothing_is_written_to_a_closed_socket(takes: int | None) -> None:
    """A player that has left gets nothing more."""
    transport = FakeTransport(takes=takes)
    stream = Stream(transport)
    stream.write(rest(1))
    transport.closing = True
    before = transport.received

    stream.write(rest(2))
    transport.take(None)
    stream.write(rest(3))
    stream.subscriber.keep_alive(rest(4))
    stream.subscriber.close(None)

    assert transport.received == before


async def test_filler_only_where_nothing_else_waits() -> None:
    """What means something goes first."""
    transport = FakeTransport(takes=21)
    stream = Stream(transport)
    stream.subscriber.keep_alive(Chunk(b"F" * 10))
    stream.write(rest(1))
    stream.subscriber.keep_alive(Chunk(b"f" * 10))
    assert transport.received == b"TK000000000FFFFFFFFFF-000000001"
    stream.subscriber.leave()


async def test_newcomer_without_a_backlog_gets_what_comes_next() -> None:
    """Where there is no random access point, nothing is made up."""
    transport = FakeTransport()
    subscriber = SocketSubscriber(transport)
    backlog = Backlog()
    subscriber.start(backlog, 0)
    chunk = rest(1)
    backlog.append(chunk, 0)
    subscriber.write(chunk)
    assert transport.received == b"-000000001"
