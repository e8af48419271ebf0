"""A real Home Assistant as a child process.

    start()    folder ──▶ `hass` ──▶ answering, RUNNING, somebody logged in
    stop()     SIGTERM ──▶ exited, and how long that took

The configuration folder is made ready before the first start: its port is settled, and so
is every step of onboarding but the user. What a start learnt stays in the folder, so the
next one finds its user and its channels there and has nothing to set up (`forms`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
import json
import os
from pathlib import Path
import socket
import sys
import time
from typing import Any, Final, Self

import aiohttp
import imageio_ffmpeg

USERNAME: Final = "demo"
PASSWORD: Final = "demo"  # noqa: S105 - printed for everyone to use

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / ".demo" / "home"
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
automation: !include automations.yaml
frontend:
history:
logbook:
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

    def __init__(self, folder: Path = FOLDER, *, port: int = 0) -> None:
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
            raise self.error(f"not running after {_START_TIMEOUT:.0f} s") from None
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
                raise self.error("did not stop") from None
        return time.monotonic() - begin

    async def wait(self) -> bool:
        """Wait until it ends by itself; return whether it wants to be started again."""
        status = await self._child.wait()
        if status not in (0, _RESTART):
            raise self.error(f"ended with status {status}")
        return status == _RESTART

    async def request(self, method: str, path: str, **arguments: Any) -> Any:
        """Send a request as the user, and return the JSON of the answer."""
        async with self.session.request(method, path, **arguments) as response:
            if not response.ok:
                text = await response.text()
                raise self.error(f"{method} {path}: {response.status} {text}")
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
        # What the editor of automations writes; the configuration refers to it before that.
        (self.folder / "automations.yaml").touch()
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
            link.symlink_to(ROOT / "custom_components", target_is_directory=True)

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
                raise self.error(f"ended with status {self._child.returncode}")
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

    def error(self, what: str) -> HomeError:
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


def is_free(port: int) -> bool:
    """Return whether nobody listens at a port of this machine."""
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
