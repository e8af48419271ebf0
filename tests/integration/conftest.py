"""Home Assistant with the proxy set up, and an engine on a real socket.

The integration is imported first of all: otherwise the `hass` fixture puts a folder of its own in
the place of `custom_components`.
"""

from collections.abc import AsyncIterator, Iterator
from functools import partial
import logging
from pathlib import Path
from typing import override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

import custom_components.acestream_proxy as integration
from custom_components.acestream_proxy import coordinator, lineup
from custom_components.acestream_proxy.const import CONF_CONTENT, CONF_LOGO, DOMAIN, SubentryType
from custom_components.acestream_proxy.proxy import ProxyOptions
from custom_components.acestream_proxy.proxy.engine import SessionOptions
from custom_components.acestream_proxy.proxy.hls import HlsOptions
from demo import EmulatedEngine, Faults, SyntheticMedia

from .common import (
    CONTENT_ONE,
    CONTENT_TWO,
    ENGINE_ID,
    MEDIA,
    ONE,
    ONE_ID,
    TWO,
    TWO_ID,
    deprecations,
)


class _Listener(logging.Handler):
    """Hears what is warned of, whatever a test does with the log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.said.append(record.getMessage())


@pytest.fixture(autouse=True)
def warnings() -> Iterator[list[str]]:
    """Nothing that we do may be deprecated, or Home Assistant says so; see what it says."""
    listener = _Listener()
    logging.getLogger().addHandler(listener)
    yield listener.said
    logging.getLogger().removeHandler(listener)
    assert deprecations(listener.said) == []


@pytest.fixture(autouse=True)
def real_world(enable_custom_integrations: None, socket_enabled: None) -> None:
    """Home Assistant finds the integration, and everybody is on real sockets."""


@pytest.fixture(autouse=True)
def quick_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy looks, cuts and forgets sooner than in earnest."""
    options = partial(
        ProxyOptions,
        linger=0.3,
        sample_interval=0.2,
        session=SessionOptions(status_interval=0.1),
        hls=HlsOptions(target_duration=1.0, idle_timeout=1.0),
    )
    monkeypatch.setattr(integration, "ProxyOptions", options)
    monkeypatch.setattr(coordinator, "_PUSH_COOLDOWN", 0.02)


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Lists, guides and logos are kept where nobody else looks."""
    monkeypatch.setattr(lineup, "STORAGE_DIR", str(tmp_path / "storage"))
    return tmp_path / "storage" / DOMAIN


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Snapshots that leave out what Home Assistant makes up."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def faults() -> Faults:
    """No faults yet; an engine that refuses without delay, with enough past for a playlist."""
    return Faults(unknown_id_delay=0, burst_seconds=5)


@pytest.fixture
async def engine(faults: Faults) -> AsyncIterator[EmulatedEngine]:
    """An engine that plays numbers."""
    async with EmulatedEngine(media=MEDIA, faults=faults) as engine:
        yield engine


@pytest.fixture
async def other_engine() -> AsyncIterator[EmulatedEngine]:
    """One more, of an older version."""
    async with EmulatedEngine(media=SyntheticMedia(), version="3.2.3") as engine:
        yield engine


@pytest.fixture
def config_entry(hass: HomeAssistant, engine: EmulatedEngine) -> MockConfigEntry:
    """The proxy with an engine and two channels, as a user has it; not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        entry_id="the-proxy",
        unique_id=DOMAIN,
        title="AceStream Proxy",
        subentries_data=[
            {
                "subentry_id": ENGINE_ID,
                "subentry_type": SubentryType.ENGINE,
                "title": "Engine",
                "unique_id": engine.url,
                "data": {CONF_URL: engine.url},
            },
            {
                "subentry_id": ONE_ID,
                "subentry_type": SubentryType.CHANNEL,
                "title": ONE.name,
                "unique_id": CONTENT_ONE.slug,
                "data": {
                    CONF_NAME: ONE.name,
                    CONF_CONTENT: f"acestream://{ONE.content_id}",
                    CONF_LOGO: "http://logos.example/one.png",
                },
            },
            {
                "subentry_id": TWO_ID,
                "subentry_type": SubentryType.CHANNEL,
                "title": TWO.name,
                "unique_id": CONTENT_TWO.slug,
                "data": {CONF_NAME: TWO.name, CONF_CONTENT: TWO.content_id},
            },
        ],
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def entry(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> AsyncIterator[MockConfigEntry]:
    """The proxy, set up."""
    assert await hass.config_entries.async_setup(config_entry.entry_id)
    await hass.async_block_till_done()
    yield config_entry
    if config_entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(config_entry.entry_id)


@pytest.fixture
async def media_source(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The media browser, with the proxy in it."""
    assert await async_setup_component(hass, "media_source", {})
    await hass.async_block_till_done()
