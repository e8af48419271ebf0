"""The proxy as a whole, without HTTP in front of it."""

import asyncio
from collections.abc import Coroutine
import time

from aiohttp import ClientSession
import pytest

from custom_components.acestream_proxy.proxy import (
    ChannelOptions,
    ContentKey,
    Proxy,
    ProxyOptions,
    StreamState,
)
from custom_components.acestream_proxy.proxy.audience import Guest, Limits
from custom_components.acestream_proxy.proxy.engine import EngineOptions
from custom_components.acestream_proxy.proxy.errors import (
    LimitReachedError,
    NotABroadcastError,
    ProxyError,
    ProxyStoppedError,
)
from custom_components.acestream_proxy.proxy.hls import HlsOptions
from demo import CHANNELS, EmulatedEngine, Faults, SyntheticMedia

from .fakes import FakeSubscriber
from .streams import INTERVAL, LIVE, OTHER
from .waiting import until

CONTENT = ContentKey.parse(LIVE.content_id)
FILM = next(channel for channel in CHANNELS if channel.kind == "vod")


async def key_of(proxy: Proxy, content_id: str = LIVE.content_id) -> ContentKey:
    """Return the key a channel goes by."""
    return (await proxy.resolve(ContentKey.parse(content_id))).key


class TestShort:
    """With intervals that a test can wait for."""

    @pytest.fixture
    def options(self) -> ProxyOptions:
        """Rates are sampled often, viewers of HLS soon forgotten."""
        return ProxyOptions(
            linger=0.05,
            sample_interval=0.05,
            hls=HlsOptions(target_duration=INTERVAL, idle_timeout=0.4),
        )

    async def test_rates_are_sampled_while_anything_runs(self, proxy: Proxy) -> None:
        """Bytes a second, in and out; afterwards nothing is left that samples."""
        key = await key_of(proxy)
        async with proxy.watch(key, Guest(address="here")) as broadcast:
            subscriber = FakeSubscriber()
            leave = broadcast.subscribe(subscriber)
            subscriber.stats.sent = 10_000
            await until(lambda: proxy.stats().rate_in > 50_000)
            assert proxy.stats().rate_in < 10_000_000
            stream = proxy.stats().stream(key)
            assert stream is not None
            assert stream.rate_in == proxy.stats().rate_in
            assert proxy.stats().rate_out >= 0
            leave()
        await until(lambda: not proxy._tasks)
        assert proxy.stats().streams == ()

    async def test_hls_runs_as_long_as_somebody_asks(
        self, proxy: Proxy, engine: EmulatedEngine
    ) -> None:
        """The last one that asks for nothing any more ends it."""
        output = await proxy.hls(CONTENT, "viewer", Guest(address="here"))
        await output.playlist()
        assert proxy.hls_running(CONTENT, "viewer", Guest(address="here")) is output
        assert await proxy.hls(CONTENT, "other", Guest(address="there")) is output
        await until(output.over.is_set)
        await until(lambda: not proxy.stats().streams)
        assert proxy.hls_running(CONTENT, "viewer", Guest(address="here")) is None
        await until(lambda: engine.stops)
        assert (engine.starts, engine.stops) == (1, 1)


async def test_hls_that_fails_is_an_error_for_who_waits(
    proxy: Proxy, engine: EmulatedEngine
) -> None:
    """And the next one who asks makes a new attempt."""
    engine.faults.refuse_text = "no"
    output = await proxy.hls(CONTENT, "viewer", Guest(address="here"))
    with pytest.raises(ProxyError, match="refused: no"):
        await output.playlist()
    engine.faults.refuse_text = ""
    assert await proxy.hls(CONTENT, "viewer", Guest(address="here")) is not output


async def test_film_does_not_play_as_hls(proxy: Proxy, engine: EmulatedEngine) -> None:
    """It is said before anything is started."""
    with pytest.raises(NotABroadcastError, match="a film"):
        await proxy.hls(ContentKey.parse(FILM.content_id), "viewer", Guest(address="here"))
    assert engine.starts == 0


