"""What names stand for."""

import asyncio
import gc

import pytest

from custom_components.acestream_proxy.proxy import ContentKey
from custom_components.acestream_proxy.proxy.engine import Resolver, resolver as resolver_module
from custom_components.acestream_proxy.proxy.engine.client import CANNOT_LOAD, ContentFacts
from custom_components.acestream_proxy.proxy.errors import (
    EngineError,
    EngineProtocolError,
    EngineRefusedError,
    EngineUnreachableError,
)

from ..waiting import until

ID = ContentKey.parse("a" * 40)
INFOHASH = ContentKey.parse("infohash:" + "b" * 40)
URL = ContentKey.parse("http://example.org/x.acelive")


class Asked:
    """Answers questions about content, and remembers them."""

    def __init__(self, answers: dict[ContentKey, ContentFacts | EngineError]) -> None:
        """Know these; all else is unknown."""
        self._answers = answers
        self.questions: list[ContentKey] = []

    async def __call__(self, content: ContentKey) -> ContentFacts:
        """Answer."""
        self.questions.append(content)
        await asyncio.sleep(0)
        answer = self._answers.get(content, EngineRefusedError(CANNOT_LOAD))
        if isinstance(answer, EngineError):
            raise answer
        return answer


FACTS = ContentFacts(infohash=INFOHASH.value, name="One", is_live=True)


async def test_all_names_lead_to_the_infohash() -> None:
    """And each is asked for once, by however many."""
    asked = Asked({ID: FACTS, INFOHASH: FACTS, URL: FACTS})
    resolver = Resolver(asked)
    found = await asyncio.gather(*(resolver.resolve(ID) for _ in range(5)), resolver.resolve(URL))
    again = await resolver.resolve(ID)

    assert {one.key for one in found} == {INFOHASH}
    assert (again.asked, again.name, again.is_live) == (ID, "One", True)
    assert sorted(asked.questions) == sorted([ID, URL])
    assert resolver.names(INFOHASH) == {ID, URL, INFOHASH}
    known = resolver.known(INFOHASH)
    assert known is not None
    assert known.key == INFOHASH


@pytest.mark.parametrize(
    ("given", "turned"),
    [
        (ID, ContentKey.parse("infohash:" + ID.value)),
        (INFOHASH, ContentKey.parse(INFOHASH.value)),
    ],
)
async def test_hash_in_the_wrong_form_is_found(given: ContentKey, turned: ContentKey) -> None:
    """Public links often carry an infohash as a content ID."""
    found = await Resolver(Asked({turned: FACTS})).resolve(given)
    assert (found.key, found.asked) == (INFOHASH, turned)


@pytest.mark.parametrize("content", [ID, URL])
async def test_content_that_nobody_knows_is_refused(content: ContentKey) -> None:
    """And asked for again the next time: it may be known then."""
    asked = Asked({})
    resolver = Resolver(asked)
    for _ in range(2):
        with pytest.raises(EngineRefusedError, match=CANNOT_LOAD):
            await resolver.resolve(content)
    assert asked.questions.count(content) == 2
    assert resolver.known(content) is None


@pytest.mark.parametrize(
    "error",
    [EngineRefusedError("unknown method"), EngineProtocolError("x"), EngineUnreachableError("x")],
)
async def test_engine_that_does_not_say_is_no_reason_not_to_play(error: EngineError) -> None:
    """The name stands for itself then, and only for now."""
    resolver = Resolver(Asked({ID: error}))
    found = await resolver.resolve(ID)
    assert found.key == found.asked == ID
    assert resolver.known(ID) is None


async def test_who_asked_first_may_leave() -> None:
    """The others still get their answer."""
    asked = Asked({ID: FACTS})
    resolver = Resolver(asked)
    first, second = (asyncio.create_task(resolver.resolve(ID)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).key == INFOHASH
    assert asked.questions == [ID]


async def test_failure_that_nobody_waits_for_is_no_error_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Who left before an engine refused is not told, and nor is the log."""
    resolver = Resolver(Asked({}))
    asking = asyncio.create_task(resolver.resolve(URL))
    await asyncio.sleep(0)
    asking.cancel()
    await until(lambda: not resolver._asking)
    gc.collect()
    assert caplog.records == []


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes up names pushes out old ones."""
    monkeypatch.setattr(resolver_module, "_MAX_REMEMBERED", 5)
    names = [ContentKey.parse(f"{number:040x}") for number in range(20)]
    resolver = Resolver(Asked(dict.fromkeys(names, FACTS)))
    for name in names:
        await resolver.resolve(name)
    assert len(resolver._known) <= 6


async def test_stop_ends_what_is_asked() -> None:
    """Nothing is left."""
    resolver = Resolver(Asked({ID: FACTS}))
    asking = asyncio.create_task(resolver.resolve(ID))
    await asyncio.sleep(0)
    await resolver.stop()
    await asyncio.wait({asking})
    assert not resolver._asking
