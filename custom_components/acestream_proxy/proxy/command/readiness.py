"""Whether players should be sent here, judged from what is known of the engines.

Ready means that an engine answers and that, if anybody asked for streams lately, bytes arrive. That
an engine answers is not enough: engines are known to answer every call long after nothing plays any
more. That a channel brings nothing is not enough either: mostly nobody broadcasts it, and a proxy
that was taken out of service for each dead channel would hardly ever be in. So an engine is only
called failing once it

- gave not a byte of three different contents in a row, however often each was tried,
- since it last played anything, and since it was last gone (it was restarted),
- within the last five minutes: where nobody is sent, nobody proves that it is well again,
- and while no stream of it flows.

A channel with three dead sources looks the same, until the next one plays or the five minutes are
over. Streams that broke are not evidence by themselves: they are opened anew within seconds, and
what comes of that is.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..broadcast import StreamState
from ..engine import EngineStats
from ..stats import ProxyStats

# Contents that come to nothing in a row before it is held against the engine: one is a dead
# channel, two are its mirror.
_TOO_MANY: Final = 3


class EngineState(StrEnum):
    """What an engine is doing, in a word."""

    UNREACHABLE = "unreachable"
    """It does not answer."""

    FAILING = "failing"
    """It answers, but nothing plays; see above."""

    PLAYING = "playing"
    """It answers, and bytes arrive."""

    RESTING = "resting"
    """Sessions failed several times in a row: others are preferred to it for a while."""

    IDLE = "idle"
    """It answers, and plays nothing now."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether players should be sent here."""

    ready: bool
    """Whether they should."""

    reason: str
    """Why, or why not: a sentence without any address."""


def state_of(engine: EngineStats, stats: ProxyStats) -> EngineState:
    """Return what an engine is doing."""
    plays = any(
        one.engine_id == engine.engine_id and one.broadcast.state is StreamState.STREAMING
        for one in stats.streams
    )
    if not engine.reachable:
        return EngineState.UNREACHABLE
    if plays:
        return EngineState.PLAYING
    if engine.fruitless >= _TOO_MANY:
        return EngineState.FAILING
    return EngineState.RESTING if engine.resting else EngineState.IDLE


def judge(stats: ProxyStats, *, is_draining: bool = False) -> Readiness:
    """Return whether players should be sent here."""
    states = {state_of(engine, stats) for engine in stats.engines}
    if is_draining:
        return Readiness(ready=False, reason="The proxy is stopping.")
    if not states:
        return Readiness(ready=False, reason="No AceStream engine is set up.")
    if states == {EngineState.UNREACHABLE}:
        return Readiness(ready=False, reason="No engine answers. Is it running?")
    if states <= {EngineState.UNREACHABLE, EngineState.FAILING}:
        return Readiness(
            ready=False,
            reason="An engine answers, but nothing came of the last channels that it was asked "
            "for. Restarting it may help.",
        )
    if EngineState.PLAYING in states:
        return Readiness(ready=True, reason="An engine answers, and bytes arrive.")
    return Readiness(ready=True, reason="An engine answers.")
