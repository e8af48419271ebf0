"""Sound in the language that is wished, with a real ffmpeg and a channel in two languages."""

from dataclasses import replace

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import ChannelOptions, ContentKey, Proxy, ProxyOptions
from custom_components.acestream_proxy.proxy.mpegts import Codec
from demo import EmulatedEngine

from ..waiting import until
from .watching import BILINGUAL, codecs, ffmpegs, program, segment

SPANISH = ChannelOptions(audio_language="spa")

BY_ITS_ID = ContentKey.parse(BILINGUAL.content_id)
BY_ITS_HASH = ContentKey.parse(f"infohash:{BILINGUAL.infohash}")


def languages(data: bytes) -> list[str]:
    """Return the languages of the audio tracks of a segment."""
    return [stream.language for stream in program(data).streams if stream.codec.is_audio]


async def test_channel_is_heard_in_its_first_language(
    session: ClientSession, server: TestServer
) -> None:
    """That is what browsers play of it by themselves, so no process is needed."""
    assert languages(await segment(session, server, BILINGUAL)) == ["eng", "spa"]
    assert not ffmpegs()


@pytest.mark.parametrize("key", [BY_ITS_ID, BY_ITS_HASH], ids=["content ID", "infohash"])
async def test_channel_is_heard_in_the_language_that_is_wished(
    key: ContentKey, session: ClientSession, server: TestServer, proxy: Proxy
) -> None:
    """Under whichever name the wish is known, with that track alone, which is AAC already."""
    await proxy.resolve(key)
    proxy.channels = {key: SPANISH}

    data = await segment(session, server, BILINGUAL)

    assert codecs(data) == [Codec.H264, Codec.AAC]
    assert languages(data) == ["spa"]
    assert "-c:a copy" in " ".join(ffmpegs()[0].cmdline())


async def test_proxy_has_a_language_for_channels_that_wish_for_none(
    session: ClientSession, server: TestServer, proxy: Proxy, options: ProxyOptions
) -> None:
    """A channel's own wish comes first."""
    assert Proxy(session, options=replace(options, audio_language="spa")).audio_language == "spa"
    proxy.audio_language = "spa"
    assert languages(await segment(session, server, BILINGUAL)) == ["spa"]

    await until(lambda: not proxy.stats().streams)
    proxy.channels = {BY_ITS_ID: ChannelOptions(audio_language="eng")}
    assert languages(await segment(session, server, BILINGUAL)) == ["eng", "spa"]


async def test_new_wish_counts_from_the_next_start(
    session: ClientSession, server: TestServer, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """Whoever watches goes on watching what they began with."""
    await segment(session, server, BILINGUAL)
    proxy.channels = {BY_ITS_ID: SPANISH}
    assert languages(await segment(session, server, BILINGUAL)) == ["eng", "spa"]

    await until(lambda: engine.stops == 1)
    assert languages(await segment(session, server, BILINGUAL)) == ["spa"]
