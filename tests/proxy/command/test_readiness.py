"""Whether players should be sent here."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.acestream_proxy.proxy import ContentKey
from custom_components.acestream_proxy.proxy.broadcast import BroadcastStats, StreamState
from custom_components.acestream_proxy.proxy.command.readiness import EngineState, judge, state_of
from custom_components.acestream_proxy.proxy.engine import EngineStats
from custom_components.acestream_proxy.proxy.errors import ProxyError
from custom_components.acestream_proxy.proxy.stats import ProxyStats, StreamStats, never_started
from custom_components.acestream_proxy.proxy.traffic import Traffic

from ..streams import LIVE

WELL = EngineStats(
    engine_id="one",
    url="http://engine.test:6878",
    reachable=True,
    version=None,
    sessions=0,
    opened=0,
    closed=0,
    broken=0,
    fruitless=0,
    failures=0,
    resting=False,
    error=None,
    refusal=None,
)
GONE = replace(WELL, engine_id="two", reachable=False)
FAILING = replace(WELL, engine_id="three", fruitless=3)


def stats(*engines: EngineStats, streams: tuple[StreamStats, ...] = ()) -> ProxyStats:
    """Return what is so with these engines."""
    return ProxyStats(
        streams=streams, failed=(), engines=engines, watching={}, refused=0, traffic=Traffic()
    )


def stream(engine_id: str, state: StreamState) -> StreamStats:
    """Return a stream of an engine."""
    nothing = never_started(ContentKey.parse(LIVE.content_id), ProxyError("Later."))
    return replace(nothing, engine_id=engine_id, broadcast=BroadcastStats(state=state))


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, EngineState.IDLE),
        ({"fruitless": 2}, EngineState.IDLE),
        ({"fruitless": 3}, EngineState.FAILING),
        ({"fruitless": 3, "resting": True}, EngineState.FAILING),
        ({"resting": True}, EngineState.RESTING),
        ({"fruitless": 3, "reachable": False}, EngineState.UNREACHABLE),
    ],
)
def test_state_of_an_engine_that_plays_nothing(changes: Any, state: EngineState) -> None:
    """A channel that nobody broadcasts, and its mirror, say nothing of it."""
    engine = replace(WELL, **changes)
    assert state_of(engine, stats(engine)) is state


@pytest.mark.parametrize(
    ("engine_id", "state", "expected"),
    [
        ("three", StreamState.STREAMING, EngineState.PLAYING),
        ("three", StreamState.STALLED, EngineState.FAILING),
        ("one", StreamState.STREAMING, EngineState.FAILING),
    ],
)
def test_engine_is_well_while_a_stream_of_it_flows(
    engine_id: str, state: StreamState, expected: EngineState
) -> None:
    """Whatever else came to nothing."""
    streams = (stream(engine_id, state),)
    assert state_of(FAILING, stats(FAILING, streams=streams)) is expected


@pytest.mark.parametrize(
    ("engines", "ready", "words"),
    [
        ((), False, "No AceStream engine is set up"),
        ((GONE,), False, "No engine answers"),
        ((FAILING,), False, "nothing came"),
        ((GONE, FAILING), False, "nothing came"),
        ((GONE, FAILING, WELL), True, "An engine answers."),
    ],
)
def test_one_engine_that_plays_is_enough(
    engines: tuple[EngineStats, ...], ready: bool, words: str
) -> None:
    """And no address is in what is said."""
    readiness = judge(stats(*engines))
    assert readiness.ready is ready
    assert words in readiness.reason
    assert "engine.test" not in readiness.reason


def test_bytes_that_arrive_are_said() -> None:
    """Where anybody asked for any."""
    readiness = judge(stats(WELL, streams=(stream("one", StreamState.STREAMING),)))
    assert (readiness.ready, readiness.reason) == (True, "An engine answers, and bytes arrive.")


def test_proxy_that_is_about_to_stop_is_not_ready() -> None:
    """However well its engines are."""
    readiness = judge(stats(WELL), is_draining=True)
    assert (readiness.ready, readiness.reason) == (False, "The proxy is stopping.")
