"""A program that is kept running, for as long as one is inside `async with`.

It is the head of a process group of its own, so that whatever it started ends with it.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import suppress
import logging
import os
import signal
import sys
from typing import Any, Final, Self

from .backoff import Backoff
from .commands import Command

_LOGGER = logging.getLogger(__name__)

# Seconds for the last words of a program that has ended.
_LAST_WORDS: Final = 1.0

# Bytes of output that are read at a time, and the most that make a line.
_MAX_LINE: Final = 16 * 1024


class Program:
    """Starts a program, passes on what it says, and starts it again whenever it ends."""

    def __init__(self, name: str, command: Command) -> None:
        """Take how the log calls it."""
        self.name = name
        self.pid: int | None = None
        """Its process while it runs."""

        self._command = command
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keep()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def restart(self) -> None:
        """End it, and start it again at once."""
        await self._stop()
        self._keep()

    def reload(self) -> None:
        """Have it read its file again."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGHUP)

    def _keep(self) -> None:
        self._keeping = asyncio.create_task(self._run(), name=f"keep the {self.name} running")

    async def _stop(self) -> None:
        assert self._keeping is not None  # noqa: S101 - nothing is stopped before it is started
        # Who restarts it may be stopped meanwhile; being told twice would end it unkindly.
        if not self._keeping.cancelling():
            self._keeping.cancel()
        await asyncio.wait((self._keeping,))

    async def _run(self) -> None:
        """Run it again and again, until cancelled."""
        backoff, loop = Backoff(), asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                how = await self._run_once()
            except OSError as error:
                how = f"cannot be started ({error.strerror})"
            delay = backoff.delay(ran=loop.time() - began)
            _LOGGER.warning("The %s %s; starting it in %d s", self.name, how, delay)
            await asyncio.sleep(delay)

    async def _run_once(self) -> str:
        """Run it until it ends; return how."""
        process = await _start(self._command)
        self.pid = process.pid
        _LOGGER.info("The %s runs", self.name)
        telling = asyncio.create_task(self._tell(process), name=f"output of the {self.name}")
        try:
            status = await process.wait()
        finally:
            self.pid = None
            await _finish(asyncio.create_task(self._clean(process, telling)))
        return f"ended (status {status})"

    async def _clean(self, process: Process, telling: asyncio.Task[None]) -> None:
        """Leave nothing of it behind."""
        await _end(process, self._command.grace)
        # A process that has left the group may hold the output open.
        await asyncio.wait((telling,), timeout=_LAST_WORDS)
        telling.cancel()
        await asyncio.wait((telling,))

    async def _tell(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it is started with one
        async for line in _lines(process.stdout):
            sys.stderr.write(f"{self.name} | {line}\n")
            sys.stderr.flush()


async def _start(command: Command) -> Process:
    who: dict[str, Any] = {}
    if user := command.user:
        who = {"user": user.uid, "group": user.gid, "extra_groups": ()}
    return await asyncio.create_subprocess_exec(
        *command.arguments,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        cwd="/",
        env=command.environment,
        start_new_session=True,
        **who,
    )


async def _finish(task: asyncio.Task[None]) -> None:
    """Wait for a task to the end, although cancelled meanwhile, which here happens once."""
    try:
        await asyncio.wait((task,))
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise


async def _end(process: Process, grace: float) -> None:
    """End a program and all that it started, kindly if it lets itself be ended."""
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await process.wait()
    _signal(process, signal.SIGKILL)
    await process.wait()


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Yield what comes line by line; a line that is too long comes in pieces."""
    rest = b""
    while piece := await stream.read(_MAX_LINE):
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > _MAX_LINE:
            whole.append(rest)
            rest = b""
        for line in whole:
            yield line.decode(errors="replace").rstrip()
    if rest:
        yield rest.decode(errors="replace")
