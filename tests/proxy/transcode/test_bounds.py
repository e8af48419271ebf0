"""What ffmpeg may take of the machine, and what becomes of one that misbehaves."""

import asyncio
from collections.abc import Buffer, Sequence
from pathlib import Path

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import psutil
import pytest

from custom_components.acestream_proxy.proxy import ChannelOptions, ProxyOptions
from custom_components.acestream_proxy.proxy.broadcast import BroadcastOptions
from custom_components.acestream_proxy.proxy.errors import StreamEndedError
from custom_components.acestream_proxy.proxy.hls import HlsOptions
from custom_components.acestream_proxy.proxy.mpegts import Codec
from custom_components.acestream_proxy.proxy.transcode import (
    Transcoder,
    ffmpeg as module,
    recipe_for,
)
from custom_components.acestream_proxy.proxy.transcode.process import SOUND_MEMORY
from demo import EmulatedEngine
from demo.playout import PatternMedia

from ..streams import packets_of, pid_of
from ..waiting import until
from .watching import (
    MP2,
    children,
    codecs,
    ffmpegs,
    keyframes,
    memory_limit,
    program,
    script,
    segment,
)

NOTHING = recipe_for(None, None, ChannelOptions())


@pytest.fixture
def options(ffmpeg: str | None) -> ProxyOptions:
    """Less patience with streams that are silent than in earnest."""
    return ProxyOptions(
        linger=0.2,
        broadcast=BroadcastOptions(stall_after=1, reconnect_after=2),
        hls=HlsOptions(idle_timeout=10),
        ffmpeg=ffmpeg,
    )


def ignore(_: object) -> bool:
    """Take what comes out."""
    return True


async def test_process_is_behind_all_others_and_bounded(
    session: ClientSession, server: TestServer
) -> None:
    """All of its threads: they inherit it."""
    await segment(session, server, MP2)
    (process,) = ffmpegs()

    assert process.nice() == 10
    for thread in process.threads():
        assert psutil.Process(thread.id).nice() == 10
    assert memory_limit(process) == SOUND_MEMORY


async def test_process_that_needs_more_memory_than_it_may_have_ends(
    session: ClientSession,
    server: TestServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It says so, and there is a picture without sound."""
    monkeypatch.setattr(module, "SOUND_MEMORY", 1_000_000)

    assert codecs(await segment(session, server, MP2)) == [Codec.H264, Codec.MP2]

    assert not ffmpegs()
    assert "ffmpeg ended with status" in caplog.text


async def test_process_that_halts_is_replaced(
    session: ClientSession, server: TestServer, engine: EmulatedEngine
) -> None:
    """Its input goes on, so silence at its output is its own doing."""
    await segment(session, server, MP2)
    (halted,) = ffmpegs()
    halted.suspend()

    await until(lambda: [one.pid for one in ffmpegs()] not in ([], [halted.pid]))

    assert codecs(await segment(session, server, MP2)) == [Codec.H264, Codec.AAC]
    assert len(ffmpegs()) == 1
    assert engine.starts == 1


async def test_picture_goes_on_where_the_sound_ceases(media: PatternMedia, ffmpeg: str) -> None:
    """All of it comes out, but for the second in which the sound might still come."""
    stream = media.open(MP2, 0.0).read(14)
    recipe = recipe_for(program(stream), None, ChannelOptions())
    assert recipe.audio
    begin, rest = stream[: 8 * len(stream) // 14 // 188 * 188], packets_of(stream)
    silent = [one for one in rest[len(begin) // 188 :] if pid_of(one) != recipe.audio.pid]
    made = bytearray()

    def take(pieces: Sequence[Buffer]) -> bool:
        made.extend(b"".join(pieces))
        return True

    async with Transcoder(ffmpeg, recipe) as transcoder:
        pumping = asyncio.create_task(transcoder.pump(take))
        transcoder.input._transport.write(begin + b"".join(silent))
        await until(lambda: keyframes(bytes(made)) >= 6)
        pumping.cancel()


async def test_last_words_are_told(tmp_path: Path) -> None:
    """The last ten lines, and of each its beginning, whatever it says before."""
    binary = script(
        tmp_path,
        "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2\n"
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i$(printf %0300d 0) >&2; done; exit 3",
    )
    async with Transcoder(binary, NOTHING) as transcoder:
        with pytest.raises(StreamEndedError, match="ended with status 3: line 30") as ended:
            await transcoder.pump(ignore)

    told = str(ended.value).split(" / ")
    assert len(told) == 10
    assert max(map(len, told)) < 250


async def test_process_that_says_nothing(tmp_path: Path) -> None:
    """There is a sentence all the same."""
    async with Transcoder(script(tmp_path, "exit 1"), NOTHING) as transcoder:
        with pytest.raises(StreamEndedError, match="status 1: it said nothing"):
            await transcoder.pump(ignore)


async def test_process_ends_with_its_input(tmp_path: Path) -> None:
    """By itself: what it still holds comes out."""
    async with Transcoder(script(tmp_path, "cat; echo end >&2"), NOTHING) as transcoder:
        transcoder.input.close(None)
        with pytest.raises(StreamEndedError, match="status 0: end"):
            await transcoder.pump(ignore)


@pytest.mark.parametrize("steps", range(12))
async def test_start_that_is_cancelled_leaves_no_process(tmp_path: Path, steps: int) -> None:
    """After however many steps of it."""
    binary = script(tmp_path, "exec sleep 60")

    async def run() -> None:
        async with Transcoder(binary, NOTHING) as transcoder:
            await transcoder.pump(ignore)

    task = asyncio.create_task(run())
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()
    assert not children()
