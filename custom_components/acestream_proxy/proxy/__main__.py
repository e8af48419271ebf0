"""The command: the proxy alone, without Home Assistant.

    acestream-proxy --engine http://192.168.1.20:6878 --listen 0.0.0.0:8080
    acestream-proxy --config proxy.yaml

On SIGHUP (`systemctl reload`) the file is read again, and what it says then is so from then on;
nobody's stream is cut. A file that cannot be used is logged, and changes nothing. What is on the
command line counts more than what is in the file.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
import logging
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from .command import make_parser, read_config, serve
from .errors import ConfigError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command until it is told to stop."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    # One line for every request of every player is no log that anybody reads.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    read = partial(read_config, options)
    try:
        config = read()
        with _folder(config.data) as folder:
            asyncio.run(serve(config, folder, read if options.config else None))
    except ConfigError as error:
        parser.exit(2, f"{error}\n")


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
