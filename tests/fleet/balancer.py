"""HAProxy, as a process of its own, with the configuration that `docs/` has."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from benchmarks.haproxy import HAPROXY, Changes, configuration
from benchmarks.programs import free_port

from ..proxy.waiting import PATIENCE

# What a test is not to wait for.
_CHANGES: Final = (("expire 10s", "expire 1s"), ("inter 1s", "inter 100ms"))


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
        lines = (await self.ask("show stat -1 4 -1")).splitlines()
        names = lines[0].removeprefix("# ").split(",")
        rows = [dict(zip(names, line.split(","), strict=False)) for line in lines[1:] if line]
        return {row["svname"]: row["status"].split(" ")[0] for row in rows}

    async def until_seen(self, **states: str) -> None:
        """Return once HAProxy thinks so of some proxies."""

        async def are_seen() -> bool:
            return states.items() <= (await self.states()).items()

        await _until(are_seen)

    async def until_forgotten(self) -> None:
        """Return once HAProxy has forgotten what was watched where."""

        async def is_forgotten() -> bool:
            return ", used:0" in await self.ask("show table proxies")

        await _until(is_forgotten)


@asynccontextmanager
async def balancing(
    folder: Path, ports: Mapping[str, int], *, changes: Changes = ()
) -> AsyncIterator[Balancer]:
    """Run HAProxy in front of proxies; inside, it serves."""
    port, command_port = free_port(), free_port()
    path = folder / "haproxy.cfg"
    path.write_text(
        configuration(ports, port=port, command_port=command_port, changes=(*changes, *_CHANGES))
    )
    process = await asyncio.create_subprocess_exec(HAPROXY, "-db", "-f", path, stderr=PIPE)
    balancer = Balancer(port, command_port)
    try:
        await _until_it_answers(process, balancer)
        yield balancer
    finally:
        process.kill()
        await process.communicate()


async def _until_it_answers(process: Process, balancer: Balancer) -> None:
    async def answers() -> bool:
        assert process.returncode is None, await process.communicate()
        with suppress(OSError):
            return bool(await balancer.ask("show info"))
        return False

    await _until(answers)


async def _until(fact: Callable[[], Awaitable[bool]]) -> None:
    """Return once a fact holds that has to be asked for."""
    async with asyncio.timeout(PATIENCE):
        while not await fact():  # noqa: ASYNC110 - facts have no event to wait for
            await asyncio.sleep(0.05)
