"""A real Home Assistant beside the emulated engine: `python -m demo.home`.

    Home.start()    folder ──▶ `hass` as a child process ──▶ answering, RUNNING, logged in
    Home.set_up()   the integration's forms over REST: the engine, then a form per channel
    Home.stop()     SIGTERM ──▶ exited, and how long that took

The configuration folder is made ready before the first start: its port is settled, and so
is every step of onboarding but the user. What a start learnt stays in the folder, so the
next one finds its user and its channels there and has nothing to set up.

The end-to-end test uses it as `scripts/demo` does.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
import json
import os
from pathlib import Path
import shutil
import signal
import socket
import sys
import time
from typing import Any, Final, Self

import aiohttp
import imageio_ffmpeg

from .channels import CHANNELS, Channel
from .engine import EmulatedEngine

DOMAIN: Final = "acestream_proxy"
USERNAME: Final = "demo"
PASSWORD: Final = "demo"  # noqa: S105 - printed for everyone to use

_ROOT: Final = Path(__file__).parents[1]
_FOLDER: Final = _ROOT / ".demo" / "home"
_HOST: Final = "127.0.0.1"

# The first start compiles Home Assistant, on a slow machine for a minute.
_START_TIMEOUT: Final = 180.0
# Longer than Home Assistant itself waits for what does not end by itself.
_STOP_TIMEOUT: Final = 60.0
_LOOK_INTERVAL: Final = 0.1
_LOG_LINES: Final = 40

# What the exit status of `hass` means when "Restart" was pressed.
_RESTART: Final = 100

_CONFIGURATION: Final = """\
# Written by demo/home.py at every start.
homeassistant:
  name: AceStream Proxy demo
  latitude: 52.37
  longitude: 4.89
  elevation: 0
  unit_system: metric
  time_zone: Europe/Amsterdam
  country: NL
  currency: EUR
  internal_url: "{url}"
  external_url: "{url}"
logger:
  default: warning
  logs:
    custom_components.acestream_proxy: info
