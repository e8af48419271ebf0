"""The demo's engine, as a program of its own: one channel with pictures, and sound as MP2.

What the source in C sends is stamped packets, which no ffmpeg decodes.
"""

import asyncio
from typing import Final

from demo import Channel, EmulatedEngine

CHANNEL: Final = Channel(
    number=90,
    name="Benchmark",
    group="Benchmark",
    audio="mp2",
    width=1280,
    height=720,
    bitrate=8_000_000,
)


async def serve() -> None:
    """Print the port, and serve until the process ends."""
    async with EmulatedEngine([CHANNEL]) as engine:
        print(engine.port, flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
