"""Two engines: streams move from one to the other, and one that failed gets another chance."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from custom_components.acestream_proxy.proxy import StreamState
from demo import EmulatedEngine, Faults

from ..proxy.players import address, connected
from ..proxy.streams import OTHER, starts_decodable
from ..proxy.waiting import until
from .scene import HANG, Scene
from .test_matrix import runs_of
from .troubles import TROUBLES, Trouble


@pytest.fixture
async def other(scene: Scene) -> AsyncIterator[EmulatedEngine]:
    """A second engine, which plays the same."""
    faults = Faults(unknown_id_delay=0, burst_seconds=1)
    async with EmulatedEngine(media=scene.media, faults=faults) as other:
        scene.proxy.engines.add("two", other.url)
        yield other


@pytest.mark.parametrize(
    "trouble",
    [
        TROUBLES[name]
        for name in (
            "starving",
            "reset",
            "eof",
            "restart",
            "hang getstream",
            "hang r",
            "hang content",
            "garbage getstream",
            "garbage content",
            "half-open",
            "DNS gone",
        )
    ],
    ids=lambda trouble: trouble.name,
)
async def test_running_stream_moves_to_another_engine(
    scene: Scene, other: EmulatedEngine, trouble: Trouble
) -> None:
    """Players stay on their connections; nobody waits for the broken one to come back."""
    async with scene.watching() as viewer:
        await viewer.data_after(0)
        await trouble.begin(scene)
        await trouble.hit(scene)
        await until(lambda: other.reads)
        await viewer.data_after(asyncio.get_running_loop().time())
    await trouble.end(scene)

    assert not viewer.player.ended
    assert all(starts_decodable(run) for run in runs_of(viewer.stream))
    assert other.starts == 1


async def test_engine_that_failed_gets_another_chance(scene: Scene, other: EmulatedEngine) -> None:
    """Not at once; then one stream tries it, and as that plays it is as good as the other."""
    engine = next(iter(scene.proxy.engines))
    for _ in range(3):
        engine.failed()
    async with scene.watching():
        assert (scene.engine.starts, other.starts) == (0, 1)
        await until(lambda: not engine.resting)
        async with connected(scene.server) as player:
            player.send(address(OTHER))
            await player.head()
            assert (scene.engine.starts, other.starts) == (1, 1)
            assert engine.stats().failures == 0


async def test_engine_that_was_gone_gets_another_chance(
    scene: Scene, other: EmulatedEngine
) -> None:
    """Also where nobody asks engines now and then whether they are there."""
    await scene.crash()
    async with scene.watching():
        assert other.starts == 1
        await scene.engine.start()
        gone = next(iter(scene.proxy.engines))
        await until(lambda: not any(gone.preference))
        async with connected(scene.server) as player:
            player.send(address(OTHER))
            await player.head()
            assert (scene.engine.starts, other.starts) == (1, 1)


async def test_engine_that_is_back_is_used_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the pause before the next attempt would be."""
    monkeypatch.setattr("custom_components.acestream_proxy.proxy.broadcast.retry.MAX_DELAY", 60)
    monkeypatch.setattr("custom_components.acestream_proxy.proxy.broadcast.retry.QUICK_DELAY", 60)
    async with scene.watching() as viewer:
        await viewer.data_after(0)
        await scene.crash()
        await until(lambda: StreamState.RECONNECTING in scene.states)
        await asyncio.sleep(HANG)  # the first look has found nobody by then
        await scene.engine.start()
        back_at = asyncio.get_running_loop().time()
        assert await viewer.data_after(back_at) < 5
