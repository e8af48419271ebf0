"""What the command is told, and by whom: the first in this list who says something counts.

    command line  --listen 0.0.0.0:8080
    environment   ACESTREAM_PROXY_LISTEN=0.0.0.0:8080
    acexy's       ACEXY_LISTEN_ADDR=:8080                see `acexy`
    file          listen: 0.0.0.0:8080
    defaults      those of `Config`

Errors name what was written as it was written, and all are said at once. The file alone is read
again while the command runs.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import Final

from ..config import OPTIONS, PREFIX, Config, Option
from ..config.values import BOOLEAN
from ..errors import ConfigError
from .acexy import read_acexy

_CONFIG: Final = f"{PREFIX}CONFIG"

# As two words are that differ in a letter or two. Kubernetes sets variables of this kind for each
# service, such as ACESTREAM_PROXY_PORT, which are nobody's mistake.
_LIKENESS: Final = 0.75

_DESCRIPTION: Final = """\
Reads each AceStream channel once and writes it to everyone watching.

  acestream-proxy --engine 192.168.1.20 --listen 0.0.0.0:8080
      plays http://HOST:8080/ace/getstream?id=CONTENT_ID (MPEG-TS)
        and http://HOST:8080/ace/manifest.m3u8?id=CONTENT_ID (HLS)
        for all who are in a private network
  acestream-proxy --config proxy.yaml
      has channels, lists of channels, guides and viewers, too
"""

_EPILOG: Final = f"""\
Each of these is an environment variable, too, and a key of the file: --most-viewers is
{PREFIX}MOST_VIEWERS and most_viewers. Of what may be given several times there are commas
between in the variable, and the file has a list: engines, trusted_networks, viewers. The command
line counts most, then the environment, then the file. acexy's variables (ACEXY_HOST and so on) are
understood.

On SIGHUP (kill -HUP, systemctl reload) the file is read again, without interrupting anybody. On
SIGTERM nobody new is let in, streams end, and so does the command; a second one ends it at once.
"""


def make_parser() -> argparse.ArgumentParser:
    """Return what reads the command line, and explains it."""
    parser = argparse.ArgumentParser(
        prog="acestream-proxy",
        usage="%(prog)s [OPTION ...]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # Who abbreviates is surprised by the next version.
        allow_abbrev=False,
    )
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="what there is to set up, in YAML; also channels, lists, guides and viewers "
        f"(as a variable: {_CONFIG})",
    )
    for title, options in groupby(OPTIONS, lambda option: option.group):
        group = parser.add_argument_group(title)
        for option in options:
            _add(group, option)
    return parser


def _add(group: argparse._ArgumentGroup, option: Option) -> None:
    help_ = f"{option.text} (default: {option.default})"
    if option.kind is BOOLEAN:
        group.add_argument(
            option.flag, dest=option.key, action=argparse.BooleanOptionalAction, help=help_
        )
    else:
        group.add_argument(
            option.flag,
            dest=option.key,
            action="append",
            metavar=option.kind.placeholder,
            help=help_,
        )


def config_file(options: argparse.Namespace, environment: Mapping[str, str]) -> Path | None:
    """Return the path of the file; None where there is none."""
    path = options.config or environment.get(_CONFIG)
    return Path(path) if path else None


def read_config(options: argparse.Namespace, environment: Mapping[str, str]) -> Config:
    """Return what is to be set up.

    Raises:
        ConfigError: Something cannot be used; the text has a line for each that is wrong.
    """
    problems: list[str] = []
    config = Config()
    if path := config_file(options, environment):
        # Without a file, what reads one would be of no use.
        from ..config.load import load_config

        try:
            config = load_config(path)
        except ConfigError as error:
            problems.append(str(error))
    acexy = read_acexy(environment)
    problems += acexy.problems
    told = dict(acexy.values)
    for option, name, texts in _told(options, environment):
        value = told[option.key] = option.read(*texts)
        if value is None:
            problems.append(f"{name}: {option.expected}")
    if problems:
        raise ConfigError("\n".join(problems))
    return replace(config, **told)


def notes(options: argparse.Namespace, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what is to be said of variables: of acexy's, and of some that may be misspelt."""
    told = {option.key: name for option, name, _ in _told(options, environment)}
    for note in read_acexy(environment).notes:
        by = told.get(note.key)
        yield f"{note.name}: not used, as there is {by}" if by else f"{note.name}: {note.text}"
    known = {_CONFIG, *(option.variable for option in OPTIONS)}
    # Without what they all begin with, which is so long that all are alike.
    ends = [name.removeprefix(PREFIX) for name in known]
    for name in sorted(environment.keys() - known):
        end = name.removeprefix(PREFIX)
        if end != name and (near := get_close_matches(end, ends, n=1, cutoff=_LIKENESS)):
            yield f"{name}: there is no such variable; did you mean {PREFIX}{near[0]}?"


def _told(
    options: argparse.Namespace, environment: Mapping[str, str]
) -> Iterator[tuple[Option, str, list[str]]]:
    """Yield each option that the command line or else the environment has, by whom, and the texts.

    A variable without a value says nothing.
    """
    for option in OPTIONS:
        given: list[str] | bool | None = getattr(options, option.key)
        if given is not None:
            texts = [BOOLEAN.write(given)] if isinstance(given, bool) else given
            yield option, option.flag, texts
        elif text := environment.get(option.variable):
            yield option, option.variable, [text]
