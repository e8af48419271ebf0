"""Both programs, and what is done beside them, until the app is told to stop."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
import logging
import signal
import socket
from typing import Any

from aiohttp import ClientSession

from .announce import announce
from .commands import engine_command, proxy_command
from .follow import follow
from .options import Options
from .place import Place
from .prepare import prepare
from .program import Program
from .watch import watch

_LOGGER = logging.getLogger(__name__)


async def run(place: Place, options: Options, environment: Mapping[str, str]) -> None:
    """Keep engine and proxy running until SIGINT or SIGTERM.

    What was entered last is left first: the proxy ends before the engine, so that players get a
    clean end and no session is left to an engine that is gone.

    Raises:
        AppError: What both need cannot be made.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    prepare(place)
    has_engine = _has_engine(place, options)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession())
        engine: Program | None = None
        if has_engine:
            command = engine_command(place, options, environment)
            engine = await stack.enter_async_context(Program("engine", command))
        command = proxy_command(place, options, environment, has_engine=has_engine)
        proxy = await stack.enter_async_context(Program("proxy", command))
        beside = {"follow the file": follow(place.proxy_file, proxy.reload)}
        if engine:
            beside["watch the engine"] = watch(
                session, place.proxy_url, place.engine_url, engine.restart
            )
        if token := environment.get("SUPERVISOR_TOKEN"):
            host, port = socket.gethostname(), place.port
            beside["announce the proxy"] = announce(
                session, place.supervisor, token, host=host, port=port
            )
        for name, work in beside.items():
            await stack.enter_async_context(_in_background(name, work))
        await stopped.wait()
        _LOGGER.info("Stopping")


def _has_engine(place: Place, options: Options) -> bool:
    """Return whether the app's engine is to run; if not, the log says what plays instead."""
    exists = place.engine.exists()
    if options.engine and exists:
        return True
    why = (
        "The engine is switched off" if exists else "There is no AceStream engine for this machine"
    )
    if options.engines:
        _LOGGER.info("%s; the engines of the options are used", why)
    else:
        _LOGGER.warning("%s; name one that runs elsewhere in the option 'engines'", why)
    return False


@asynccontextmanager
async def _in_background(name: str, work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Have something done for as long as one is inside."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
