"""Stands in for the engine's own program: takes its command line, and emulates an engine.

Each start adds a line to the file `starts` in the folder for its state, each kindly end one to the
file `ends`.
"""

import argparse
import asyncio
import json
import os
from pathlib import Path
import signal
import sys
from typing import Any

from demo import EmulatedEngine, SyntheticMedia


def note(file: Path, **facts: Any) -> None:
    """Add a line."""
    with file.open("a") as opened:
        opened.write(f"{json.dumps(facts)}\n")


async def main(port: int, state: Path) -> None:
    """Run until told to end."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    facts = {"arguments": sys.argv[1:], "environment": dict(os.environ)}
    note(state / "starts", pid=os.getpid(), **facts)
    async with EmulatedEngine(port=port, media=SyntheticMedia()) as engine:
        print("Ready", flush=True)  # noqa: T201 - somebody reads it
        await told.wait()
        note(state / "ends", stops=engine.stops)


parser = argparse.ArgumentParser()
parser.add_argument("--http-port", type=int)
parser.add_argument("--state-dir", type=Path)
options, _ = parser.parse_known_args()
asyncio.run(main(options.http_port, options.state_dir))
