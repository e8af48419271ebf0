"""The demo as a program of its own."""

import asyncio
from pathlib import Path
import signal
import sys

import pytest

from demo import CHANNELS

from .wire import PATIENCE

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_runs_until_interrupted(number: signal.Signals) -> None:
    """It says where it is and what is on, answers, and leaves without a complaint."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo", "--port", "0", "--synthetic", "--fault", "eof=true"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        said = (await process.stdout.readuntil(b"Ready\n")).decode()
    process.send_signal(number)
    async with asyncio.timeout(PATIENCE):
        _, complaints = await process.communicate()
    assert process.returncode == 0
    assert complaints == b""
    assert "/demo/playlist.m3u" in said
    assert all(channel.content_id in said for channel in CHANNELS)
