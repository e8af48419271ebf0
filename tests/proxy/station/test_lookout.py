"""When a list is looked at, and what the log hears of it."""

import asyncio
from collections.abc import AsyncIterator
from unittest.mock import AsyncMock

import pytest

from custom_components.acestream_proxy.proxy.errors import FetchError, Why
from custom_components.acestream_proxy.proxy.feeds import ListFeed, Origin, pause_after
from custom_components.acestream_proxy.proxy.lineup import Lineup
from custom_components.acestream_proxy.proxy.station import lookout as module
from custom_components.acestream_proxy.proxy.station.lookout import Lookout

from ..sources import LIST, Source
from ..waiting import PATIENCE, until

DAY = 24 * 3600.0


class Scene:
    """A lookout that looks whenever the last look is over."""

    def __init__(self, feed: ListFeed) -> None:
        """Prepare."""
        self.looks = 0
        self.feed = feed
        self.lookout = Lookout(feed, looked=self._looked)

    async def _looked(self, _: Lookout) -> None:
        self.looks += 1


@pytest.fixture
def scene(lineup: Lineup, source: Source) -> Scene:
    """Return a lookout for a list that is due at once, again and again."""
    return Scene(ListFeed(lineup, "mine", "My list", source.origin, interval=0.001))


@pytest.fixture
async def running(scene: Scene) -> AsyncIterator[asyncio.Task[None]]:
    """Run it."""
    task = asyncio.create_task(scene.lookout.run())
    yield task
    scene.lookout.end()
    async with asyncio.timeout(PATIENCE):
        await task


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log has of lists, with its level."""
    return [
        f"{record.levelname} {record.getMessage()}"
        for record in caplog.records
        if record.name == module.__name__
    ]


@pytest.mark.parametrize(
    ("failures", "interval", "pause"),
    [
        (0, DAY, DAY),
        (1, DAY, 300),
        (2, DAY, 600),
        (3, DAY, 1200),
        (9, DAY, 300 * 256),
        (10, DAY, DAY),
        (10**9, DAY, DAY),
        (5, 3600, 3600),
    ],
)
def test_what_failed_is_tried_again_sooner(failures: int, interval: float, pause: float) -> None:
    """After five minutes, ten, twenty, and never later than it would be anyway."""
    assert pause_after(failures, interval) == pause


async def test_pauses_are_not_all_the_same(scene: Scene) -> None:
    """Or all lists of a server would be asked for at once, every day."""
    scene.feed.interval = DAY
    pauses = {scene.lookout._pause() for _ in range(20)}
    assert len(pauses) > 1
    assert DAY <= min(pauses) <= max(pauses) <= DAY * 1.05


async def test_list_is_looked_at_again_and_again(
    scene: Scene, running: asyncio.Task[None], source: Source
) -> None:
    """Its listener hears of it after each look."""
    await until(lambda: source.answered[:3] == [200, 304, 304])
    await until(lambda: scene.looks >= 3)


async def test_failure_is_said_once_when_it_begins_and_once_when_it_is_over(
    scene: Scene,
    running: asyncio.Task[None],
    source: Source,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With what the list is called, but never its address."""
    caplog.set_level("INFO")
    source.body, source.status = b"Service unavailable", 503
    await until(lambda: source.answered.count(503) >= 3)
    source.body, source.status = LIST + b"# more", 200
    await until(lambda: len(said(caplog)) == 2)
    source.body, source.status = b"Service unavailable", 503
    await until(lambda: len(said(caplog)) == 3)
    failure = (
        "WARNING The list of channels My list cannot be had; trying again in 0 minutes. "
        "The server answers with status 503."
    )
    over = "INFO The list of channels My list can be had again"
    assert said(caplog) == [failure, over, failure]
    assert str(source.server.port) not in str(said(caplog))


async def test_listener_hears_of_a_look_that_failed(
    scene: Scene, running: asyncio.Task[None], source: Source
) -> None:
    """There may be what was kept."""
    source.body, source.status = b"Service unavailable", 503
    await until(lambda: 503 in source.answered)
    heard = scene.looks
    await until(lambda: scene.looks > heard + 1)


async def test_mistake_of_ours_ends_no_lookout(
    scene: Scene,
    source: Source,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    running: asyncio.Task[None],
) -> None:
    """It is logged with all that is needed to mend it, and the list is looked at again."""
    with monkeypatch.context() as broken:
        broken.setattr(ListFeed, "fetch", None)
        await until(lambda: "TypeError" in caplog.text)
    answered = len(source.answered)
    await until(lambda: len(source.answered) > answered)
    assert "The list of channels My list cannot be read" in caplog.text


async def test_pause_ends_at_once(lineup: Lineup, source: Source) -> None:
    """However long it is."""
    scene = Scene(ListFeed(lineup, "mine", "My list", source.origin, interval=DAY))
    task = asyncio.create_task(scene.lookout.run())
    await until(lambda: scene.looks == 1)
    scene.lookout.end()
    async with asyncio.timeout(PATIENCE):
        await task


@pytest.mark.parametrize("outcome", [LIST, FetchError("Too late.", Why.TOO_SLOW)])
async def test_look_that_is_over_comes_to_nothing(
    lineup: Lineup,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    outcome: bytes | FetchError,
) -> None:
    """It is not cut off, but nobody hears how it went."""
    asked, go_on = asyncio.Event(), asyncio.Event()
    answer = AsyncMock(side_effect=[outcome])

    async def fetch(_: ListFeed) -> object:
        asked.set()
        await go_on.wait()
        return await answer()

    monkeypatch.setattr(ListFeed, "fetch", fetch)
    scene = Scene(ListFeed(lineup, "mine", "My list", Origin(text="x"), interval=DAY))
    task = asyncio.create_task(scene.lookout.run())
    async with asyncio.timeout(PATIENCE):
        await asked.wait()
        scene.lookout.end()
        assert not task.done()
        go_on.set()
        await task
    assert scene.looks == 0
    assert lineup.catalog.get("mine") is None
    assert said(caplog) == []
