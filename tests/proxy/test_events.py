"""What streams and viewers do, as a listener hears of it: one event for each fact."""

import asyncio
from collections.abc import Iterable

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import (
    ContentKey,
    ContentKind,
    EventKind,
    Proxy,
    ProxyError,
    ProxyEvent,
    ProxyOptions,
    Ticket,
    Viewer,
)
from custom_components.acestream_proxy.proxy.audience import Guest
from custom_components.acestream_proxy.proxy.broadcast import BroadcastOptions
from custom_components.acestream_proxy.proxy.catalog import Channel
from custom_components.acestream_proxy.proxy.hls import HlsOptions
from demo import EmulatedEngine, Faults, SyntheticMedia

from .players import playing, stuck
from .streams import DEAD, INTERVAL, LIVE, OTHER
from .waiting import until

pytestmark = pytest.mark.usefixtures("quick_retry")

CONTENT = ContentKey.parse(LIVE.content_id)
START = ["started", "playing"]
STALL = 0.3
RECONNECT = 0.9
KIDS = Viewer(viewer_id="kids", name="Kids", secret="secret")


@pytest.fixture
def options() -> ProxyOptions:
    """Waits that a test can wait for."""
    return ProxyOptions(
        linger=0.2,
        may_return=0.05,
        hls=HlsOptions(target_duration=INTERVAL, idle_timeout=0.4),
        broadcast=BroadcastOptions(
            start_timeout=0.5, stall_after=STALL, reconnect_after=RECONNECT, give_up_after=1.2
        ),
    )


class Heard:
    """What a listener heard."""

    def __init__(self, proxy: Proxy) -> None:
        """Listen."""
        self.events: list[ProxyEvent] = []
        self.stop_listening = proxy.on_event(self.events.append)

    @property
    def kinds(self) -> list[str]:
        """What happened, in order."""
        return [event.kind.value for event in self.events]

    def of(self, content: ContentKey) -> list[str]:
        """Return what happened to some content, in order."""
        return [event.kind.value for event in self.events if content in event.names]

    def last(self, kind: EventKind) -> ProxyEvent:
        """Return the last event of a kind."""
        return next(event for event in reversed(self.events) if event.kind is kind)


@pytest.fixture
def heard(proxy: Proxy) -> Heard:
    """Listen to the proxy."""
    return Heard(proxy)


def at_home(
    content: Iterable[ContentKey] = (CONTENT,), *, viewer: Viewer | None = None, device: str = "app"
) -> Guest:
    """Return a guest who wants some content."""
    return Guest(
        address="home", device=device, ticket=Ticket(sources=tuple(content), viewer=viewer)
    )


async def start(proxy: Proxy) -> None:
    """Start the channel, for nobody."""
    key = (await proxy.resolve(CONTENT)).key
    await proxy.start(key, for_browsers=False)


# Streams ------------------------------------------------------------------------------------------


async def test_an_undisturbed_stream_has_a_start_and_an_end(
    proxy: Proxy, server: TestServer, heard: Heard
) -> None:
    """And its viewer, too: nothing happens between."""
    async with playing(server) as player:
        await player.watch(100_000)
    await until(lambda: "ended" in heard.kinds)

    assert heard.kinds == ["viewer_joined", *START, "viewer_left", "ended"]
    infohash = ContentKey(ContentKind.INFOHASH, LIVE.infohash)
    for event in heard.events:
        assert {CONTENT, infohash} <= event.names
    for kind in ("started", "playing", "ended"):
        event = heard.last(EventKind(kind))
        assert (event.content, event.engine_id) == (infohash, "one")
        assert event.title == LIVE.name
    assert heard.last(EventKind.STARTED).seconds is None
    assert (heard.last(EventKind.PLAYING).seconds or 0) > 0
    assert (heard.last(EventKind.ENDED).seconds or 0) >= 0.2


