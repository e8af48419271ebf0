"""What Prometheus reads, of real streams."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
import re

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse
import pytest

from custom_components.acestream_proxy.proxy import Proxy, ProxyOptions
from custom_components.acestream_proxy.proxy.audience import DropReason, Limits
from custom_components.acestream_proxy.proxy.broadcast import BroadcastOptions, StreamState
from custom_components.acestream_proxy.proxy.engine import SessionOptions
from custom_components.acestream_proxy.proxy.events import EventKind
from custom_components.acestream_proxy.proxy.hls import HlsOptions
from demo import EmulatedEngine

from ..alone import REPOSITORY
from ..engine.scripted import answer, scripted
from ..players import address, connected, playing, stuck
from ..streams import DEAD, INTERVAL, LIVE, OTHER
from ..waiting import until

OPEN = "application/openmetrics-text; version=1.0.0"


@pytest.fixture
def options() -> ProxyOptions:
    """Nobody waits for long, and figures are looked at often."""
    return ProxyOptions(
        linger=0.05,
        may_return=0.05,
        limits=Limits(viewers=4),
        broadcast=BroadcastOptions(start_timeout=0.2),
        session=SessionOptions(status_interval=0.02),
        hls=HlsOptions(target_duration=INTERVAL, idle_timeout=0.5),
    )


@dataclass
class Reader:
    """Prometheus."""

    session: ClientSession
    server: TestServer

    async def families(self, accept: str = "") -> list[Metric]:
        """Return all that there is to read."""
        headers = {"Accept": accept}
        async with self.session.get(self.server.make_url("/metrics"), headers=headers) as response:
            assert response.status == 200
            self.content_type = response.headers["Content-Type"]
            return list((parse_open if accept else parse)(await response.text()))

    async def read(self) -> dict[str, float]:
        """Return ours: each value by its name and labels; those of engines without an address."""
        return {
            sample.name.removeprefix("acestream_proxy_")
            + "".join(
                f" {one}" for one in sample.labels.values() if "http" not in one
            ): sample.value
            for family in await self.families()
            for sample in family.samples
        }


@pytest.fixture
def reader(session: ClientSession, server: TestServer) -> Reader:
    """Return somebody who reads."""
    return Reader(session, server)


async def test_metrics_follow_streams(
    reader: Reader, server: TestServer, proxy: Proxy, session: ClientSession
) -> None:
    """While they run, and after they have ended."""
    kinds: list[EventKind] = []
    proxy.on_event(lambda event: kinds.append(event.kind))
    async with playing(server) as player, playing(server):
        await player.watch(50_000)
        manifest = server.make_url(f"/ace/manifest.m3u8?id={OTHER.content_id}")
        async with session.get(manifest) as response:
            assert response.status == 200
        await until(lambda: proxy.stats().streams[0].session.peers)
        values = await reader.read()
    expected = {
        "ready": 1,
        "streams streaming": 2,
        "streams failed": 0,
        "viewers ts": 2,
        "viewers hls": 1,
        "lagging_viewers": 0,
        "lag_bytes": 0,
        "streams_started_total": 2,
        "stream_start_seconds_count": 2,
        "viewers_joined_total": 3,
        "join_seconds_count ts": 2,
        "join_seconds_count hls": 1,
        "engine_up": 1,
        "engine_failing": 0,
        "engine_sessions": 2,
        "engine_sessions_started_total": 2,
        "engine_sessions_stopped_total": 0,
        "engine_info linux 3.2.11": 1,
    }
    assert {name: values[name] for name in expected} == expected
    assert values["engine_peers"] > 0
    assert values["engine_download_bytes_per_second"] > 0

    await until(lambda: kinds.count(EventKind.ENDED) == 2)
    await until(lambda: kinds.count(EventKind.VIEWER_LEFT) == 3)
    await until(lambda: proxy.stats().engines[0].closed == 2)
    values = await reader.read()
    expected = {
        "streams streaming": 0,
        "streams_ended_total stopped": 2,
        "streams_ended_total failed": 0,
        "viewers ts": 0,
        "viewers_left_total": 3,
        "engine_sessions_stopped_total": 2,
        "engine_sessions_failed_total": 0,
    }
    assert {name: values[name] for name in expected} == expected
    assert values["received_bytes_total"] > 50_000
    assert values["sent_bytes_total"] > 100_000


async def test_failures_are_counted(
    reader: Reader, server: TestServer, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """A stream that brings nothing, an engine that is gone, and viewers who are too many."""
    async with connected(server) as player:
        player.send(address(DEAD))
        assert await player.head() == 504
    async with AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(playing(server))
        async with connected(server) as player:
            player.send(address())
            assert await player.head() == 503
        values = await reader.read()
    expected = {
        "streams failed": 1,
        "streams_ended_total failed": 1,
        "engine_sessions_failed_total": 1,
        "refused_total": 1,
    }
    assert {name: values[name] for name in expected} == expected


async def test_breaks_are_counted(
    reader: Reader, server: TestServer, proxy: Proxy, engine: EmulatedEngine, quick_retry: None
) -> None:
    """Each once, with how long it lasted."""
    async with playing(server) as player:
        await player.watch(50_000)
        engine.cut_readers()
        await until(lambda: engine.starts == 2)
        await until(lambda: proxy.stats().streams[0].broadcast.state is StreamState.STREAMING)
        await player.watch(1000)
        values = await reader.read()
    expected = {
        "stream_reconnections_total": 1,
        "stream_recoveries_total same": 1,
        "stream_recoveries_total another": 0,
        "stream_interruption_seconds_count": 1,
    }
    assert {name: values[name] for name in expected} == expected


async def test_laggards_are_seen(reader: Reader, server: TestServer, proxy: Proxy) -> None:
    """How many they are, and how far the slowest is behind; in the end they are closed."""
    proxy.drop_after = 0.3
    async with stuck(server), playing(server) as player:
        await until(lambda: any(seat.lag() for seat in proxy.audience))
        values = await reader.read()
        await until(lambda: proxy.audience.drops)
        dropped = await reader.read()
        await player.watch(1000)
    assert values["lagging_viewers"] == 1
    assert values["lag_bytes"] > 0
    assert dropped["viewer_drops_total took_nothing"] == 1
    assert dropped["viewer_drops_total not_allowed"] == 0
    assert proxy.audience.drops == {DropReason.TOOK_NOTHING: 1}


async def test_engine_that_never_answered_is_down(reader: Reader, proxy: Proxy) -> None:
    """And is said to be nothing."""
    proxy.engines.add("one", "http://127.0.0.1:1")
    values = await reader.read()
    assert (values["ready"], values["engine_up"]) == (0, 0)
    assert [name for name in values if name.startswith("engine_info")] == []


async def test_form_is_the_one_that_is_asked_for(reader: Reader) -> None:
    """Prometheus' own, or OpenMetrics; both can be read, and hold the same."""
    names = {family.name for family in await reader.families()}
    assert reader.content_type.startswith("text/plain")
    open_names = {family.name for family in await reader.families(OPEN)}
    assert reader.content_type.startswith("application/openmetrics-text")
    assert names - open_names == {f"{name}_info" for name in open_names - names}
    assert {"process_resident_memory_bytes", "python_info", "python_gc_collections"} <= names


