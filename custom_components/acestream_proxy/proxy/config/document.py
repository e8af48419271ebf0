"""YAML as texts, lists and mappings, and the line that each of them is in.

A value is the text that was written, whatever YAML would make of it: that `0123` is 83, `1:30` is
90 and `no` is false has surprised enough people, and a password may be any of these. Whoever knows
what a value is for reads the text. Only what YAML takes for nothing is None.

The file may be anybody's: it is composed into nodes, of which there are only so many, and nothing
is ever constructed of a tag. No sentence about it quotes a value, which may be a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
import re
from typing import Any, Final, override

import yaml

# Thousands of favourites. A long list of channels is a file of its own.
MAX_BYTES: Final = 1024 * 1024

# Composing as many takes 35 MB for a moment, and some seconds on a small machine.
MAX_VALUES: Final = 50_000

# The deepest that means anything is a text in a list of an item in a list of the file: five.
MAX_DEPTH: Final = 16

_TAG: Final = "tag:yaml.org,2002:"
_NOTHING: Final = f"{_TAG}null"

# What YAML finds out by itself. Anything else was written down as a tag.
_KNOWN_TAGS: Final = frozenset(
    f"{_TAG}{name}"
    for name in (
        *("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value"),
    )
)

# Escapes can write these; no file, path or address can hold them.
_UNENCODABLE: Final = re.compile(r"[\x00\ud800-\udfff]")

# Names of anchors and tags, which may be a password that was not put in quotes. Punctuation and
# kinds of tokens (`'<block end>'`) are PyYAML's own words.
_QUOTED: Final = re.compile(r""" *(['"])[\w!-]+\1""")

type KeyPath = tuple[str | int, ...]
"""Keys of mappings, and places in lists counted from 0, from the top of the file down."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something in a file that cannot be used."""

    line: int
    """Where, counted from 1."""

    text: str
    """What is wrong, in words for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says."""

    value: Any = field(default_factory=dict)
    """Mappings, lists, texts and None; an empty mapping if the file is empty or unreadable."""

    problems: tuple[Problem, ...] = ()
    """What is wrong with it, whatever it is meant to say."""

    lines: Mapping[KeyPath, int] = field(default_factory=dict, repr=False)
    """Where each value is, counted from 1; that of its key, if it has one."""

    def line(self, path: KeyPath) -> int:
        """Return the line of a value; if it is missing, of what it is missing in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(data: bytes) -> Document:
    """Read YAML; whatever it is, nothing is raised."""
    reader = _Reader()
    try:
        node = _compose(_decode(data))
        value = reader.read(node, ()) if node else None
    except _UnreadableError as error:
        return Document(problems=(*reader.problems, error.problem))
    return Document(
        value={} if value is None else value, problems=tuple(reader.problems), lines=reader.lines
    )


class _UnreadableError(Exception):
    """There is no point in reading on."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(line, text)


class _Loader(yaml.SafeLoader):
    """Composes nodes, as many and as deep as may be."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._values = 0

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        self._values += 1
        event = self.peek_event()  # type: ignore[no-untyped-call]
        _bound(event.start_mark.line + 1, self._depth, self._values)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Reader:
    """Makes values of nodes.

    What an alias stands for is read again for each, and counts again: a few lines of aliases to
    aliases are billions of values, or endless ones.
    """

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._values = 0

    def read(self, node: yaml.Node, path: KeyPath) -> Any:
        """Return the value of a node."""
        self._values += 1
        _bound(_line(node), len(path) + 1, self._values)
        self.lines.setdefault(path, _line(node))
        if node.tag not in _KNOWN_TAGS:
            self._note(node, "a tag means nothing here; put text with a ! in front in quotes")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(one, (*path, number)) for number, one in enumerate(node.value)]
        return None if node.tag == _NOTHING else self._text(node)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(key_node, "a key has to be a text")
            elif (key := self._text(key_node)) in mapping:
                first = self.lines[*path, key]
                self._note(key_node, f"this key is there twice, first in line {first}")
            else:
                self.lines[*path, key] = _line(key_node)
                mapping[key] = self.read(value_node, (*path, key))
        return mapping

    def _text(self, node: yaml.Node) -> str:
        text: str = node.value
        if _UNENCODABLE.search(text):
            self._note(node, "this has a character in it that no text has")
        return text

    def _note(self, node: yaml.Node, text: str) -> None:
        self.problems.append(Problem(_line(node), text))


def _bound(line: int, depth: int, values: int) -> None:
    """Refuse what nobody would write who means well."""
    if depth > MAX_DEPTH:
        raise _UnreadableError(line, f"this is nested more than {MAX_DEPTH} levels deep")
    if values > MAX_VALUES:
        raise _UnreadableError(
            line, f"there are more than {MAX_VALUES} values, counting those of aliases each time"
        )


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        line = data.count(b"\n", 0, MAX_BYTES) + 1
        raise _UnreadableError(line, f"the file is longer than {MAX_BYTES} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _UnreadableError(line, "the file is not in UTF-8") from None


def _compose(text: str) -> yaml.Node | None:
    """Return the node of a whole document; None if it is empty."""
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _UnreadableError(line, "there is a control character in the file") from None
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error) from None
    except ValueError, OverflowError:  # such as of the escape "\UFFFFFFFF"
        raise _UnreadableError(loader.line + 1, "there is no such character or number") from None


def _syntax_error(error: yaml.MarkedYAMLError) -> _UnreadableError:
    """Return PyYAML's words, but for those it quotes."""
    context = ""
    if error.context and error.context_mark:
        context = f"{error.context} from line {error.context_mark.line + 1}, "
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    words = _QUOTED.sub("", f"{context}{error.problem}")
    return _UnreadableError(line, f"this is not YAML: {words}")


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
