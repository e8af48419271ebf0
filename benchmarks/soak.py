"""The soak test: an evening with a proxy of its own, and a verdict.

    this process                              its child
    two emulated engines, viewers ──HTTP──▶  the proxy, as its command runs it

What happens in the evening is in `evening`. The proxy is a process apart, so that what it holds is
its own: it serves its figures beside the streams, and ends when its standard input does.

Waits are those that users have. It ends with a verdict, and with a status other than 0 if anybody
lost a stream without having left, got something that is not whole packets, was refused while all
was well, or if anything is left of it in the end.

scripts/soak [--minutes 60] [--viewers 60] [--seed N]
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
import json
import os
from pathlib import Path
import random
import sys
from typing import Final

from aiohttp import ClientSession, web

from custom_components.acestream_proxy.proxy import Proxy
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.lineup import Lineup
from demo import EmulatedEngine, Faults, SyntheticMedia

from .evening import Evening, Findings, say

_BITRATE: Final = 1_000_000


def _of_this_process() -> dict[str, int]:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
    }


async def serve(engines: Sequence[str]) -> None:
    """Be the proxy: print where it serves, and do so until there is nobody to read that."""
    async with ClientSession() as session:
        proxy = Proxy(session)
        for url in engines:
            await proxy.engines.add(url, url).check()

        async def figures(_: web.Request) -> web.Response:
            counts = {
                "tasks": len(asyncio.all_tasks()),
                "streams": len(proxy.stats().streams),
            }
            return web.json_response(counts | _of_this_process())

        app = make_app(proxy, Lineup(session, Path("nowhere")))  # nothing is kept
        app.router.add_get("/soak", figures)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=2, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print("http://127.0.0.1:%d" % runner.addresses[0][1], flush=True)  # noqa: T201, UP031
        await asyncio.to_thread(sys.stdin.read)
        await runner.cleanup()


async def soak(minutes: float, viewers: int, seed: int) -> Findings:
    """Spend an evening; return what was found."""
    async with AsyncExitStack() as stack:
        media = SyntheticMedia(bitrate=_BITRATE, keyframe_interval=1.0)
        engines = [
            await stack.enter_async_context(EmulatedEngine(media=media, faults=Faults()))
            for _ in range(2)
        ]
        proxy = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.soak",
            "--serve",
            *(engine.url for engine in engines),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert proxy.stdout is not None  # noqa: S101 - as asked for
        assert proxy.stdin is not None  # noqa: S101 - as asked for
        url = (await proxy.stdout.readline()).decode().strip()
        evening = Evening(engines, url, viewers, seed)
        try:
            await evening.run(minutes * 60)
        finally:
            proxy.stdin.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(15):
                    await proxy.wait()
            if proxy.returncode is None:
                proxy.kill()
            if proxy.returncode:
                evening.findings.blame(f"the proxy ended with {proxy.returncode}")
        counts = evening.findings.counts
        counts["megabytes seen"] //= 1_000_000
        counts["sessions started"] = sum(engine.starts for engine in engines)
        ends = Counter(str(one.stopped_by) for engine in engines for one in engine.sessions)
        counts.update({f"sessions ended by {reason}": count for reason, count in ends.items()})
    return evening.findings


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--viewers", type=int, default=60, help="how many at once")
    parser.add_argument("--seed", type=int, help="the same troubles as in another run")
    parser.add_argument("--serve", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        asyncio.run(serve(options.serve))
        return
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    say(f"seed {seed}")
    findings = asyncio.run(soak(options.minutes, options.viewers, seed))
    print(json.dumps(dict(sorted(findings.counts.items())), indent=2))  # noqa: T201
    verdict = f"{len(findings.wrong)} things went wrong" if findings.wrong else "all went well"
    print("\n".join([*findings.wrong, f"Seed {seed}: {verdict}."]))  # noqa: T201
    sys.exit(bool(findings.wrong))


if __name__ == "__main__":
    main()
