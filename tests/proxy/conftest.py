"""An engine that plays numbered packets, the proxy, and real sockets to reach them."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from hypothesis import settings
import pytest

from custom_components.acestream_proxy.proxy import Proxy, ProxyOptions
from custom_components.acestream_proxy.proxy.broadcast import retry
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.lineup import Lineup
from demo import EmulatedEngine, Faults, SyntheticMedia

from .sources import Source
from .streams import INTERVAL

# The same examples on every run, and no database of them: a failure is everybody's failure.
settings.register_profile("acestream_proxy", deadline=None, derandomize=True, database=None)
settings.load_profile("acestream_proxy")


@pytest.fixture(autouse=True)
def real_sockets(socket_enabled: None) -> None:
    """Engine and players are on real sockets."""


@pytest.fixture
def quick_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken upstreams are opened again almost at once."""
    monkeypatch.setattr(retry, "QUICK_DELAY", 0.02)
    monkeypatch.setattr(retry, "MAX_DELAY", 0.05)


@pytest.fixture
def faults() -> Faults:
    """No faults yet; an engine that refuses without delay."""
    return Faults(unknown_id_delay=0, burst_seconds=2)


@pytest.fixture
async def engine(faults: Faults) -> AsyncIterator[EmulatedEngine]:
    """An engine that plays numbers."""
    media = SyntheticMedia(bitrate=1_000_000, keyframe_interval=INTERVAL)
    async with EmulatedEngine(media=media, faults=faults) as engine:
        yield engine


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """A client for JSON calls."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
def options() -> ProxyOptions:
    """How the proxy behaves; for tests to replace."""
    return ProxyOptions(linger=0.3)


@pytest.fixture
async def proxy(
    session: ClientSession, engine: EmulatedEngine, options: ProxyOptions
) -> AsyncIterator[Proxy]:
    """A proxy with the one engine."""
    proxy = Proxy(session, options=options)
    proxy.engines.add("one", engine.url)
    yield proxy
    await proxy.stop()


@pytest.fixture
async def lineup(session: ClientSession, tmp_path: Path) -> Lineup:
    """A lineup without channels; for tests to fill."""
    return Lineup(session, tmp_path)


@pytest.fixture
async def server(proxy: Proxy, lineup: Lineup) -> AsyncIterator[TestServer]:
    """The proxy's own web server, as the command runs it."""
    server = TestServer(make_app(proxy, lineup))
    await server.start_server(shutdown_timeout=2)
    yield server
    await server.close()


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    """A server with a list, whose content may change."""
    source = Source()
    await source.server.start_server()
    yield source
    await source.server.close()
