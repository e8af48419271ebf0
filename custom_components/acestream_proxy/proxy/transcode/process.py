"""Starts ffmpeg so that it cannot take the machine with it.

What runs here also runs Home Assistant, so ffmpeg gets the processor when nobody else wants it, and
no more memory than it has a use for.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
import os
import resource
from typing import Final

from ..errors import StreamEndedError

_MIB: Final = 1024 * 1024

# Sound takes some 60 MiB. HEVC of 1080 lines made into H.264 takes 200 MiB with one thread, of 2160
# lines 400 MiB, and more with each further thread. Beyond these limits something leaks.
SOUND_MEMORY: Final = 256 * _MIB
PICTURE_MEMORY: Final = 2048 * _MIB

# Everything else on the machine comes first, and ffmpeg before what has no hurry at all.
_NICENESS: Final = 10

# What is read at a time, and the longest line that is understood.
LIMIT: Final = _MIB


async def start(binary: str, *arguments: str, memory: int, stdin: int = DEVNULL) -> Process:
    """Start an ffmpeg that may have so many bytes of memory; its owner kills it.

    Raises:
        StreamEndedError: It cannot be started.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            binary, *arguments, stdin=stdin, stdout=PIPE, stderr=PIPE, limit=LIMIT
        )
    except OSError as error:
        raise StreamEndedError(f"ffmpeg cannot be started ({error}).") from error
    _bound(process.pid, memory)
    return process


def _bound(pid: int, memory: int) -> None:
    """Put a process that has just begun behind all others, and bound its memory.

    Threads inherit both, and it starts none before it has read its input. What it maps but does
    not write to is not counted, as drivers of graphics hardware map whole gigabytes.
    """
    # It may be over already, or somebody may have forbidden this: then it runs as it is.
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)
        if hasattr(resource, "prlimit"):  # on Linux
            resource.prlimit(pid, resource.RLIMIT_DATA, (memory, memory))


def kill(process: Process) -> None:
    """Kill a process, unless it has ended by itself."""
    with suppress(ProcessLookupError):
        process.kill()
