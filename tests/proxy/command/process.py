"""The command, as a process of its own, from the package alone."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
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
    under: Sequence[str] = (),
    prelude: str = "",
) -> AsyncIterator[Command]:
    """Run the command on a free port; inside it serves.

    `under` is the command line of what runs it in its place, such as `prlimit`; `prelude` is Python
    that is run first, such as to shorten a wait.
    """
    program = ("-m", "acestream_proxy")
    if prelude:
        program = ("-c", f"{prelude}\nfrom acestream_proxy.__main__ import main\nmain()")
    process = await asyncio.create_subprocess_exec(
        *(*under, python, *program, "--listen", "127.0.0.1:0", *arguments),
        cwd=folder,
        # Who is killed leaves temporary folders behind.
        env={**os.environ, "TMPDIR": str(folder), **(environment or {})},
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
