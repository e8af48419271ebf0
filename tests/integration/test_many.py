"""More favourites than anybody has, and more reloads: what they cost, and what they leave behind.

`pytest tests/integration/test_many.py -n 0 -s` prints the figures. The clock is only asked whether
something is badly wrong: how fast the machine is, is not for tests to say.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
import gc
from itertools import pairwise
import logging
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
import psutil
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy.const import CONF_CONTENT, CONF_KEEP_WARM, SubentryType
from custom_components.acestream_proxy.coordinator import StreamsCoordinator
from custom_components.acestream_proxy.proxy import Proxy, StreamState
from demo import EmulatedEngine
from tests.proxy.waiting import until

from .common import CONTENT_ONE, ONE_ID, play, state_of

MANY = 200
"""Favourites."""

RELOADS = 100

PATIENCE = 40.0
"""Seconds that anything here may take: many times what it does."""

BLOCKED = 1.0
"""Seconds for which the loop may be blocked at a time: likewise."""

OBJECTS = 750
"""Objects that a favourite may be. They are some 700: Home Assistant makes more than 40 of each of
its 15 entities, we two or three."""


def add_channels(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Have many favourites."""
    for number in range(MANY):
        content = f"{number:040x}"
        subentry = ConfigSubentry(
            data=MappingProxyType({CONF_NAME: f"Channel {number}", CONF_CONTENT: content}),
            subentry_id=f"many-{number}",
            subentry_type=SubentryType.CHANNEL,
            title=f"Channel {number}",
            unique_id=f"content_id-{content}",
        )
        hass.config_entries.async_add_subentry(entry, subentry)


@contextmanager
def measured(what: str) -> Iterator[None]:
    """See how long something takes, and for how long it blocks the loop at a time.

    That a full garbage collection is due meanwhile is nothing to judge it by: it goes through all
    that the process has, however little of it is ours.
    """
    loop = asyncio.get_running_loop()
    # Debug mode, which tests run in, makes each step of a task several times as long.
    loop.set_debug(False)
    looks = [loop.time()]
    collections = [0.0]

    async def look() -> None:
        while True:
            looks.append(loop.time())
            await asyncio.sleep(0)

    def collect(phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            collections.append(loop.time())
        else:
            collections[-1] = loop.time() - collections[-1]

    looking = loop.create_task(look())
    gc.callbacks.append(collect)
    yield
    gc.callbacks.remove(collect)
    looking.cancel()
    looks.append(loop.time())
    took = looks[-1] - looks[0]
    blocked = max(later - earlier for earlier, later in pairwise(looks))
    print(  # noqa: T201
        f"{what}: {took * 1000:.0f} ms, blocked for {blocked * 1000:.0f} ms at a time; "
        f"longest garbage collection: {max(collections) * 1000:.0f} ms"
    )
    assert took < PATIENCE
    assert blocked - max(collections) < BLOCKED


async def test_hundreds_of_favourites_hold_up_nobody(
    hass: HomeAssistant, config_entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Setting up, looking at a stream that changes, reloading and unloading."""
    add_channels(hass, config_entry)
    with measured(f"Setup of {MANY} new favourites"):
        assert await hass.config_entries.async_setup(config_entry.entry_id)
        await hass.async_block_till_done()
    assert state_of(hass, f"sensor.channel_{MANY - 1}_status") == StreamState.STOPPED
    with measured("Reload"):
        assert await hass.config_entries.async_reload(config_entry.entry_id)
        await hass.async_block_till_done()

    await play(await hass_client())
    streams: StreamsCoordinator = config_entry.runtime_data.streams
    await until(lambda: streams.proxy.stats().stream(CONTENT_ONE))
    with measured("Change of a stream"):
        streams._async_push()
    with measured("Unload"):
        assert await hass.config_entries.async_unload(config_entry.entry_id)


async def test_a_favourite_is_not_too_many_objects(
    hass: HomeAssistant, config_entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Full garbage collections stop everything for as long as there are objects to go through."""
    caplog.set_level(logging.WARNING)  # what is logged is kept for the test
    assert await hass.config_entries.async_setup(config_entry.entry_id)
    await hass.async_block_till_done()
    gc.collect()
    before = len(gc.get_objects())

    add_channels(hass, config_entry)
    await hass.async_block_till_done()
    gc.collect()
    added = (len(gc.get_objects()) - before) / MANY

    print(f"Objects of a favourite: {added:.0f}")  # noqa: T201
    assert added < OBJECTS
    await hass.config_entries.async_unload(config_entry.entry_id)


def census(hass: HomeAssistant) -> Counter[str]:
    """Count what may be left behind."""
    gc.collect()
    loop = asyncio.get_running_loop()
    scheduled = getattr(loop, "_scheduled", ())
    return Counter(
        {
            "tasks": len(asyncio.all_tasks()),
            "descriptors": psutil.Process().num_fds(),
            "timers": sum(not timer.cancelled() for timer in scheduled),
            "listeners": sum(hass.bus.async_listeners().values()),
            "proxies": sum(isinstance(one, Proxy) for one in gc.get_objects()),
            "states": len(hass.states.async_all()),
        }
    )


async def test_reloads_leave_nothing_behind(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """A hundred of them, with a channel that runs; no task, socket, listener or session is left."""
    one = entry.subentries[ONE_ID]
    hass.config_entries.async_update_subentry(entry, one, data={**one.data, CONF_KEEP_WARM: True})

    async def cycle() -> None:
        await until(lambda: state_of(hass, "sensor.demo_one_status") == StreamState.STREAMING)
        assert await hass.config_entries.async_reload(entry.entry_id)

    async def unloaded() -> Counter[str]:
        await hass.config_entries.async_unload(entry.entry_id)
        await until(lambda: not any(session.reading for session in engine.sessions))
        assert engine.open_sessions == []
        found = census(hass)
        await hass.config_entries.async_setup(entry.entry_id)
        return found

    await cycle()
    before = await unloaded()
    with measured(f"{RELOADS} reloads"):
        for _ in range(RELOADS):
            await cycle()
    after = await unloaded()

    print(f"Left after them: {dict(after)}; before: {dict(before)}")  # noqa: T201
    assert after - before == Counter()
    assert engine.starts >= RELOADS
