"""Relaying one upstream to many subscribers.

Upstreams are lists and subscribers keep what they get: no sockets.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from custom_components.acestream_proxy.proxy.broadcast import (
    Broadcast,
    BroadcastOptions,
    StreamState,
    SubscriberStats,
)
from custom_components.acestream_proxy.proxy.broadcast.backlog import MAX_BYTES
from custom_components.acestream_proxy.proxy.broadcast.retry import Retry
from custom_components.acestream_proxy.proxy.errors import (
    EngineBusyError,
    EngineRefusedError,
    EngineUnreachableError,
    ProxyStoppedError,
    StreamEndedError,
    StreamStartTimeoutError,
)
from custom_components.acestream_proxy.proxy.mpegts import PACKET_SIZE, PictureFormat
from demo import packet_numbers
from demo.packets import VIDEO_PID, null_packet, pes_packets

from ..fakes import NEVER, FakeSubscriber, FakeUpstream, FakeUpstreams, Step
from ..streams import is_gapless, is_keyframe, packets_of, starts_decodable, synthetic
from ..waiting import PATIENCE, until

STREAM = synthetic(0.1, 2)
"""Begins in the middle of a group."""

LATER = synthetic(100.1, 102)
"""The same channel after a break."""

NOTHING: list[Step] = []
SILENCE: list[Step] = [NEVER]

type Run = Callable[..., Awaitable[Broadcast]]


@pytest.fixture
async def run() -> AsyncIterator[Run]:
    """Start a broadcast of some upstreams; it ends with the test."""
    tasks: list[asyncio.Task[None]] = []

    async def start(
        upstreams: FakeUpstreams, on_change: Callable[[], None] = lambda: None, **options: float
    ) -> Broadcast:
        broadcast = Broadcast(
            upstreams.open,
            options=BroadcastOptions(**options),
            on_change=on_change,
        )
        tasks.append(asyncio.create_task(broadcast.run()))
        return broadcast

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def flowing(broadcast: Broadcast) -> None:
    """Wait for a broadcast, but not for ever."""
    async with asyncio.timeout(PATIENCE):
        await broadcast.flowing()


async def subscribed(broadcast: Broadcast) -> FakeSubscriber:
    """Return a subscriber of a broadcast that flows."""
    await flowing(broadcast)
    subscriber = FakeSubscriber()
    broadcast.subscribe(subscriber)
    return subscriber


def in_pieces(stream: bytes, size: int) -> list[Step]:
    """Return a stream as reads of a size that fits no packet."""
    return [stream[at : at + size] for at in range(0, len(stream), size)]


async def test_every_subscriber_gets_the_same_bytes_without_a_gap(run: Run) -> None:
    """All are handed the same objects, in order, in whole packets, read once."""
    go, end = asyncio.Event(), asyncio.Event()
    upstreams = FakeUpstreams([STREAM, go, *in_pieces(synthetic(2, 4), 1000), end])
    broadcast = await run(upstreams)
    first, second = await subscribed(broadcast), await subscribed(broadcast)

    go.set()
    await until(lambda: broadcast.stats().bytes_in == len(STREAM + synthetic(2, 4)))

    assert first.chunks == second.chunks
    assert first.received == second.received
    assert starts_decodable(first.received)
    assert is_gapless(first.received)
    assert packets_of(first.received)[-1] == packets_of(synthetic(2, 4))[-1]
    assert upstreams.opened == 1


async def test_newcomer_begins_at_the_backlog(run: Run) -> None:
    """In the middle of a group it does not wait for the next one."""
    middle = asyncio.Event()
    broadcast = await run(FakeUpstreams([synthetic(0.1, 1.7), middle]))

    newcomer = await subscribed(broadcast)

    assert starts_decodable(newcomer.received)
    assert packet_numbers(newcomer.received)[-1] == packet_numbers(synthetic(1.6, 1.7))[-1]


async def test_broadcast_begins_at_a_random_access_point(run: Run) -> None:
    """What comes before is of no use to anybody, and is not waited with."""
    beginning = asyncio.Event()
    broadcast = await run(FakeUpstreams([synthetic(0.1, 0.3), beginning, STREAM, NEVER]))
    await until(lambda: broadcast.stats().bytes_in)
    assert broadcast.state is StreamState.PREBUFFERING

    beginning.set()

    assert is_keyframe((await subscribed(broadcast)).chunks[0].data)


async def test_long_prebuffering_does_not_use_up_the_patience(run: Run) -> None:
    """The search for a random access point begins with the first bytes, however late."""
    beginning, middle = asyncio.Event(), asyncio.Event()
    broadcast = await run(
        FakeUpstreams([beginning, synthetic(0.1, 0.3), middle, STREAM, NEVER]),
        random_access_patience=0.05,
    )
    loop = asyncio.get_running_loop()
    loop.call_later(0.1, beginning.set)
    await until(lambda: broadcast.stats().bytes_in)
    middle.set()

    assert starts_decodable((await subscribed(broadcast)).received)


async def test_stream_without_random_access_points_is_passed_on_in_the_end(run: Run) -> None:
    """Better a player that has to search than none."""
    packets = null_packet() * 10
    steps: list[Step] = [packets, packets, NEVER]
    broadcast = await run(FakeUpstreams(steps), random_access_patience=-1)
    subscriber = await subscribed(broadcast)
    assert subscriber.received == b""
    assert broadcast.stats().state is StreamState.STREAMING


async def test_unsubscribed_gets_nothing_more(run: Run) -> None:
    """Leaving stops the bytes; leaving twice is nothing."""
    go = asyncio.Event()
    broadcast = await run(FakeUpstreams([STREAM, go, synthetic(2, 3), NEVER]))
    await flowing(broadcast)
    subscriber = FakeSubscriber()
    unsubscribe = broadcast.subscribe(subscriber)
    before = len(subscriber.chunks)

    unsubscribe()
    unsubscribe()
    go.set()
    await until(lambda: broadcast.stats().bytes_in == len(STREAM + synthetic(2, 3)))

    assert len(subscriber.chunks) == before
    assert not subscriber.closed
    assert broadcast.stats().viewers == 0


async def test_burst_waits_a_moment_for_who_is_slow_but_moving(run: Run) -> None:
    """The upstream is not read while somebody would lose some of it, but not for long."""
    go = asyncio.Event()
    frame = pes_packets(VIDEO_PID, bytes(184 * 5600), pts=1)
    broadcast = await run(FakeUpstreams([STREAM, go, *[frame] * 25, NEVER]), max_patience=0.05)
    slow = await subscribed(broadcast)
    slow.stats.holds_up = True

    go.set()
    await until(lambda: broadcast._backlog.nearly_full)
    held_up = broadcast.stats().bytes_in
    await until(lambda: broadcast.stats().bytes_in > held_up)

    assert held_up < 25 * len(frame)


async def test_stats_outlive_subscribers(run: Run) -> None:
    """What became of those that have left is still counted."""
    broadcast = await run(FakeUpstreams([STREAM, NEVER]))
    await flowing(broadcast)
    subscriber = FakeSubscriber()
    unsubscribe = broadcast.subscribe(subscriber)
    subscriber.stats = SubscriberStats(sent=1000, lag=70, skips=2, dropped=True)
    now = broadcast.stats()

    unsubscribe()

    later = broadcast.stats()
    assert (now.bytes_out, now.lag, now.skips, now.dropped, now.viewers) == (1000, 70, 2, 1, 1)
    assert (later.bytes_out, later.lag, later.skips, later.dropped) == (1000, 0, 2, 1)
    assert later.viewers == 0


async def test_stats_count_what_passes(run: Run) -> None:
    """Bytes in, who watches, and what the stream is."""
    go = asyncio.Event()
    broadcast = await run(FakeUpstreams([STREAM, go, synthetic(2, 3), NEVER]))
    await subscribed(broadcast)
    await subscribed(broadcast)

    go.set()
    await until(lambda: broadcast.stats().bytes_in == len(STREAM + synthetic(2, 3)))

    assert broadcast.stats().viewers == 2
    assert broadcast.program is not None
    assert broadcast.program.video is not None
    assert broadcast.program.video.pid == VIDEO_PID
    assert broadcast.picture == PictureFormat(640, 360, 25.0, interlaced=False)


@pytest.mark.usefixtures("quick_retry")
async def test_after_a_break_the_stream_goes_on_at_a_random_access_point(run: Run) -> None:
    """Subscribers stay; what they get next is PAT, PMT and a random access point."""
    cut = asyncio.Event()
    upstreams = FakeUpstreams([STREAM, cut], [LATER, NEVER])
    broadcast = await run(upstreams)
    subscriber = await subscribed(broadcast)
    before = len(subscriber.chunks)

    cut.set()
    await until(lambda: len(subscriber.chunks) > before)

    first = subscriber.chunks[before]
    assert starts_decodable(first.data)
    assert first.discontinuity
    assert not any(chunk.discontinuity for chunk in subscriber.chunks[before + 1 :])
    assert not subscriber.closed
    assert (upstreams.opened, upstreams.closed) == (2, 1)
    assert broadcast.stats().reconnects == 1
    assert broadcast.stats().error == "The engine ended the stream."


@pytest.mark.usefixtures("quick_retry")
async def test_backlog_does_not_reach_across_a_break(run: Run) -> None:
    """Whoever comes after it gets nothing from before."""
    cut = asyncio.Event()
    broadcast = await run(FakeUpstreams([STREAM, cut], [LATER, NEVER]))
    await flowing(broadcast)
    cut.set()
    await until(lambda: broadcast.stats().reconnects)

    newcomer = await subscribed(broadcast)

    assert min(packet_numbers(newcomer.received)) >= packet_numbers(LATER)[0] - 100
    assert starts_decodable(newcomer.received)


@pytest.mark.usefixtures("quick_retry")
async def test_half_a_packet_before_a_break_is_forgotten(run: Run) -> None:
    """Bytes of two upstreams are never put together."""
    cut = asyncio.Event()
    broadcast = await run(FakeUpstreams([STREAM[:-100], cut], [LATER, NEVER]))
    subscriber = await subscribed(broadcast)
    cut.set()
    await until(lambda: broadcast.stats().bytes_in == len(STREAM) - PACKET_SIZE + len(LATER))

    packets_of(subscriber.received)


@pytest.mark.usefixtures("quick_retry")
async def test_states_of_a_stream_that_breaks_are_announced(run: Run) -> None:
    """Each change is pushed, in order."""
    seen: list[StreamState] = []
    cut = asyncio.Event()
    upstreams = FakeUpstreams([cut, STREAM, cut], [LATER, NEVER])
    broadcast = Broadcast(upstreams.open, on_change=lambda: seen.append(broadcast.state))
    task = asyncio.create_task(broadcast.run())
    cut.set()
    await until(lambda: StreamState.RECONNECTING in seen)
    await until(lambda: broadcast.state is StreamState.STREAMING)
    task.cancel()
    await asyncio.wait({task})

    assert seen == ["prebuffering", "streaming", "reconnecting", "streaming", "stopped"]


async def test_silence_is_a_stall_and_data_ends_it(run: Run) -> None:
    """`stalled`, then `streaming`, with the upstream kept."""
    silence = asyncio.Event()
    upstreams = FakeUpstreams([STREAM, silence, synthetic(2, 3), NEVER])
    broadcast = await run(upstreams, stall_after=0.02)
    await flowing(broadcast)
    await until(lambda: broadcast.state is StreamState.STALLED)

    silence.set()

    await until(lambda: broadcast.stats().bytes_in == len(STREAM + synthetic(2, 3)))
    assert broadcast.state is not StreamState.RECONNECTING
    assert upstreams.opened == 1


@pytest.mark.usefixtures("quick_retry")
async def test_long_silence_opens_the_upstream_anew(run: Run) -> None:
    """An open connection that brings nothing is given up."""
    upstreams = FakeUpstreams([STREAM, NEVER], [LATER, NEVER])
    broadcast = await run(upstreams, stall_after=0.01, reconnect_after=0.03)
    await until(lambda: broadcast.stats().reconnects)
    assert broadcast.stats().error == "No data came for a while."
    assert upstreams.closed == 1


@pytest.mark.parametrize(
    ("script", "error", "words"),
    [
        pytest.param([NEVER], StreamStartTimeoutError, "No data came within", id="silent"),
        pytest.param(
            [EngineUnreachableError("Down.")], EngineUnreachableError, "Down", id="engine down"
        ),
    ],
)
async def test_stream_that_does_not_start_fails_at_once(
    run: Run, script: list[Step], error: type[Exception], words: str
) -> None:
    """Before the first data there is no second try where it would not help: who waits is told."""
    upstreams = FakeUpstreams(script)
    broadcast = await run(upstreams, start_timeout=0.02, stall_after=0.02)

    with pytest.raises(error, match=words):
        await flowing(broadcast)

    assert broadcast.state is StreamState.FAILED
    assert words in str(broadcast.stats().error)
    assert (upstreams.opened, upstreams.closed) == (1, 1)


@pytest.mark.usefixtures("quick_retry")
@pytest.mark.parametrize(
    "script",
    [
        pytest.param([], id="ends at once"),
        pytest.param([EngineBusyError("Taken.")], id="somebody else reads it"),
    ],
)
async def test_stream_that_breaks_before_it_starts_is_tried_again(
    run: Run, script: list[Step]
) -> None:
    """An engine that restarts just then costs whoever waits a moment, not the programme."""
    upstreams = FakeUpstreams(script, [STREAM, NEVER])
    broadcast = await run(upstreams)
    await flowing(broadcast)
    assert (upstreams.opened, broadcast.state) == (2, StreamState.STREAMING)


@pytest.mark.usefixtures("quick_retry")
async def test_stream_that_breaks_again_and_again_before_it_starts_fails(run: Run) -> None:
    """Whoever waits is told soon."""
    upstreams = FakeUpstreams([], [], [], [], [])
    broadcast = await run(upstreams)
    with pytest.raises(StreamEndedError, match="ended the stream"):
        await flowing(broadcast)
    assert (upstreams.opened, upstreams.closed) == (4, 4)


@pytest.mark.usefixtures("quick_retry")
async def test_final_refusal_after_a_break_ends_it(run: Run) -> None:
    """Some words of an engine mean that asking again is no use."""
    cut = asyncio.Event()
    broadcast = await run(FakeUpstreams([STREAM, cut], [EngineRefusedError("mod_detected")]))
    subscriber = await subscribed(broadcast)
    cut.set()
    await until(lambda: subscriber.closed)
    assert isinstance(subscriber.error, EngineRefusedError)


@pytest.mark.usefixtures("quick_retry")
async def test_other_refusals_after_a_break_are_tried_again(run: Run) -> None:
    """An engine that just restarted may not find anything for a while."""
    cut = asyncio.Event()
    refusal = EngineRefusedError("failed to load content")
    broadcast = await run(FakeUpstreams([STREAM, cut], [refusal], [LATER, NEVER]))
    subscriber = await subscribed(broadcast)
    cut.set()
    await until(lambda: broadcast.stats().bytes_in == len(STREAM) + len(LATER))
    assert not subscriber.closed


@pytest.mark.usefixtures("quick_retry")
async def test_attempts_are_bounded(run: Run) -> None:
    """A stream that stays away fails for good; its subscribers get a clean end."""
    cut = asyncio.Event()
    upstreams = FakeUpstreams([STREAM, cut], *([NOTHING] * 99))
    broadcast = await run(upstreams, give_up_after=0.1)
    subscriber = await subscribed(broadcast)
    cut.set()
    await until(lambda: subscriber.closed)

    assert broadcast.state is StreamState.FAILED
    assert upstreams.opened == upstreams.closed > 2
    assert isinstance(subscriber.error, StreamEndedError)


@pytest.mark.usefixtures("quick_retry")
async def test_waiting_for_data_is_no_flow(run: Run) -> None:
    """Upstreams that open and stay silent use up the attempts, however long each one took."""
    cut = asyncio.Event()
    upstreams = FakeUpstreams([STREAM, cut], *([SILENCE] * 99))
    broadcast = await run(upstreams, start_timeout=0.03, stall_after=0.02)
    broadcast._retry = Retry(give_up_after=0.1, stable_after=0.02)
    subscriber = await subscribed(broadcast)
    cut.set()
    await until(lambda: subscriber.closed)

    assert broadcast.state is StreamState.FAILED
    assert isinstance(subscriber.error, StreamStartTimeoutError)


async def test_restart_opens_the_upstream_anew_with_everybody_connected(run: Run) -> None:
    """Players go on at a random access point; it is no failure of the upstream that was left."""
    upstreams = FakeUpstreams([STREAM, NEVER], [LATER, NEVER])
    broadcast = await run(upstreams)
    subscriber = await subscribed(broadcast)
    before = len(subscriber.chunks)

    broadcast.restart()
    broadcast.restart()
    await until(lambda: len(subscriber.chunks) > before)

    assert starts_decodable(subscriber.chunks[before].data)
    assert subscriber.chunks[before].discontinuity
    assert not subscriber.closed
    assert (upstreams.opened, upstreams.closed) == (2, 1)
    stats = broadcast.stats()
    assert (stats.state, stats.reconnects, stats.attempt) == (StreamState.STREAMING, 1, 0)
    assert stats.error is None


async def test_restart_shows_until_data_flows_again(run: Run) -> None:
    """Whoever comes meanwhile waits."""
    again = asyncio.Event()
    broadcast = await run(FakeUpstreams([STREAM, NEVER], [again, LATER, NEVER]))
    await flowing(broadcast)

    broadcast.restart()
    await until(lambda: broadcast.state is StreamState.RECONNECTING)
    waiting = asyncio.create_task(flowing(broadcast))
    await asyncio.sleep(0)
    assert not waiting.done()
    again.set()

    await waiting


@pytest.mark.usefixtures("quick_retry")
async def test_break_after_a_restart_is_the_first_one(run: Run) -> None:
    """What went wrong long before does not use up the patience with what was wished for."""
    cut = asyncio.Event()
    upstreams = FakeUpstreams([STREAM, cut], [LATER, NEVER], [], [LATER, NEVER])
    broadcast = await run(upstreams)
    subscriber = await subscribed(broadcast)
    cut.set()
    await until(lambda: upstreams.opened == 2 and broadcast.state is StreamState.STREAMING)
    broadcast._retry._broke_at = -1000.0  # long ago

    broadcast.restart()
    await until(lambda: upstreams.opened == 4 and broadcast.state is StreamState.STREAMING)

    assert not subscriber.closed
    assert broadcast.stats().attempt == 1


@pytest.mark.usefixtures("quick_retry")
async def test_restart_while_nothing_is_open_is_nothing(run: Run) -> None:
    """Between two attempts, and once it is over."""
    go = asyncio.Event()

    async def pause(_: float) -> None:
        await go.wait()

    upstreams = FakeUpstreams([STREAM], [LATER, NEVER])
    broadcast = Broadcast(upstreams.open, pause=pause)
    task = asyncio.create_task(broadcast.run())
    await until(lambda: broadcast.state is StreamState.RECONNECTING)
    broadcast.restart()
    go.set()
    await until(lambda: broadcast.state is StreamState.STREAMING)
    assert broadcast.stats().reconnects == 1
    task.cancel()
    await asyncio.wait({task})
    broadcast.restart()
    assert upstreams.opened == 2


@pytest.mark.usefixtures("quick_retry")
async def test_upstream_that_ends_as_it_is_restarted_has_broken(run: Run) -> None:
    """Once, and the next one is not restarted for it."""
    cut = asyncio.Event()
    upstreams = FakeUpstreams([STREAM, cut], [LATER, NEVER])
    broadcast = await run(upstreams)
    await flowing(broadcast)

    cut.set()
    await asyncio.sleep(0)
    broadcast.restart()
    await until(lambda: broadcast.stats().bytes_in == len(STREAM) + len(LATER))

    assert broadcast.stats().reconnects == 1
    assert upstreams.opened == 2


async def test_whoever_waits_for_the_end_is_told_of_it(run: Run) -> None:
    """Without an error where somebody stopped it."""
    broadcast = Broadcast(FakeUpstreams([STREAM, NEVER]).open)
    task = asyncio.create_task(broadcast.run())
    await flowing(broadcast)
    waiting = asyncio.create_task(broadcast.ended())
    await asyncio.sleep(0)
    assert not waiting.done()
    task.cancel()
    await waiting

    failed = await run(FakeUpstreams([EngineUnreachableError("Down.")]))
    with pytest.raises(EngineUnreachableError):
        await failed.ended()


async def test_stopping_ends_it_for_everyone_without_an_error(run: Run) -> None:
    """The upstream is closed, subscribers get a clean end, newcomers are refused."""
    upstreams = FakeUpstreams([STREAM, NEVER])
    broadcast = Broadcast(upstreams.open)
    task = asyncio.create_task(broadcast.run())
    subscriber = await subscribed(broadcast)

    task.cancel()
    await asyncio.wait({task})

    assert subscriber.closed
    assert subscriber.error is None
    assert broadcast.state is StreamState.STOPPED
    assert upstreams.closed == 1
    with pytest.raises(ProxyStoppedError):
        await broadcast.flowing()


@pytest.mark.usefixtures("quick_retry")
async def test_break_that_was_got_over_is_not_why_it_ends() -> None:
    """Being stopped later is no failure."""
    cut = asyncio.Event()
    broadcast = Broadcast(FakeUpstreams([STREAM, cut], [LATER, NEVER]).open)
    task = asyncio.create_task(broadcast.run())
    subscriber = await subscribed(broadcast)
    cut.set()
    await until(lambda: broadcast.stats().reconnects and broadcast.state == "streaming")

    task.cancel()
    await asyncio.wait({task})

    assert subscriber.closed
    assert subscriber.error is None


async def test_subscribing_to_what_is_over_ends_at_once(run: Run) -> None:
    """A subscriber that comes too late is told, and holds nothing."""
    broadcast = await run(FakeUpstreams([EngineUnreachableError("Down.")]))
    await until(lambda: broadcast.state is StreamState.FAILED)
    subscriber = FakeSubscriber()

    broadcast.subscribe(subscriber)()

    assert subscriber.closed
    assert not subscriber.started
    assert isinstance(subscriber.error, EngineUnreachableError)


async def test_who_waits_while_it_reconnects_gets_what_comes_next(
    run: Run, quick_retry: None
) -> None:
    """A newcomer in a break waits for its end."""
    cut, back = asyncio.Event(), asyncio.Event()
    broadcast = await run(FakeUpstreams([STREAM, cut], [back, LATER, NEVER]))
    await flowing(broadcast)
    cut.set()
    await until(lambda: broadcast.state is StreamState.RECONNECTING)
    waiting = asyncio.create_task(subscribed(broadcast))
    await asyncio.sleep(0)
    assert not waiting.done()

    back.set()

    assert starts_decodable((await waiting).received)


async def test_upstream_is_closed_when_it_fails_while_opening() -> None:
    """An upstream that cannot be opened is the broadcast's failure."""

    @asynccontextmanager
    async def failing() -> AsyncIterator[FakeUpstream]:
        raise EngineUnreachableError("Down.")
        yield FakeUpstream([])  # type: ignore[unreachable]

    broadcast = Broadcast(failing)
    await broadcast.run()

    assert broadcast.state is StreamState.FAILED
    assert broadcast.stats().error == "Down."


async def test_long_group_does_not_grow_the_backlog(run: Run) -> None:
    """One keyframe and then none any more: what is kept stays bounded."""
    frame = pes_packets(VIDEO_PID, bytes(184 * 5600), pts=1)
    steps: list[Step] = [STREAM, *[frame] * 40, NEVER]
    broadcast = await run(FakeUpstreams(steps))
    await until(lambda: broadcast.stats().bytes_in > 40 * len(frame))
    assert broadcast._backlog.size <= MAX_BYTES


async def test_players_are_kept_alive_through_a_silence(run: Run) -> None:
    """Padding that every decoder throws away, as long as nothing else comes."""
    broadcast = await run(FakeUpstreams([STREAM, NEVER]), stall_after=0.02)
    subscriber = await subscribed(broadcast)
    await until(lambda: subscriber.fillers)
    assert subscriber.fillers[0].data == null_packet()
