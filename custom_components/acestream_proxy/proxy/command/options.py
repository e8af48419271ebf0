"""What the command is told: on its command line, and in its file."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..config import Config, load_config, parse_listen
from ..engine.client import normalize_engine_url
from ..errors import InvalidContentError
from ..transcode import is_language

_DEFAULTS: Final = Config()


def read_config(options: argparse.Namespace) -> Config:
    """Return what is to be set up: what the command line says, then the file, then the defaults.

    Raises:
        ConfigError: The file cannot be used.
    """
    config = load_config(options.config) if options.config else _DEFAULTS
    given = {
        "engines": tuple(dict.fromkeys(options.engine or ())) or None,
        "listen": options.listen,
        "audio_language": options.audio_language,
        "low_latency": options.low_latency,
    }
    return replace(config, **{name: value for name, value in given.items() if value is not None})


def make_parser() -> argparse.ArgumentParser:
    """Return what reads the command line, and explains it."""
    parser = argparse.ArgumentParser(
        prog="acestream-proxy",
        description="Reads each AceStream channel once and writes it to everyone watching.",
        epilog="What is given here counts more than what is in the file. On SIGHUP the file is "
        "read again, without interrupting anybody: kill -HUP, or systemctl reload.",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="what there is to set up, in YAML: also channels, lists, guides and viewers",
    )
    (engine,), (host, port) = _DEFAULTS.engines, _DEFAULTS.listen
    parser.add_argument(
        "--engine",
        action="append",
        type=_engine,
        metavar="URL",
        help="an AceStream engine, such as http://192.168.1.20:6878; may be given several times "
        f"(default: {engine})",
    )
    parser.add_argument(
        "--listen",
        type=_host_and_port,
        metavar="HOST:PORT",
        help=f"where to serve players (default: {host}:{port}, so only this machine)",
    )
    parser.add_argument(
        "--audio-language",
        type=_language,
        metavar="CODE",
        help="the language that browsers play of channels with several, such as spa (ISO 639-2)",
    )
    parser.add_argument(
        "--no-low-latency",
        dest="low_latency",
        action="store_false",
        default=None,
        help="keep players of HLS three segments behind the live edge, as all of them know how to",
    )
    parser.add_argument("--verbose", action="store_true", help="log details")
    return parser


def _engine(text: str) -> str:
    try:
        return normalize_engine_url(text)
    except InvalidContentError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _language(text: str) -> str:
    if not is_language(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a code of three letters, such as spa")
    return text.lower()


def _host_and_port(text: str) -> tuple[str, int]:
    if listen := parse_listen(text):
        return listen
    raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 0.0.0.0:8080")
