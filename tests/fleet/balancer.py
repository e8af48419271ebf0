"""HAProxy, as a process of its own, with the configuration that `docs/` has."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
import re
import shutil
from typing import Final

from benchmarks.programs import free_port

DOCS: Final = Path(__file__).parents[2] / "docs"
HAPROXY: Final = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin") or ""
"""Where it is; Debian has it where only root looks."""

SERVERS: Final = ("one", "two", "three")
"""The proxies, as the configuration calls them."""

# What a test is not to wait for, and what only a system's own HAProxy may do.
_REPLACED: Final = (
    ("    log /dev/log local0\n", ""),
    ("    chroot /var/lib/haproxy\n", ""),
    ("    user haproxy\n", ""),
    ("    group haproxy\n", ""),
    ("maxconn 20000", "maxconn 1000"),
    ("expire 10s", "expire 1s"),
    ("inter 1s", "inter 100ms"),
    ("uri /ready", "uri /ace/status"),
)


class Balancer:
    """HAProxy while it runs."""

    def __init__(self, port: int, command_port: int) -> None:
        """Know where it listens, for players and for commands."""
        self.address = f"http://127.0.0.1:{port}"
        """Where players are."""
        self._command_port = command_port

    async def ask(self, command: str) -> str:
        """Return what it answers to a command."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._command_port)
        writer.write(f"{command}\n".encode())
        answer = await reader.read()
        writer.close()
        return answer.decode()

    async def states(self) -> dict[str, str]:
        """Return what it thinks of each proxy: `UP`, `DOWN` and so on."""
        lines = (await self.ask("show stat proxies 4 -1")).splitlines()
        names = lines[0].removeprefix("# ").split(",")
        rows = [dict(zip(names, line.split(","), strict=False)) for line in lines[1:] if line]
        return {row["svname"]: row["status"].split(" ")[0] for row in rows}


def configuration(ports: Mapping[str, int], *, port: int, command_port: int) -> str:
    """Return the documented configuration for the proxies that listen on some ports."""
    text = (DOCS / "haproxy.cfg").read_text()
    replaced = [*_REPLACED, ("bind :8080", f"bind 127.0.0.1:{port}")]
    replaced.append(("/run/haproxy/admin.sock mode 660", f"ipv4@127.0.0.1:{command_port}"))
    for old, new in replaced:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    for name, port in ports.items():
        text, found = re.subn(rf"(server {name} +)\S+", rf"\g<1>127.0.0.1:{port}", text)
        assert found == 1, name
    return text


@asynccontextmanager
async def balancing(folder: Path, ports: Mapping[str, int]) -> AsyncIterator[Balancer]:
    """Run HAProxy in front of proxies; inside, it serves."""
    port, command_port = free_port(), free_port()
    path = folder / "haproxy.cfg"
    path.write_text(configuration(ports, port=port, command_port=command_port))
    process = await asyncio.create_subprocess_exec(HAPROXY, "-db", "-f", path, stderr=PIPE)
    balancer = Balancer(port, command_port)
    try:
        await _until_it_answers(process, balancer)
        yield balancer
    finally:
        process.kill()
        await process.communicate()


async def _until_it_answers(process: Process, balancer: Balancer) -> None:
    while True:
        try:
            await balancer.ask("show info")
        except OSError:
            assert process.returncode is None, await process.communicate()
            await asyncio.sleep(0.01)
        else:
            return