async def test_a_stall_is_over_when_it_flows_again(
    proxy: Proxy, faults: Faults, server: TestServer, heard: Heard
) -> None:
    """It says for how long nothing came."""
    async with playing(server):
        await until(lambda: "playing" in heard.kinds)
        faults.stall = True
        await until(lambda: "stalled" in heard.kinds)
        faults.stall = False
        await until(lambda: "recovered" in heard.kinds)

    assert heard.of(CONTENT) == ["viewer_joined", *START, "stalled", "recovered"]
    recovered = heard.last(EventKind.RECOVERED)
    assert 0 < (recovered.seconds or 0) < RECONNECT
    assert (recovered.engine_id, recovered.left_engine_id) == ("one", None)


async def test_an_engine_that_cuts_again_and_again_is_one_interruption(
    proxy: Proxy, engine: EmulatedEngine, faults: Faults, heard: Heard, server: TestServer
) -> None:
    """However often it is tried."""
    async with playing(server):
        await until(lambda: "playing" in heard.kinds)
        faults.reset = True
        before = engine.starts
        await until(lambda: engine.starts >= before + 3)
        faults.reset = False
        await until(lambda: "recovered" in heard.kinds)

    assert heard.of(CONTENT) == ["viewer_joined", *START, "reconnecting", "recovered"]
    broke = heard.last(EventKind.RECONNECTING)
    assert "closed the connection" in broke.reason or "broke" in broke.reason
    assert broke.engine_id == "one"


async def test_a_second_break_is_told_again(
    proxy: Proxy, engine: EmulatedEngine, heard: Heard, server: TestServer
) -> None:
    """It flowed between the two."""
    async with playing(server):
        await until(lambda: "playing" in heard.kinds)
        engine.cut_readers()
        await until(lambda: heard.kinds.count("recovered") == 1)
        engine.cut_readers()
        await until(lambda: heard.kinds.count("recovered") == 2)

    assert heard.of(CONTENT)[3:] == ["reconnecting", "recovered"] * 2


async def test_a_restart_of_the_engine_is_one_interruption(
    proxy: Proxy, engine: EmulatedEngine, heard: Heard, server: TestServer
) -> None:
    """While it is away nothing more is told."""
    async with playing(server):
        await until(lambda: "playing" in heard.kinds)
        await engine.stop()
        await until(lambda: "reconnecting" in heard.kinds)
        await engine.start()
        await until(lambda: "recovered" in heard.kinds)

    assert heard.of(CONTENT) == ["viewer_joined", *START, "reconnecting", "recovered"]


async def test_a_stream_moves_to_the_engine_that_is_left(
    proxy: Proxy, engine: EmulatedEngine, heard: Heard, server: TestServer
) -> None:
    """That is told in place of a recovery, with both engines."""
    async with playing(server), EmulatedEngine(media=SyntheticMedia()) as other:
        await until(lambda: "playing" in heard.kinds)
        proxy.engines.add("two", other.url)
        await engine.stop()
        await until(lambda: "moved" in heard.kinds)
        await proxy.hub.stop()

    assert heard.of(CONTENT)[1:5] == [*START, "reconnecting", "moved"]
    assert "recovered" not in heard.kinds
    moved = heard.last(EventKind.MOVED)
    assert (moved.left_engine_id, moved.engine_id) == ("one", "two")
    assert (moved.seconds or 0) > 0
    await engine.start()


async def test_a_stall_without_end_fails_in_the_end(
    proxy: Proxy, faults: Faults, heard: Heard, server: TestServer
) -> None:
    """Each step of it is told once; what the engine said last is the reason."""
    async with playing(server):
        await until(lambda: "playing" in heard.kinds)
        faults.stall = True
        await until(lambda: "viewer_left" in heard.kinds)

    told = ["stalled", "reconnecting", "failed", "viewer_left"]
    assert heard.of(CONTENT) == ["viewer_joined", *START, *told]
    assert heard.last(EventKind.RECONNECTING).reason == "No data came for a while."
    failed = heard.last(EventKind.FAILED)
    assert failed.reason.startswith("No data came")
    assert failed.engine_id == "one"
    assert (failed.seconds or 0) > RECONNECT


