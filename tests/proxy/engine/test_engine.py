"""What is known of one engine."""

from aiohttp import ClientSession
import pytest

from custom_components.acestream_proxy.proxy.engine import EngineClient
from custom_components.acestream_proxy.proxy.engine.engine import (
    FRUITLESS_COUNTS_FOR,
    REFUSES_FOR,
    Engine,
)
from custom_components.acestream_proxy.proxy.errors import (
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    StreamStartTimeoutError,
)


class Clock:
    """The time, as the test wants it."""

    now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def an_engine(session: ClientSession, clock: Clock) -> Engine:
    """Return an engine that nobody asked for anything yet."""
    return Engine("one", EngineClient(session, "127.0.0.1:1"), clock)


async def test_engine_that_refuses_for_good_is_known_for_a_day(
    an_engine: Engine, clock: Clock
) -> None:
    """In its own words; perhaps nobody tried it since it was mended."""
    an_engine.refused(EngineRefusedError("mod_detected"))
    assert an_engine.stats().refusal == "mod_detected"
    clock.now = REFUSES_FOR - 1
    assert an_engine.stats().refusal == "mod_detected"
    clock.now = REFUSES_FOR
    assert an_engine.stats().refusal is None


async def test_engine_that_plays_does_not_refuse_any_more(an_engine: Engine) -> None:
    """Whatever it said before."""
    an_engine.refused(EngineRefusedError("mod_detected"))
    an_engine.played()
    assert an_engine.stats().refusal is None


async def test_what_is_wrong_with_content_says_nothing_of_the_engine(an_engine: Engine) -> None:
    """Another channel may play."""
    an_engine.refused(EngineRefusedError("cannot load content"))
    assert an_engine.stats().refusal is None


NOTHING = StreamStartTimeoutError("Nothing came.")


async def test_one_content_counts_once_however_often_it_gave_nothing(an_engine: Engine) -> None:
    """Mostly nobody broadcasts it; several say something of the engine."""
    for content in ("one", "two", "one", "one"):
        an_engine.broke(content, NOTHING, flowed=False)
    assert (an_engine.stats().fruitless, an_engine.stats().broken) == (2, 4)


async def test_what_plays_proves_that_the_engine_is_well(an_engine: Engine) -> None:
    """And what broke after it had played says nothing against it."""
    an_engine.broke("one", NOTHING, flowed=False)
    an_engine.played()
    assert an_engine.stats().fruitless == 0
    an_engine.broke("one", NOTHING, flowed=True)
    assert (an_engine.stats().fruitless, an_engine.stats().broken) == (0, 2)


async def test_what_came_to_nothing_is_forgotten(an_engine: Engine, clock: Clock) -> None:
    """Each in its time; what is tried again is remembered from then on."""
    an_engine.broke("one", NOTHING, flowed=False)
    an_engine.broke("two", NOTHING, flowed=False)
    clock.now = 100
    an_engine.broke("one", NOTHING, flowed=False)
    clock.now = FRUITLESS_COUNTS_FOR
    assert an_engine.stats().fruitless == 1
    clock.now = FRUITLESS_COUNTS_FOR + 100
    assert an_engine.stats().fruitless == 0


async def test_not_more_is_remembered_than_is_needed(an_engine: Engine) -> None:
    """Whoever makes up contents fills no memory."""
    for content in range(1000):
        an_engine.broke(content, NOTHING, flowed=False)
    assert an_engine.stats().fruitless == 100


async def test_engine_that_was_not_there_begins_anew(an_engine: Engine) -> None:
    """It was restarted, perhaps because nothing played; one that was only slow was not."""
    silent = EngineTimeoutError("Too slow.")
    an_engine.broke("one", silent, flowed=False)
    an_engine.unreachable(silent)
    an_engine.answered()
    assert an_engine.stats().fruitless == 1
    gone = EngineUnreachableError("Gone.")
    an_engine.broke("two", gone, flowed=False)
    assert an_engine.stats().fruitless == 1
    an_engine.unreachable(gone)
    an_engine.answered()
    assert an_engine.stats().fruitless == 0
