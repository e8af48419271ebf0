"""Makes the file that is asked of the one that was downloaded.

    file ──unpack──▶ pieces ──Reader──▶ channels, programmes ──▶ target.new ──rename──▶ target

Whatever goes wrong on the way, the guide that was there before is untouched. A guide of 300 MB
takes a quarter of a minute, so this is for a thread, with an event loop beside it that must not
wait. Python has whoever works for 5 ms let go of the interpreter, but counts anew when that is let
go of on the way, as it is by each call of zlib and SQLite. Those calls are so short that it is
taken again before the loop has woken up, so that the loop would wait for a second and more. Hence
the pause after each piece.
"""

from collections.abc import Iterable
from contextlib import closing, suppress
import os
from pathlib import Path
import sqlite3
from time import sleep
from typing import Final

from ..catalog import plain_name
from ..errors import GuideError, Why
from .database import create
from .programme import GuideFacts, Limits
from .reader import LONGEST, ListedChannel, ListedProgramme, Reader, Window
from .unpack import unpack

DAY: Final = 24 * 3600.0

_LIMITS: Final = Limits()

# Seconds after each piece: enough for another thread to wake up, and 5 s for 300 MB.
_PAUSE: Final = 0.001

_INSERT_CHANNEL: Final = "INSERT INTO channel VALUES (?, ?, ?)"
# The same name twice is one, and of two programmes at a time the first one counts.
_INSERT_NAME: Final = "INSERT OR IGNORE INTO name VALUES (?, ?)"
_INSERT_PROGRAMME: Final = (
    "INSERT OR IGNORE INTO programme VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

# What has no stop lasts until the channel's next programme. Channels that show nothing go, so
# that they do not hide those of another guide.
_COMPLETE: Final = (
    """
    UPDATE programme SET stop = min(start + :longest, coalesce((
        SELECT min(start) FROM programme AS later
        WHERE later.channel = programme.channel AND later.start > programme.start
    ), start + :longest)) WHERE stop IS NULL
    """,
    "DELETE FROM programme WHERE stop <= :begin",
    "DELETE FROM channel WHERE number NOT IN (SELECT channel FROM programme)",
    "DELETE FROM name WHERE channel NOT IN (SELECT number FROM channel)",
    """
    INSERT INTO facts VALUES (
        (SELECT count(*) FROM channel), (SELECT count(*) FROM programme), :skipped
    )
    """,
)


def build(
    source: Path,
    target: Path,
    *,
    now: float,
    past: float = DAY,
    ahead: float = 7 * DAY,
    limits: Limits = _LIMITS,
) -> GuideFacts:
    """Read a guide, XMLTV as it is or in gzip or xz, into a file that `Guides` can ask.

    What is kept are programmes that are on at some time from `past` seconds before `now`, which
    is a Unix time, until `ahead` seconds after it. Two builds of one target must not run at once.

    Raises:
        GuideError: It cannot be read or kept; what is at `target` is as it was.
    """
    aside = target.with_name(f"{target.name}.new")
    try:
        aside.unlink(missing_ok=True)
        facts = _build(source, aside, Window(now - past, now + ahead), limits)
        aside.replace(target)
    except (OSError, sqlite3.Error) as err:
        why = Why.NOT_KEPT if os.access(source, os.R_OK) else Why.NO_FILE
        text = "The file of the guide cannot be read, or there is no room."
        raise GuideError(text, why) from err
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
    return facts


def _build(source: Path, target: Path, window: Window, limits: Limits) -> GuideFacts:
    reader = Reader(window)
    with closing(create(target)) as database:
        tables = _Tables(database, limits)
        for found in reader.read(unpack(source, limits.unpacked)):
            tables.add(found)
            sleep(_PAUSE)
        facts = tables.complete(window, reader.skipped)
        database.execute("COMMIT")
    return facts


class _Tables:
    """Puts what is read into tables."""

    def __init__(self, database: sqlite3.Connection, limits: Limits) -> None:
        self._database = database
        self._limits = limits
        self._numbers: dict[str, int] = {}
        self._programmes = 0

    def add(self, found: Iterable[ListedChannel | ListedProgramme]) -> None:
        """Take in some of a guide, in its order.

        Raises:
            GuideError: It is too much.
            sqlite3.Error: There is no room.
        """
        names: list[tuple[str, int]] = []
        programmes: list[tuple[str | int | None, ...]] = []
        for one in found:
            if isinstance(one, ListedProgramme):
                programmes.append((self._number(one.channel), *one[1:]))
            else:
                number = self._number(one.id)
                names += ((plain, number) for plain in map(plain_name, one.names) if plain)
        self._programmes += len(programmes)
        if self._programmes > self._limits.programmes:
            text = f"The guide has more than {self._limits.programmes} programmes."
            raise GuideError(text, Why.TOO_LARGE)
        self._database.executemany(_INSERT_NAME, names)
        self._database.executemany(_INSERT_PROGRAMME, programmes)

    def complete(self, window: Window, skipped: int) -> GuideFacts:
        """Have the tables agree, now that there is nothing to come."""
        values = {"longest": LONGEST, "begin": window.begin, "skipped": skipped}
        for statement in _COMPLETE:
            self._database.execute(statement, values)
        channels, programmes, _ = self._database.execute("SELECT * FROM facts").fetchone()
        return GuideFacts(channels=channels, programmes=programmes, skipped=skipped)

    def _number(self, channel: str) -> int:
        """Return what stands for a channel; one is made if it was not met before."""
        folded = channel.casefold()
        number = self._numbers.get(folded)
        if number is None:
            if len(self._numbers) == self._limits.channels:
                text = f"The guide has more than {self._limits.channels} channels."
                raise GuideError(text, Why.TOO_LARGE)
            number = self._numbers[folded] = len(self._numbers)
            self._database.execute(_INSERT_CHANNEL, (number, folded, channel))
        return number