async def test_a_channel_that_nobody_broadcasts_fails(proxy: Proxy, heard: Heard) -> None:
    """The engine opened it, so it is known which one it was."""
    dead = (await proxy.resolve(ContentKey.parse(DEAD.content_id))).key
    with pytest.raises(ProxyError):
        await proxy.start(dead, for_browsers=False)
    await until(lambda: "failed" in heard.kinds)

    assert heard.kinds == ["started", "failed"]
    assert {event.engine_id for event in heard.events} == {"one"}
    assert "Nobody may be broadcasting" in heard.last(EventKind.FAILED).reason


async def test_who_asks_again_and_is_refused_again_is_told_nothing_new(
    proxy: Proxy, faults: Faults, heard: Heard
) -> None:
    """Apps ask every few seconds; another reason is news."""
    for words in ("premium", "premium", "mod_detected"):
        faults.refuse_text = words
        with pytest.raises(ProxyError):
            await start(proxy)
        await until(lambda: not proxy.stats().streams)
    faults.refuse_text = ""
    await start(proxy)
    await until(lambda: "playing" in heard.kinds)

    assert heard.kinds == ["started", "failed", "started", "failed", *START]
    reasons = [event.reason for event in heard.events if event.kind is EventKind.FAILED]
    assert reasons == ["The engine refused: premium", "The engine refused: mod_detected"]
    assert heard.events[0].engine_id is None


