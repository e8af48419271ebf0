"""An engine that plays what can be decoded, and a proxy with a real ffmpeg."""

from collections.abc import AsyncIterator

import imageio_ffmpeg
import pytest

from custom_components.acestream_proxy.proxy import ProxyOptions
from custom_components.acestream_proxy.proxy.hls import HlsOptions
from demo import EmulatedEngine, Faults
from demo.playout import PatternMedia

from .watching import AAC, AC3, BILINGUAL, HEVC, MP2


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> PatternMedia:
    """The channels of these tests, encoded."""
    media = PatternMedia(tmp_path_factory.mktemp("media"))
    for channel in (MP2, AC3, AAC, HEVC, BILINGUAL):
        media.prepare(channel)
    return media


@pytest.fixture
async def engine(media: PatternMedia, faults: Faults) -> AsyncIterator[EmulatedEngine]:
    """An engine that plays what can be decoded."""
    faults.burst_seconds = 6
    async with EmulatedEngine(media=media, faults=faults) as engine:
        yield engine


@pytest.fixture
def ffmpeg() -> str | None:
    """The ffmpeg there is; for tests to replace."""
    binary: str = imageio_ffmpeg.get_ffmpeg_exe()
    return binary


@pytest.fixture
def options(ffmpeg: str | None) -> ProxyOptions:
    """Viewers that are soon forgotten."""
    return ProxyOptions(linger=0.2, hls=HlsOptions(idle_timeout=1), ffmpeg=ffmpeg)
