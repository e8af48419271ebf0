"""Everything that can break, in every phase of a stream.

Each trouble lasts until the test ends it. What must hold in every cell: players get a sentence
before any 200, or stay on their connection; what they get is whole packets, which after a jump go
on with tables and a random access point; `/ace/status` answers meanwhile; nothing is left in the
end.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from custom_components.acestream_proxy.proxy import StreamState
from demo import packet_numbers
from demo.packets import PACKET_SIZE

from ..proxy.players import Player, address, connected
from ..proxy.streams import LIVE, starts_decodable
from ..proxy.waiting import until
from .report import Report
from .scene import HANG, SECOND, Scene
from .troubles import TROUBLES, Trouble

type Prepare = Callable[[Scene, Trouble], Awaitable[None]]

NO_DATA = (504, "Nobody may be broadcasting now.")
NO_ANSWER = (504, "did not answer within")
GONE = (503, "does not answer")
BROKE = (502, "The connection to the engine broke")
ENDED = (502, "The engine ended the stream.")
NOT_HTTP = (502, "The engine's answer is not HTTP.")
PREMIUM = (502, "The engine refused: To continue, you need to activate premium")

# What players are told; they are not told of anything else, as it keeps no stream from starting.
REFUSED = {
    "starting": {
        "stall": NO_DATA,
        "starving": NO_DATA,
        "reset": BROKE,
        "eof": ENDED,
        "restart": GONE,
        "hang getstream": NO_ANSWER,
        "hang r": NO_DATA,
        "hang content": NO_DATA,
        "garbage getstream": GONE,
        "garbage r": NOT_HTTP,
        "garbage content": NOT_HTTP,
        "garbage in the stream": NO_DATA,
        "half-open": NO_ANSWER,
        "DNS gone": GONE,
        "premium": PREMIUM,
    },
    "prebuffering": {
        "stall": NO_DATA,
        "starving": NO_DATA,
        "reset": BROKE,
        "eof": ENDED,
        "restart": GONE,
        "hang content": NO_DATA,
        "garbage content": NOT_HTTP,
        "garbage in the stream": NO_DATA,
        "half-open": NO_DATA,
        "DNS gone": GONE,
    },
}


@asynccontextmanager
async def asking_at_the_start(scene: Scene, trouble: Trouble) -> AsyncIterator[Player]:
    """Ask for a stream while the trouble is there already."""
    await trouble.begin(scene)
    async with connected(scene.server) as player:
        player.send(address(LIVE))
        yield player


@asynccontextmanager
async def asking_while_prebuffering(scene: Scene, trouble: Trouble) -> AsyncIterator[Player]:
    """Ask for a stream, and let the trouble begin when a session is open but gives nothing yet."""
    scene.engine.faults.prebuffer = 1000
    async with connected(scene.server) as player:
        player.send(address(LIVE))
        await until(lambda: scene.asked_for("/ace/r/"))
        await trouble.begin(scene)
        scene.engine.faults.prebuffer = 0
        yield player


ASKING = {"starting": asking_at_the_start, "prebuffering": asking_while_prebuffering}


@pytest.mark.parametrize(
    ("phase", "trouble", "status", "words"),
    [
        pytest.param(phase, TROUBLES[name], status, words, id=f"{phase}-{name}")
        for phase, refusals in REFUSED.items()
        for name, (status, words) in refusals.items()
    ],
)
async def test_stream_that_cannot_start_is_refused(
    scene: Scene, report: Report, phase: str, trouble: Trouble, status: int, words: str
) -> None:
    """With a status, and a sentence that says why; afterwards it plays."""
    async with ASKING[phase](scene, trouble) as player:
        await look_at_status(scene)
        sentence = await player.text()
    await trouble.end(scene)
    took = await start_and_watch(scene)
    report.add(trouble.name, phase, f"{status}; {took:.2f}")

    assert player.status == status
    assert words in sentence
    await check_in_the_end(scene, trouble)


@pytest.mark.parametrize(
    ("phase", "trouble"),
    [
        pytest.param(phase, trouble, id=f"{phase}-{name}")
        for phase, refusals in REFUSED.items()
        for name, trouble in TROUBLES.items()
        if name not in refusals
    ],
)
async def test_stream_starts_where_it_can(
    scene: Scene, report: Report, phase: str, trouble: Trouble
) -> None:
    """What is not needed to play holds up no player for longer than it takes to give it up."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with ASKING[phase](scene, trouble) as player:
        await look_at_status(scene)
        assert await player.head() == 200
        report.add(trouble.name, phase, f"200; {loop.time() - began:.2f}")
        stream = await player.watch(SECOND // 2)
        await trouble.end(scene)

    assert starts_decodable(stream)
    await check_in_the_end(scene, trouble)


@pytest.mark.parametrize(
    "trouble", [pytest.param(one, id=name) for name, one in TROUBLES.items() if name != "premium"]
)
async def test_watching_goes_on_after_it(scene: Scene, report: Report, trouble: Trouble) -> None:
    """On the same connection, at a random access point where something is missing."""
    async with scene.watching() as viewer:
        await viewer.data_after(0)
        await trouble.begin(scene)
        await trouble.hit(scene)
        await until(lambda: trouble.shows in scene.states)
        await look_at_status(scene)
        await asyncio.sleep(HANG)  # it lasts for longer than a call is waited for
        ended_at = asyncio.get_running_loop().time()
        await trouble.end(scene)
        await until(lambda: scene.state is StreamState.STREAMING)
        took = await viewer.data_after(ended_at)
        await viewer.data_after(asyncio.get_running_loop().time())
    report.add(trouble.name, "streaming", f"stays; {took:.2f} (out {viewer.outage:.2f})")

    assert took < 5
    assert not viewer.player.ended
    assert all(starts_decodable(run) for run in runs_of(viewer.stream))
    await check_in_the_end(scene, trouble)


async def test_watching_ends_where_it_is_refused_for_good(scene: Scene, report: Report) -> None:
    """No use in trying again: the body ends as it should, whole packets to the last."""
    trouble = TROUBLES["premium"]
    async with scene.watching() as viewer:
        await viewer.data_after(0)
        await trouble.begin(scene)
        await trouble.hit(scene)
        await until(lambda: viewer.player.ended)
        await look_at_status(scene)
    report.add(trouble.name, "streaming", "ends cleanly")

    assert StreamState.FAILED in scene.states
    assert all(starts_decodable(run) for run in runs_of(viewer.stream))
    await trouble.end(scene)
    await check_in_the_end(scene, trouble)


@pytest.mark.parametrize("trouble", [pytest.param(one, id=name) for name, one in TROUBLES.items()])
async def test_stream_that_nobody_watches_ends_in_spite_of_it(
    scene: Scene, report: Report, trouble: Trouble
) -> None:
    """At the end of its linger, whatever it is busy with; afterwards the channel plays."""
    scene.linger = HANG
    await start_and_watch(scene)
    await trouble.begin(scene)
    await trouble.hit(scene)
    await until(lambda: not scene.proxy.stats().streams)
    await look_at_status(scene)
    await trouble.end(scene)
    took = await start_and_watch(scene)
    report.add(trouble.name, "lingering", f"ends; {took:.2f}")

    assert took < 5
    await check_in_the_end(scene, trouble)


@pytest.mark.parametrize(
    "trouble", [pytest.param(one, id=name) for name, one in TROUBLES.items() if name != "premium"]
)
async def test_who_comes_back_meanwhile_is_served_after_it(
    scene: Scene, report: Report, trouble: Trouble
) -> None:
    """Within the linger: from the backlog, or as soon as there is something."""
    scene.linger = 5
    await start_and_watch(scene)
    await trouble.begin(scene)
    await trouble.hit(scene)
    await until(lambda: trouble.shows in scene.states)
    coming_back = asyncio.create_task(start_and_watch(scene), name="coming back")
    await look_at_status(scene)
    await asyncio.sleep(HANG)  # it lasts for longer than a call is waited for
    await trouble.end(scene)
    took = await coming_back
    report.add(trouble.name, "returning", f"200; {took:.2f}")

    scene.linger = 0.05
    await start_and_watch(scene)
    await check_in_the_end(scene, trouble)


async def test_who_comes_back_to_a_refusal_is_told(scene: Scene, report: Report) -> None:
    """Which ended the stream meanwhile."""
    trouble = TROUBLES["premium"]
    scene.linger = 5
    await start_and_watch(scene)
    await trouble.begin(scene)
    await trouble.hit(scene)
    await until(lambda: not scene.proxy.stats().streams)
    await look_at_status(scene)
    async with connected(scene.server) as player:
        player.send(address(LIVE))
        sentence = await player.text()
    report.add(trouble.name, "returning", f"{player.status}")

    assert player.status == 502
    assert "activate premium" in sentence
    await trouble.end(scene)
    await check_in_the_end(scene, trouble)


async def look_at_status(scene: Scene) -> None:
    """Ask for the status several times while the trouble lasts."""
    for _ in range(5):
        await scene.look_at_status()


async def start_and_watch(scene: Scene) -> float:
    """Watch for a moment; return how long the first byte took."""
    asked_at = asyncio.get_running_loop().time()
    async with scene.watching() as viewer:
        took = await viewer.data_after(asked_at)
    assert viewer.player.status == 200
    assert all(starts_decodable(run) for run in runs_of(viewer.stream))
    return took


def runs_of(stream: bytes) -> list[bytes]:
    """Return a stream's parts without gaps: it is cut where a packet does not follow the last.

    The tables that a newcomer is sent first may be older than what follows them, so the first
    two packets are no part of it.
    """
    numbers = packet_numbers(stream)
    starts = [0]
    starts += [at for at in range(3, len(numbers)) if numbers[at] != numbers[at - 1] + 1]
    ends = [*starts[1:], len(numbers)]
    return [stream[a * PACKET_SIZE : b * PACKET_SIZE] for a, b in zip(starts, ends, strict=True)]


async def check_in_the_end(scene: Scene, trouble: Trouble) -> None:
    """See that status answered at once, and that nothing is left."""
    await scene.nothing_is_left()
    # A busy machine makes some of them late; whatever waited for an engine would be late each time.
    assert min(scene.status_times) < HANG / 2
    assert scene.malformed_requests() == []
    assert {session.stopped_by for session in scene.engine.sessions} <= trouble.ends
