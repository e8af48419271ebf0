"""One broadcast as HLS."""

import asyncio
from collections.abc import Callable

import m3u8
import pytest

from custom_components.acestream_proxy.proxy.broadcast import Backlog
from custom_components.acestream_proxy.proxy.errors import (
    LimitReachedError,
    StreamEndedError,
    StreamStartTimeoutError,
)
from custom_components.acestream_proxy.proxy.hls import HlsOptions, HlsOutput
from custom_components.acestream_proxy.proxy.mpegts import Chunk, Scanner

from ..streams import synthetic

OPTIONS = HlsOptions(target_duration=0.4, start_timeout=0.05, idle_timeout=10)


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
    output = HlsOutput(HlsOptions(target_duration=0.4), 0)
    asked = asyncio.create_task(output.playlist())
    chunks = Scanner().feed(synthetic(0, 2))
    output.start(backlog(chunks[:3]), 0)
    await asyncio.sleep(0)
    assert not asked.done()

    output.write(chunks[3])

    assert len(m3u8.loads(await asked).segments) == 2


async def test_playlist_that_does_not_come_in_time_is_an_error() -> None:
    """Nobody waits for ever."""
    with pytest.raises(StreamStartTimeoutError, match="Try again"):
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
