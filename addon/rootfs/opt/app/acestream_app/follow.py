"""Has the proxy read its file again when the user has changed it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

# Seconds between looks at the file.
INTERVAL: Final = 5.0


async def follow(path: Path, changed: Callable[[], None]) -> None:
    """Call a function whenever the file is another one than before, until cancelled."""
    known = _look(path)
    while True:
        await asyncio.sleep(INTERVAL)
        if (seen := _look(path)) != known:
            known = seen
            changed()


def _look(path: Path) -> tuple[int, ...]:
    """Return what tells one state of a file from another; nothing if it is not there."""
    try:
        state = path.stat()
    except OSError:
        return ()
    return state.st_ino, state.st_size, state.st_mtime_ns
