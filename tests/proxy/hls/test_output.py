"""One broadcast as HLS."""

import asyncio
from collections.abc import Callable

import m3u8
import pytest

from custom_components.acestream_proxy.proxy.broadcast import Backlog
from custom_components.acestream_proxy.proxy.errors import (
    InvalidContentError,
    LimitReachedError,
    StreamEndedError,
    StreamStartingError,
)
from custom_components.acestream_proxy.proxy.hls import (
    HlsOptions,
    HlsOutput,
    output as output_module,
)
from custom_components.acestream_proxy.proxy.mpegts import PACKET_SIZE, Chunk, Scanner

from ..streams import synthetic

OPTIONS = HlsOptions(target_duration=0.4, start_timeout=0.05, idle_timeout=10)
PARTS = HlsOptions(target_duration=0.8, part_duration=0.2)
_READ = 20 * PACKET_SIZE
WHOLE = HlsOptions(target_duration=0.4, low_latency=False)


def backlog(chunks: list[Chunk]) -> Backlog:
    """Return a backlog of these chunks."""
    result = Backlog()
    for chunk in chunks:
        result.append(chunk, 0)
    return result


async def test_playlist_of_a_backlog_is_there_at_once() -> None:
    """What has passed already is cut."""
    output = HlsOutput(OPTIONS, 0)
    output.start(backlog(Scanner().feed(synthetic(0, 2))), 0)

    playlist = m3u8.loads(await output.playlist())

    assert len(playlist.segments) == 4
    assert output.segment(3) is not None
    assert output.segment(4) is None
    # What a viewer fetches is what was sent.
    assert output.stats.sent > 0
    assert not output.stats.lag


async def test_playlist_waits_for_its_first_segments() -> None:
    """It comes as soon as there are enough."""
    output = HlsOutput(WHOLE, 0)
    asked = asyncio.create_task(output.playlist())
    chunks = Scanner().feed(synthetic(0, 2))
    output.start(backlog(chunks[:3]), 0)
    await asyncio.sleep(0)
    assert not asked.done()

    output.write(chunks[3])

    assert len(m3u8.loads(await asked).segments) == 2


async def test_playlist_that_does_not_come_in_time_is_an_error() -> None:
    """Nobody waits for ever."""
    with pytest.raises(StreamStartingError, match="Try again"):
        await HlsOutput(OPTIONS, 0).playlist()


async def test_failure_wakes_who_waits() -> None:
    """The broadcast's error is the answer, and the first one stays."""
    output = HlsOutput(HlsOptions(), 0)
    asked = asyncio.create_task(output.playlist())
    await asyncio.sleep(0)

    output.close(StreamEndedError("It ended."))
    output.close(None)

    with pytest.raises(StreamEndedError, match="It ended"):
        await asked
    assert output.over.is_set()


def ticks(begin: float, end: float) -> list[Chunk]:
    """Return a stream as it is read: a few pictures at a time."""
    stream, scanner = synthetic(begin, end), Scanner()
    reads = [stream[at : at + _READ] for at in range(0, len(stream), _READ)]
    return [chunk for read in reads for chunk in scanner.feed(read)]


async def test_first_playlist_with_parts_needs_one_segment() -> None:
    """Who plays parts does not run dry with that."""
    output = HlsOutput(PARTS, 0)
    asked = asyncio.create_task(output.playlist())
    for chunk in ticks(0, 1.5):
        output.write(chunk)
    *whole, coming = m3u8.loads(await asked).segments
    assert len(whole) == 1
    assert coming.parts


async def test_playlist_is_made_once_for_all() -> None:
    """Until there is something new to list."""
    output = HlsOutput(PARTS, 0)
    output.start(backlog(ticks(0, 2)), 0)
    first = await output.playlist()
    assert await output.playlist() is first
    for chunk in ticks(2, 3):
        output.write(chunk)
    assert await output.playlist() is not first


