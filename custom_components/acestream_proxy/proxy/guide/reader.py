"""Reads XMLTV: pieces of a document in, its channels and programmes out.

    <tv>
      <channel id="one.example"><display-name>One</display-name></channel>
      <programme channel="one.example" start="20261121080000 +0100" stop="20261121090000 +0100">
        <title>News</title>
      </programme>
    </tv>

The format is the `xmltv.dtd` of the XMLTV project. Nothing of a document is kept but what is
yielded, and the texts of what is not wanted are never made. expat copies what is not yet complete,
such as a tag without an end, and each name that it meets for the first time; so both are bounded.

A document that is not well-formed, or ends too early, is refused as a whole: half a guide must not
take the place of a whole one. What follows the end of the document is not looked at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
import re
from typing import Final, NamedTuple
from xml.parsers import expat

from ..catalog import MAX_TEXT, is_http
from ..errors import GuideError, Why
from .moments import read_moment

# How long what has no stop lasts at most: a long film. What follows may be days later.
LONGEST: Final = 3 * 3600

# Longer than nearly all that is written of a programme.
MAX_DESCRIPTION: Final = 4000

# What is read of a text, blanks included. Some are indented by a page of them.
_MAX_RAW: Final = 2 * MAX_DESCRIPTION

# Of one channel or programme. The most that was seen are fifty names.
_MAX_FIELDS: Final = 100

# The format has some forty names of elements and attributes, in five levels.
_MAX_NAMES: Final = 1000
_MAX_DEPTH: Final = 32

# The longest tag, comment or instruction. Some guides have a licence in front.
_MAX_TAG: Final = 1024 * 1024

# Tags and entities, which take the time. In 2 GiB of a guide there are some 45 million.
_MAX_MARKUP: Final = 60_000_000

# Levels of the document.
_ROOT, _ENTRY, _FIELD = 1, 2, 3

_TEXTS: Final = frozenset(("display-name", "title", "sub-title", "desc", "category", "episode-num"))

# The system `xmltv_ns` counts from zero, and has totals behind slashes: 1.12/26.0/1
_NUMBERS: Final = re.compile(r"(\d{0,6})(?:/\d*)?\.(\d{0,6})(?:/\d*)?(?:\..*)?", re.ASCII)

# Those that XML lets through. All else that cannot be printed expat refuses or `split` knows.
_CONTROLS: Final = re.compile(r"[\x7f-\x9f]")

_BOM: Final = b"\xef\xbb\xbf"
_MARKUP: Final = (b"<", b"\xff\xfe<\0", b"\xfe\xff\0<")
_WEB_PAGE: Final = (b"<!doctype html", b"<html")


@dataclass(frozen=True, slots=True)
class Window:
    """The span of time that matters, as Unix times in seconds."""

    begin: float
    """What is over then is left out."""

    end: float
    """What begins then is left out."""


class ListedChannel(NamedTuple):
    """A channel of a document."""

    id: str
    """Never empty."""

    names: tuple[str, ...]
    """None of them empty, in the document's order."""


class ListedProgramme(NamedTuple):
    """A programme of a document; see `Programme` for the rest of it."""

    channel: str
    """The channel's ID, which no channel of the document need have."""

    start: int
    stop: int | None
    """None if the document does not say."""

    title: str
    subtitle: str
    description: str
    category: str
    icon: str
    episode: str


