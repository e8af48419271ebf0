"""One scene for each test, and the report of them all."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from .report import Report
from .scene import Scene, set_up

_REPORT = Path(__file__).parents[2] / "artifacts" / "faults.md"


@pytest.fixture(autouse=True)
def real_sockets(socket_enabled: None) -> None:
    """Engine and players are on real sockets."""


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """Everything, running."""
    async with set_up(monkeypatch) as scene:
        yield scene


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    """What happened in each cell of the matrix; written down in the end."""
    report = Report()
    yield report
    report.write(_REPORT)
