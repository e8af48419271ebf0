"""Several engines as one."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, EngineUnreachableError
from custom_components.acestream_proxy.proxy.engine import (
    EngineOptions,
    EnginePool,
    pool as pool_module,
)
from custom_components.acestream_proxy.proxy.errors import (
    EngineRefusedError,
    EngineTimeoutError,
    LimitReachedError,
    StreamEndedError,
    StreamStartTimeoutError,
)
from demo import EmulatedEngine, Faults, SyntheticMedia

from ..streams import LIVE, OTHER
from .scripted import answer, scripted

CONTENT = ContentKey.parse(LIVE.content_id)
SECOND = ContentKey.parse(OTHER.content_id)


@pytest.fixture
async def other(faults: Faults) -> AsyncIterator[EmulatedEngine]:
    """Another engine."""
    async with EmulatedEngine(media=SyntheticMedia(), faults=Faults(unknown_id_delay=0)) as engine:
        yield engine


@pytest.fixture
async def pool(session: ClientSession, engine: EmulatedEngine, other: EmulatedEngine) -> EnginePool:
    """Both engines."""
    pool = EnginePool(session)
    pool.add("one", engine.url)
    pool.add("two", other.url)
    return pool


async def test_engine_with_the_fewest_sessions_is_chosen(
    pool: EnginePool, engine: EmulatedEngine, other: EmulatedEngine
) -> None:
    """Also while a session is only being opened."""
    async with pool.play(CONTENT) as (first, _), pool.play(SECOND) as (second, _):
        assert (first.engine_id, second.engine_id) == ("one", "two")
        assert [one.stats().sessions for one in pool] == [1, 1]
    assert (engine.starts, other.starts) == (1, 1)
    assert (engine.stops, other.stops) == (1, 1)
    assert [one.stats().sessions for one in pool] == [0, 0]


async def test_engine_is_given_no_more_than_it_may_have(
    session: ClientSession, engine: EmulatedEngine
) -> None:
    """Who asks for one more is told so, and no engine is asked."""
    pool = EnginePool(session, most_sessions=1)
    pool.add("one", engine.url)
    async with pool.play(CONTENT):
        with pytest.raises(LimitReachedError, match="Try again later"):
            async with pool.play(SECOND):
                pass
    assert engine.starts == 1
    assert pool.refused == 1
    async with pool.play(SECOND):
        assert engine.starts == 2


async def test_engines_are_talked_to_as_is_said_later(
    session: ClientSession, engine: EmulatedEngine
) -> None:
    """Those that are there, and those that come; a session that is open goes on."""
    pool = EnginePool(session, most_sessions=1)
    pool.add("one", engine.url)
    patient = EngineOptions(start_timeout=60)
    async with pool.play(CONTENT):
        pool.adjust(patient, None)
        async with pool.play(SECOND):
            assert [one.stats().sessions for one in pool] == [2]
            assert engine.stops == 0
    pool.add("two", engine.url)
    assert [one.client.options for one in pool] == [patient, patient]


async def test_engine_that_is_gone_is_passed_over(
    pool: EnginePool, engine: EmulatedEngine, other: EmulatedEngine
) -> None:
    """And comes last from then on, until it answers."""
    await engine.stop()
    async with pool.play(CONTENT) as (chosen, _):
        assert chosen.engine_id == "two"
    gone, _ = pool
    assert not gone.stats().reachable
    assert "does not answer" in str(gone.stats().error)

    await engine.start()
    await gone.check()

    assert gone.stats().reachable
    assert gone.stats().error is None
    assert gone.stats().version is not None


async def test_silent_engine_is_passed_over(
    session: ClientSession, engine: EmulatedEngine, other: EmulatedEngine
) -> None:
    """Whoever watches does not wait for ever."""
    impatient = EngineOptions(start_timeout=0.1, late_timeout=0)
    pool = EnginePool(session, options=impatient)
    pool.add("one", engine.url)
    pool.add("two", other.url)
    engine.faults.hang = {"getstream"}
    async with pool.play(CONTENT) as (chosen, _):
        assert chosen.engine_id == "two"


async def test_engine_that_gave_nothing_comes_after_others(pool: EnginePool) -> None:
    """Not for long, and no worse for it: mostly it is the content. Once it plays, not at all."""

    async def give_nothing() -> None:
        async with pool.play(CONTENT) as (chosen, _):
            tried.append(chosen.engine_id)
            raise StreamStartTimeoutError("Nobody.")

    tried: list[str] = []
    for _ in range(2):
        with pytest.raises(StreamStartTimeoutError):
            await give_nothing()
    assert tried == ["one", "two"]
    assert [one.stats().failures for one in pool] == [0, 0]

    async with pool.play(CONTENT) as (chosen, playback):
        assert chosen.engine_id == "one"
        await anext(playback.reader())
        assert chosen.preference == (False, False, 0, False, 1)


async def test_refusal_is_the_answer(pool: EnginePool, engine: EmulatedEngine) -> None:
    """Another engine would say the same, and this one is no worse for it."""
    engine.faults.refuse_text = "no"
    with pytest.raises(EngineRefusedError):
        async with pool.play(CONTENT):
            pass
    assert [one.stats().failures for one in pool] == [0, 0]


async def test_search_is_answered_by_an_engine_that_searches(
    pool: EnginePool, engine: EmulatedEngine, other: EmulatedEngine
) -> None:
    """Be it that another one is gone; without any it is an error."""
    await engine.stop()
    assert [found.infohash for found in await pool.search(LIVE.name)] == [LIVE.infohash]
    await other.stop()
    with pytest.raises(EngineUnreachableError):
        await pool.search(LIVE.name)


async def test_engine_that_refuses_to_search_is_passed_over(
    session: ClientSession, engine: EmulatedEngine
) -> None:
    """Old ones want a token."""
    pool = EnginePool(session)
    async with scripted(answer({"error": "access denied"})) as old:
        pool.add("old", old.url)
        pool.add("one", engine.url)
        assert await pool.search(LIVE.name)
    assert len(old.requests) == 1


def page_of(*infohashes: int, total: object) -> bytes:
    """Return a page of channels with one item each."""
    channels = [{"items": [{"infohash": f"{infohash:040x}"}]} for infohash in infohashes]
    return answer({"result": {"total": total, "results": channels}})


@pytest.mark.parametrize(
    ("pages", "most", "asked", "count"),
    [
        pytest.param([page_of(1, 2, total=2)], 5, 1, 2, id="one page"),
        pytest.param([page_of(1, 2, total=3), page_of(3, total=3)], 5, 2, 3, id="two pages"),
        pytest.param([page_of(1, 2, total=9)], 2, 1, 2, id="as many as are wanted"),
        pytest.param([page_of(1, 2, 3, total=9)], 2, 1, 2, id="more than are wanted"),
        pytest.param([page_of(1, 2, total=9)] * 9, 5, 3, 2, id="the same page without end"),
        pytest.param([page_of(1, total=9), page_of(total=9)], 5, 2, 1, id="an empty page"),
        pytest.param([page_of(1, total="x"), page_of(total=None)], 5, 2, 1, id="no total"),
        pytest.param([], 0, 0, 0, id="nothing is wanted"),
    ],
)
async def test_pages_are_turned_until_there_is_enough(
    session: ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    pages: list[bytes],
    most: int,
    asked: int,
    count: int,
) -> None:
    """Whatever the engine says of how many there are."""
    monkeypatch.setattr(pool_module, "MAX_PAGE", 2)
    pool = EnginePool(session)
    async with scripted(*pages) as engine:
        pool.add("one", engine.url)
        assert len(await pool.search("x", most=most)) == count
    numbers = [parse_qs(urlsplit(line.split()[1]).query)["page"] for line in engine.requests]
    assert numbers == [[f"{number}"] for number in range(asked)]


async def test_all_gone_is_an_error(
    pool: EnginePool, engine: EmulatedEngine, other: EmulatedEngine
) -> None:
    """The last one's; nothing is counted as open."""
    await engine.stop()
    await other.stop()
    with pytest.raises(EngineUnreachableError):
        async with pool.play(CONTENT):
            pass
    with pytest.raises((EngineUnreachableError, EngineTimeoutError)):
        await pool.facts(CONTENT)
    assert [one.stats().sessions for one in pool] == [0, 0]


