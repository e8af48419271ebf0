"""Sound for browsers, with a real ffmpeg and test patterns that decode."""

import asyncio
import subprocess

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy.mpegts import Codec
from custom_components.acestream_proxy.proxy.transcode import ChannelOptions, recipe_for
from custom_components.acestream_proxy.proxy.transcode.command import arguments
from demo import Channel, EmulatedEngine
from demo.pattern import KEYFRAME_SECONDS, LOOP_SECONDS
from demo.playout import PatternMedia

from ..waiting import until
from .watching import AAC, AC3, HEVC, MP2, codecs, ffmpegs, keyframes, program, segment


@pytest.mark.parametrize("channel", [MP2, AC3], ids=["MP2", "AC-3"])
async def test_sound_that_browsers_cannot_decode_becomes_aac(
    channel: Channel, session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """The picture stays as it is; one process and one session serve everybody."""
    first, second = await asyncio.gather(
        segment(session, server, channel), segment(session, server, channel)
    )

    assert codecs(first) == codecs(second) == [Codec.H264, Codec.AAC]
    assert len(ffmpegs()) == 1
    assert (engine.starts, engine.reads) == (1, 1)


def test_nothing_of_the_beginning_is_lost(media: PatternMedia, ffmpeg: str) -> None:
    """What ffmpeg looks at to know the stream is part of it: the first picture comes sooner."""
    stream = media.open(MP2, 0.0).read(LOOP_SECONDS)
    recipe = recipe_for(program(stream), None, ChannelOptions())

    done = subprocess.run(
        [ffmpeg, *arguments(recipe, None)], input=stream, capture_output=True, check=True
    )

    assert keyframes(done.stdout) == keyframes(stream) == LOOP_SECONDS / KEYFRAME_SECONDS


async def test_sound_that_browsers_decode_is_left_alone(
    session: ClientSession, server: TestServer
) -> None:
    """No process for that."""
    assert codecs(await segment(session, server, AAC)) == [Codec.H264, Codec.AAC]
    assert not ffmpegs()


async def test_players_of_mpegts_get_the_sound_as_it_is(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """Also while a browser watches; both count as viewers of one session."""
    await segment(session, server, MP2)
    stream = server.make_url(f"/ace/getstream?id={MP2.content_id}")
    async with session.get(stream) as response:
        data = await response.content.readexactly(188 * 200)
        async with session.get(server.make_url(f"/ace/status?infohash={MP2.infohash}")) as status:
            viewers = (await status.json())["clients"]

    assert codecs(data) == [Codec.H264, Codec.MP2]
    assert viewers == 2
    assert engine.starts == 1


async def test_process_and_session_end_after_the_last_viewer(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """First the one, then the other."""
    await segment(session, server, MP2)
    await until(lambda: not ffmpegs())
    await until(lambda: engine.stops == 1)
    assert not engine.open_sessions


async def test_process_that_dies_is_replaced(session: ClientSession, server: TestServer) -> None:
    """Whoever watches has a new one soon, in a playlist that goes on."""
    await segment(session, server, MP2)
    (dead,) = ffmpegs()
    dead.kill()

    await until(lambda: [one.pid for one in ffmpegs()] not in ([], [dead.pid]))
    assert codecs(await segment(session, server, MP2)) == [Codec.H264, Codec.AAC]


@pytest.mark.parametrize("ffmpeg", [None, "/nowhere/ffmpeg"], ids=["none", "not there"])
async def test_without_ffmpeg_there_is_a_picture_without_sound(
    session: ClientSession, server: TestServer
) -> None:
    """Rather than nothing."""
    assert codecs(await segment(session, server, MP2)) == [Codec.H264, Codec.MP2]


async def test_picture_that_browsers_cannot_decode_is_said_so(
    session: ClientSession, server: TestServer
) -> None:
    """In a sentence, instead of a spinner; players of MPEG-TS play it."""
    async with session.get(server.make_url(f"/ace/manifest.m3u8?id={HEVC.content_id}")) as response:
        assert response.status == 415
        assert "HEVC (H.265), which browsers cannot decode" in await response.text()
    async with session.get(server.make_url(f"/ace/getstream?id={HEVC.content_id}")) as response:
        assert codecs(await response.content.readexactly(188 * 200))[0] is Codec.HEVC


async def test_stopping_leaves_no_process(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """Not even for a moment."""
    await segment(session, server, MP2)
    await server.close()

    assert not ffmpegs()
    assert not engine.open_sessions
