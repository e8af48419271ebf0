"""Pictures for browsers, with a real ffmpeg and test patterns that decode."""

from pathlib import Path
import subprocess

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import ChannelOptions, ContentKey, Proxy
from custom_components.acestream_proxy.proxy.mpegts import Codec, PictureFormat, Scanner
from custom_components.acestream_proxy.proxy.transcode import encoders, recipe_for
from custom_components.acestream_proxy.proxy.transcode.command import arguments
from custom_components.acestream_proxy.proxy.transcode.encoders import SOFTWARE, Encoder
from custom_components.acestream_proxy.proxy.transcode.process import PICTURE_MEMORY
from demo import EmulatedEngine

from ..waiting import until
from .watching import HEVC, codecs, ffmpegs, memory_limit, program, segment

TRANSCODED = {ContentKey.parse(HEVC.content_id): ChannelOptions(transcode_video=True)}


def picture(data: bytes) -> PictureFormat | None:
    """Return what the pictures of a segment are like."""
    scanner = Scanner()
    scanner.feed(data)
    return scanner.picture


@pytest.fixture
def proxy(proxy: Proxy) -> Proxy:
    """A proxy that is to transcode one channel."""
    proxy.channels = TRANSCODED
    return proxy


async def test_picture_that_browsers_cannot_decode_becomes_h264(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """As large as it was, with its sound as it is, by one process within its bounds."""
    data = await segment(session, server, HEVC)

    assert codecs(data) == [Codec.H264, Codec.AAC]
    assert picture(data) == PictureFormat(640, 360, 25.0, interlaced=False)
    (process,) = ffmpegs()
    assert process.nice() == 10
    assert memory_limit(process) == PICTURE_MEMORY
    assert engine.starts == 1


async def test_process_and_session_end_after_the_last_viewer(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """As they do where only the sound is encoded."""
    await segment(session, server, HEVC)
    await until(lambda: not ffmpegs())
    await until(lambda: engine.stops == 1)


@pytest.mark.parametrize("ffmpeg", [None])
async def test_without_ffmpeg_the_picture_is_refused(
    session: ClientSession, server: TestServer
) -> None:
    """The sentence says what is missing."""
    async with session.get(server.make_url(f"/ace/manifest.m3u8?id={HEVC.content_id}")) as response:
        assert response.status == 415
        assert "no ffmpeg here to transcode it" in await response.text()


@pytest.mark.parametrize("ffmpeg", ["/nowhere/ffmpeg"])
async def test_picture_that_could_not_be_made_is_an_error(
    session: ClientSession, server: TestServer
) -> None:
    """What browsers cannot decode is of no use to them as it is."""
    async with session.get(server.make_url(f"/ace/manifest.m3u8?id={HEVC.content_id}")) as response:
        assert response.status == 502
        assert "cannot be started" in await response.text()


async def test_encoder_that_makes_nothing_of_a_real_stream_is_replaced(
    session: ClientSession,
    server: TestServer,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever waits for the picture gets it from the next one."""
    unfit = Encoder(name="libx264", filters=("format=yuv420p", "scale=-2:7"))
    monkeypatch.setattr(proxy._hls, "_encoders", encoders.Encoders("", [unfit]))
    monkeypatch.setattr(proxy._hls._encoders, "_best", unfit)

    assert codecs(await segment(session, server, HEVC)) == [Codec.H264, Codec.AAC]
    assert await proxy._hls._encoders.best() is SOFTWARE


def test_interlaced_mpeg2_becomes_progressive_h264(tmp_path: Path, ffmpeg: str) -> None:
    """With a keyframe every two seconds, and sound that is encoded as well."""
    source = tmp_path / "source.ts"
    made = (
        *("-v", "error", "-f", "lavfi", "-i", "testsrc=size=720x576:rate=50:duration=6"),
        *("-f", "lavfi", "-i", "sine=duration=6", "-vf", "interlace", "-flags", "+ildct+ilme"),
        *("-c:v", "mpeg2video", "-b:v", "4M", "-c:a", "mp2", "-f", "mpegts", str(source)),
    )
    subprocess.run([ffmpeg, *made], check=True)
    stream = source.read_bytes()
    assert picture(stream) == PictureFormat(720, 576, 25.0, interlaced=True)
    recipe = recipe_for(program(stream), picture(stream), ChannelOptions(transcode_video=True))

    done = subprocess.run(
        [ffmpeg, *arguments(recipe, SOFTWARE)], input=stream, capture_output=True, check=True
    )

    assert codecs(done.stdout) == [Codec.H264, Codec.AAC]
    assert picture(done.stdout) == PictureFormat(720, 576, 25.0, interlaced=False)
    begun = [chunk for chunk in Scanner().feed(done.stdout) if chunk.random_access]
    times = [chunk.pts / 90_000 for chunk in begun if chunk.pts is not None]
    assert [time - times[0] for time in times] == pytest.approx([0, 2, 4])
