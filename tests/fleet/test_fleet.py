"""A fleet: one session for each channel in all of it, whoever comes, goes and is restarted."""

from collections import Counter
from pathlib import Path
import signal

from aiohttp import ClientSession
import pytest

from benchmarks.haproxy import HAPROXY, SERVERS

from ..proxy.alone import copy_alone
from ..proxy.streams import starts_decodable
from ..proxy.waiting import until
from .fleet import CHANNELS, Fleet, fleet_of_three
from .viewer import Viewer, watching

pytestmark = pytest.mark.skipif(not HAPROXY, reason="needs HAProxy")

SECRET = "sixteen-or-more_16"


def sixty(fleet: Fleet) -> list[str]:
    """Return what two viewers of each channel ask for."""
    return [fleet.url(channel) for channel in CHANNELS for _ in range(2)]


def decodable(viewer: Viewer) -> bool:
    """Return whether all that a viewer was ever sent could be decoded from its first byte on."""
    return all(starts_decodable(bytes(stream[: 3 * 188])) for stream in viewer.streams)


async def test_every_channel_has_one_session_in_the_fleet(
    fleet: Fleet, session: ClientSession
) -> None:
    """Two viewers of each of thirty come at once; every proxy has some of the channels."""
    async with watching(session, *sixty(fleet)) as viewers:
        await fleet.until_all_watch(viewers)
        assert fleet.sessions == Counter(channel.name for channel in CHANNELS)
        assert fleet.starts == len(CHANNELS)
        assert set(fleet.places.values()) == set(SERVERS)
        assert all(map(decodable, viewers))
    await until(lambda: not fleet.sessions)


async def test_viewers_channel_has_one_session_in_the_fleet(
    tmp_path: Path, session: ClientSession
) -> None:
    """All proxies give out the same list; who logs in watches the same session as who does not."""
    folder = copy_alone(tmp_path)
    (folder / "proxy.yaml").write_text(f"""
        channels: [{{name: One, content: {CHANNELS[0].content_id}}}]
        viewers: [{{name: Kids, secret: {SECRET}, password: password}}]
    """)
    async with fleet_of_three(folder) as fleet:
        lists = set()
        for _ in SERVERS:
            async with session.get(f"{fleet.balancer.address}/{SECRET}/playlist.m3u") as response:
                lists.add(await response.text())
        (text,) = lists
        url = text.splitlines()[-1]
        login = url.replace(f"/{SECRET}/live/", "/live/kids/password/")
        async with watching(session, url, login, url, login) as viewers:
            await fleet.until_all_watch(viewers)
            assert fleet.starts == 1


async def test_killed_proxy_moves_its_channels_alone(fleet: Fleet, session: ClientSession) -> None:
    """Its viewers reconnect once, to pictures; nobody else notices.

    Back again, it takes none of those that are watched, and gets its own back when they are not.
    """
    async with watching(session, *sixty(fleet)) as viewers:
        await fleet.until_all_watch(viewers)
        before = fleet.places
        killed = fleet.members["two"]
        moved = [one for one in CHANNELS if before[one.name] == "two"]
        urls = [fleet.url(channel) for channel in moved]
        await killed.end(signal.SIGKILL)
        await until(lambda: all(len(one.streams) == 2 for one in viewers if one.url in urls))
        await until(lambda: not fleet.engines["two"].open_sessions)
        await fleet.until_all_watch(viewers)

        after = fleet.places
        assert {name for name in after if after[name] != before[name]} == {
            channel.name for channel in moved
        }
        assert [len(one.streams) for one in viewers] == [1 + (one.url in urls) for one in viewers]
        assert all(map(decodable, viewers))
        assert [one.refusals for one in viewers if one.refusals] == []

        await killed.start()
        await fleet.balancer.until_seen(two="UP")
        async with watching(session, *urls) as newcomers:
            await fleet.until_all_watch(newcomers)
            assert fleet.places == after
            assert fleet.sessions == Counter(channel.name for channel in CHANNELS)
    await until(lambda: not fleet.sessions)
    await fleet.balancer.until_forgotten()
    async with watching(session, *urls) as viewers:
        await fleet.until_all_watch(viewers)
        assert set(fleet.places.values()) == {"two"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("show info", "show info", id="by itself"),
        pytest.param(
            "set server proxies/{} state maint",
            "set server proxies/{} state ready",
            id="as documented",
        ),
    ],
)
async def test_rolling_restart_costs_reconnects_alone(
    fleet: Fleet, session: ClientSession, before: str, after: str
) -> None:
    """Nobody is ever refused, and nobody reconnects more often than their proxy is restarted."""
    async with watching(session, *sixty(fleet)) as viewers:
        await fleet.until_all_watch(viewers)
        expected = Counter({viewer.url: 1 for viewer in viewers})
        for name, member in fleet.members.items():
            there = [one for one in CHANNELS if fleet.places[one.name] == name]
            expected.update(map(fleet.url, there))
            await fleet.balancer.ask(before.format(name))
            await member.end(signal.SIGTERM)
            await until(lambda: all(len(one.streams) == expected[one.url] for one in viewers))
            await fleet.until_all_watch(viewers)
            await member.start()
            await fleet.balancer.ask(after.format(name))
            await fleet.balancer.until_seen(**{name: "UP"})

        assert fleet.sessions == Counter(channel.name for channel in CHANNELS)
        assert [one.refusals for one in viewers if one.refusals] == []
        assert [len(one.streams) for one in viewers] == [expected[one.url] for one in viewers]
        assert all(map(decodable, viewers))


async def test_proxy_whose_engine_is_gone_is_taken_out(
    fleet: Fleet, session: ClientSession
) -> None:
    """And the channels that it would play are played elsewhere."""
    async with watching(session, *map(fleet.url, CHANNELS)) as viewers:
        await fleet.until_all_watch(viewers)
        before = fleet.places
    await fleet.engines["one"].stop()
    await fleet.balancer.until_seen(one="DOWN", two="UP", three="UP")
    orphans = [fleet.url(one) for one in CHANNELS if before[one.name] == "one"]
    async with watching(session, *orphans) as viewers:
        await fleet.until_all_watch(viewers)
        assert "one" not in fleet.places.values()
        assert [one.refusals for one in viewers if one.refusals] == []
