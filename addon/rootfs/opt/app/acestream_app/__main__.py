"""The app's only command: `python3 -m acestream_app`. Its arguments are for tests."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
import logging
import os
from pathlib import Path

from .app import run
from .errors import AppError
from .options import read_options
from .place import Place


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the app until it is told to stop."""
    parser = argparse.ArgumentParser(
        prog="acestream_app", description=__doc__, argument_default=argparse.SUPPRESS
    )
    parser.add_argument("--root", type=Path, default=Path("/"))
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--engine-port", type=int)
    parser.add_argument("--supervisor")
    given = vars(parser.parse_args(arguments))
    place = replace(Place.below(given.pop("root")), **given)
    logging.basicConfig(level=logging.INFO, format="app | %(asctime)s %(levelname)s %(message)s")
    try:
        asyncio.run(run(place, read_options(place.data / "options.json"), os.environ))
    except AppError as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
