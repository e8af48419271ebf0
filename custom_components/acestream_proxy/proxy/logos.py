"""Logos of channels: fetched once and kept, so that no player or browser asks third parties.

    get ─▶ kept for less than a week? ─▶ there it is
             │ no
             ▼
           asked in vain lately? ─▶ the old one, or the error again
             │ no
             ▼
           fetch ─▶ is it a picture? ─▶ keep

Logos are kept in a folder, one file each, whose name is a hash of the address. The file system
is all the books there are: a file's time of modification is when its logo was fetched, its time
of access when it was last used. What a file is, is told from its first bytes whenever it is read.

Lists name hundreds of logos on one server. If that is dead, it is left alone for a while as a
whole: to wait for each of them would keep those of other servers waiting.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
import logging
import os
from pathlib import Path
from threading import Lock
from time import time
from typing import Final, Protocol

from aiohttp import ClientSession
from yarl import URL

from .errors import FetchError, ProxyStoppedError, Why
from .fetch import WholeFile, fetch
from .pictures import picture_type

_LOGGER = logging.getLogger(__name__)

# A channel's logo is some 20 KB. What is larger is a photograph, which nobody needs on a tile.
MAX_LOGO: Final = 512 * 1024

# Enough for the logos of the longest lists.
MAX_KEPT: Final = 64 * 1024 * 1024

# Where there is no folder: enough for what is on the screens of a household.
MAX_IN_MEMORY: Final = 8 * 1024 * 1024

# Seconds for all of a logo to come, and how many are waited for at once.
_TIMEOUT: Final = 10.0
_MOST_AT_ONCE: Final = 4

# Seconds after which a logo is asked for again. Channels change theirs once in years.
FRESH_FOR: Final = 7 * 24 * 3600.0

# Seconds for which an address is not asked again that gave no logo, and a server that gave
# nothing. A server may be back soon, and to ask it again takes one answer.
FAILED_FOR: Final = 3600.0
SILENT_FOR: Final = 300.0

# More than the longest lists of those who mean well have.
_MAX_FAILURES: Final = 4096

# Files are only marked as used again after so many seconds: each mark is written to a disk.
_MARK_EVERY: Final = 24 * 3600.0

_SUFFIX: Final = ".logo"


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture.

    SVG may have scripts inside, which run where it is opened as a page of its own. Whoever serves
    one sends `Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; sandbox`.
    """

    body: bytes
    """As it was fetched."""

    content_type: str
    """What its first bytes say that it is, such as `image/png`."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A logo from before."""

    logo: Logo
    fetched_at: float


class _Shelf(Protocol):
    """Where logos are kept."""

    async def find(self, name: str, now: float) -> _Kept | None:
        """Return a logo, which by that is used; None if it is not there."""

    async def keep(self, name: str, logo: Logo, now: float) -> None:
        """Keep a logo, and let go of those that were not used for longest if there are too many.

        Raises:
            OSError: It cannot be kept.
        """


class Logos:
    """The logos of all channels, by their addresses."""

    def __init__(
        self,
        session: ClientSession,
        folder: Path | None,
        *,
        max_kept: int = MAX_KEPT,
        clock: Callable[[], float] = time,
    ) -> None:
        """Keep up to `max_kept` bytes of logos in a folder of their own; without one, in memory.

        `clock` returns seconds since the epoch.
        """
        self._session = session
        self._clock = clock
        self._folder = folder
        self._shelf: _Shelf = (
            _Folder(folder, max_kept) if folder else _Memory(min(max_kept, MAX_IN_MEMORY))
        )
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)
        self._failures: dict[str, tuple[float, str, Why]] = {}
        self._cannot_keep = False
        self._getting: dict[str, asyncio.Task[Logo]] = {}

    async def get(self, address: str) -> Logo:
        """Return the logo at an address, asking once for everybody who wants it.

        Raises:
            FetchError: There is none, or it is no picture.
            ProxyStoppedError: Nobody is to be asked any more.
        """
        getting = self._getting.get(address)
        if getting is None:
            getting = asyncio.create_task(self._get(address), name="logo")
            self._getting[address] = getting
            getting.add_done_callback(lambda task: self._done(address, task))
        # Whoever asked first may leave; the others still want to see it. A shield would report a
        # failure that nobody waits for any more as an error.
        await asyncio.wait([getting])
        if getting.cancelled():
            raise ProxyStoppedError("The proxy is stopping.")
        return getting.result()

    async def stop(self) -> None:
        """Fetch no more."""
        tasks = list(self._getting.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, address: str, task: asyncio.Task[Logo]) -> None:
        del self._getting[address]
        if not task.cancelled():
            task.exception()  # seen, also if nobody waits for it any more

    async def _get(self, address: str) -> Logo:
        name = _hash(address)
        now = self._clock()
        kept = await self._shelf.find(name, now)
        if kept and now - kept.fetched_at < FRESH_FOR:
            return kept.logo
        try:
            logo = await self._fetch(address)
        except FetchError:
            if kept:
                return kept.logo
            raise
        try:
            await self._shelf.keep(name, logo, now)
        except OSError as error:
            self._note_kept(error)
        else:
            self._note_kept(None)
        return logo

    def _note_kept(self, error: OSError | None) -> None:
        """Say when logos cannot be kept, and when they can be again."""
        if error and not self._cannot_keep:
            _LOGGER.warning(
                "Logos cannot be kept in %s (%s): make room, or let it be written. Until then they "
                "are fetched each time",
                self._folder,
                error.strerror,
            )
        elif self._cannot_keep and not error:
            _LOGGER.info("Logos can be kept again")
        self._cannot_keep = error is not None

    async def _fetch(self, address: str) -> Logo:
        """Return the logo at an address, unless it was asked for in vain lately."""
        marks = _hash(address), _hash(_server_of(address))
        self._check(marks)
        async with self._turns:
            self._check(marks)  # others may have asked the same server meanwhile
            try:
                fetched = await fetch(self._session, address, max_bytes=MAX_LOGO, timeout=_TIMEOUT)
                # Without validators it is never still the same.
                return _logo_of(fetched.body if fetched else b"")
            except FetchError as error:
                self._note(marks[0], FAILED_FOR, error)
                if error.is_silence:
                    self._note(marks[1], SILENT_FOR, error)
                raise

    def _check(self, marks: tuple[str, str]) -> None:
        """Raise the error again that an address or a server ended with lately."""
        for mark in marks:
            until, text, why = self._failures.get(mark, (0.0, "", Why.GARBLED))
            if self._clock() < until:
                raise FetchError(text, why)

    def _note(self, mark: str, seconds: float, error: FetchError) -> None:
        """Remember an error for some time."""
        self._failures.pop(mark, None)
        self._failures[mark] = self._clock() + seconds, str(error), error.why
        if len(self._failures) > _MAX_FAILURES:
            del self._failures[next(iter(self._failures))]


