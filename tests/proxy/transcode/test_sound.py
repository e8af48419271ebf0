"""The sound of a channel alone, as a browser's player of sound plays it."""

import asyncio
import subprocess
from typing import Final

from aiohttp.test_utils import TestServer
import imageio_ffmpeg
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, Proxy, Ticket
from demo import CHANNELS, Channel, EmulatedEngine
from demo.playout import PatternMedia

from ..players import connected
from ..waiting import until
from .watching import AAC, AC3, MP2, ffmpegs

RADIO: Final = next(channel for channel in CHANNELS if channel.video is None)
FRAME: Final = b"\xff\xf1"
"""What a frame of AAC begins with in its own framing: MPEG-4, without a checksum."""


@pytest.fixture(autouse=True)
def radio(media: PatternMedia) -> None:
    """It is encoded before anybody listens."""
    media.prepare(RADIO)


def address(proxy: Proxy, channel: Channel) -> str:
    """Return where the sound of a channel plays."""
    content = ContentKey.parse(channel.content_id)
    token = proxy.plays.open(Ticket(sources=(content,)), asyncio.get_running_loop().time())
    return f"/ace/hls/{token}/sound.aac"


def decoded(sound: bytes) -> tuple[float, str]:
    """Return how many seconds somebody else decodes, and what they complain of."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "warning", "-f", "aac", "-i", "pipe:"]
    command += ["-f", "s16le", "-ar", "8000", "-ac", "1", "pipe:"]
    done = subprocess.run(command, input=sound, capture_output=True, check=True)
    return len(done.stdout) / 16_000, done.stderr.decode()


@pytest.mark.parametrize("channel", [RADIO, MP2], ids=["radio", "of a picture, and made into AAC"])
async def test_sound_plays(
    server: TestServer, proxy: Proxy, engine: EmulatedEngine, channel: Channel
) -> None:
    """From the first frame on, without an error; the listener is counted and lets go."""
    async with connected(server) as player:
        player.send(address(proxy, channel))
        assert await player.head() == 200
        assert player.headers["content-type"] == "audio/aac"
        sound = await player.watch(60_000)
        assert proxy.stats().viewers == 1

    seconds, complaints = await asyncio.to_thread(decoded, sound[: sound.rfind(FRAME)])
    assert sound.startswith(FRAME)
    assert seconds > 2
    assert complaints == ""
    await until(lambda: engine.stops == engine.starts == 1)


async def test_stopping_a_channel_stops_what_is_made_of_it(
    server: TestServer, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """It would start the channel again; what is made of another one plays on."""
    for channel in (MP2, AC3):
        content = ContentKey.parse(channel.content_id)
        await proxy.start((await proxy.resolve(content)).key, for_browsers=True)
    async with connected(server) as player, connected(server) as other:
        player.send(address(proxy, MP2))
        other.send(address(proxy, AC3))
        assert await other.head() == 200
        assert await player.head() == 200
        await player.watch(1000)

        proxy.end(ContentKey.parse(MP2.content_id))

        await player.watch_to_the_end()
        assert engine.starts == 2
        await other.watch(20_000)
    await until(lambda: engine.stops == engine.starts == 2)


async def test_sound_that_is_made_ends_with_its_stream(
    server: TestServer, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """What makes it starts the stream again otherwise."""
    async with connected(server) as player:
        player.send(address(proxy, MP2))
        assert await player.head() == 200
        (stream,) = proxy.stats().streams
        proxy.end(stream.content)
        await player.watch_to_the_end()
        await until(lambda: not ffmpegs())
    assert not proxy.stats().streams
    await until(lambda: engine.stops == engine.starts == 1)


async def test_sound_for_a_player_of_old(server: TestServer, proxy: Proxy) -> None:
    """Without HTTP's chunked coding it is the bare sound."""
    async with connected(server) as player:
        player.send(address(proxy, RADIO), version="HTTP/1.0")
        assert await player.head() == 200
        assert (await player.bare(10_000)).startswith(FRAME)


async def test_looking_at_sound_opens_no_session(
    server: TestServer, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """HEAD says what it would be."""
    async with connected(server) as player:
        player.send(address(proxy, RADIO), method="HEAD")
        assert await player.head() == 200
        assert player.headers["content-type"] == "audio/aac"
    assert not engine.starts


async def test_sound_of_an_address_that_was_never_given_out(server: TestServer) -> None:
    """Nobody guesses one."""
    async with connected(server) as player:
        player.send("/ace/hls/guess/sound.aac")
        assert "Play it again" in await player.text()
        assert player.status == 404


class TestWithoutFfmpeg:
    """Where nothing makes AAC of it."""

    @pytest.fixture
    def ffmpeg(self) -> str | None:
        """There is none."""
        return None

    async def test_sound_that_browsers_cannot_decode(
        self, server: TestServer, proxy: Proxy
    ) -> None:
        """A sentence says what to do."""
        async with connected(server) as player:
            player.send(address(proxy, MP2))
            assert "Is ffmpeg installed?" in await player.text()
            assert player.status == 415

    async def test_sound_that_they_can(self, server: TestServer, proxy: Proxy) -> None:
        """It needs none."""
        async with connected(server) as player:
            player.send(address(proxy, AAC))
            assert await player.head() == 200
            assert (await player.watch(1000)).startswith(FRAME)
