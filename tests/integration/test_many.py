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
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
import psutil
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
    """See how long something takes, and for how long it blocks the loop at a time."""
    loop = asyncio.get_running_loop()
    # Debug mode, which tests run in, makes each step of a task several times as long.
    loop.set_debug(False)
    looks = [loop.time()]

    async def look() -> None:
        while True:
            looks.append(loop.time())
            await asyncio.sleep(0)

    looking = loop.create_task(look())
    yield
    looking.cancel()
    looks.append(loop.time())
    took = looks[-1] - looks[0]
    blocked = max(later - earlier for earlier, later in pairwise(looks))
    print(f"{what}: {took * 1000:.0f} ms, blocked for {blocked * 1000:.0f} ms")  # noqa: T201
    assert took < PATIENCE
    assert blocked < BLOCKED


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
