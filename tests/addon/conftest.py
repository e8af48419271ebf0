"""The app in a folder of its own, with free ports."""

from collections.abc import AsyncIterator
from dataclasses import replace
import os
from pathlib import Path
import shlex
import socket
import sys

from aiohttp import ClientSession
import pytest

from acestream_app.place import Place
from tests.proxy.alone import REPOSITORY, copy_alone


@pytest.fixture(autouse=True)
def real_sockets(socket_enabled: None) -> None:
    """Programs talk to each other over real ones."""


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A root file system with an engine in it."""
    place = replace(
        Place.below(tmp_path / "root"),
        host="127.0.0.1",
        port=free_port(),
        engine_port=free_port(),
        supervisor=f"http://127.0.0.1:{free_port()}",
    )
    place.engine.parent.mkdir(parents=True)
    python, repository = shlex.quote(sys.executable), shlex.quote(str(REPOSITORY))
    place.engine.write_text(
        f'#!/bin/sh\ncd {repository} && exec {python} -m tests.addon.emulated "$@"\n'
    )
    place.engine.chmod(0o755)
    return place


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What the app finds around it; the proxy is installed in the Python that runs it."""
    return {**os.environ, "PYTHONPATH": str(copy_alone(tmp_path / "site-packages"))}


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """A client."""
    async with ClientSession() as session:
        yield session
