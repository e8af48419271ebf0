"""The command: the proxy alone, without Home Assistant.

    acestream-proxy --engine http://192.168.1.20:6878 --listen 0.0.0.0:8080
    acestream-proxy --config proxy.yaml

On SIGHUP (`systemctl reload`) the file is read again, and what it says then is so from then on;
nobody's stream is cut. A file that cannot be used is logged, and changes nothing. What is on the
command line counts more than what is in the file.
"""

import argparse
import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
import logging
from pathlib import Path
from shutil import which
import signal
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Final

from aiohttp import ClientSession, web
from yarl import URL

from .config import Config, load_config, parse_listen
from .engine.client import normalize_engine_url
from .errors import ConfigError, InvalidContentError
from .lineup import Lineup
from .options import ProxyOptions
from .runtime import Proxy
from .station import Station
from .transcode import is_language
from .web import make_app

_LOGGER = logging.getLogger(__name__)

type Read = Callable[[], Config]
"""Returns what is to be set up as it is now; raises a `ConfigError` if that cannot be used."""

# What is taken from the file only at the start.
_FIXED: Final = ("listen", "data", "anonymous")

_DEFAULTS: Final = Config()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command until it is told to stop."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    # One line for every request of every player is no log that anybody reads.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    read = partial(_read, options)
    try:
        config = read()
        with _folder(config.data) as folder:
            asyncio.run(serve(config, folder, read if options.config else None))
    except ConfigError as error:
        parser.exit(2, f"{error}\n")


async def serve(config: Config, folder: Path, read: Read | None = None) -> None:
    """Serve until SIGINT or SIGTERM; keep lists, guides and logos in a folder.

    On SIGHUP `read` says what is different from then on; without it that signal is left alone.
    """
    stopped, changed = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    if read:
        loop.add_signal_handler(signal.SIGHUP, changed.set)
    async with ClientSession() as session:
        proxy = Proxy(session, options=ProxyOptions(ffmpeg=which("ffmpeg")))
        lineup = Lineup(session, folder)
        station = Station(proxy, lineup)
        app = make_app(proxy, lineup, anonymous=config.anonymous)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=2)
        await runner.setup()
        try:
            await station.apply(config)
            await _listen(runner, *config.listen)
            async with asyncio.TaskGroup() as group:
                following = group.create_task(_follow(station, config, read, changed))
                await stopped.wait()
                following.cancel()
        finally:
            await station.stop()
            await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    """Let players in."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise SystemExit(f"Players cannot be served: {error.strerror or error}") from None
    host, port, *_ = runner.addresses[0]
    _LOGGER.info("Serving on %s", URL.build(scheme="http", host=host, port=port))


async def _follow(
    station: Station, started: Config, read: Read | None, changed: asyncio.Event
) -> None:
    """Apply what is read whenever it has changed."""
    while read and await changed.wait():
        changed.clear()
        try:
            config = await asyncio.to_thread(read)
            await station.apply(config)
        except ConfigError as error:
            _log_problems(error)
        except Exception:
            # Whoever watches is not to suffer from a mistake of ours.
            _LOGGER.exception("Not all that is in the file could be set up")
        else:
            _LOGGER.info("The file was read again")
            _log_differences(started, config)


def _log_problems(error: ConfigError) -> None:
    for line in (*str(error).splitlines(), "Everything goes on as it was"):
        _LOGGER.error("%s", line)


def _log_differences(started: Config, config: Config) -> None:
    """Say what was changed in vain."""
    names = [name for name in _FIXED if getattr(config, name) != getattr(started, name)]
    if names:
        _LOGGER.warning("A restart is needed for what changed: %s", ", ".join(names))


def _read(options: argparse.Namespace) -> Config:
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


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """Have a folder to keep things in; without one of the user's, until the command ends.

    Raises:
        ConfigError: Nothing can be kept in the user's.
    """
    if data is None:
        with TemporaryDirectory(prefix="acestream-proxy-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    try:
        data.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=data).close()
    except OSError as error:
        raise ConfigError(f"Nothing can be kept in {data} ({error.strerror}).") from None
    yield data


def _parser() -> argparse.ArgumentParser:
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


if __name__ == "__main__":
    main()