frontend:
history:
media_source:
"""

# Without the steps that would reach for the internet and for what is not installed.
_ONBOARDING: Final = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics", "integration"]},
}


class HomeError(Exception):
    """Home Assistant did not do what it was asked for."""


class Home:
    """One Home Assistant, and the user who is logged in to it."""

    def __init__(self, folder: Path = _FOLDER, *, port: int = 0) -> None:
        """Take the folder of its configuration, and a port; 0 is any free one."""
        self.folder = folder
        self.port = port or _free_port()
        self.tokens: dict[str, Any] = {}
        """What logging in gave: the access token, the refresh token, when they end."""

        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{_HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """Everything the process wrote since its last start."""
        return self.folder / "output.log"

    @property
    def pid(self) -> int:
        """The child process."""
        return self._child.pid

    @property
    def session(self) -> aiohttp.ClientSession:
        """A client that is logged in; its paths are relative to the address."""
        assert self._session is not None, "not started"  # noqa: S101
        return self._session

    async def start(self) -> None:
        """Start it, and come back when it is running and somebody is logged in."""
        await self.stop()
        self._prepare_folder()
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "homeassistant", "--skip-pip", "--log-no-color"),
                *("--config", str(self.folder)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                # From elsewhere, this repository would shadow the folder's own packages.
                cwd=self.folder,
                # Compiled modules make the next start two or three times as quick.
                env={
                    **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
                    "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
                },
                # Ctrl-C is for this program, which then stops Home Assistant by itself.
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                await self._until_running()
        except TimeoutError:
            await self.stop()
            raise self._error(f"not running after {_START_TIMEOUT:.0f} s") from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> float:
        """Ask it to leave, if it is there, and return how many seconds that took."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        begin = time.monotonic()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_TIMEOUT)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
                raise self._error("did not stop") from None
        return time.monotonic() - begin

    async def wait(self) -> bool:
        """Wait until it ends by itself; return whether it wants to be started again."""
        status = await self._child.wait()
        if status not in (0, _RESTART):
            raise self._error(f"ended with status {status}")
        return status == _RESTART

    async def set_up(self, engine_url: str, channels: Sequence[Channel]) -> None:
        """Add the integration with an engine and channels, unless the folder has them."""
        marker = self.folder / "set-up.json"
        wanted = json.dumps([engine_url, [channel.content_id for channel in channels]])
        if marker.exists() and marker.read_text() == wanted and await self.entries():
            return
        for entry in await self.entries():
            await self.request("DELETE", f"/api/config/config_entries/entry/{entry['entry_id']}")
        flow = await self.fill("/api/config/config_entries/flow", DOMAIN, {"url": engine_url})
        for channel in channels:
            form = {
                "name": channel.name,
                "content": channel.content_id,
                "logo": engine_url + channel.logo,
            }
            handler = [flow["result"]["entry_id"], "channel"]
            await self.fill("/api/config/config_entries/subentries/flow", handler, form)
        marker.write_text(wanted)

    async def entries(self) -> list[dict[str, Any]]:
        """Return the integration's entries."""
        found: list[dict[str, Any]] = await self.request(
            "GET", f"/api/config/config_entries/entry?domain={DOMAIN}"
        )
        return found

    async def fill(self, path: str, handler: object, form: Mapping[str, str]) -> dict[str, Any]:
        """Begin a flow and fill its only form in; return the entry that came of it."""
        flow = await self.request("POST", path, json={"handler": handler})
        done: dict[str, Any] = await self.request("POST", f"{path}/{flow['flow_id']}", json=form)
        if done["type"] != "create_entry":
            raise self._error(f"flow of {handler} with {form}: {json.dumps(done)}")
        return done

    async def request(self, method: str, path: str, **arguments: Any) -> Any:
        """Send a request as the user, and return the JSON of the answer."""
        async with self.session.request(method, path, **arguments) as response:
            if not response.ok:
                text = await response.text()
                raise self._error(f"{method} {path}: {response.status} {text}")
            return await response.json()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def _child(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "not started"  # noqa: S101
        return self._process

    def _prepare_folder(self) -> None:
        """Write what it must find there, and leave what it wrote itself."""
        storage = self.folder / ".storage"
        storage.mkdir(parents=True, exist_ok=True)
        (self.folder / "configuration.yaml").write_text(_CONFIGURATION.format(url=self.url))
        (storage / "http").write_text(json.dumps(_http_settings(self.port)))
        if not (storage / "onboarding").exists():
            (storage / "onboarding").write_text(json.dumps(_ONBOARDING))
        # The proxy looks for an ffmpeg as it does anywhere else.
        ffmpeg = self.folder / "bin" / "ffmpeg"
        ffmpeg.parent.mkdir(exist_ok=True)
        ffmpeg.unlink(missing_ok=True)
        ffmpeg.symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
        link = self.folder / "custom_components"
        if not link.is_symlink():
            link.symlink_to(_ROOT / "custom_components", target_is_directory=True)

    async def _until_running(self) -> None:
        """Wait for answers, log in, and wait for the end of the start."""
        async with aiohttp.ClientSession(self.url) as anybody:
            await self._until(partial(_answers, anybody))
            self.tokens = await self._log_in(anybody)
        bearer = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        self._session = aiohttp.ClientSession(self.url, headers=bearer)
        await self._until(self._is_running)

    async def _until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        while not await condition():
            if self._child.returncode is not None:
                raise self._error(f"ended with status {self._child.returncode}")
            await asyncio.sleep(_LOOK_INTERVAL)

    async def _is_running(self) -> bool:
        core = await self.request("GET", "/api/config")
        return bool(core["state"] == "RUNNING")

    async def _log_in(self, anybody: aiohttp.ClientSession) -> dict[str, Any]:
        """Return tokens of the user, who is made by the first login there is."""
        client = {"client_id": self.url + "/"}
        user = {"name": "Demo", "username": USERNAME, "password": PASSWORD, "language": "en"}
        async with anybody.post("/api/onboarding/users", json=client | user) as response:
            is_new = response.status == HTTPStatus.OK
            code = (await response.json())["auth_code"] if is_new else None
        if code is None:
            begin = {"handler": ["homeassistant", None], "redirect_uri": self.url + "/"}
            async with anybody.post("/auth/login_flow", json=client | begin) as response:
                path = f"/auth/login_flow/{(await response.json())['flow_id']}"
            login = {"username": USERNAME, "password": PASSWORD}
            async with anybody.post(path, json=client | login) as response:
                code = (await response.json())["result"]
        grant = {"grant_type": "authorization_code", "code": code}
        async with anybody.post("/auth/token", data=client | grant) as response:
            tokens: dict[str, Any] = await response.json()
        return tokens

    def _error(self, what: str) -> HomeError:
        """Return an error that ends with what the log ends with."""
        lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return HomeError("\n".join([f"Home Assistant: {what}", f"{self.log} ends with:", *lines]))


def _http_settings(port: int) -> dict[str, Any]:
    """Return what `.storage/http` holds; a port in the YAML would only be on trial."""
    return {
        "version": 2,
        "minor_version": 2,
        "key": "http",
        "data": {
            "stable": {
                "server_host": [_HOST],
                "server_port": port,
                "cors_allowed_origins": ["https://cast.home-assistant.io"],
                "login_attempts_threshold": -1,
                "ip_ban_enabled": True,
                "ssl_profile": "modern",
                "use_x_frame_options": True,
                "created_at": "2026-01-01T00:00:00+00:00",
                "error": None,
                "error_message": None,
            },
            "pending": None,
            "yaml_migration_done": True,
        },
    }


async def _answers(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/manifest.json") as response:
            return response.status == HTTPStatus.OK
    except aiohttp.ClientError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: what was closed a moment ago does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def main(arguments: Sequence[str] | None = None) -> None:
    """Run an engine and a Home Assistant until interrupted."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8123, help="port of Home Assistant")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs set up")
    options = parser.parse_args(arguments)
    if not _is_free(options.port):
        raise SystemExit(f"Port {options.port} is taken; choose another with --port.")
    if options.fresh:
        shutil.rmtree(_FOLDER, ignore_errors=True)
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
        async with EmulatedEngine(port=6878 if _is_free(6878) else 0) as engine:
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
        sys.executable, *arguments, cwd=_ROOT, start_new_session=True
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
        await home.set_up(engine.url, CHANNELS)
        print(
            f"\nReady after {time.monotonic() - began:.1f} s\n\n"
            f"    {home.url}/media-browser/browser\n\n"
            f"    Log in as {USERNAME}, password {PASSWORD}; open AceStream Proxy,"
            " press a channel.\n\n"
            f"    Engine  {engine.url} (emulated)\n"
            f"    Log     {home.log}\n\n"
            "Ctrl-C ends it.",
            flush=True,
        )
        if not await home.wait():
            return
        began = time.monotonic()
        await home.start()


if __name__ == "__main__":
    main()
