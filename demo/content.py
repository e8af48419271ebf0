"""The content itself: a live broadcast for one reader, or a file.

A live reader gets the last seconds at once and then what is broadcast, in chunks, until it
leaves, its session ends, or a fault hits it. How each of those looks on the wire:

    stopped, `eof`      the terminating chunk; the connection stays open
    superseded          the connection closes in the middle
    `reset`, restart    TCP reset
"""

import time
from typing import Final

from .connection import ClientGoneError, Connection
from .core import Core
from .http import (
    LAST_CHUNK,
    RefusedRangeError,
    Request,
    UnreadableRangeError,
    chunk,
    error_reply,
    file_head,
    live_head,
    parse_range,
    range_refused,
    second_reader,
)
from .media import Source
from .sessions import Session

# The most that is written at once, in seconds: a burst is many chunks, not one.
_STEP: Final = 0.5

# A reader this far behind, in seconds, has lost what the engine no longer keeps.
_KEPT: Final = 60.0

_FILE_PIECE: Final = 64 * 1024
_LOOK_INTERVAL: Final = 0.02


async def content(core: Core, connection: Connection, request: Request) -> bool:
    """Serve what a content URL stands for; return whether the connection stays open."""
    session = core.sessions.of_content_path(request.path)
    if session is None:
        return await connection.send(error_reply(request))
    if session.channel.kind == "vod":
        return await _file(core, connection, request, session)
    if not await _wait_for_turn(core, connection, session):
        return await connection.send(second_reader(request))
    try:
        return await _LiveReader(core, connection, request, session).run()
    finally:
        _leave(session)


class _LiveReader:
    """One reader of a live broadcast."""

    def __init__(
        self, core: Core, connection: Connection, request: Request, session: Session
    ) -> None:
        """Take what it reads, and where it writes to."""
        self._core = core
        self._connection = connection
        self._session = session
        self._head = live_head(request)
        self._began = False
        self._cuts = core.cuts

    async def run(self) -> bool:
        """Write until something ends it; return whether the connection stays open."""
        faults = self._core.faults
        if not await self._core.until_ready(self._connection, self._session):
            return await self._end()
        await self._core.prepare(self._session.channel)
        source, position = self._join()
        while not self._is_over:
            now = time.time()
            if faults.stall or faults.starving:
                await self._connection.sleep(faults.write_interval)
                continue
            if now - position > _KEPT:
                source, position = self._join()
            position = min(now, position + _STEP)
            await self._write(source.read(position))
            if position == now:
                await self._connection.sleep(faults.write_interval)
        return await self._end()

    def _join(self) -> tuple[Source, float]:
        begin = time.time() - self._core.faults.burst_seconds
        return self._core.media.open(self._session.channel, begin), begin

    @property
    def _is_over(self) -> bool:
        faults = self._core.faults
        was_cut = self._core.cuts != self._cuts
        return not self._session.is_open or was_cut or faults.eof or faults.reset

    async def _write(self, packets: bytes) -> None:
        if not packets:
            return
        start = b"" if self._began else self._head.content
        if not self._began:
            self._began = True
            self._session.reads += 1
        await self._connection.write(start + chunk(packets))
        self._session.bytes_sent += len(packets)

    async def _end(self) -> bool:
        core = self._core
        was_cut = core.cuts != self._cuts
        if core.faults.reset or (was_cut and core.cut_resets):
            self._connection.reset()
            return False
        if self._session.stopped_by == "superseded":
            return False
        start = b"" if self._began else self._head.content
        await self._connection.write(start + LAST_CHUNK)
        return self._head.stays_open


async def _file(core: Core, connection: Connection, request: Request, session: Session) -> bool:
    """Serve a file, or the span of it that was asked for."""
    await core.prepare(session.channel)
    file = core.media.file(session.channel)
    asked = request.headers.get("range")
    try:
        span = None if asked is None else parse_range(asked, len(file))
    except UnreadableRangeError:
        return False
    except RefusedRangeError:
        return await connection.send(range_refused(request, size=len(file)))
    if not await _wait_for_turn(core, connection, session):
        return await connection.send(second_reader(request, size=len(file), span=span))
    try:
        if not await core.until_ready(connection, session):
            return False
        head = file_head(request, size=len(file), content_type="video/mp2t", span=span)
        await connection.send(head)
        session.reads += 1
        wanted = span or range(len(file))
        sent_all = await _write_span(core, connection, session, file, wanted)
        return head.stays_open and sent_all
    finally:
        _leave(session)


async def _write_span(
    core: Core, connection: Connection, session: Session, file: bytes, span: range
) -> bool:
    """Write a span as fast as it is read; return False if something ended it early."""
    faults = core.faults
    for begin in range(span.start, span.stop, _FILE_PIECE):
        while faults.stall or faults.starving:
            await connection.sleep(faults.write_interval)
        if faults.reset:
            connection.reset()
        if faults.reset or faults.eof or not session.is_open:
            return False
        piece = file[begin : min(begin + _FILE_PIECE, span.stop)]
        await connection.write(piece)
        session.bytes_sent += len(piece)
    return True


async def _wait_for_turn(core: Core, connection: Connection, session: Session) -> bool:
    """Become the session's one reader; return False if that is refused."""
    while session.playback.reader is not None:
        if core.faults.second_reader == "malformed":
            return False
        await connection.sleep(_LOOK_INTERVAL)
    if connection.gone:
        raise ClientGoneError
    session.playback.reader = session
    session.reading = True
    return True


def _leave(session: Session) -> None:
    session.playback.reader = None
    session.reading = False
    session.active_at = time.monotonic()
