"""The command, as a process of its own, from the package alone."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import os
from pathlib import Path
import re
import sys

from ..waiting import until


class Command:
    """The command while it runs."""

    def __init__(self, process: Process) -> None:
        """Know nothing of it yet."""
        self.process = process
        self.address = ""
        """Where it serves."""
        self.log = ""

    async def listen(self) -> None:
        """Keep what it says, until it ends."""
        assert self.process.stderr
        async for line in self.process.stderr:
            self.log += line.decode()
            if found := re.search(r"Serving .*?(http://[0-9.:]+)", self.log):
                self.address = found[1]


@asynccontextmanager
async def running(
    folder: Path,
    *arguments: str,
    python: Path | str = sys.executable,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Command]:
    """Run the command on a free port; inside it serves."""
    process = await asyncio.create_subprocess_exec(
        *(python, "-m", "acestream_proxy", "--listen", "127.0.0.1:0", *arguments),
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stderr=PIPE,
    )
    command = Command(process)
    listening = asyncio.create_task(command.listen())
    try:
        await until(lambda: command.address or listening.done())
        assert command.address, command.log
        yield command
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening
