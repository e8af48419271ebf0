"""Runs the emulated engine alone: `python -m demo`."""

import argparse
import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import signal
import time

from .channels import CHANNELS, Channel
from .engine import EmulatedEngine
from .faults import Faults
from .loops import DEFAULT_FOLDER
from .media import Media
from .playout import PatternMedia
from .synthetic import SyntheticMedia


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, and run until interrupted."""
    options = _parser().parse_args(arguments)
    faults = Faults()
    try:
        faults.set_from(dict(word.partition("=")[::2] for word in options.fault))
    except ValueError as error:
        raise SystemExit(f"--fault: {error}") from None
    if options.prepare:
        prepare(CHANNELS, options.media)
        return
    media: Media = SyntheticMedia() if options.synthetic else PatternMedia(options.media)
    engine = EmulatedEngine(
        host=options.host, port=options.port, media=media, faults=faults, version=options.version
    )
    asyncio.run(_run(engine))


def prepare(channels: Sequence[Channel], folder: Path) -> None:
    """Encode every channel's loop that is not in the folder yet."""
    wanted = [channel for channel in channels if channel.kind in ("live", "vod")]
    began = time.monotonic()
    media = PatternMedia(folder)
    # Encoders use the processor's cores themselves; two at once hide what is not parallel.
    with ThreadPoolExecutor(2) as pool:
        for number, _ in enumerate(pool.map(media.encode, wanted), 1):
            channel = wanted[number - 1]
            seconds = time.monotonic() - began
            print(f"[{number:2}/{len(wanted)}] {channel.name} ({seconds:.1f} s)", flush=True)


async def _run(engine: EmulatedEngine) -> None:
    loop = asyncio.get_running_loop()
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted.set)
    async with engine:
        print(f"Engine    {engine.url}")
        print(f"Playlist  {engine.url}/demo/playlist.m3u")
        print(f"Guide     {engine.url}/demo/guide.xml")
        print(f"Faults    {engine.url}/demo/faults")
        for channel in CHANNELS:
            print(f"{channel.number:4}  {channel.content_id}  {channel.name} ({channel.kind})")
        print("Ready", flush=True)
        await interrupted.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=6878, help="port to listen on; 0 is any")
    parser.add_argument("--version", default="3.2.11", help="version the engine says it is")
    parser.add_argument(
        "--media", type=Path, default=DEFAULT_FOLDER, help="folder of encoded test patterns"
    )
    parser.add_argument(
        "--prepare", action="store_true", help="encode all test patterns, and leave"
    )
    parser.add_argument(
        "--synthetic", action="store_true", help="numbered packets instead of pictures"
    )
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME=VALUE", help="set a fault"
    )
    return parser


if __name__ == "__main__":
    main()
