"""A Supervisor, as far as it tells of apps, over HTTP as the real one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN: Final = "the-supervisor-s-token"

_NOTHING: Final = {
    "advanced": False, "apparmor": "default", "arch": ["amd64"], "audio": False,
    "audio_input": None, "audio_output": None, "auth_api": False, "auto_update": False,
    "available": True, "boot": "auto", "boot_config": "auto", "build": False, "changelog": False,
    "description": "", "detached": False, "devices": [], "devicetree": False, "discovery": [],
    "dns": [], "docker_api": False, "documentation": False, "full_access": False, "gpio": False,
    "hassio_api": False, "hassio_role": "default", "homeassistant": None,
    "homeassistant_api": False, "host_dbus": False, "host_ipc": False, "host_network": False,
    "host_pid": False, "host_uts": False, "hostname": "", "icon": False, "ingress": False,
    "ingress_entry": None, "ingress_panel": None, "ingress_port": None, "ingress_url": None,
    "ip_address": "172.30.33.1", "kernel_modules": False, "logo": False, "long_description": None,
    "machine": [], "network": None, "network_description": None, "options": {}, "privileged": [],
    "protected": True, "rating": 6, "repository": "a1b2c3d4", "schema": None, "services": [],
    "signed": False, "stage": "stable", "startup": "services", "state": "started", "stdin": False,
    "system_managed": False, "system_managed_config_entry": None, "translations": {},
    "uart": False, "udev": False, "update_available": False, "url": None, "usb": False,
    "version": "1.0.0", "version_latest": "1.0.0", "video": False, "watchdog": False,
    "webui": None,
}  # fmt: skip
"""What it says of an app that needs nothing."""


@dataclass(slots=True)
class EmulatedSupervisor:
    """Knows apps, and what they say of themselves."""

    host: str = ""
    """Where it listens: host and port."""

    apps: dict[str, str] = field(default_factory=dict)
    """Names of the apps that are installed, by slug."""

    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What they say, by UUID."""

    def tell(self, slug: str, config: dict[str, Any]) -> str:
        """Have an app say something; return the UUID, which stays until the app goes."""
        uuid = next((key for key, one in self.messages.items() if one["addon"] == slug), None)
        uuid = uuid or uuid4().hex
        self.messages[uuid] = {
            "addon": slug, "service": "acestream_proxy", "uuid": uuid, "config": config
        }  # fmt: skip
        return uuid

    async def handle(self, request: web.Request) -> web.Response:
        """Answer about apps and what they say; it has nothing else to offer."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise web.HTTPUnauthorized
        match request.path.split("/"):
            case ["", "discovery"]:
                found: Any = {"discovery": list(self.messages.values()), "services": {}}
            case ["", "discovery", uuid]:
                found = self.messages.get(uuid)
            case ["", "addons", slug, "info"] if slug in self.apps:
                found = {**_NOTHING, "slug": slug, "name": self.apps[slug]}
            case _:
                found = None
        if found is None:
            error = {"result": "error", "message": "There is no such thing"}
            return web.json_response(error, status=404)
        return web.json_response({"result": "ok", "data": found})


@asynccontextmanager
async def supervisor() -> AsyncIterator[EmulatedSupervisor]:
    """Run one."""
    emulated = EmulatedSupervisor()
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", emulated.handle)
    async with TestServer(app) as server:
        emulated.host = f"{server.host}:{server.port}"
        yield emulated
