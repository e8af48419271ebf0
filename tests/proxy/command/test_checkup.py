"""Asking engines for whoever wants to know."""

import asyncio

import pytest

from custom_components.acestream_proxy.proxy import Proxy
from custom_components.acestream_proxy.proxy.command import checkup as module
from custom_components.acestream_proxy.proxy.command.checkup import Checkup
from demo import EmulatedEngine


async def test_engines_are_asked_once_for_all_who_want_to_know(
    proxy: Proxy, engine: EmulatedEngine
) -> None:
    """Who comes a moment later gets the same answer."""
    checkup = Checkup(proxy.engines)
    await asyncio.gather(*(checkup.refresh() for _ in range(10)))
    await checkup.refresh()
    assert len(engine.requests) == 1
    assert proxy.stats().engines[0].reachable
    await checkup.stop()


async def test_engines_are_asked_again_when_the_answer_is_old(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """One that went away is known to have."""
    monkeypatch.setattr(module, "_GOOD_FOR", 0)
    checkup = Checkup(proxy.engines)
    await checkup.refresh()
    await engine.stop()
    await checkup.refresh()
    assert not proxy.stats().engines[0].reachable


async def test_nobody_waits_for_an_engine_that_hangs(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy, engine: EmulatedEngine
) -> None:
    """It is asked once all the same, and not any more when all is over."""
    monkeypatch.setattr(module, "_GOOD_FOR", 0)
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    engine.faults.hang = {"get_version"}
    checkup = Checkup(proxy.engines)
    before = asyncio.all_tasks()
    await checkup.refresh()
    await checkup.refresh()
    assert len(engine.requests) == 1
    assert len(asyncio.all_tasks() - before) > 0
    await checkup.stop()
    assert [one for one in asyncio.all_tasks() - before if one.get_name() == "checkup"] == []


async def test_nothing_is_there_to_stop_where_nobody_asked(proxy: Proxy) -> None:
    """As when the command ends at once."""
    await Checkup(proxy.engines).stop()
