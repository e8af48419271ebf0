"""One channel that everybody watches: several proxies read it from the one that plays it."""

from pathlib import Path

from aiohttp import ClientSession
import pytest

from benchmarks.haproxy import CONFIGURATION, HAPROXY, SERVERS, Changes
from benchmarks.programs import free_port

from ..proxy.alone import copy_alone
from ..proxy.waiting import until
from .balancer import balancing
from .fleet import CHANNELS, Fleet, ports_of, started, three_engines
from .viewer import watching

pytestmark = pytest.mark.skipif(not HAPROXY, reason="needs HAProxy")

EDGES = ("four", "five")
POPULAR, OTHER = CHANNELS[:2]


def switched_on(port: int, popular: Path) -> Changes:
    """Return what switches on the part of the configuration that is for popular channels."""
    text = CONFIGURATION.read_text()
    edges = text[text.index("# backend edges") :]
    return (
        ("    # bind :8081", f"    bind 127.0.0.1:{port}"),
        ("    # use_backend", "    use_backend"),
        ("/etc/haproxy/popular.lst", str(popular)),
        (edges, edges.replace("# ", "")),
    )


async def test_popular_channel_has_one_session_and_many_proxies(
    tmp_path: Path, session: ClientSession
) -> None:
    """Its viewers are shared out; other channels are where they would be."""
    folder = copy_alone(tmp_path)
    popular = tmp_path / "popular.lst"
    popular.write_text(f"{POPULAR.content_id}\n")
    inside = free_port()
    async with (
        three_engines() as engines,
        started(folder, {name: one.url for name, one in engines.items()}) as members,
        started(folder, dict.fromkeys(EDGES, f"http://127.0.0.1:{inside}")) as edges,
        balancing(
            folder, ports_of(members | edges), changes=switched_on(inside, popular)
        ) as balancer,
    ):
        await balancer.until_seen(**dict.fromkeys((*SERVERS, *EDGES), "UP"))
        fleet = Fleet(engines, members, balancer)
        urls = [fleet.url(channel) for channel in (POPULAR, OTHER) for _ in range(4)]
        async with watching(session, *urls) as viewers:
            await fleet.until_all_watch(viewers)
            assert fleet.sessions == {POPULAR.name: 1, OTHER.name: 1}
            for edge in edges.values():
                async with session.get(f"http://127.0.0.1:{edge.port}/ace/status") as response:
                    assert (await response.json())["clients"] == 2
            assert [one.refusals for one in viewers if one.refusals] == []
        await until(lambda: not fleet.sessions)