async def test_what_is_not_an_engine_fills_nothing(reader: Reader, proxy: Proxy) -> None:
    """Its version may be as long as it likes, and no text at all."""
    version = {"version": "\ud800\n" + "9" * 5000, "platform": "\0"}
    async with scripted(answer({"result": version})) as engine:
        proxy.engines.add("one", engine.url)
        families = await reader.families()
    (info,) = (one for one in families if one.name == "acestream_proxy_engine_info")
    labels = info.samples[0].labels
    assert (labels["version"], labels["platform"]) == ("9" * 64, "")


async def test_no_channel_or_viewer_is_in_a_label(reader: Reader, server: TestServer) -> None:
    """Whatever is watched, there are as many series as before."""
    async with playing(server) as player:
        await player.watch(1000)
        labels = {
            (name, value)
            for family in await reader.families()
            for sample in family.samples
            for name, value in sample.labels.items()
        }
    assert {name for name, _ in labels} == {
        *("engine", "form", "generation", "how", "le", "platform", "reason", "state", "version"),
        *("implementation", "major", "minor", "patchlevel"),
    }
    assert LIVE.infohash not in str(labels)
    assert LIVE.content_id not in str(labels)


async def test_documents_have_every_metric(reader: Reader) -> None:
    """With its type and its labels, and none that there is not."""
    await reader.read()  # so that the engine has said what it is
    rows = re.findall(
        r"^\| `(acestream_proxy_\w+)` \| (\w+) \| (.*?) ?\|",
        (REPOSITORY / "docs" / "monitoring.md").read_text(),
        re.MULTILINE,
    )
    documented = {
        (name.removesuffix("_total"), kind, frozenset(re.findall(r"\w+", labels)))
        for name, kind, labels in rows
    }
    assert documented == {
        (
            family.name,
            family.type,
            frozenset(label for one in family.samples for label in one.labels) - {"le"},
        )
        for family in await reader.families()
        if family.name.startswith("acestream_proxy_")
    }
    assert len(rows) == len(documented)
