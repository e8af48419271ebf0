"""An engine that plays numbers, and real sockets to reach it."""

from collections.abc import AsyncIterator

import pytest

from demo import EmulatedEngine, Faults, SyntheticMedia


@pytest.fixture(autouse=True)
def real_sockets(socket_enabled: None) -> None:
    """The engine is on a real socket."""


@pytest.fixture
async def engine() -> AsyncIterator[EmulatedEngine]:
    """An engine that refuses without delay."""
    faults = Faults(unknown_id_delay=0, burst_seconds=1)
    media = SyntheticMedia(bitrate=500_000)
    async with EmulatedEngine(media=media, faults=faults, version="3.2.3") as engine:
        yield engine
