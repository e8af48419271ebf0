"""Several guides, and what is asked of them.

They have an order: the first guide that knows a channel is the one that is asked from then on.
There is no state but which files there are. Each question opens them anew, so that one that was
replaced is seen, and one that is damaged or gone is no guide at all.

All questions read files, so they are for threads, and any number of them may ask at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
import json
import logging
from pathlib import Path
import sqlite3
from typing import Any, Final

from ..catalog import plain_name
from .database import connect
from .document import write_document
from .programme import GuideChannel, GuideFacts, OnAir, Programme, Wanted

_LOGGER: Final = logging.getLogger(__name__)

# Programmes that are fetched at once for a document: some 64 KiB as a rule, some MB at most.
_PAGE: Final = 200

# Before whatever is in a guide, in Unix time.
_EVER: Final = -(2**62)

_NOTHING: Final = OnAir()

type _Values = Mapping[str, Any] | tuple[str, ...]

_FACTS: Final = "SELECT channels, programmes, skipped FROM facts"

_BY_ID: Final = """
SELECT folded, channel.id FROM json_each(?) AS wanted JOIN channel ON folded = wanted.value
"""

_BY_NAME: Final = """
SELECT found.plain, channel.id FROM (
    SELECT plain, min(channel) AS number
    FROM json_each(?) AS wanted JOIN name ON plain = wanted.value GROUP BY plain
) AS found JOIN channel USING (number)
"""

# For each channel one or two rows: what is on, and what comes.
_ON_AIR: Final = """
SELECT wanted.value, start, stop, title, subtitle, description, category, icon, episode
FROM json_each(:channels) AS wanted
JOIN channel ON folded = wanted.value
JOIN programme ON programme.number IN (
    (SELECT number FROM programme WHERE channel = channel.number AND start <= :now
        AND stop > :now ORDER BY start DESC LIMIT 1),
    (SELECT number FROM programme WHERE channel = channel.number AND start > :now
        ORDER BY start LIMIT 1)
)
"""

_PROGRAMMES: Final = """
SELECT start, stop, title, subtitle, description, category, icon, episode FROM programme
WHERE channel = (SELECT number FROM channel WHERE folded = :channel)
    AND start > :after AND start < :stop AND stop > :start