async def test_content_that_no_engine_finds_fails_once(proxy: Proxy, heard: Heard) -> None:
    """Whoever asks, and however many do."""
    nothing = ContentKey.parse("f" * 40)
    asked = [proxy.resolve(nothing) for _ in range(3)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    await until(lambda: heard.events)

    assert {type(answer).__name__ for answer in answers} == {"EngineRefusedError"}
    assert heard.of(nothing) == heard.kinds == ["failed"]
    assert heard.events[0].reason == str(answers[0])


async def test_a_stream_that_is_stopped_while_it_starts_has_ended(
    proxy: Proxy, faults: Faults, heard: Heard
) -> None:
    """It was started, although by no engine."""
    faults.slow = {"getstream": 30}
    starting = asyncio.create_task(start(proxy))
    await until(lambda: proxy.stats().streams)
    await proxy.stop()
    with pytest.raises(ProxyError):
        await starting

    assert heard.kinds == ["started", "ended"]
    assert heard.events[0].engine_id is None


async def test_streams_do_not_mix(
    proxy: Proxy, faults: Faults, heard: Heard, server: TestServer
) -> None:
    """Each has its own story, whatever happens to both."""
    contents = [CONTENT, ContentKey.parse(OTHER.content_id)]
    async with playing(server), playing(server, OTHER):
        await until(lambda: heard.kinds.count("playing") == 2)
        faults.stall = True
        await until(lambda: heard.kinds.count("stalled") == 2)
        faults.stall = False
        await until(lambda: heard.kinds.count("recovered") == 2)
    await until(lambda: heard.kinds.count("ended") == 2)

    # The second player came from the same device: the first one is thought to have changed over.
    streams = [[kind for kind in heard.of(one) if "viewer" not in kind] for one in contents]
    assert streams == [[*START, "stalled", "recovered", "ended"]] * 2


async def test_nobody_is_told_who_listens_no_more(proxy: Proxy, heard: Heard) -> None:
    """Not even of what has happened already."""
    others = Heard(proxy)
    leave = proxy.audience.enter(at_home())
    heard.stop_listening()
    leave()
    await until(lambda: "viewer_left" in others.kinds)

    assert heard.events == []


# Viewers ------------------------------------------------------------------------------------------


async def test_a_viewer_is_told_with_app_and_channel(proxy: Proxy, heard: Heard) -> None:
    """And with the names of all that the channel can be played from."""
    other = ContentKey.parse(OTHER.content_id)
    sources = (CONTENT, other)
    proxy.audience.set_viewer(KIDS)
    key = (await proxy.resolve(CONTENT)).key
    channel = Channel(name="News", sources=sources)
    ticket = Ticket(sources=sources, viewer=KIDS, channel=channel)
    proxy.audience.enter(Guest(address="home", device="VLC", ticket=ticket))
    await until(lambda: heard.events)

    (event,) = heard.events
    assert (event.viewer_id, event.device, event.title) == ("kids", "VLC", "News")
    assert event.content == CONTENT
    assert event.names == {CONTENT, key, other}


async def test_a_player_that_never_reads_is_dropped(
    proxy: Proxy, faults: Faults, heard: Heard, server: TestServer
) -> None:
    """It did not leave by itself: that is one event, not two."""
    proxy.drop_after = 0.2
    faults.burst_seconds = 20
    async with stuck(server):
        await until(lambda: "ended" in heard.kinds)

    assert heard.kinds == ["viewer_joined", *START, "viewer_dropped", "ended"]
    dropped = heard.last(EventKind.VIEWER_DROPPED)
    assert CONTENT in dropped.names


async def test_others_see_nothing_of_a_drop(
    proxy: Proxy, faults: Faults, heard: Heard, server: TestServer
) -> None:
    """They watch on."""
    proxy.drop_after = 0.2
    faults.burst_seconds = 20
    async with playing(server) as player, stuck(server):
        while "viewer_dropped" not in heard.kinds:
            await player.watch(10_000)
        await player.watch(10_000)
        assert "viewer_left" not in heard.kinds

    await until(lambda: "ended" in heard.kinds)
    assert heard.kinds.count("viewer_dropped") == heard.kinds.count("viewer_left") == 1


async def test_a_viewer_of_hls_joins_once(
    proxy: Proxy, session: ClientSession, heard: Heard, server: TestServer
) -> None:
    """However often it asks; its silence is its leave."""
    address = server.make_url(f"/ace/manifest.m3u8?id={LIVE.content_id}")
    for _ in range(4):
        async with session.get(address) as response:
            assert "#EXTM3U" in await response.text()
    await until(lambda: "ended" in heard.kinds)

    assert heard.kinds == ["viewer_joined", *START, "viewer_left", "ended"]


class TestComingBack:
    """Within the time in which nobody has left yet; nobody waits for its end."""

    @pytest.fixture
    def options(self) -> ProxyOptions:
        """Whoever comes back within a minute was never gone."""
        return ProxyOptions(may_return=60)

    async def test_who_comes_back_was_never_gone(self, proxy: Proxy, heard: Heard) -> None:
        """As players do that read a film in parts."""
        for _ in range(3):
            proxy.audience.enter(at_home())()
        await proxy.stop()
        await until(lambda: "viewer_left" in heard.kinds)

        assert heard.kinds == ["viewer_joined", "viewer_left"]

    async def test_who_zaps_leaves_one_channel_for_the_next(
        self, proxy: Proxy, heard: Heard
    ) -> None:
        """In this order, and at once."""
        other = ContentKey.parse(OTHER.content_id)
        proxy.audience.enter(at_home())()
        proxy.audience.enter(at_home([other]))
        await until(lambda: len(heard.kinds) == 3)

        assert heard.kinds == ["viewer_joined", "viewer_left", "viewer_joined"]
        assert [event.content for event in heard.events] == [CONTENT, CONTENT, other]

    async def test_who_looks_alike_is_counted(self, proxy: Proxy, heard: Heard) -> None:
        """Two behind the same router with the same app are two."""
        leaves = [proxy.audience.enter(at_home()) for _ in range(2)]
        for leave in leaves:
            leave()
        await proxy.stop()
        await until(lambda: heard.kinds.count("viewer_left") == 2)

        assert heard.kinds == ["viewer_joined"] * 2 + ["viewer_left"] * 2

    async def test_another_viewer_or_device_is_somebody_else(
        self, proxy: Proxy, heard: Heard
    ) -> None:
        """They join; who left before them is still gone."""
        proxy.audience.set_viewer(KIDS)
        proxy.audience.enter(at_home())()
        proxy.audience.enter(at_home(device="other"))
        proxy.audience.enter(at_home(viewer=KIDS))
        await until(lambda: len(heard.kinds) == 3)

        assert heard.kinds == ["viewer_joined"] * 3

    async def test_after_the_stop_a_leave_is_told_at_once(self, proxy: Proxy, heard: Heard) -> None:
        """Requests end after the streams; nothing waits for anybody any more."""
        leave = proxy.audience.enter(at_home())
        await proxy.stop()
        leave()
        await until(lambda: "viewer_left" in heard.kinds)