async def test_no_engine_is_an_error(session: ClientSession) -> None:
    """With a sentence that says what to do."""
    pool = EnginePool(session)
    with pytest.raises(EngineUnreachableError, match="No AceStream engine is set up"):
        await pool.facts(CONTENT)


async def test_removed_engine_is_not_asked(pool: EnginePool, engine: EmulatedEngine) -> None:
    """Removing it twice is nothing."""
    pool.remove("one")
    pool.remove("one")
    async with pool.play(CONTENT) as (chosen, _):
        assert chosen.engine_id == "two"
    assert engine.requests == []


async def break_once(pool: EnginePool, breaks: Counter[str]) -> str:
    """Play until the stream breaks; return which engine it was."""
    chosen: list[str] = []

    async def play() -> None:
        async with pool.play(CONTENT, breaks=breaks) as (one, _):
            chosen.append(one.engine_id)
            raise StreamEndedError("It broke.")

    with pytest.raises(StreamEndedError):
        await play()
    return chosen[0]


async def test_broadcast_that_keeps_breaking_gets_another_engine(pool: EnginePool) -> None:
    """One that failed is tried last."""
    breaks: Counter[str] = Counter()
    chosen = [await break_once(pool, breaks) for _ in range(6)]
    assert set(chosen) == {"one", "two"}
    assert breaks.total() == 6


