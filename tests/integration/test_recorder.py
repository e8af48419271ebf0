"""How much of what a channel does is written down.

`pytest tests/integration/test_recorder.py -n 0 -s` prints how many rows an hour makes.
"""

from collections import Counter
from dataclasses import replace
from itertools import count

from homeassistant.components.recorder import Recorder, db_schema
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import RecorderInstanceContextManager

from custom_components.acestream_proxy import stream_sensors
from custom_components.acestream_proxy.coordinator import StreamsCoordinator
from custom_components.acestream_proxy.proxy import ProxyStats, StreamState, Traffic
from custom_components.acestream_proxy.proxy.broadcast import BroadcastStats
from custom_components.acestream_proxy.proxy.engine import SessionStatus
from custom_components.acestream_proxy.proxy.errors import ProxyError
from custom_components.acestream_proxy.proxy.stats import never_started

from .common import CONTENT_ONE, state_of

HOUR = 3600.0
PUSH_INTERVAL = 2.5
"""Seconds between two pushes of a stream that runs: its figures and its rates come every 5 s."""

MOST_ROWS = 350
"""What an hour may make: a few hundred, however much changes."""

PEERS = "sensor.demo_one_peers"


@pytest.fixture
async def hass(
    async_test_recorder: RecorderInstanceContextManager, hass: HomeAssistant
) -> HomeAssistant:
    """Home Assistant, for what the recorder needs before anything is set up."""
    return hass


class Evening:
    """A channel with a viewer, all of whose figures change with every push."""

    def __init__(self, streams: StreamsCoordinator, monkeypatch: pytest.MonkeyPatch) -> None:
        """Begin; the clock goes on only with the pushes."""
        self._streams = streams
        self._idle = streams.proxy.stats()
        self._numbers = count(1)
        self.now = 0.0
        """The time, in seconds."""
        monkeypatch.setattr(stream_sensors, "monotonic", lambda: self.now)

    def stats(self, number: int, state: StreamState = StreamState.STREAMING) -> ProxyStats:
        """Return the figures of a moment."""
        size = number * 1_000_000
        stream = replace(
            never_started(CONTENT_ONE, ProxyError("Later.")),
            broadcast=BroadcastStats(state=state, viewers=1, bytes_in=size, bytes_out=size),
            session=SessionStatus(peers=number, speed_down=size, speed_up=size),
            rate_in=size,
            rate_out=size,
            since=1.0,
        )
        return replace(self._idle, streams=(stream,), traffic=Traffic(size, size))

    def push(self, state: StreamState = StreamState.STREAMING) -> None:
        """Have everything changed a moment later."""
        self.now += PUSH_INTERVAL
        self._streams.async_set_updated_data(self.stats(next(self._numbers), state))


@pytest.fixture
def evening(entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch) -> Evening:
    """A channel that plays."""
    return Evening(entry.runtime_data.streams, monkeypatch)


async def test_an_hour_of_a_channel_is_a_few_hundred_rows(
    recorder_mock: Recorder, hass: HomeAssistant, evening: Evening
) -> None:
    """Of all the entities that are enabled by default, with everything changing all the time."""
    await async_wait_recording_done(hass)
    before = rows(hass)

    while evening.now < HOUR:
        evening.push()
    await async_wait_recording_done(hass)

    found = rows(hass) - before
    print(f"{found.total()} rows an hour: {dict(found.most_common())}")  # noqa: T201
    assert found[PEERS] > 10
    assert found.total() <= MOST_ROWS


def rows(hass: HomeAssistant) -> Counter[str]:
    """Count the states that were written down, by entity."""
    with session_scope(hass=hass, read_only=True) as session:
        found = session.query(db_schema.StatesMeta.entity_id).join(
            db_schema.States, db_schema.States.metadata_id == db_schema.StatesMeta.metadata_id
        )
        return Counter(entity_id for (entity_id,) in found)


async def test_figures_wait_but_not_for_what_matters(hass: HomeAssistant, evening: Evening) -> None:
    """What comes from nothing shows at once, and so does all where the stream stumbles."""
    evening.push()
    assert state_of(hass, PEERS) == "1"
    evening.push()
    assert state_of(hass, PEERS) == "1"
    evening.push(StreamState.STALLED)
    assert state_of(hass, PEERS) == "3"
    began = evening.now
    while evening.now < began + 60 - PUSH_INTERVAL:
        evening.push(StreamState.STALLED)
    assert state_of(hass, PEERS) == "3"
    evening.push(StreamState.STALLED)
    assert int(state_of(hass, PEERS) or 0) > 3


async def test_sums_wait_for_what_statistics_want(hass: HomeAssistant, evening: Evening) -> None:
    """Every five minutes, as those are made."""
    received = "sensor.acestream_proxy_data_received"
    evening.push()
    assert state_of(hass, received) == "0.001"
    while evening.now < 300:
        evening.push()
    assert state_of(hass, received) == "0.001"
    evening.push()
    assert state_of(hass, received) != "0.001"
