"""A proxy as the known Python proxies are: 8 KiB reads, written to each viewer in turn.

It is started as a command of its own: `python -m benchmarks.baseline PORT ENGINE_PORT
TIMEOUT`. With a timeout, in seconds, each write is inside `wait_for`.
"""

import asyncio
import sys
from typing import Final

from aiohttp import ClientSession, ClientTimeout, web

_READ_SIZE: Final = 8 * 1024


class Stream:
    """One upstream and those who watch it."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self.viewers: set[web.StreamResponse] = set()

    async def relay(self, session: ClientSession, url: str) -> None:
        """Read and write until the upstream ends."""
        timeout = ClientTimeout(total=None)
        async with session.get(url, timeout=timeout) as upstream:
            async for piece in upstream.content.iter_chunked(_READ_SIZE):
                for viewer in list(self.viewers):
                    try:
                        if self._timeout:
                            await asyncio.wait_for(viewer.write(piece), self._timeout)
                        else:
                            await viewer.write(piece)
                    except ConnectionError, TimeoutError:
                        self.viewers.discard(viewer)


async def serve(port: int, engine_port: int, timeout: float) -> None:
    """Serve until the process ends."""
    streams: dict[str, Stream] = {}
    tasks: set[asyncio.Task[None]] = set()

    async with ClientSession() as session:

        async def getstream(request: web.Request) -> web.StreamResponse:
            content = request.query["id"]
            response = web.StreamResponse(headers={"Content-Type": "video/mp2t"})
            await response.prepare(request)
            if content not in streams:
                streams[content] = Stream(timeout)
                url = f"http://127.0.0.1:{engine_port}/content/{content}"
                tasks.add(asyncio.create_task(streams[content].relay(session, url)))
            streams[content].viewers.add(response)
            try:
                await asyncio.Event().wait()
            finally:
                streams[content].viewers.discard(response)
            return response

        app = web.Application()
        app.router.add_get("/ace/getstream", getstream)
        runner = web.AppRunner(app, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
