"""The package alone, an engine that is a process of its own, and a client."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientSession
import pytest

from ...proxy.alone import copy_alone
from .provider import Provider
from .stage import EngineProcess


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package is."""
    return copy_alone(tmp_path_factory.mktemp("alone"))


@pytest.fixture
async def engine() -> AsyncIterator[EngineProcess]:
    """An engine that plays numbers."""
    engine = EngineProcess()
    await engine.start()
    yield engine
    await engine.kill()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """A client that opens a connection for each request, so that none of them is a leak."""
    async with ClientSession(headers={"Connection": "close"}) as session:
        yield session


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """Where a list, a guide and a logo come from."""
    provider = Provider()
    await provider.server.start_server()
    yield provider
    provider.whole.set()
    await provider.server.close()
