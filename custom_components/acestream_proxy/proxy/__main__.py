"""The command: the proxy alone, without Home Assistant.

acestream-proxy --engine http://192.168.1.20:6878 --listen 0.0.0.0:8080
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
import logging
from pathlib import Path
from shutil import which
import signal
from tempfile import TemporaryDirectory
from typing import Final

from aiohttp import ClientSession, web
from yarl import URL

from .engine.client import normalize_engine_url
from .errors import InvalidContentError
from .hls import HlsOptions
from .lineup import Lineup
from .runtime import Proxy, ProxyOptions
from .transcode import is_language
from .web import make_app

_LOGGER = logging.getLogger(__name__)

_DEFAULT_ENGINE: Final = "http://127.0.0.1:6878"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command until it is told to stop."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    # One line for every request of every player is no log that anybody reads.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    proxy_options = ProxyOptions(
        ffmpeg=which("ffmpeg"),
        audio_language=options.audio_language or "",
        hls=HlsOptions(low_latency=options.low_latency),
    )
    engines = options.engine or [_DEFAULT_ENGINE]
    asyncio.run(serve(engines, *options.listen, options=proxy_options))


async def serve(
    engines: Sequence[str], host: str, port: int, *, options: ProxyOptions | None = None
) -> None:
    """Serve until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        session = await stack.enter_async_context(ClientSession())
        lineup = Lineup(session, Path(folder))
        proxy = Proxy(session, options=options)
        for url in engines:
            await proxy.engines.add(url, url).check()
        app = make_app(proxy, lineup)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=2)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                raise SystemExit(f"--listen: {error.strerror or error}") from None
            host, port, *_ = runner.addresses[0]
            _LOGGER.info(
                "Serving on %s/ace/getstream?id=…", URL.build(scheme="http", host=host, port=port)
            )
            await stopped.wait()
        finally:
            await runner.cleanup()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acestream-proxy",
        description="Reads each AceStream channel once and writes it to everyone watching.",
    )
    parser.add_argument(
        "--engine",
        action="append",
        type=_engine,
        metavar="URL",
        help="an AceStream engine, such as http://192.168.1.20:6878; may be given several times "
        f"(default: {_DEFAULT_ENGINE})",
    )
    parser.add_argument(
        "--listen",
        type=_listen,
        default=("127.0.0.1", 8080),
        metavar="HOST:PORT",
        help="where to serve players (default: 127.0.0.1:8080, so only this machine)",
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
    return text


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 0.0.0.0:8080")
    return host.strip("[]") or "127.0.0.1", int(port)


if __name__ == "__main__":
    main()
