"""Starts ffmpeg, and ends it."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import Final

from ..errors import StreamEndedError

_MIB: Final = 1024 * 1024

# What is read at a time, and the longest line that is understood.
LIMIT: Final = _MIB


async def start(binary: str, *arguments: str, stdin: int = DEVNULL) -> Process:
    """Start an ffmpeg; its owner kills it.

    Raises:
        StreamEndedError: It cannot be started.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            binary, *arguments, stdin=stdin, stdout=PIPE, stderr=PIPE, limit=LIMIT
        )
    except OSError as error:
        raise StreamEndedError(f"ffmpeg cannot be started ({error}).") from error
    return process


def kill(process: Process) -> None:
    """Kill a process, unless it has ended by itself."""
    with suppress(ProcessLookupError):
        process.kill()
