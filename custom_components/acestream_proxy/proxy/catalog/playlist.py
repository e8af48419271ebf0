"""Lists of channels in the format M3U.

    #EXTM3U url-tvg="http://example.org/guide.xml"
    #EXTINF:-1 tvg-id="one" tvg-logo="http://example.org/one.png" group-title="News",One
    acestream://94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209

An address, and what the lines above it say of it, is a channel. Lists are written by anybody, by
hand, and come from anywhere: what cannot be read is left out and noted, and the rest is read. No
sentence in a note quotes the list, which may contain passwords.

Reading a long list takes seconds on a small machine, so do not do it in an event loop.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass, replace
import re
from typing import Final

from ..errors import InvalidContentError
from .attributes import read_attributes
from .channel import Channel, Source, tidy
from .packed import PackedChannels
from .source import is_http, name_of, read_source

# The longest lists of AceStream channels have a few thousand, those of IPTV providers 50,000.
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_CHANNELS: Final = 100_000

# Some have their logo inside, as a `data:` address.
MAX_LINE: Final = 32 * 1024

# Enough to see what is wrong with a list.
MAX_PROBLEMS: Final = 100

# Lists that were put together of others have several.
_MAX_GUIDES: Final = 32

_LINE: Final = re.compile(rb"[^\r\n]+")
_BEHIND_TAG: Final = re.compile(r"[:,\s]")
_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,4})?")

# Addresses may have commas inside, but not in front of another address.
_BETWEEN_GUIDES: Final = re.compile(r"[,;|\s]+(?=https?://)", re.IGNORECASE)
_GUIDES: Final = ("url-tvg", "x-tvg-url", "tvg-url")

# RFC 8216 section 4.3.3.1 and 4.3.4.2: one of them is in every playlist of a stream.
_OF_A_STREAM: Final = ("#EXT-X-TARGETDURATION", "#EXT-X-STREAM-INF")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a list that could not be read."""

    line: int
    """Where, counted from 1."""

    text: str
    """A sentence for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """What a list says."""

    channels: tuple[Channel, ...] = ()
    """In the list's order, mirrors and all."""

    guides: tuple[str, ...] = ()
    """Http or https addresses of guides for them."""

    problems: tuple[Problem, ...] = ()
    """The first that were met."""

    problem_count: int = 0
    """All that were met."""


def parse_playlist(
    data: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_channels: int = MAX_CHANNELS,
    max_line: int = MAX_LINE,
    max_problems: int = MAX_PROBLEMS,
) -> Playlist:
    """Read a list of channels; whatever it is, nothing is raised.

    See `read_playlist`, which long lists are for.
    """
    channels: list[Channel] = []
    playlist = read_playlist(
        data,
        channels,
        max_bytes=max_bytes,
        max_channels=max_channels,
        max_line=max_line,
        max_problems=max_problems,
    )
    return replace(playlist, channels=tuple(channels))


def read_playlist(
    data: bytes,
    channels: list[Channel] | PackedChannels,
    *,
    max_bytes: int = MAX_BYTES,
    max_channels: int = MAX_CHANNELS,
    max_line: int = MAX_LINE,
    max_problems: int = MAX_PROBLEMS,
) -> Playlist:
    """Read a list's channels into an empty sequence, and return what else it says.

    What is behind `max_bytes` or `max_channels` is left out, and so are lines of more than
    `max_line` bytes. That is a problem as others are, of which `max_problems` are listed.

    It may be in UTF-8, in UTF-16 if it begins with a byte order mark, and each line that is
    neither is taken for Windows-1252. Lines end as on any system.
    """
    reader = _Reader(channels, max_channels, max_problems)
    for number, line in _lines(data, max_bytes):
        if line is None:
            reader.note(number, f"The list is longer than {max_bytes} bytes; the rest is left out.")
        elif len(line) > max_line:
            reader.note(number, f"This line is longer than {max_line} bytes.")
        elif not reader.read(number, _decode(line).lstrip("\ufeff").strip()):
            break
    return reader.playlist()


