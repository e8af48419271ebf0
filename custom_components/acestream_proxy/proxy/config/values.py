"""What a text stands for, wherever it was written: in the file, a variable or on the command line.

A kind says by itself what it takes. No sentence quotes what was written, which may be a secret.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
import re
from shutil import which
from typing import Any, Final

from ..audience import Viewer
from ..catalog.channel import MAX_TEXT, tidy
from ..engine.client import normalize_engine_url
from ..errors import InvalidContentError
from ..transcode import is_language

type Network = IPv4Network | IPv6Network

# What an address can hold as it is. Sixteen of them are 96 bits, which nobody guesses.
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")

NOTHING: Final = "none"
"""The word for having none of something."""

_LISTEN: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|(\*|[A-Za-z0-9_.-]*)):([0-9]{1,5})")
_MAX_PORT: Final = 65535
_HERE: Final = "127.0.0.1"

_YES: Final = ("true", "yes", "on")
_NO: Final = ("false", "no", "off")

# The names of Python's levels, in small letters.
_LEVELS: Final = ("debug", "info", "warning", "error")

# What is sent as a header as it is.
_VISIBLE: Final = re.compile(r"[ -~]{1,256}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a text stands for."""

    read: Callable[[str], Any]
    """Returns the value, or None if the text is not as expected."""

    expected: str
    """What the text has to be, to be put after `expected`."""

    placeholder: str = ""
    """What stands for such a text in a line of help; empty where there only is yes and no."""

    write: Callable[[Any], str] = str
    """Returns a text that stands for a value."""

    bounds: tuple[int, int] = (0, 0)
    """The least and the most that a number may be."""


def whole_number(lowest: int, highest: int, placeholder: str = "NUMBER") -> Kind:
    """Return the kind of whole numbers, written with as many digits as they need at most."""

    def read(written: str) -> int | None:
        # Thousands of digits are more than `int` takes.
        is_number = written.isdecimal() and len(written) <= len(str(highest))
        return int(written) if is_number and lowest <= int(written) <= highest else None

    return Kind(
        read,
        f"a whole number from {lowest} to {highest}",
        placeholder,
        lambda value: f"{value:g}",
        (lowest, highest),
    )


def seconds(lowest: int, highest: int) -> Kind:
    """Return the kind of whole seconds."""
    return whole_number(lowest, highest, "SECONDS")


def parse_listen(written: str) -> tuple[str, int] | None:
    """Return a host and a port, or None if it is not `HOST:PORT`.

    Without a host it is this machine alone; `*` is all of its networks, of both kinds, for which
    the host is empty.
    """
    found = _LISTEN.fullmatch(written)
    if found is None or int(found[3]) > _MAX_PORT:
        return None
    return "" if found[2] == "*" else found[1] or found[2] or _HERE, int(found[3])


def write_listen(listen: tuple[str, int]) -> str:
    """Return a host and a port as they are written."""
    host, port = listen
    return f"[{host}]:{port}" if ":" in host else f"{host or '*'}:{port}"


def _read_engine(written: str) -> str | None:
    try:
        return normalize_engine_url(written)
    except InvalidContentError:
        return None


def _read_network(written: str) -> Network | None:
    try:
        return ip_network(written, strict=False)
    except ValueError:
        return None


def _read_boolean(written: str) -> bool | None:
    word = written.lower()
    return word in _YES if word in (*_YES, *_NO) else None


def _read_program(written: str) -> str | None:
    if written == NOTHING:
        return ""
    return written if written and which(written) else None


def _read_viewer(written: str) -> Viewer | None:
    """Return a viewer of `NAME:SECRET`; names may have colons in them."""
    name, _, secret = written.rpartition(":")
    if not (shown := read_name(name)) or not SECRET.fullmatch(secret):
        return None
    return Viewer(viewer_id=shown, name=shown, secret=secret)


def read_name(written: str) -> str | None:
    """Return a name without blanks that are not seen; None if nothing, or too much, is left."""
    return tidy(written) or None if len(written) <= MAX_TEXT else None


ENGINE: Final = Kind(
    _read_engine, "the address of an engine, such as http://192.168.1.20:6878", "URL"
)
LISTEN: Final = Kind(
    parse_listen,
    "HOST:PORT, such as 0.0.0.0:8080 or [::1]:8080, or *:8080 for all networks",
    "HOST:PORT",
    write_listen,
)
FOLDER: Final = Kind(lambda written: Path(written) if written else None, "a path", "FOLDER")
NETWORK: Final = Kind(
    _read_network, f"a network such as 192.168.1.0/24, or {NOTHING} alone", "NETWORK"
)
VIEWER: Final = Kind(
    _read_viewer,
    "NAME:SECRET, with a secret of 16 to 256 letters (A to Z), digits, - or _",
    "NAME:SECRET",
)
LANGUAGE: Final = Kind(
    lambda written: written.lower() if is_language(written) else None,
    "a code of three letters (ISO 639-2), such as spa",
    "CODE",
)
BOOLEAN: Final = Kind(
    _read_boolean, "true or false", write=lambda value: "true" if value else "false"
)
PROGRAM: Final = Kind(_read_program, f"a program that is there, or {NOTHING}", "PROGRAM")
LEVEL: Final = Kind(
    lambda written: written.lower() if written.lower() in _LEVELS else None,
    f"one of {', '.join(_LEVELS)}",
    "LEVEL",
)
HEADER: Final = Kind(
    lambda written: written.strip() if _VISIBLE.fullmatch(written.strip()) else None,
    "1 to 256 letters (A to Z), digits and signs",
    "TEXT",
)