class _Memory:
    """Logos in memory, those used last at the end."""

    def __init__(self, max_bytes: int) -> None:
        self._kept: dict[str, _Kept] = {}
        self._left = max_bytes

    async def find(self, name: str, now: float) -> _Kept | None:  # noqa: ARG002 - order is enough
        if kept := self._kept.pop(name, None):
            self._kept[name] = kept
        return kept

    async def keep(self, name: str, logo: Logo, now: float) -> None:
        if old := self._kept.pop(name, None):
            self._left += len(old.logo.body)
        self._kept[name] = _Kept(logo, now)
        self._left -= len(logo.body)
        while self._left < 0:
            self._left += len(self._kept.pop(next(iter(self._kept))).logo.body)


class _Folder:
    """Logos in files; whatever it does with them is done in threads."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._size = max_bytes  # what is there is counted with the first logo that is kept

    async def find(self, name: str, now: float) -> _Kept | None:
        return await asyncio.to_thread(self._find, name, now)

    async def keep(self, name: str, logo: Logo, now: float) -> None:
        await asyncio.to_thread(self._keep, name, logo.body, now)

    def _find(self, name: str, now: float) -> _Kept | None:
        path = self._folder / f"{name}{_SUFFIX}"
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                kept = _Kept(_logo_of(file.read(MAX_LOGO)), status.st_mtime)
        except OSError, FetchError:
            return None
        if now - status.st_atime > _MARK_EVERY:
            with suppress(OSError):  # it is the logo that is wanted
                os.utime(path, (now, status.st_mtime))
        return kept

    def _keep(self, name: str, body: bytes, now: float) -> None:
        path = self._folder / f"{name}{_SUFFIX}"
        with self._lock:
            file = WholeFile(path)
            try:
                file.write(body)
                file.keep()
            finally:
                file.discard()
            os.utime(path, (now, now))
            self._size += len(body)
            if self._size > self._max_bytes:
                self._size = self._tidy()

    def _tidy(self) -> int:
        """Take away what was not used for longest; return how many bytes there are still.

        An eighth is left free, so that it is not to be done for each logo.
        """
        files = [(path, path.stat()) for path in self._folder.glob(f"*{_SUFFIX}*")]
        files.sort(key=lambda file: file[1].st_atime)
        size = sum(status.st_size for _, status in files)
        goal = self._max_bytes if size <= self._max_bytes else self._max_bytes * 7 // 8
        for path, status in files:
            if size > goal:
                path.unlink(missing_ok=True)
                size -= status.st_size
        return size


def _hash(text: str) -> str:
    return blake2b(text.encode(errors="backslashreplace"), digest_size=20).hexdigest()


def _server_of(address: str) -> str:
    """Return which server an address is of."""
    try:
        return str(URL(address).origin())
    except ValueError:
        return ""  # nobody is going to be asked


def _logo_of(body: bytes) -> Logo:
    if kind := picture_type(body):
        return Logo(body, kind)
    raise FetchError("There is no picture at the address.", Why.GARBLED)
