"""One ffmpeg process: a broadcast goes in, what browsers play of it comes out.

Its input is a subscriber like any player's socket: when ffmpeg does not keep up, it alone skips.
Its output is an upstream like an engine's. It lives exactly as long as somebody is inside
`async with`.
"""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from ..broadcast import Sink, SocketSubscriber
from ..errors import StreamEndedError
from .command import arguments
from .encoders import Encoder
from .need import Recipe
from .process import LIMIT, PICTURE_MEMORY, SOUND_MEMORY, kill, start

# How much of the past it begins with: enough to cut the first segments of HLS from.
_LEAD: Final = 6.0

# Reading seldom and much, as from an engine, keeps the passing on cheap.
_TICK: Final = 0.05

# What is kept of what it says: a damaged stream makes it talk without end.
_LAST_LINES: Final = 10
_LINE: Final = 200

# How long those may take to arrive once it has died.
_LAST_WORDS: Final = 1.0


class Transcoder:
    """A stream that is made into another one."""

    def __init__(self, binary: str, recipe: Recipe, encoder: Encoder | None = None) -> None:
        """Use the ffmpeg at a path; entering starts it. Without an encoder pictures are copied."""
        self._binary = binary
        self._arguments = arguments(recipe, encoder)
        self._memory = PICTURE_MEMORY if encoder else SOUND_MEMORY
        self._process: Process | None = None
        self._input: SocketSubscriber | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._began = False

    @property
    def input(self) -> SocketSubscriber:
        """What to subscribe to a broadcast."""
        assert self._input is not None  # noqa: S101 - only inside `async with`
        return self._input

    @property
    def is_fruitless(self) -> bool:
        """Whether nothing has come out, although something went in and nobody ended that."""
        given = self.input.stats.sent and not self.input.over.is_set()
        return bool(given) and not self._began

    async def __aenter__(self) -> Self:
        """Start the process.

        Raises:
            StreamEndedError: It cannot be started.
        """
        self._process = process = await start(
            self._binary, *self._arguments, memory=self._memory, stdin=PIPE
        )
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
        kill(self._process)
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        # A pipe that nobody reads to its end would stay open.
        await self._process.communicate()

    async def pump(self, sink: Sink) -> None:
        """Give a sink what comes out.

        Raises:
            StreamEndedError: The process has ended, by itself or because its input did.
        """
        assert self._process is not None  # noqa: S101 - entered
        assert self._process.stdout is not None  # noqa: S101 - piped above
        while data := await self._process.stdout.read(LIMIT):
            self._began = True
            sink([data])
            await asyncio.sleep(_TICK)
        code = await self._process.wait()
        await asyncio.wait(self._tasks[:1], timeout=_LAST_WORDS)
        last = " / ".join(self._said) or "it said nothing"
        raise StreamEndedError(f"ffmpeg ended with status {code}: {last}")

    async def _listen(self, process: Process) -> None:
        """Keep the last lines of what the process says, for when it dies."""
        assert process.stderr is not None  # noqa: S101 - piped above
        while not process.stderr.at_eof():
            with suppress(ValueError):  # a line without end; without a reader ffmpeg would halt
                line = (await process.stderr.readline()).decode(errors="replace").strip()
                if line:
                    self._said.append(line[:_LINE])

    async def _end_input(self, process: Process) -> None:
        """Let the process end when there is nothing more for it."""
        await self.input.over.wait()
        assert process.stdin is not None  # noqa: S101 - piped above
        process.stdin.close()
