"""What is known of one engine."""

from aiohttp import ClientSession
import pytest

from custom_components.acestream_proxy.proxy.engine import EngineClient
from custom_components.acestream_proxy.proxy.engine.engine import REFUSES_FOR, Engine
from custom_components.acestream_proxy.proxy.errors import EngineRefusedError


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
