"""Reading the file, and saying what is wrong with it and where."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import voluptuous as vol

from ..catalog.channel import tidy
from ..errors import ConfigError
from .config import Config
from .document import MAX_BYTES, Document, Problem, read_document
from .schema import config_schema

# As many as one mends before one tries again.
_MOST_PROBLEMS: Final = 10

# Of a key that nobody knows, enough to find it.
_MAX_KEY: Final = 40


def load_config(path: Path) -> Config:
    """Read the file of the command.

    Raises:
        ConfigError: It cannot be read or used. The text has a line for each of the first ten
            problems, such as `proxy.yaml, line 12: viewers[0].most_streams: expected a whole
            number from 1 to 250`, and quotes no value.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}).") from error
    document = read_document(data)
    config, problems = _check(document, path.parent)
    problems += document.problems
    if problems:
        first = sorted(problems)[:_MOST_PROBLEMS]
        raise ConfigError("\n".join(f"{path.name}, line {one.line}: {one.text}" for one in first))
    return config


def _check(document: Document, folder: Path) -> tuple[Config, list[Problem]]:
    """Return what a file says, or what is wrong with that."""
    try:
        return config_schema(folder)(document.value), []
    except vol.MultipleInvalid as error:
        return Config(), [_problem(document, one) for one in error.errors]


def _problem(document: Document, error: vol.Invalid) -> Problem:
    # A key that is missing is a marker of the schema, not a text.
    path = tuple(part if isinstance(part, int) else str(part) for part in error.path)
    where = f"{_written(path)}: " if path else ""
    return Problem(document.line(path), f"{where}{error.msg}")


def _written(path: Iterable[str | int]) -> str:
    """Return a path as one would write it, such as `viewers[0].groups`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in path)
    return "".join(parts).removeprefix(".")


def _key(text: str) -> str:
    return tidy(text)[:_MAX_KEY] or '""'
