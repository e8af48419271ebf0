"""What the file says, in the proxy and the lineup; and what stays as the file changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
import sys

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import ChannelOptions, ContentKey, Proxy, Viewer
from custom_components.acestream_proxy.proxy.audience import Guest, Limits, Ticket
from custom_components.acestream_proxy.proxy.catalog import Channel
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.config import ChannelConfig, Config, PlaylistConfig
from custom_components.acestream_proxy.proxy.engine import EngineOptions
from custom_components.acestream_proxy.proxy.lineup import Lineup
from custom_components.acestream_proxy.proxy.station import Station
from demo import CHANNELS, EmulatedEngine

from ..sources import PLAIN
from ..streams import LIVE
from ..waiting import until

ONE, TWO = ContentKey.parse("a" * 40), ContentKey.parse("b" * 40)
NEWS = Channel(name="News", sources=(ONE, TWO), groups=("News",))
KIDS = Viewer(viewer_id="Kids", name="Kids", secret="sixteen-or-more_16")
NOBODY = Config(engines=())


def engines(proxy: Proxy) -> list[str]:
    """Return where the engines are."""
    return [engine.client.url for engine in proxy.engines]


def names(lineup: Lineup) -> list[str]:
    """Return what the channels are called."""
    return [entry.channel.name for entry in lineup.catalog.entries()]


async def test_engines_are_those_of_the_file(
    station: Station, bare: Proxy, engine: EmulatedEngine
) -> None:
    """Each is asked for its version when it is new; one that stays is what it was."""
    await station.apply(Config(engines=(engine.url,)))
    (first,) = bare.engines
    await until(lambda: first.stats().version)
    await station.apply(Config(engines=("http://127.0.0.1:1", engine.url)))
    assert engines(bare) == [engine.url, "http://127.0.0.1:1"]
    assert next(iter(bare.engines)) is first
    await station.apply(Config(engines=("http://127.0.0.1:1",)))
    assert engines(bare) == ["http://127.0.0.1:1"]
    assert engine.requests == [("GET", "/webui/api/service?method=get_version")]


async def test_stream_goes_on_when_its_engine_is_gone_from_the_file(
    station: Station, bare: Proxy, lineup: Lineup, engine: EmulatedEngine, session: ClientSession
) -> None:
    """And when another one comes."""
    await station.apply(Config(engines=(engine.url,)))
    async with TestServer(make_app(bare, lineup)) as server:
        url = server.make_url(f"/ace/getstream?id={LIVE.content_id}")
        async with session.get(url) as response:
            await response.content.readexactly(188)
            await station.apply(Config(engines=("http://127.0.0.1:1",)))
            assert bare.stats().viewers == 1
            assert len(engine.open_sessions) == 1
            await response.content.readexactly(188 * 1000)
    assert engine.starts == 1


async def test_options_are_those_of_the_configuration(station: Station, bare: Proxy) -> None:
    """They count from now on; what is not said is as ever."""
    await station.apply(Config(ffmpeg=sys.executable))
    assert bare.ffmpeg == sys.executable
    await station.apply(
        Config(
            linger=1,
            drop_after=6,
            most_viewers=2,
            most_streams=3,
            most_streams_per_engine=4,
            connect_timeout=7,
            start_timeout=8,
            user_agent="Somebody",
            transcode_video=True,
            ffmpeg="",
        )
    )
    (engine,) = bare.engines
    assert (bare.hub.linger, bare.drop_after) == (1, 6)
    assert bare.limits == Limits(viewers=2, streams=3, streams_per_engine=4)
    assert engine.client.options == EngineOptions(
        connect_timeout=7, start_timeout=8, user_agent="Somebody"
    )
    assert bare.transcode_video
    assert not bare.ffmpeg
    await station.apply(Config())
    assert (bare.hub.linger, bare.limits) == (10, Limits())
    assert engine.client.options == EngineOptions()
    assert not bare.transcode_video


async def test_ffmpeg_that_stays_is_left_alone(station: Station, bare: Proxy) -> None:
    """What it was found to be able to do stays known."""
    await station.apply(Config(ffmpeg=sys.executable))
    encoders = bare._hls._encoders
    await station.apply(Config(ffmpeg=sys.executable, linger=1))
    assert bare._hls._encoders is encoders


async def test_engine_that_says_nothing_is_waited_for_by_nobody(
    station: Station, bare: Proxy, engine: EmulatedEngine
) -> None:
    """Not at the start, and not at the end."""
    engine.faults.hang = {"get_version"}
    await station.apply(Config(engines=(engine.url,)))
    await until(lambda: engine.requests)
    await station.stop()
    assert not station._tasks


async def test_wishes_are_those_of_the_file(station: Station, bare: Proxy) -> None:
    """For all channels, and for each."""
    wished = ChannelOptions(audio_language="eng")
    await station.apply(
        replace(
            NOBODY,
            audio_language="spa",
            low_latency=False,
            channels=(ChannelConfig(channel=NEWS, options=wished),),
        )
    )
    assert (bare.audio_language, bare.low_latency) == ("spa", False)
    assert bare.channels == {ONE: wished, TWO: wished}
    await station.apply(NOBODY)
    assert (bare.audio_language, bare.low_latency, bare.channels) == ("", True, {})


async def test_favourites_are_the_first_in_the_catalog(station: Station, lineup: Lineup) -> None:
    """Also those that came after the lists; what is as before is not made anew."""
    playlists = (PlaylistConfig(name="Mine", text=PLAIN.decode()),)
    await station.apply(replace(NOBODY, playlists=playlists))
    await until(lambda: names(lineup) == ["First", "Second"])
    config = replace(NOBODY, playlists=playlists, channels=(ChannelConfig(channel=NEWS),))
    await station.apply(config)
    assert names(lineup) == ["News", "First", "Second"]
    listing = lineup.catalog.get("favourites")
    await station.apply(config)
    assert lineup.catalog.get("favourites") is listing


@contextmanager
def watching(proxy: Proxy, viewer: Viewer) -> Iterator[list[str]]:
    """Have a viewer watch while inside; yield who was made to leave."""
    ended: list[str] = []
    leave = proxy.audience.enter(
        Guest(
            address="home",
            ticket=Ticket(sources=(ONE,), viewer=viewer, channel=NEWS),
            end=lambda: ended.append(viewer.name),
        )
    )
    yield ended
    leave()


@pytest.mark.parametrize(
    ("viewers", "ended"),
    [
        pytest.param((KIDS,), [], id="as before"),
        pytest.param((replace(KIDS, groups=("N*",), most_streams=1),), [], id="may still watch"),
        pytest.param((replace(KIDS, groups=("Kids",)),), ["Kids"], id="may not watch that"),
        pytest.param((replace(KIDS, secret="another-secret-16"),), ["Kids"], id="another secret"),
        pytest.param((replace(KIDS, viewer_id="Boys", name="Boys"),), ["Kids"], id="renamed"),
        pytest.param((), ["Kids"], id="gone"),
    ],
)
async def test_viewers_are_those_of_the_file(
    station: Station, bare: Proxy, viewers: tuple[Viewer, ...], ended: list[str]
) -> None:
    """Only streams that may not be watched any more end."""
    await station.apply(replace(NOBODY, viewers=(KIDS,)))
    with watching(bare, KIDS) as left:
        await station.apply(replace(NOBODY, viewers=viewers))
    assert left == ended
    assert tuple(bare.audience.viewers) == viewers


async def test_list_may_be_a_search(
    station: Station, lineup: Lineup, engine: EmulatedEngine
) -> None:
    """Of the engines of the same file."""
    name = CHANNELS[0].name
    config = Config(engines=(engine.url,), playlists=(PlaylistConfig(name="It", search=name),))
    await station.apply(config)
    await until(lambda: names(lineup))
    assert name in names(lineup)
