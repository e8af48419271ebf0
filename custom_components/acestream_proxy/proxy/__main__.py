"""The command: the proxy alone, without Home Assistant.

    acestream-proxy --engine http://192.168.1.20:6878 --listen 0.0.0.0:8080
    acestream-proxy --config proxy.yaml

On SIGHUP (`systemctl reload`) the file is read again, and what it says then is so from then on;
nobody's stream is cut. A file that cannot be used is logged, and changes nothing. What is on the
command line or in the environment counts more than what is in the file.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
import logging
import os
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Timer
from typing import Final

from .command import config_file, make_parser, notes, read_config, serve
from .config import Config
from .errors import ConfigError

_LOGGER = logging.getLogger(__name__)

# How long threads are waited for at the end. Nothing ends one that reads a long list or guide, but
# what is kept is written anew before it takes the place of what was.
_THREADS_TIMEOUT: Final = 0.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command until it is told to stop."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    # What became of variables is said in any case.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # One line for every request of every player is no log that anybody reads, and their addresses
    # have secrets in them.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)

    def read() -> Config:
        config = read_config(options, os.environ)
        logging.getLogger().setLevel(config.log_level.upper())
        return config

    for note in notes(options, os.environ):
        _LOGGER.info("%s", note)
    try:
        config = read()
        with _folder(config.data) as folder:
            _run(serve(config, folder, read if config_file(options, os.environ) else None))
    except ConfigError as error:
        parser.exit(2, f"{error}\n")


def _run(work: Coroutine[None, None, None]) -> None:
    """Run something, and wait only so long for the threads that it leaves behind."""
    leave = Timer(_THREADS_TIMEOUT, os._exit, (0,))
    leave.daemon = True

    async def run() -> None:
        await work
        leave.start()

    try:
        asyncio.run(run())
    finally:
        leave.cancel()
        if leave.is_alive():
            leave.join()


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


if __name__ == "__main__":
    main()
