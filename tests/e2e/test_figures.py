"""How long it takes, and what it costs."""

import asyncio
from pathlib import Path
import re

import pytest

from demo import CHANNELS, EmulatedEngine
from demo.home import Home

from .viewer import StreamViewer

CHANNEL = CHANNELS[0]
VIEWERS = 20
SECONDS = 10


def memory(pid: int) -> float:
    """Return what a process has in memory, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024 / 1e6


@pytest.mark.timeout(120)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
async def test_twenty_viewers(
    engine: EmulatedEngine, home: Home, figures: dict[str, float]
) -> None:
    """Twenty players of one channel are one session, and cost little more than one."""
    before = memory(home.pid)
    viewers = [StreamViewer(home, CHANNEL) for _ in range(VIEWERS)]
    for viewer in viewers:
        await viewer.start()
    await asyncio.sleep(SECONDS)
    after = memory(home.pid)
    received = [viewer.received for viewer in viewers]
    starts = engine.starts
    for viewer in viewers:
        await viewer.stop()

    figures["s to the first byte of the first player"] = viewers[0].first_byte_after
    figures["s to the first byte of the second player"] = viewers[1].first_byte_after
    figures["MB of memory of Home Assistant with 0 players"] = before
    figures[f"MB of memory of Home Assistant with {VIEWERS} players"] = after
    assert starts == 1
    assert min(received) > SECONDS * CHANNEL.bitrate / 8 / 2
