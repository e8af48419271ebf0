"""The environment variables of acexy and pyacexy, and what they are here.

Whoever comes from there keeps them, and is told in the log what became of each. Times are written
as Go has them (`1m30s`), and an address to listen on without a host is all networks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import re
from typing import Any, Final

from ..config import OPTIONS
from ..config.values import ENGINE, parse_listen

# What the names of these variables begin with.
_PREFIX: Final = "ACEXY_"

_OPTIONS: Final = {option.key: option for option in OPTIONS}

# One engine, in parts, and what these are where nothing is said.
_ENGINE: Final = {"ACEXY_SCHEME": "http", "ACEXY_HOST": "localhost", "ACEXY_PORT": "6878"}

# The units of https://pkg.go.dev/time#ParseDuration, in seconds. pyacexy has bare seconds, too.
_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_NUMBER: Final = r"([0-9]{1,12}(?:\.[0-9]{0,12})?)"
_PART: Final = re.compile(rf"{_NUMBER}(ns|us|µs|ms|s|m|h)")
_TIME: Final = re.compile(rf"{_NUMBER}|(?:{_PART.pattern})+")

_NOT_NEEDED: Final = {
    "ACEXY_BUFFER_SIZE": "not needed: the last 15 seconds of a stream, 32 MB at most, are kept "
    "once for all players",
    "ACEXY_EMPTY_TIMEOUT": "not needed: a stream that stalls is opened anew, and ends after 90 "
    "seconds without data",
    "ACEXY_M3U8": "not needed: each channel is there as HLS, too, at /ace/manifest.m3u8",
    "ACEXY_M3U8_STREAM_TIMEOUT": "not needed: HLS ends by itself once nobody asks for it",
}


@dataclass(frozen=True, slots=True)
class Note:
    """What became of a variable."""

    name: str
    """The variable, or those that are one thing together."""

    text: str
    """What it is here, or why it is nothing."""

    key: str = ""
    """The option that it is here; empty for none."""


@dataclass(frozen=True, slots=True)
class Acexy:
    """What acexy's variables say."""

    values: dict[str, Any] = field(default_factory=dict)
    """By the keys of `Config`."""

    notes: list[Note] = field(default_factory=list)
    """One for each variable that is there and can be used."""

    problems: list[str] = field(default_factory=list)
    """One for each that cannot."""


def read_acexy(environment: Mapping[str, str]) -> Acexy:
    """Return what acexy's variables say; those without a value say nothing."""
    acexy = Acexy()
    given = {name: text for name, text in environment.items() if text and name.startswith(_PREFIX)}
    if parts := [name for name in _ENGINE if name in given]:
        scheme, host, port = (given.get(name, other) for name, other in _ENGINE.items())
        host = f"[{host.strip('[]')}]" if ":" in host else host
        engine = ENGINE.read(f"{scheme}://{host}:{port}")
        _take(acexy, " and ".join(parts), "engines", (engine,) if engine else None, ENGINE.expected)
    for name, text in sorted(given.items()):
        if name in _SAME:
            key, read, expected = _SAME[name]
            _take(acexy, name, key, read(text), expected)
        elif name not in _ENGINE:
            acexy.notes.append(Note(name, _NOT_NEEDED.get(name, "means nothing here")))
    return acexy


def _take(acexy: Acexy, name: str, key: str, value: object, expected: str) -> None:
    """Have an option set, or say that a variable is not as expected."""
    if value is None:
        acexy.problems.append(f"{name}: expected {expected}")
        return
    acexy.values[key] = value
    acexy.notes.append(Note(name, f"taken as {key}: {_OPTIONS[key].write(value)}", key))


def _read_listen(text: str) -> tuple[str, int] | None:
    """Return where to listen; without a host that is all networks, as Go has it."""
    return parse_listen(f"*{text}" if text.startswith(":") else text)


def _read_level(text: str) -> object:
    return _OPTIONS["log_level"].read("warning" if text.lower() == "warn" else text)


def _read_time(key: str) -> Callable[[str], float | None]:
    """Return what reads a time for an option, as near as that may be to it."""
    bounds = _OPTIONS[key].kind.bounds

    def read(text: str) -> float | None:
        if not _TIME.fullmatch(text):
            return None
        parts = _PART.findall(text) or [(text, "s")]
        time = sum(float(number) * _UNITS[unit] for number, unit in parts)
        return min(max(round(time), bounds[0]), bounds[1])

    return read


# What is here, too: the option, what reads it, and what is to be read.
_A_TIME: Final = "a time, such as 15s or 1m30s"
_SAME: Final[dict[str, tuple[str, Callable[[str], object], str]]] = {
    "ACEXY_LISTEN_ADDR": ("listen", _read_listen, "HOST:PORT or :PORT, such as :8080"),
    "ACEXY_LOG_LEVEL": ("log_level", _read_level, "debug, info, warn or error"),
    "ACEXY_NO_RESPONSE_TIMEOUT": ("start_timeout", _read_time("start_timeout"), _A_TIME),
    "ACEXY_WRITE_TIMEOUT": ("drop_after", _read_time("drop_after"), _A_TIME),
}