class _Reader:
    """Makes channels of lines."""

    def __init__(
        self, channels: list[Channel] | PackedChannels, max_channels: int, max_problems: int
    ) -> None:
        self._channels = channels
        self._max_channels = max_channels
        self._max_problems = max_problems
        self._guides: dict[str, None] = {}
        self._problems: list[Problem] = []
        self._problem_count = 0
        # What was said of the next address.
        self._described_in = 0
        self._name = ""
        self._attributes: dict[str, str] = {}
        self._groups: list[str] = []

    def read(self, line: int, text: str) -> bool:
        """Read a line; return whether there is a point in reading the next one."""
        if not text:
            return True
        if not text.startswith("#"):
            return self._read_address(line, text)
        tag = _BEHIND_TAG.split(text, maxsplit=1)[0]
        rest = text[len(tag) + 1 :]
        match tag.upper():
            case "#EXTM3U":
                self._read_guides(line, rest)
            case "#EXTINF":
                self._end_entry()
                self._attributes, self._name = read_attributes(rest)
                self._described_in = line
            case "#EXTGRP":
                self._groups.append(rest)
            case tag if tag in _OF_A_STREAM:
                self._refuse(line, "This is the playlist of one stream, not a list of channels.")
                return False
        return True

    def note(self, line: int, text: str) -> None:
        """Take a note of a problem."""
        self._problem_count += 1
        if len(self._problems) < self._max_problems:
            self._problems.append(Problem(line, text))

    def playlist(self) -> Playlist:
        """Return what was read; there is nothing to come."""
        self._end_entry()
        return Playlist(
            guides=tuple(self._guides)[:_MAX_GUIDES],
            problems=tuple(self._problems),
            problem_count=self._problem_count,
        )

    def _read_guides(self, line: int, text: str) -> None:
        """Read the first line of a list, or of one that was pasted into another."""
        attributes, _ = read_attributes(text)
        for name in _GUIDES:
            for guide in _BETWEEN_GUIDES.split(attributes.get(name, "")):
                if is_http(guide):
                    self._guides[guide] = None
                elif guide:
                    self.note(line, "A guide has to have an http or https address.")

    def _read_address(self, line: int, text: str) -> bool:
        """Read where a channel comes from, which is the end of what there is to say of it."""
        if len(self._channels) == self._max_channels:
            self._forget_entry()
            self.note(line, f"There are more than {self._max_channels} channels in the list.")
            return False
        try:
            self._channels.append(self._channel(read_source(text)))
        except InvalidContentError as err:
            self.note(line, str(err))
        self._forget_entry()
        return True

    def _channel(self, source: Source) -> Channel:
        """Return the channel that this source and the lines before it describe."""
        attributes = self._attributes
        guide_name = tidy(attributes.get("tvg-name", ""))
        name = tidy(self._name) or guide_name
        logo = attributes.get("tvg-logo", "")
        number = attributes.get("tvg-chno") or attributes.get("channel-number", "")
        groups = ";".join((attributes.get("group-title", ""), *self._groups)).split(";")
        return Channel(
            name=name or name_of(source),
            sources=(source,),
            is_named=bool(name),
            logo=logo if is_http(logo) else "",
            groups=tuple(dict.fromkeys(group for group in map(tidy, groups) if group)),
            number=number if _NUMBER.fullmatch(number) else "",
            guide_id=tidy(attributes.get("tvg-id", "")),
            guide_name=guide_name if guide_name != name else "",
        )

    def _end_entry(self) -> None:
        """Note where a channel has no address. What only gave a group may be for the next one."""
        if self._described_in:
            self.note(self._described_in, "No address follows this line.")
            self._forget_entry()

    def _forget_entry(self) -> None:
        """Have nothing said of the next address."""
        self._described_in = 0
        self._name = ""
        self._attributes = {}
        self._groups = []

    def _refuse(self, line: int, text: str) -> None:
        """Have nothing to show but one problem."""
        self._channels.clear()
        self._guides, self._problems, self._problem_count = {}, [], 0
        self._forget_entry()
        self.note(line, text)


def _lines(data: bytes, max_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines that are not empty, with their number, and None for what is left out.

    One at a time: eight million lines of nothing shall not become eight million objects.
    """
    text = data[:max_bytes]
    if text.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        text = text.decode("utf-16", "replace").encode()
    is_cut = len(data) > max_bytes
    if is_cut:  # then the last line may be half an address
        text = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1]
    number, at = 1, 0
    for found in _LINE.finditer(text):
        number += _line_ends(text[at : found.start()])
        at = found.end()
        yield number, found[0]
    if is_cut:
        yield number + _line_ends(text[at:]), None


def _line_ends(text: bytes) -> int:
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def _decode(line: bytes) -> str:
    """Return a line as text; one that is broken does not spoil the others."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
