"""Channels that run although nobody watches."""

import asyncio
from unittest.mock import Mock

import pytest

from custom_components.acestream_proxy.proxy import (
    ContentKey,
    Proxy,
    ProxyOptions,
    StreamState,
    StreamStats,
    warm,
)
from custom_components.acestream_proxy.proxy.audience import Guest, Limits
from custom_components.acestream_proxy.proxy.broadcast import spawn
from custom_components.acestream_proxy.proxy.warm import Warmer
from demo import CHANNELS, EmulatedEngine

from .streams import LIVE, OTHER, PREMIUM
from .waiting import until

ONE, TWO, REFUSED = (ContentKey.parse(one.content_id) for one in (LIVE, OTHER, PREMIUM))
FILM = ContentKey.parse(next(one for one in CHANNELS if one.kind == "vod").content_id)
HERE = Guest(address="here")

pytestmark = pytest.mark.usefixtures("quick_retry", "impatient")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ended is tried again almost at once."""
    monkeypatch.setattr(warm, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(warm, "MAX_PAUSE", 0.05)
    monkeypatch.setattr(warm, "LOOK_INTERVAL", 0.02)


@pytest.fixture
def options() -> ProxyOptions:
    """Nothing lingers for long, and little runs at once."""
    return ProxyOptions(linger=0.05, limits=Limits(streams=2))


def running(proxy: Proxy, content: ContentKey = ONE) -> StreamStats | None:
    """Return a stream if data flows."""
    stream = proxy.stats().stream(content)
    return stream if stream and stream.broadcast.state is StreamState.STREAMING else None


async def test_warm_channel_runs_without_a_viewer_and_is_there_at_once(
    proxy: Proxy, engine: EmulatedEngine
) -> None:
    """Whoever comes finds it running; it counts as a stream, not as a viewer."""
    proxy.warm.keep([(ONE,)])
    await until(lambda: running(proxy))

    assert proxy.stats().viewers == 0
    resolved = await proxy.resolve(ONE)
    async with proxy.watch(resolved.key, HERE) as broadcast:
        assert broadcast.state is StreamState.STREAMING
    assert engine.starts == 1


async def test_channel_that_is_not_kept_any_more_lingers_and_ends(
    proxy: Proxy, engine: EmulatedEngine
) -> None:
    """What is still kept goes on undisturbed."""
    proxy.warm.keep([(ONE,), (TWO,)])
    await until(lambda: running(proxy, ONE) and running(proxy, TWO))

    proxy.warm.keep([(TWO,)])
    await asyncio.sleep(0)

    assert running(proxy, ONE)
    await until(lambda: not proxy.stats().stream(ONE))
    assert running(proxy, TWO)
    await until(lambda: engine.stops)
    assert (engine.starts, engine.stops) == (2, 1)


async def test_channel_is_warm_again_after_its_engine_was_away(
    proxy: Proxy, engine: EmulatedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that took: while no engine answers there is nothing to try."""
    watch = Mock(wraps=proxy.hub.watch)
    monkeypatch.setattr(proxy.warm, "_watch", watch)
    await engine.stop()
    asked = len(engine.requests)
    proxy.warm.keep([(ONE,)])
    loop = asyncio.get_running_loop()
    later = loop.time() + 0.2
    await until(lambda: loop.time() > later)
    assert not watch.called

    await engine.start()

    await until(lambda: running(proxy))
    assert len(engine.requests) > asked


async def test_channel_outlives_a_restart_of_its_engine(
    proxy: Proxy, engine: EmulatedEngine
) -> None:
    """The broadcast is got back, or another one begins."""
    proxy.warm.keep([(ONE,)])
    await until(lambda: running(proxy))

    await engine.stop()
    await until(lambda: not running(proxy))
    await engine.start()

    await until(lambda: running(proxy))


async def test_refused_channel_is_tried_again_with_growing_pauses(
    proxy: Proxy, engine: EmulatedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are bounded, and begin anew once it has run for a while."""
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    engine.faults.refuse_text = "not today"
    warmer = Warmer(
        resolve=proxy.resolve,
        watch=proxy.hub.watch,
        any_answers=proxy.engines.any_answers,
        spawn=spawn,
        pause=note,
    )
    warmer.keep([(ONE,)])
    await until(lambda: len(pauses) >= 4)
    assert pauses[:4] == [0.02, 0.04, 0.05, 0.05]

    monkeypatch.setattr(warm, "STABLE_AFTER", 0)
    count = len(pauses)
    await until(lambda: len(pauses) > count + 1)
    assert pauses[-1] == 0.02
    warmer.keep([])


async def test_next_source_is_kept_where_the_first_one_does_not_play(proxy: Proxy) -> None:
    """A mirror, as for those who watch; a film is none."""
    proxy.warm.keep([(REFUSED, FILM, TWO)])
    await until(lambda: running(proxy, TWO))


async def test_warm_channels_are_streams_among_others(proxy: Proxy) -> None:
    """One too many waits until there is room."""
    proxy.warm.keep([(ONE,)])
    await until(lambda: running(proxy, ONE))
    proxy.warm.keep([(ONE,), (TWO,), (ContentKey.parse(CHANNELS[2].content_id),)])
    await until(lambda: len(proxy.stats().streams) == 2)
    assert running(proxy, ONE)

    proxy.warm.keep([(ContentKey.parse(CHANNELS[2].content_id),)])

    await until(lambda: running(proxy, ContentKey.parse(CHANNELS[2].content_id)))


@pytest.mark.parametrize("delay", [pytest.param(0, id="runs"), pytest.param(0.3, id="starts")])
async def test_channel_that_somebody_stops_begins_again(
    proxy: Proxy, engine: EmulatedEngine, delay: float
) -> None:
    """It is kept until it is said that it is not."""
    engine.faults.prebuffer = delay
    proxy.warm.keep([(ONE, TWO)])
    await until(lambda: running(proxy) if not delay else engine.open_sessions)
    engine.faults.prebuffer = 0

    proxy.end(ONE)

    await until(lambda: engine.starts == 2)
    await until(lambda: running(proxy))
    assert proxy.stats().stream(TWO) is None


async def test_nothing_is_left_after_the_stop(proxy: Proxy, engine: EmulatedEngine) -> None:
    """No task, no session; whether it ran, or waited for an engine."""
    proxy.warm.keep([(ONE,), (REFUSED,)])
    await until(lambda: running(proxy))

    await proxy.stop()

    assert not proxy._tasks
    assert not [task for task in asyncio.all_tasks() if "warm" in task.get_name()]
    assert not engine.open_sessions