async def test_engine_that_keeps_failing_is_left_alone(pool: EnginePool) -> None:
    """It rests, and one that plays is well again."""
    pool.remove("two")
    for _ in range(3):
        await break_once(pool, Counter())
    (engine,) = pool
    assert engine.stats().resting
    assert engine.stats().failures == 3

    async with pool.play(CONTENT) as (_, playback):
        await anext(playback.reader())

    assert not engine.stats().resting


async def test_pause_ends_when_an_engine_is_back(
    pool: EnginePool, engine: EmulatedEngine, other: EmulatedEngine
) -> None:
    """Nobody waits out a delay that has become pointless."""
    await engine.stop()
    await other.stop()
    waiting = asyncio.create_task(pool.pause(60))
    await asyncio.sleep(0)
    await engine.start()
    async with asyncio.timeout(5):
        await waiting


async def test_pause_is_kept_where_an_engine_answers(pool: EnginePool) -> None:
    """The engine is well: what it needs is time."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await pool.pause(0.1)
    assert loop.time() - began >= 0.1


async def test_facts_come_from_who_answers(
    pool: EnginePool, engine: EmulatedEngine, other: EmulatedEngine
) -> None:
    """Asking opens no session."""
    await engine.stop()
    facts = await pool.facts(CONTENT)
    assert (facts.infohash, facts.name, facts.is_live) == (LIVE.infohash, LIVE.name, True)
    assert other.starts == 0


async def test_what_came_of_sessions_is_known(
    session: ClientSession, engine: EmulatedEngine
) -> None:
    """How many opened, ended and broke, and of how many contents nothing came."""
    pool = EnginePool(session)
    one = pool.add("one", engine.url)

    def books() -> tuple[int, int, int, int]:
        stats = one.stats()
        return stats.opened, stats.closed, stats.broken, stats.fruitless

    async with pool.play(CONTENT):
        assert books() == (1, 0, 0, 0)
    assert books() == (1, 1, 0, 0)
    with pytest.raises(StreamStartTimeoutError):
        async with pool.play(CONTENT):
            raise StreamStartTimeoutError
    assert books() == (2, 2, 1, 1)
    engine.faults.refuse_text = "no"
    with pytest.raises(EngineRefusedError):
        async with pool.play(SECOND):
            pass
    assert books() == (2, 2, 2, 2)
    engine.faults.refuse_text = ""
    async with pool.play(CONTENT) as (_, playback):
        await anext(playback.reader())
    assert books() == (3, 3, 2, 0)
