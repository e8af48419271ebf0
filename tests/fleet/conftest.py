"""Fleets for tests, where there is an HAProxy."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, TCPConnector
import pytest

from ..proxy.alone import copy_alone
from .fleet import Fleet, fleet_of_three


@pytest.fixture(autouse=True)
def real_sockets(socket_enabled: None) -> None:
    """Engines, proxies, HAProxy and players are on real sockets."""


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    """Three proxies that serve, and HAProxy that knows."""
    async with fleet_of_three(copy_alone(tmp_path)) as fleet:
        yield fleet


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """A client for as many players as there are, each with connections of its own."""
    connector = TCPConnector(limit=0, force_close=True)
    async with ClientSession(connector=connector, timeout=ClientTimeout(total=None)) as session:
        yield session