async def test_player_is_told_of_a_part_as_soon_as_it_is_there() -> None:
    """It asks for a playlist that lists it, and for the part itself, before there is one."""
    output = HlsOutput(PARTS, 0)
    *first, last = [chunk for chunk in ticks(0, 4) if chunk.units]
    output.start(backlog(first[: len(first) // 2]), 0)
    listed = m3u8.loads(await output.playlist())
    number, part = map(int, listed.preload_hint.uri.split(".")[:2])

    playlist = asyncio.create_task(output.playlist(number, part))
    data = asyncio.create_task(output.part(number, part))
    await asyncio.sleep(0)
    assert not playlist.done()
    assert not data.done()
    for chunk in [*first[len(first) // 2 :], last]:
        output.write(chunk)

    assert f'URI="{number}.{part}.ts"' in await playlist
    found = await data
    assert found is not None
    assert found.size > 0
    assert output.stats.sent >= found.size
    assert await output.part(number, part) is found
    assert await output.part(number, 99) is None
    assert await output.part(number + 99, 0) is None


async def test_playlist_that_lists_a_whole_segment_is_waited_for() -> None:
    """Without a part, it is the segment that counts."""
    output = HlsOutput(PARTS, 0)
    chunks = ticks(0, 4)
    output.start(backlog(chunks[: len(chunks) // 2]), 0)
    number = int(m3u8.loads(await output.playlist()).preload_hint.uri.split(".")[0])
    asked = asyncio.create_task(output.playlist(number))
    for chunk in chunks[len(chunks) // 2 :]:
        output.write(chunk)
    assert f"\n{number}.ts" in await asked


async def test_nobody_waits_for_what_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a stall the answer is what there is; what is far away is refused at once."""
    monkeypatch.setattr(output_module, "_BLOCK_FOR", 0.01)
    output = HlsOutput(PARTS, 0)
    output.start(backlog(ticks(0, 2)), 0)
    playlist = await output.playlist()
    number, part = map(int, m3u8.loads(playlist).preload_hint.uri.split(".")[:2])
    assert await output.playlist(number, part) == playlist
    assert await output.part(number, part) is None
    with pytest.raises(InvalidContentError):
        await output.playlist(number + 2)


async def test_end_wakes_who_waits_for_a_part() -> None:
    """There will be none."""
    output = HlsOutput(PARTS, 0)
    output.start(backlog(ticks(0, 2)), 0)
    playlist = await output.playlist()
    number, part = map(int, m3u8.loads(playlist).preload_hint.uri.split(".")[:2])
    asked = asyncio.create_task(output.playlist(number, part))
    await asyncio.sleep(0)
    output.close(StreamEndedError("It ended."))
    with pytest.raises(StreamEndedError):
        await asked


async def test_without_low_latency_nobody_waits() -> None:
    """Nor is any part listed."""
    output = HlsOutput(WHOLE, 0)
    output.start(backlog(ticks(0, 2)), 0)
    playlist = await output.playlist(99)
    assert "PART" not in playlist


class Door:
    """Lets viewers in, and remembers those that left."""

    def __init__(self) -> None:
        """Start with nobody."""
        self.entered: list[str] = []
        self.left: list[str] = []

    def enter(self, viewer: str) -> Callable[[], Callable[[], None]]:
        """Return what lets a viewer in."""

        def let_in() -> Callable[[], None]:
            self.entered.append(viewer)
            return lambda: self.left.append(viewer)

        return let_in


def test_viewers_that_ask_for_nothing_are_forgotten() -> None:
    """Who has not been seen for the idle timeout has left; when to look again is said."""
    output, door = HlsOutput(OPTIONS, 0), Door()
    output.saw("one", 0, door.enter("one"))
    output.saw("two", 5, door.enter("two"))
    output.saw("one", 8, door.enter("one"))
    assert output.viewers == 2
    assert door.entered == ["one", "two"]

    assert output.forget_idle(14) == 15
    assert output.viewers == 2
    assert output.forget_idle(16) == 18
    assert output.viewers == 1
    assert door.left == ["two"]
    assert output.forget_idle(19) <= 19
    assert output.viewers == 0


def test_end_lets_everybody_out() -> None:
    """Nobody stays counted."""
    output, door = HlsOutput(OPTIONS, 0), Door()
    output.saw("one", 0, door.enter("one"))
    output.saw("two", 0, door.enter("two"))
    output.close(None)
    assert sorted(door.left) == ["one", "two"]
    assert output.viewers == 0


def test_viewer_that_is_not_let_in_is_not_counted() -> None:
    """The refusal goes on to whoever asked."""

    def refuse() -> Callable[[], None]:
        raise LimitReachedError("Full.")

    output = HlsOutput(OPTIONS, 0)
    with pytest.raises(LimitReachedError):
        output.saw("one", 0, refuse)
    assert output.viewers == 0
