"""A station with an engine, and what it describes itself as."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientSession
import pytest

from custom_components.acestream_proxy.proxy import Proxy
from custom_components.acestream_proxy.proxy.lineup import Lineup
from custom_components.acestream_proxy.proxy.station import Station


@pytest.fixture
def lineup(session: ClientSession, tmp_path: Path) -> Lineup:
    """A lineup without channels."""
    return Lineup(session, tmp_path / "kept")


@pytest.fixture
async def bare(session: ClientSession) -> AsyncIterator[Proxy]:
    """A proxy without engines."""
    proxy = Proxy(session)
    yield proxy
    await proxy.stop()


@pytest.fixture
async def station(bare: Proxy, lineup: Lineup) -> AsyncIterator[Station]:
    """A station that nothing was said of yet."""
    station = Station(bare, lineup)
    yield station
    await station.stop()