async def test_changes_are_pushed_until_nobody_listens(proxy: Proxy) -> None:
    """Each new state and each viewer."""
    seen: list[int] = []
    stop_listening = proxy.on_change(lambda: seen.append(len(proxy.stats().streams)))
    async with proxy.watch(await key_of(proxy), Guest(address="here")):
        assert 1 in seen
        stop_listening()
        count = len(seen)
    await proxy.stop()
    assert len(seen) == count


async def test_stream_knows_where_it_plays(proxy: Proxy) -> None:
    """Engine, infohash and all its names."""
    key = await key_of(proxy)
    async with proxy.watch(key, Guest(address="here")):
        stream = proxy.stats().stream(CONTENT)
        assert stream is not None
        assert (stream.engine_id, stream.infohash) == ("one", LIVE.infohash)
        assert stream.names == {CONTENT, key}
        assert stream.title == LIVE.name
        engine = proxy.stats().engine("one")
        assert engine is not None
        assert engine.sessions == 1


async def test_tasks_are_started_by_their_owner(
    session: ClientSession, engine: EmulatedEngine
) -> None:
    """Home Assistant has to know of them."""
    names: list[str] = []

    def spawn(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        names.append(name)
        return asyncio.get_running_loop().create_task(work, name=name)

    hls = HlsOptions(target_duration=INTERVAL)
    proxy = Proxy(session, options=ProxyOptions(hls=hls), spawn=spawn)
    proxy.engines.add("one", engine.url)
    await (await proxy.hls(CONTENT, "viewer", Guest(address="here"))).playlist()
    await proxy.stop()
    assert len(names) == 3


async def test_stream_is_stopped_for_all_who_watch(proxy: Proxy, engine: EmulatedEngine) -> None:
    """Under any of its names; others go on, and nothing happens where nothing runs."""
    one, other = await key_of(proxy), await key_of(proxy, OTHER.content_id)
    async with (
        proxy.watch(one, Guest(address="here")) as stopped,
        proxy.watch(other, Guest(address="here")) as goes_on,
    ):
        subscriber = FakeSubscriber()
        stopped.subscribe(subscriber)

        proxy.end(CONTENT)
        proxy.end(CONTENT)
        await stopped.ended()

        assert subscriber.closed
        assert goes_on.state is StreamState.STREAMING
    await until(lambda: engine.stops == 1)


async def test_stream_is_opened_anew_under_any_of_its_names(
    proxy: Proxy, engine: EmulatedEngine
) -> None:
    """It counts neither against the stream nor against its engine."""
    async with proxy.watch(await key_of(proxy), Guest(address="here")) as broadcast:
        proxy.restart(CONTENT)
        await until(lambda: engine.starts == 2)
        await broadcast.flowing()
        assert broadcast.stats().reconnects == 1
        found = proxy.stats().engine("one")
        assert found is not None
        assert (found.failures, engine.stops) == (0, 1)


async def test_what_passed_is_summed_up_over_streams(proxy: Proxy) -> None:
    """By content, under any of its names; never less than before."""
    key = await key_of(proxy)
    seen = [0]
    for _ in range(2):
        async with proxy.watch(key, Guest(address="here")) as broadcast:
            subscriber = FakeSubscriber()
            leave = broadcast.subscribe(subscriber)
            subscriber.stats.sent = 1000
            await until(lambda: proxy.traffic([CONTENT]).received > seen[-1])
            leave()
        seen.append(proxy.traffic([CONTENT]).received)
        proxy.end(key)
        await until(lambda: not proxy.stats().streams)
        seen.append(proxy.traffic([key]).received)

    assert seen == sorted(seen)
    assert proxy.stats().traffic == proxy.traffic([CONTENT])
    assert proxy.traffic([CONTENT]).sent == 2000


async def test_proxy_is_in_trouble_without_an_engine_or_with_a_stream_that_failed(
    proxy: Proxy, engine: EmulatedEngine
) -> None:
    """And well while an engine answers and all that runs flows."""
    assert proxy.stats().is_in_trouble
    await asyncio.gather(*(one.check() for one in proxy.engines))
    async with proxy.watch(await key_of(proxy), Guest(address="here")):
        assert not proxy.stats().is_in_trouble
        stream = proxy.stats().stream(CONTENT)
        assert stream is not None
        assert stream.since == pytest.approx(time.time(), abs=10)
    engine.faults.refuse_text = "no"
    with pytest.raises(ProxyError):
        await proxy.start(await key_of(proxy, OTHER.content_id), for_browsers=False)
    assert proxy.stats().is_in_trouble


async def test_channels_go_to_different_engines(proxy: Proxy, engine: EmulatedEngine) -> None:
    """The one with fewer sessions is chosen."""
    media, faults = SyntheticMedia(), Faults(unknown_id_delay=0)
    async with EmulatedEngine(media=media, faults=faults) as other:
        proxy.engines.add("two", other.url)
        async with (
            proxy.watch(await key_of(proxy), Guest(address="here")),
            proxy.watch(await key_of(proxy, OTHER.content_id), Guest(address="here")),
        ):
            assert (engine.starts, other.starts) == (1, 1)
        await proxy.stop()
    assert (engine.stops, other.stops) == (1, 1)


async def test_nothing_is_left_after_the_stop(proxy: Proxy, engine: EmulatedEngine) -> None:
    """No task of ours, no session, no reader; a second stop is nothing."""
    before = asyncio.all_tasks()
    await proxy.hls(CONTENT, "viewer", Guest(address="here"))
    async with proxy.watch(await key_of(proxy), Guest(address="here")):
        await proxy.stop()
    await proxy.stop()
    ours = {task for task in asyncio.all_tasks() - before if "EmulatedEngine" not in repr(task)}
    assert ours == set()
    assert not engine.open_sessions
    await until(lambda: not engine.sessions[0].reading)


async def test_proxy_is_adjusted_while_it_plays(proxy: Proxy, engine: EmulatedEngine) -> None:
    """Who watches goes on; whoever comes is one too many, is told so, and is counted."""
    key = await key_of(proxy)
    limits = Limits(viewers=1, streams=1, streams_per_engine=1)
    changes: list[int] = []
    proxy.on_change(lambda: changes.append(proxy.stats().refused))
    async with proxy.watch(key, Guest(address="here")), proxy.watch(key, Guest(address="there")):
        proxy.adjust(linger=60.0, drop_after=7.0, limits=limits, engine=EngineOptions())
        with pytest.raises(LimitReachedError, match="As many are watching"):
            async with proxy.watch(key, Guest(address="elsewhere")):
                pass
        assert changes[-1] == 1
        with pytest.raises(LimitReachedError, match="As many streams run"):
            await proxy.start(await key_of(proxy, OTHER.content_id), for_browsers=False)
        assert changes[-1] == 2
        assert engine.stops == 0
    assert proxy.drop_after == 7.0
    assert proxy.hub.linger == 60.0
    assert proxy.stats().streams != ()


async def test_ffmpeg_may_come_later(proxy: Proxy) -> None:
    """What begins from then on has it."""
    assert proxy.ffmpeg is None
    proxy.ffmpeg = "/somewhere/ffmpeg"
    assert proxy.ffmpeg == "/somewhere/ffmpeg"


async def test_stream_is_ended_for_all_who_watch(proxy: Proxy, engine: EmulatedEngine) -> None:
    """Players of HLS are told, or they would start it again; other streams go on."""
    ended: list[str] = []
    key, other = await key_of(proxy), await key_of(proxy, OTHER.content_id)
    guest = Guest(address="here", asks=True, end=lambda: ended.append("here"))
    output = await proxy.hls(CONTENT, "viewer", guest)
    await output.playlist()
    elsewhere = Guest(address="there", asks=True, end=lambda: ended.append("there"))
    await (await proxy.hls(ContentKey.parse(OTHER.content_id), "other", elsewhere)).playlist()
    started = proxy.stats().stream(key)
    proxy.end(key)
    await until(output.over.is_set)
    proxy.end(key)
    assert ended == ["here"]
    assert started
    assert started.since
    await until(lambda: engine.stops == 1)
    assert [stream.content for stream in proxy.stats().streams] == [other]


async def test_log_names_the_channel_when_it_breaks_and_when_it_flows(
    proxy: Proxy, faults: Faults, quick_retry: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Once each, and with the content, as two channels may be called the same."""
    caplog.set_level("INFO")
    name = f"Stream {LIVE.name} ({LIVE.infohash})"
    async with proxy.watch(await key_of(proxy), Guest(address="here")) as broadcast:
        faults.reset = True
        await until(lambda: broadcast.state is StreamState.RECONNECTING)
        faults.reset = False
        await until(lambda: broadcast.state is StreamState.STREAMING)
    told = [one.message for one in caplog.records if one.message.startswith("Stream ")]
    assert [message.partition(" broke")[0] for message in told] == [name, f"{name} flows again"]


async def test_nobody_new_is_let_in_while_draining(proxy: Proxy, engine: EmulatedEngine) -> None:
    """Who watches goes on; nobody asks an engine for what is not known."""
    key = await key_of(proxy)
    async with proxy.watch(key, Guest(address="here")) as broadcast:
        assert not proxy.is_stopping
        draining = asyncio.create_task(proxy.drain(600))
        await until(lambda: proxy.is_stopping)
        with pytest.raises(ProxyStoppedError):
            async with proxy.watch(key, Guest(address="there")):
                pass
        with pytest.raises(ProxyStoppedError):
            await key_of(proxy, OTHER.content_id)
        assert await key_of(proxy) == key
        assert broadcast.state is StreamState.STREAMING
        assert not draining.done()
    await draining
    assert len([one for _, one in engine.requests if "get_media_files" in one]) == 1


async def test_what_plays_under_the_name_it_was_asked_by_goes_on(
    proxy: Proxy, engine: EmulatedEngine
) -> None:
    """As with engines that do not say what some content is, which are asked again each time."""
    engine.faults.garbage = {"get_media_files"}
    key = await key_of(proxy)
    async with proxy.watch(key, Guest(address="here")):
        await proxy.drain(0)
        assert await key_of(proxy) == key


async def test_draining_has_its_time(proxy: Proxy) -> None:
    """Whoever watches longer than that is for the stop."""
    async with proxy.watch(await key_of(proxy), Guest(address="here")) as broadcast:
        await proxy.drain(0.05)
        assert broadcast.state is StreamState.STREAMING


async def test_pictures_are_transcoded_in_all_channels_or_in_those_that_wish_it(
    proxy: Proxy,
) -> None:
    """Whatever else is wished of them."""
    key = await key_of(proxy)
    proxy.channels = {key: ChannelOptions(audio_language="spa")}
    assert not proxy._channel_options(key).transcode_video
    proxy.transcode_video = True
    assert proxy._channel_options(key) == ChannelOptions(audio_language="spa", transcode_video=True)


async def test_film_whose_engine_hangs_holds_up_no_stop(
    proxy: Proxy, engine: EmulatedEngine
) -> None:
    """Its session is asked to stop, and left after a while."""
    key = await key_of(proxy, FILM.content_id)
    async with proxy.read_file(key, Guest(address="here"), None):
        pass
    engine.faults.hang = {"cmd"}
    await proxy.stop()
    assert not proxy._tasks