ORDER BY start LIMIT :limit
"""


class Guides:
    """The guides there are."""

    def __init__(self) -> None:
        # Replaced and never changed, so that a thread may look at it at any time.
        self._paths: dict[str, Path] = {}
        self._places: dict[str, int] = {}

    def set(self, key: str, path: Path) -> None:
        """Have a guide that `build` makes, or will make.

        One that is new, and was not arranged, is the last in the order.
        """
        self._paths = self._sorted({**self._paths, key: path})

    def arrange(self, keys: Iterable[str]) -> None:
        """Have guides in an order from now on, also those that are not there yet."""
        self._places = {key: place for place, key in enumerate(keys)}
        self._paths = self._sorted(self._paths)

    def remove(self, key: str) -> None:
        """Have a guide no longer; its file stays."""
        self._paths = {other: path for other, path in self._paths.items() if other != key}

    def facts(self, key: str) -> GuideFacts | None:
        """Return what a guide has; None if it is not there."""
        for channels, programmes, skipped in self._rows(key, _FACTS, ()):
            return GuideFacts(channels=channels, programmes=programmes, skipped=skipped)
        return None

    def match(self, wanted: Sequence[Wanted]) -> list[GuideChannel | None]:
        """Return which channel of a guide each one is; None for those that no guide knows.

        It is the one with the same ID, whatever the case; or else the first one that has its
        first name, or its second, and so on, as `plain_name` has it. That is asked of one guide
        after the other.
        """
        found: list[GuideChannel | None] = [None] * len(wanted)
        plain = cache(plain_name)
        for key in self._paths:
            missing = [index for index, channel in enumerate(found) if channel is None]
            ids = {index: wanted[index].guide_id.casefold() for index in missing}
            by_id = self._find(key, _BY_ID, ids.values())
            names = {
                index: [plain(name) for name in wanted[index].names]
                for index in missing
                if ids[index] not in by_id
            }
            by_name = self._find(key, _BY_NAME, (name for some in names.values() for name in some))
            for index in missing:
                known = (by_name[name] for name in names.get(index, ()) if name in by_name)
                known_id = by_id.get(ids[index]) or next(known, None)
                found[index] = GuideChannel(key, known_id) if known_id else None
        return found

    def on_air(self, channels: Iterable[GuideChannel], now: float) -> dict[GuideChannel, OnAir]:
        """Return what each of the channels shows at a Unix time, and what it shows next."""
        asked = {channel: (channel.guide, channel.id.casefold()) for channel in channels}
        ids: dict[str, set[str]] = {}
        for key, folded in asked.values():
            ids.setdefault(key, set()).add(folded)
        shown: dict[tuple[str, str], OnAir] = {}
        for key, some in ids.items():
            values = {"channels": json.dumps(list(some)), "now": now}
            for folded, *columns in self._rows(key, _ON_AIR, values):
                programme = _programme(columns)
                is_now = {"now" if programme.start <= now else "next": programme}
                shown[key, folded] = replace(shown.get((key, folded), _NOTHING), **is_now)
        return {channel: shown.get(key, _NOTHING) for channel, key in asked.items()}

    def programmes(
        self, channel: GuideChannel, start: float, stop: float, limit: int
    ) -> list[Programme]:
        """Return the first programmes that are on at some time of a span, in their order."""
        return self._programmes(channel, start, stop, limit)

    def xmltv(
        self,
        channels: Iterable[tuple[GuideChannel, str, str]],
        *,
        start: float,
        stop: float,
    ) -> Iterator[bytes]:
        """Yield a guide of some channels for a span of time, in pieces of about 64 KiB.

        Each channel comes with the name and the address of the logo that it has there, and with
        the ID of its own guide. One that comes again is left out, and so is another with that ID.
        """
        return write_document(channels, lambda channel: self._all(channel, start, stop))

    def _sorted(self, paths: Mapping[str, Path]) -> dict[str, Path]:
        keys = sorted(paths, key=lambda key: self._places.get(key, len(self._places)))
        return {key: paths[key] for key in keys}

    def _all(self, channel: GuideChannel, start: float, stop: float) -> Iterator[Programme]:
        """Yield all programmes of a span of time, and have but some of them in memory."""
        after = _EVER
        page = self._programmes(channel, start, stop, _PAGE)
        # In a damaged file the order may be wrong, and would go round and round.
        while page and page[-1].start > after:
            yield from page
            after = page[-1].start
            page = self._programmes(channel, start, stop, _PAGE, after=after)

    def _programmes(
        self, channel: GuideChannel, start: float, stop: float, limit: int, after: int = _EVER
    ) -> list[Programme]:
        values = {
            "channel": channel.id.casefold(),
            "start": start,
            "stop": stop,
            "limit": limit,
            "after": after,
        }
        return [_programme(row) for row in self._rows(channel.guide, _PROGRAMMES, values)]

    def _find(self, key: str, question: str, values: Iterable[str]) -> dict[str, str]:
        """Return the IDs of those channels that a guide has by such a value."""
        asked = json.dumps(list(dict.fromkeys(values)))
        return {value: str(found) for value, found in self._rows(key, question, (asked,))}

    def _rows(self, key: str, question: str, values: _Values) -> list[Any]:
        """Return what a guide answers; nothing if it is not there."""
        path = self._paths.get(key)
        if path is None:
            return []
        try:
            with closing(connect(path)) as database:
                return database.execute(question, values).fetchall()
        # The latter is for a damaged file, of which `sqlite3` cannot even say what is wrong.
        except (sqlite3.Error, ValueError) as err:
            _LOGGER.debug("There is no guide in %s (%s)", path.name, err)
            return []


def _programme(row: Sequence[Any]) -> Programme:
    """Return a programme of a row. In a damaged file, a text may have become a number."""
    start, stop, *texts = row
    return Programme(start, stop, *map(str, texts))