class Reader:
    """Reads one document."""

    def __init__(self, window: Window, *, max_markup: int = _MAX_MARKUP) -> None:
        self.skipped = 0
        """Channels and programmes that are broken, so far."""

        self._window = window
        self._max_markup = max_markup
        self._found: list[ListedChannel | ListedProgramme] = []
        self._depth = 0
        self._is_over = False
        # The channel or programme that is being read, if it is wanted.
        self._entry: _Entry | None = None
        self._field = ""
        self._text: list[str] = []
        self._room = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        # Then `&nbsp;` and others of HTML, which many guides have, are no errors.
        self._parser.UseForeignDTD(True)
        self._parser.SkippedEntityHandler = self._take_entity
        self._parser.StartDoctypeDeclHandler = self._check_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self, pieces: Iterable[bytes]) -> Iterator[list[ListedChannel | ListedProgramme]]:
        """Yield what each piece of the document completes.

        Raises:
            GuideError: It is no XMLTV, not well-formed, not complete, or made to do harm.
        """
        size = markup = 0
        for piece in _from_first_tag(pieces):
            size += len(piece)
            markup += piece.count(b"<") + piece.count(b"&")
            self._parse(piece)
            yield self._take_found()
            if self._is_over:
                return
            if size - self._parser.CurrentByteIndex > _MAX_TAG:
                raise GuideError("The guide has a tag without an end.")
            if len(self._parser.intern) > _MAX_NAMES:
                raise GuideError("The guide has too many kinds of elements.")
            if markup > self._max_markup:
                raise GuideError("The guide has too many elements.", Why.TOO_LARGE)
        self._parse(b"", is_last=True)
        yield self._take_found()

    def _parse(self, piece: bytes, *, is_last: bool = False) -> None:
        try:
            self._parser.Parse(piece, is_last)
        except expat.ExpatError as err:
            if self._is_over:
                return
            if is_last:
                raise GuideError("The guide ends in the middle.") from err
            raise GuideError(f"The guide is not well-formed XML in line {err.lineno}.") from err
        except (LookupError, ValueError) as err:  # what codecs raise
            raise GuideError("The guide is in an encoding that is not known here.") from err

    def _take_found(self) -> list[ListedChannel | ListedProgramme]:
        found, self._found = self._found, []
        return found

    def _check_doctype(
        self, _name: str, _system_id: str | None, _public_id: str | None, has_declarations: int
    ) -> None:
        """Refuse what may declare entities, which grow, or read files, when they are used."""
        if has_declarations:
            raise GuideError("The guide has declarations of its own, which may do harm.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == _FIELD:
            if self._entry:
                self._start_field(self._entry, tag, attributes)
        elif self._depth == _ENTRY:
            self._start_entry(tag, attributes)
        elif self._depth == _ROOT:
            if tag != "tv":
                text = "This is not a television guide in the format XMLTV."
                raise GuideError(text, Why.NO_GUIDE)
        elif self._depth > _MAX_DEPTH:
            raise GuideError("The guide has too many elements inside of each other.")

    def _end(self, _tag: str) -> None:
        self._depth -= 1
        if self._depth == _ENTRY:
            if self._entry and self._field:
                self._end_field(self._entry)
        elif self._depth == _ROOT:
            if self._entry:
                self._end_entry(self._entry)
        elif not self._depth:
            self._is_over = True

    def _start_entry(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "channel":
            self._entry = _Entry(_tidy(attributes.get("id", "")))
        elif tag == "programme":
            try:
                self._entry = self._programme(attributes)
            except ValueError:
                self.skipped += 1

    def _programme(self, attributes: dict[str, str]) -> _Entry | None:
        """Return a programme to read; None if it is outside of the window.

        Raises:
            ValueError: Nobody knows when it is.
        """
        start = read_moment(attributes.get("start", ""))
        stop = read_moment(attributes["stop"]) if attributes.get("stop") else None
        if stop is not None and stop <= start:
            raise ValueError("A programme has to last.")
        last = start + LONGEST if stop is None else stop
        if start >= self._window.end or last <= self._window.begin:
            return None
        return _Entry(_tidy(attributes.get("channel", "")), start, stop)

    def _end_entry(self, entry: _Entry) -> None:
        self._entry = None
        if found := entry.programme() if entry.start is not None else entry.channel():
            self._found.append(found)
        else:
            self.skipped += 1

    def _start_field(self, entry: _Entry, tag: str, attributes: dict[str, str]) -> None:
        if tag in _TEXTS:
            is_numbers = tag == "episode-num" and attributes.get("system") == "xmltv_ns"
            self._field = "xmltv_ns" if is_numbers else tag
            self._room = _MAX_RAW
            self._parser.CharacterDataHandler = self._take_text
        elif tag == "icon":
            entry.add(tag, attributes.get("src", "").strip())

    def _end_field(self, entry: _Entry) -> None:
        self._parser.CharacterDataHandler = None
        limit = MAX_DESCRIPTION if self._field == "desc" else MAX_TEXT
        entry.add(self._field, _tidy("".join(self._text), limit))
        self._field = ""
        self._text.clear()

    def _take_text(self, text: str) -> None:
        if self._room > 0:
            self._text.append(text[: self._room])
            self._room -= len(text)

    def _take_entity(self, name: str, _is_parameter: bool) -> None:
        if self._field:
            self._take_text(unescape(f"&{name};"))


class _Entry:
    """A channel or a programme while it is read."""

    __slots__ = ("_fields", "_id", "_stop", "start")

    def __init__(self, channel: str, start: int | None = None, stop: int | None = None) -> None:
        self.start = start
        self._id = channel
        self._stop = stop
        self._fields: list[tuple[str, str]] = []

    def add(self, field: str, text: str) -> None:
        """Take in a field, unless it is empty, or one of many too many."""
        if text and len(self._fields) < _MAX_FIELDS:
            self._fields.append((field, text))

    def channel(self) -> ListedChannel | None:
        """Return the channel this is; None if it is broken."""
        names = tuple(text for field, text in self._fields if field == "display-name")
        return ListedChannel(self._id, names) if self._id else None

    def programme(self) -> ListedProgramme | None:
        """Return the programme this is; None if it is broken."""
        first = dict(reversed(self._fields)).get
        title, icon = first("title", ""), first("icon", "")
        if self.start is None or not self._id or not title:
            return None
        return ListedProgramme(
            channel=self._id,
            start=self.start,
            stop=self._stop,
            title=title,
            subtitle=first("sub-title", ""),
            description=first("desc", ""),
            category=first("category", ""),
            icon=icon if icon and is_http(icon) else "",
            episode=first("episode-num") or _episode(first("xmltv_ns", "")),
        )


def _from_first_tag(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a document from its first tag on, which has to be in the first piece.

    So ten gigabytes of anything else are never read.
    """
    rest = iter(pieces)
    begin = next(rest, b"").removeprefix(_BOM).lstrip()
    if not begin:
        raise GuideError("The guide is empty.", Why.NO_GUIDE)
    if begin.lower().startswith(_WEB_PAGE):
        raise GuideError("This is a web page, not a television guide.", Why.NO_GUIDE)
    if not begin.startswith(_MARKUP):
        raise GuideError("This is not a television guide: it is no XML.", Why.NO_GUIDE)
    yield begin
    yield from rest


def _tidy(text: str, limit: int = MAX_TEXT) -> str:
    """Return a text on one line, with single blanks, and not too long."""
    return " ".join(_CONTROLS.sub(" ", text).split())[:limit].rstrip()


def _episode(numbers: str) -> str:
    """Return season and episode for people, of what is written for programs."""
    found = _NUMBERS.fullmatch(numbers.replace(" ", ""))
    if not found:
        return ""
    named = zip("SE", found.groups(), strict=True)
    return " ".join(f"{letter}{int(number) + 1}" for letter, number in named if number)
