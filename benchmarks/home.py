"""Home Assistant as a target: started by the demo, with the copy of the proxy that is measured."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.forms import Forms
from demo.home import Home

from .programs import TARGET_CORE, claim


@dataclass(frozen=True, slots=True)
class StartedHome:
    """A Home Assistant with the proxy set up."""

    pid: int
    port: int
    token: str


@contextmanager
def home(folder: Path, engine_url: str) -> Iterator[StartedHome]:
    """Run Home Assistant while inside; the folder is kept, so the next start is quicker."""
    own = folder / "home"
    own.mkdir(exist_ok=True)
    link = own / "custom_components"
    if not link.is_symlink():
        link.symlink_to(folder / "custom_components", target_is_directory=True)
    with asyncio.Runner() as runner:
        running = Home(own)
        runner.run(running.start())
        try:
            runner.run(Forms(running).set_up(engine_url, []))
            _pin(running.pid)
            yield StartedHome(running.pid, running.port, running.tokens["access_token"])
        finally:
            runner.run(running.stop())


def _pin(pid: int) -> None:
    """Move all threads to the target's core; those that come later follow."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        claim(int(thread.name), TARGET_CORE)
