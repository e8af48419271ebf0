"""Finding, starting and ending broadcasts."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from custom_components.acestream_proxy.proxy.broadcast import Broadcast, Hub, hub as hub_module
from custom_components.acestream_proxy.proxy.errors import (
    EngineUnreachableError,
    LimitReachedError,
    ProxyStoppedError,
)

from ..fakes import NEVER, FakeUpstream, FakeUpstreams, Step
from ..streams import synthetic
from ..waiting import until

PLAYS: list[Step] = [synthetic(0.1, 1), NEVER]


class Studio:
    """Makes the broadcasts of a hub, and knows what is open at once."""

    def __init__(self, script: list[Step]) -> None:
        """Make all broadcasts of the same script."""
        self._script = script
        self.closing: asyncio.Event | None = None
        """If set, upstreams take until then to close."""
        self.open = self.most_open = self.made = 0

    def make(self, _: str) -> Broadcast:
        """Make a broadcast."""
        self.made += 1
        return Broadcast(self._upstream)

    @asynccontextmanager
    async def _upstream(self) -> AsyncIterator[FakeUpstream]:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            async with FakeUpstreams(self._script).open() as upstream:
                yield upstream
        finally:
            if self.closing:
                await self.closing.wait()
            self.open -= 1


def spawn(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
    """Start a task."""
    return asyncio.get_running_loop().create_task(work, name=name)


@pytest.fixture
def studio() -> Studio:
    """Broadcasts that play."""
    return Studio(PLAYS)


@pytest.fixture
async def hub(studio: Studio) -> AsyncIterator[Hub[str]]:
    """A hub whose broadcasts linger for a moment."""
    hub = Hub(studio.make, spawn=spawn, linger=0.05, most=3)
    yield hub
    await hub.stop()


async def watch_once(hub: Hub[str], key: str = "one") -> None:
    """Watch, and leave."""
    async with hub.watch(key):
        pass


async def test_all_who_ask_at_once_get_the_same_broadcast(hub: Hub[str], studio: Studio) -> None:
    """It is started once."""
    async with AsyncExitStack() as stack:
        broadcasts = await asyncio.gather(
            *(stack.enter_async_context(hub.watch("one")) for _ in range(10))
        )
        assert len(set(broadcasts)) == 1
        assert list(hub) == [("one", broadcasts[0])]
        assert hub.get("one") is broadcasts[0]
        assert hub.get("other") is None
    assert studio.made == 1


async def test_broadcast_outlives_its_last_watcher_for_a_while(
    hub: Hub[str], studio: Studio
) -> None:
    """Who comes back in time finds it; after that it ends."""
    await watch_once(hub)
    async with hub.watch("one"):
        assert studio.made == 1
    await until(lambda: not studio.open)
    assert list(hub) == []


async def test_failure_to_start_is_everybodys_and_is_not_kept(hub: Hub[str]) -> None:
    """All who wait are told; who asks later makes a new attempt."""
    failing = Studio([EngineUnreachableError("Down.")])
    broken = Hub(failing.make, spawn=spawn)

    results = await asyncio.gather(*(watch_once(broken) for _ in range(3)), return_exceptions=True)
    await until(lambda: not list(broken))
    with pytest.raises(EngineUnreachableError):
        await watch_once(broken)

    assert [str(result) for result in results] == ["Down."] * 3
    assert failing.made == 2
    await until(lambda: not list(broken))


async def test_watcher_that_gives_up_does_not_take_the_start_with_it(hub: Hub[str]) -> None:
    """Others still wait for it."""
    first = asyncio.create_task(watch_once(hub))
    second = asyncio.create_task(watch_once(hub))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert first.cancelled()


async def test_next_broadcast_waits_until_the_one_before_is_closed(
    hub: Hub[str], studio: Studio
) -> None:
    """A second session of one content would kill the first."""
    studio.closing = asyncio.Event()
    await watch_once(hub)
    hub.stop_one("one")
    waiting = asyncio.create_task(watch_once(hub))
    await until(lambda: studio.made == 2)
    await asyncio.sleep(0)
    assert not waiting.done()

    studio.closing.set()
    await waiting

    assert studio.most_open == 1


async def test_one_that_ends_while_it_waits_does_not_let_the_next_one_in(
    hub: Hub[str], studio: Studio
) -> None:
    """However many come and go meanwhile, the first one still owns its session."""
    studio.closing = asyncio.Event()
    await watch_once(hub)
    hub.stop_one("one")
    second = asyncio.create_task(watch_once(hub))
    await until(lambda: studio.made == 2)
    hub.stop_one("one")
    with pytest.raises(ProxyStoppedError):
        await second
    third = asyncio.create_task(watch_once(hub))
    await until(lambda: studio.made == 3)
    for _ in range(5):
        await asyncio.sleep(0)
    assert studio.open == 1

    studio.closing.set()
    await third

    assert studio.most_open == 1


async def test_stop_waits_for_all_that_are_ending(hub: Hub[str], studio: Studio) -> None:
    """Also for one whose successor has ended before it."""
    studio.closing = asyncio.Event()
    await watch_once(hub)
    hub.stop_one("one")
    second = asyncio.create_task(watch_once(hub))
    await until(lambda: studio.made == 2)
    hub.stop_one("one")
    await asyncio.wait({second})
    second.exception()
    asyncio.get_running_loop().call_later(0.05, studio.closing.set)

    await hub.stop()

    assert studio.open == 0


async def test_stop_is_bounded(
    hub: Hub[str], studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not close in time is cut short."""
    monkeypatch.setattr(hub_module, "_END_TIMEOUT", 0.05)
    studio.closing = asyncio.Event()
    await watch_once(hub)
    async with asyncio.timeout(1):
        await hub.stop()


async def test_stop_before_the_first_step_ends_who_waits(hub: Hub[str]) -> None:
    """A broadcast that never ran is over as well."""
    waiting = asyncio.create_task(watch_once(hub))
    await asyncio.sleep(0)
    await hub.stop()
    with pytest.raises(ProxyStoppedError):
        await waiting
    with pytest.raises(ProxyStoppedError, match="stopping"):
        await watch_once(hub)


async def test_streams_are_limited(hub: Hub[str]) -> None:
    """One more than may run is refused, but a lingering one makes room."""
    async with hub.watch("one"), hub.watch("two"):
        await watch_once(hub, "three")
        async with hub.watch("four"):
            assert [key for key, _ in hub] == ["one", "two", "four"]
            with pytest.raises(LimitReachedError):
                await watch_once(hub, "five")
            assert hub.refused == 1


async def test_ending_what_does_not_run_is_nothing(hub: Hub[str]) -> None:
    """A button may be pressed twice."""
    hub.stop_one("one")
    assert list(hub) == []
