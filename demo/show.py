"""A real Home Assistant beside the emulated engine, to look at: `python -m demo.show`."""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
import shutil
import signal
import sys
import time
from typing import Final

from .channels import CHANNELS
from .engine import EmulatedEngine
from .forms import Forms
from .home import FOLDER, PASSWORD, ROOT, USERNAME, Home, HomeError, is_free

# One of most groups; the list has them all.
_FAVOURITES: Final = (
    "Demo One",
    "Demo News",
    "Demo Sport 1",
    "Demo Cinema",
    "Demo Nature",
    "Demo Kids",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run an engine and a Home Assistant until interrupted."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8123, help="port of Home Assistant")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs set up")
    options = parser.parse_args(arguments)
    if not is_free(options.port):
        raise SystemExit(f"Port {options.port} is taken; choose another with --port.")
    if options.fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        asyncio.run(_run(Home(port=options.port)))
    except* HomeError as group:
        raise SystemExit("\n".join(map(str, group.exceptions))) from None


async def _run(home: Home) -> None:
    running = asyncio.current_task()
    assert running is not None  # noqa: S101 - asyncio.run made it
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    began = time.monotonic()
    try:
        # Somebody's real engine may have the usual port.
        async with EmulatedEngine(port=6878 if is_free(6878) else 0) as engine:
            print("Making the channels' pictures, and starting Home Assistant …", flush=True)
            async with asyncio.TaskGroup() as group:
                group.create_task(_make_pictures())
                group.create_task(home.start())
            await _serve(home, engine, began)
    except asyncio.CancelledError:
        print("\nStopping …", flush=True)
    finally:
        await home.stop()


async def _make_pictures() -> None:
    """Encode what was not encoded before: in a process, which unlike a thread can be ended."""
    arguments = ("-m", "demo", "--prepare")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, start_new_session=True
    )
    try:
        if await process.wait() != 0:
            raise HomeError("The channels' pictures could not be made")
    finally:
        if process.returncode is None:
            process.kill()


async def _serve(home: Home, engine: EmulatedEngine, began: float) -> None:
    """Set the integration up, say where it is, and stay while Home Assistant does."""
    while True:
        print("Setting up the integration and its channels …", flush=True)
        forms = Forms(home)
        favourites = [channel for channel in CHANNELS if channel.name in _FAVOURITES]
        await forms.set_up(engine.url, favourites, with_lineup=True)
        viewers = await forms.addresses()
        print(
            f"\nReady after {time.monotonic() - began:.1f} s\n\n"
            f"    {home.url}/media-browser/browser\n\n"
            f"    Log in as {USERNAME}, password {PASSWORD}; open AceStream Proxy,"
            " press a channel.\n\n"
            + "".join(f"{_for_apps(name, viewers[name])}\n\n" for name in viewers)
            + f"    Engine  {engine.url} (emulated)\n"
            f"    Log     {home.log}\n\n"
            "Ctrl-C ends it.",
            flush=True,
        )
        if not await home.wait():
            return
        began = time.monotonic()
        await home.start()


def _for_apps(viewer: str, addresses: Mapping[str, str]) -> str:
    """Return what to fill in in an IPTV app to watch as a viewer."""
    login = f"user {addresses['username']}, password {addresses['password']}"
    return (
        f"    IPTV apps, as the viewer {viewer}:\n"
        f"    Playlist  {addresses['playlist']}\n"
        f"    Guide     {addresses['guide']}\n"
        f"    Xtream    server {addresses['server']}, {login}"
    )


if __name__ == "__main__":
    main()
