"""Serving until the command is told to stop.

    serving ──SIGTERM──▶ draining ──▶ ending ──▶ over
                         nobody new    streams end, engines are told
                         is let in

A second SIGTERM or SIGINT ends the process at once, whatever it is doing.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import logging
from pathlib import Path
import signal
from typing import Final

from aiohttp import ClientSession, web
from yarl import URL

from ..config import OPTIONS, Config
from ..errors import ConfigError
from ..lineup import Lineup
from ..runtime import Proxy
from ..station import Station
from ..web import Trust
from .app import make_app
from .connections import Runner

_LOGGER = logging.getLogger(__name__)

type Read = Callable[[], Config]
"""Returns what is to be set up as it is now; raises a `ConfigError` if that cannot be used."""

_STOP: Final = (signal.SIGINT, signal.SIGTERM)

# Ending takes two seconds where engines do not answer. Whoever runs services kills after ten.
_END_TIMEOUT: Final = 4.0


class _Served:
    """What is served, as the last `Config` that could be used describes it."""

    def __init__(self, proxy: Proxy, lineup: Lineup) -> None:
        self.proxy = proxy
        self.station = Station(proxy, lineup)
        self.trust = Trust(())
        self.drain = 0.0

    async def apply(self, config: Config) -> None:
        """Change what is not as a configuration says."""
        self.trust.networks = config.trusted_networks
        self.drain = config.drain
        await self.station.apply(config)


async def serve(config: Config, folder: Path, read: Read | None = None) -> None:
    """Serve until SIGINT or SIGTERM; keep lists, guides and logos in a folder.

    On SIGHUP `read` says what is different from then on; without it that signal is left alone.

    Raises:
        SystemExit: The address to listen on cannot be had.
    """
    stopped, changed = asyncio.Event(), asyncio.Event()
    with _signals(stopped, changed if read else None):
        async with ClientSession() as session:
            proxy, lineup = Proxy(session), Lineup(session, folder)
            served = _Served(proxy, lineup)
            app = make_app(proxy, lineup, trusts=served.trust)
            runner = Runner(app, handler_cancellation=True, shutdown_timeout=2)
            await runner.setup()
            try:
                await served.apply(config)
                await _listen(runner, *config.listen)
                async with asyncio.TaskGroup() as group:
                    following = group.create_task(_follow(served, config, read, changed))
                    await stopped.wait()
                    following.cancel()
                await _drain(served)
            finally:
                await _end(served, runner)


@contextmanager
def _signals(stopped: asyncio.Event, changed: asyncio.Event | None) -> Iterator[None]:
    """Have signals set events while inside; of those that stop, a second one ends the process."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (*_STOP, signal.SIGHUP)}

    def stop() -> None:
        stopped.set()
        for number in _STOP:
            signal.signal(number, signal.SIG_DFL)

    for number in _STOP:
        loop.add_signal_handler(number, stop)
    if changed:
        loop.add_signal_handler(signal.SIGHUP, changed.set)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


async def _drain(served: _Served) -> None:
    """Let nobody new in; give those who watch the time that there is for them."""
    _LOGGER.info("Stopping: nobody new is let in, and streams go on for %g s at most", served.drain)
    await served.proxy.drain(served.drain)


async def _end(served: _Served, runner: web.AppRunner) -> None:
    """End everything, as far as there is time for it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_END_TIMEOUT):
            await served.station.stop()
            await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    """Let players in."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise SystemExit(f"Players cannot be served: {error.strerror or error}") from None
    for host, port, *_ in runner.addresses:
        _LOGGER.info("Serving on %s", URL.build(scheme="http", host=host, port=port))


async def _follow(
    served: _Served, started: Config, read: Read | None, changed: asyncio.Event
) -> None:
    """Apply what is read whenever it has changed."""
    while read and await changed.wait():
        changed.clear()
        try:
            config = await asyncio.to_thread(read)
            await served.apply(config)
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
    fixed = [option.key for option in OPTIONS if not option.live]
    names = [name for name in fixed if getattr(config, name) != getattr(started, name)]
    if names:
        _LOGGER.warning("A restart is needed for what changed: %s", ", ".join(names))
