"""Finds the broadcast for a key, or starts it: one for all who ask.

Starting is single-flight per key and holds up no other key: whoever asks first starts the
broadcast's task, everybody waits on the broadcast. After the last one left it lingers for a
while, since players probe, reconnect and zap back. A broadcast that is ending still owns its
engine session; the next one of the same key waits until that is closed, because a second session
of one content would kill the first.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Hashable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import logging
from typing import Final

from ..errors import LimitReachedError, ProxyStoppedError
from .broadcast import Broadcast

_LOGGER = logging.getLogger(__name__)

# Ending takes an engine's stop call, which is bounded by itself; this bounds all of it.
_END_TIMEOUT: Final = 1.5

type Spawn = Callable[[Coroutine[None, None, None], str], asyncio.Task[None]]
"""Starts a task with a name, and keeps it from being lost."""


def spawn(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
    """Start a task that nobody else has to know of: the plainest `Spawn`."""
    return asyncio.get_running_loop().create_task(work, name=name)


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Wait for tasks that were cancelled, and cancel those anew that take long to close things."""
    late = set(tasks)
    for _ in range(2):
        if late:
            _, late = await asyncio.wait(late, timeout=_END_TIMEOUT)
        for task in late:
            task.cancel()


@dataclass(slots=True, eq=False)
class _Running:
    """A broadcast with its task and those who want it."""

    broadcast: Broadcast
    task: asyncio.Task[None]
    watchers: int = 0
    linger: asyncio.TimerHandle | None = field(default=None)


class Hub[Key: Hashable]:
    """All broadcasts that run."""

    def __init__(
        self,
        make_broadcast: Callable[[Key], Broadcast],
        *,
        spawn: Spawn,
        linger: float = 10.0,
        most: int = 32,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; nothing runs until somebody watches.

        `linger` is in seconds, `most` how many broadcasts run at once; `on_change` is called when
        one begins or ends.
        """
        self.linger = linger
        """Seconds; what is set later is for those that are left later."""
        self.most = most
        """How many may run; those that do go on if it is made less."""
        self.refused = 0
        """Broadcasts that were one too many."""
        self._make_broadcast = make_broadcast
        self._spawn = spawn
        self._on_change = on_change
        self._running: dict[Key, _Running] = {}
        self._ending: dict[Key, set[asyncio.Task[None]]] = {}
        self._stopped = False

    def __iter__(self) -> Iterator[tuple[Key, Broadcast]]:
        """Go through the keys and broadcasts that run."""
        return iter([(key, running.broadcast) for key, running in self._running.items()])

    def get(self, key: Key) -> Broadcast | None:
        """Return the broadcast for a key if it runs; start nothing."""
        running = self._running.get(key)
        return running.broadcast if running else None

    @asynccontextmanager
    async def watch(self, key: Key) -> AsyncIterator[Broadcast]:
        """Keep the broadcast for a key running while inside; enter once there is data.

        Raises:
            ProxyError: The broadcast could not be started.
        """
        running = self._running.get(key) or self._start(key)
        running.watchers += 1
        if running.linger:
            running.linger.cancel()
            running.linger = None
        try:
            await running.broadcast.flowing()
            yield running.broadcast
        finally:
            running.watchers -= 1
            if not running.watchers and self._running.get(key) is running:
                running.linger = asyncio.get_running_loop().call_later(
                    self.linger, self.stop_one, key
                )

    def stop_one(self, key: Key) -> None:
        """End the broadcast for a key, also for those who watch it; nothing if none runs."""
        if running := self._running.get(key):
            # Somebody else may have cancelled it, as Home Assistant does when it stops: a second
            # time would cut short how it closes its session.
            if not running.task.cancelling():
                running.task.cancel()
            self._forget(key, running)

    async def stop(self) -> None:
        """End all broadcasts and start no more; return when their upstreams are closed."""
        self._stopped = True
        for key in list(self._running):
            self.stop_one(key)
        await ended(set[asyncio.Task[None]]().union(*self._ending.values()))

    def _start(self, key: Key) -> _Running:
        if self._stopped:
            raise ProxyStoppedError("The proxy is stopping.")
        if len(self._running) >= self.most:
            self._end_lingering()
        if len(self._running) >= self.most:
            self.refused += 1
            self._on_change()
            raise LimitReachedError("As many streams run as this proxy allows. Try again later.")
        broadcast = self._make_broadcast(key)
        predecessors = set(self._ending.get(key, ()))
        task = self._spawn(self._run(broadcast, predecessors), f"broadcast {key}")
        running = self._running[key] = _Running(broadcast, task)
        task.add_done_callback(lambda _: self._forget(key, running))
        self._on_change()
        return running

    def _end_lingering(self) -> None:
        """End the broadcast that nobody has watched for longest, to make room."""
        for key, running in list(self._running.items()):
            if running.linger:
                self.stop_one(key)
                return

    async def _run(self, broadcast: Broadcast, predecessors: set[asyncio.Task[None]]) -> None:
        """Run a broadcast once those before it have let go of the content."""
        if predecessors:
            await asyncio.wait(predecessors)
        await broadcast.run()

    def _forget(self, key: Key, running: _Running) -> None:
        """Let nobody find a broadcast any more; remember it while it is ending."""
        if self._running.get(key) is running:
            del self._running[key]
            self._on_change()
        if running.linger:
            running.linger.cancel()
        if running.task.done():
            # A task that was cancelled before its first step has closed nothing by itself.
            running.broadcast.close()
        else:
            # Several, as one may be told to end while it waits for the one before it.
            self._ending.setdefault(key, set()).add(running.task)
            running.task.add_done_callback(lambda task: self._ended(key, task))

    def _ended(self, key: Key, task: asyncio.Task[None]) -> None:
        ending = self._ending[key]
        ending.discard(task)
        if not ending:
            del self._ending[key]
