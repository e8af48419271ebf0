"""HAProxy with the configuration that `docs/` has, on this machine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
import re
import shutil
from typing import Final

from .programs import REPOSITORY, TARGET_CORE, Process, free_port, wait_for_port

CONFIGURATION: Final = REPOSITORY / "docs/haproxy.cfg"

HAPROXY: Final = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin") or ""
"""Where it is, or nothing; Debian has it where only root looks."""

SERVERS: Final = ("one", "two", "three")
"""The proxies, as the configuration calls them."""

# What only the system's own HAProxy may do.
_SYSTEM: Final = (
    "    log /dev/log local0\n",
    "    chroot /var/lib/haproxy\n",
    "    user haproxy\n",
    "    group haproxy\n",
)

type Changes = Sequence[tuple[str, str]]
"""Texts that are there, and what is to be there instead."""


def configuration(
    ports: Mapping[str, int], *, port: int, command_port: int, changes: Changes = ()
) -> str:
    """Return the documented configuration, for the proxies that listen on some ports here."""
    text = CONFIGURATION.read_text()
    commands = ("/run/haproxy/admin.sock mode 660", f"ipv4@127.0.0.1:{command_port}")
    address = ("bind :8080", f"bind 127.0.0.1:{port}")
    # As many descriptors as anybody may have.
    connections = ("maxconn 20000", "maxconn 4000")
    gone = [(line, "") for line in _SYSTEM]
    for old, new in (*gone, commands, address, connections, *changes):
        text = _changed(text, re.escape(old), new.replace("\\", r"\\"))
    for name, there in ports.items():
        server = rf"(?m)^( +server {name}) .*$"
        text = _changed(text, server, rf"\1 127.0.0.1:{there}")
    # The others are elsewhere.
    return re.sub(r"(?m)^ +server \w+ +192\..*\n", "", text)


@contextmanager
def haproxy(folder: Path, ports: Mapping[str, int]) -> Iterator[tuple[Process, int]]:
    """Run HAProxy in front of proxies; yield it, and the port that it serves on."""
    port = free_port()
    path = folder / "haproxy.cfg"
    path.write_text(configuration(ports, port=port, command_port=free_port()))
    command: list[str | Path] = [HAPROXY, "-db", "-f", path]
    with Process(command, core=TARGET_CORE, log=folder / "haproxy.log") as process:
        wait_for_port(port)
        yield process, port


def _changed(text: str, pattern: str, new: str) -> str:
    text, found = re.subn(pattern, new, text)
    if not found:
        raise ValueError(f"{pattern} is not in the configuration")
    return text
