"""One ffmpeg process: a broadcast goes in, the same pictures with AAC sound come out.

Its input is a subscriber like any player's socket: when ffmpeg does not keep up, it alone skips.
Its output is an upstream like an engine's. It lives exactly as long as somebody is inside
`async with`.
"""

import asyncio
from collections import deque
from contextlib import suppress
import logging
from types import TracebackType
from typing import Final, Self

from ..broadcast import Sink, SocketSubscriber
from ..errors import StreamEndedError

_LOGGER = logging.getLogger(__name__)

# How much of the past it begins with: enough to cut the first segments of HLS from.
_LEAD: Final = 6.0

# Reading seldom and much, as from an engine, keeps the passing on cheap.
_TICK: Final = 0.05
_GULP: Final = 1024 * 1024

_LAST_LINES: Final = 10

# Quick to begin, as the input starts with tables and a keyframe; tables before every keyframe in
# the output, and nothing held back there.
_OPTIONS: Final = (
    *("-hide_banner", "-nostdin", "-loglevel", "warning"),
    *("-fflags", "nobuffer", "-analyzeduration", "1000000", "-probesize", "1000000"),
    *("-f", "mpegts", "-i", "pipe:0"),
    *("-map", "0:v:0?", "-map", "0:a:0", "-c:v", "copy"),
    *("-c:a", "aac", "-b:a", "160k", "-ac", "2"),
    *("-f", "mpegts", "-mpegts_flags", "+resend_headers+pat_pmt_at_frames"),
    *("-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1", "pipe:1"),
)


class Transcoder:
    """A stream with its sound made into AAC."""

    def __init__(self, binary: str) -> None:
        """Use the ffmpeg at a path; entering starts it."""
        self._binary = binary
        self._process: asyncio.subprocess.Process | None = None
        self._input: SocketSubscriber | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._said: deque[str] = deque(maxlen=_LAST_LINES)

    @property
    def input(self) -> SocketSubscriber:
        """What to subscribe to a broadcast."""
        assert self._input is not None  # noqa: S101 - only inside `async with`
        return self._input

    async def __aenter__(self) -> Self:
        """Start the process.

        Raises:
            StreamEndedError: It cannot be started.
        """
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                self._binary,
                *_OPTIONS,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_GULP,
            )
        except OSError as error:
            raise StreamEndedError(f"ffmpeg cannot be started ({error}).") from error
        assert process.stdin is not None  # noqa: S101 - piped above
        self._input = SocketSubscriber(process.stdin.transport, viewers=0, join_lead=_LEAD)
        self._tasks = [
            asyncio.create_task(self._listen(process), name="ffmpeg stderr"),
            asyncio.create_task(self._end_input(process), name="ffmpeg stdin"),
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Kill the process: nothing it still holds is of use to anybody."""
        assert self._process is not None  # noqa: S101 - entered
        with suppress(ProcessLookupError):
            self._process.kill()
        for task in self._tasks:
            task.cancel()
        await self._process.wait()

    async def pump(self, sink: Sink) -> None:
        """Give a sink what comes out.

        Raises:
            StreamEndedError: The process has ended, by itself or because its input did.
        """
        assert self._process is not None  # noqa: S101 - entered
        assert self._process.stdout is not None  # noqa: S101 - piped above
        while data := await self._process.stdout.read(_GULP):
            sink([data])
            await asyncio.sleep(_TICK)
        code = await self._process.wait()
        last = " / ".join(self._said) or "it said nothing"
        raise StreamEndedError(f"ffmpeg ended with status {code}: {last}")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Keep the last lines of what the process says, for when it dies."""
        assert process.stderr is not None  # noqa: S101 - piped above
        with suppress(ValueError):  # a line without end
            async for line in process.stderr:
                self._said.append(line.decode(errors="replace").strip())

    async def _end_input(self, process: asyncio.subprocess.Process) -> None:
        """Let the process end when there is nothing more for it."""
        await self.input.over.wait()
        assert process.stdin is not None  # noqa: S101 - piped above
        process.stdin.close()
