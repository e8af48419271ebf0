"""Serving until the command is told to stop."""

import asyncio
from collections.abc import Callable
import logging
from pathlib import Path
from shutil import which
import signal
from typing import Final

from aiohttp import ClientSession, web
from yarl import URL

from ..config import Config
from ..errors import ConfigError
from ..lineup import Lineup
from ..options import ProxyOptions
from ..runtime import Proxy
from ..station import Station
from .app import make_app

_LOGGER = logging.getLogger(__name__)

type Read = Callable[[], Config]
"""Returns what is to be set up as it is now; raises a `ConfigError` if that cannot be used."""

# What is taken from the file only at the start.
_FIXED: Final = ("listen", "data", "anonymous")


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
