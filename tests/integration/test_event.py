"""What happens to streams and viewers, as automations hear of it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME, CONF_PASSWORD, EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

import custom_components.acestream_proxy as integration
from custom_components.acestream_proxy.const import SubentryType
from custom_components.acestream_proxy.proxy import (
    ContentKey,
    EventKind,
    ProxyEvent,
    ProxyOptions,
    StreamState,
)
from custom_components.acestream_proxy.proxy.broadcast import BroadcastOptions
from demo import EmulatedEngine, Faults
from tests.proxy.players import stuck
from tests.proxy.waiting import until

from .common import (
    CONTENT_ONE,
    CONTENT_TWO,
    ENGINE_ID,
    ONE,
    PREMIUM,
    add_subentry,
    engine_subentry,
    play,
    state_of,
)

PROXY, ENGINE = "event.acestream_proxy_activity", "event.engine_activity"
CHANNEL, OTHER_CHANNEL = "event.demo_one_activity", "event.demo_two_activity"
FACE = Path(integration.__file__).parent
VIEWER = "event.kids_tv_activity"
VIEWER_ID, SECRET = "kids-tv", "a-secret-of-the-kids"


@pytest.fixture(autouse=True)
def quicker_proxy(quick_proxy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy also notices sooner that something is wrong, or that somebody left."""
    options = partial(
        ProxyOptions,
        linger=0.3,
        may_return=0.05,
        sample_interval=0.05,
        broadcast=BroadcastOptions(stall_after=0.5),
    )
    monkeypatch.setattr(integration, "ProxyOptions", options)


@pytest.fixture
async def viewer(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Have the kids' television."""
    subentry = ConfigSubentry(
        data=MappingProxyType(
            {CONF_NAME: "Kids' TV", "enabled": True, "secret": SECRET, CONF_PASSWORD: "0123456789"}
        ),
        subentry_id=VIEWER_ID,
        subentry_type=SubentryType.VIEWER,
        title="Kids' TV",
        unique_id="viewer kidstv",
    )
    await add_subentry(hass, entry, subentry)


async def stream_of_viewer(app: TestClient[Any, Any]) -> str:
    """Return where the viewer plays the first channel of their list."""
    async with app.get(f"/api/acestream_proxy/{SECRET}/playlist.m3u") as response:
        lines = (await response.text()).splitlines()
    return URL(next(line for line in lines if line.startswith("http"))).path


class Story:
    """What the event entities said since."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen."""
        self._changes: list[Event[Any]] = async_capture_events(hass, EVENT_STATE_CHANGED)

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Go through the entities and their attributes, one for each event."""
        for change in self._changes:
            entity_id, state = change.data["entity_id"], change.data["new_state"]
            if entity_id.startswith("event.") and state and state.attributes["event_type"]:
                yield entity_id, dict(state.attributes)

    def of(self, entity_id: str) -> list[str]:
        """Return what an entity said, in order."""
        return [attributes["event_type"] for who, attributes in self if who == entity_id]

    def last(self, entity_id: str) -> dict[str, Any]:
        """Return the last that an entity said, without what is the same for all of them."""
        *_, last = (attributes for who, attributes in self if who == entity_id)
        return {name: last[name] for name in ("channel", "engine", "viewer", "app", "reason")}


@pytest.fixture
def story(hass: HomeAssistant, entry: MockConfigEntry) -> Story:
    """Listen to the event entities."""
    return Story(hass)


def happen(entry: MockConfigEntry, event: ProxyEvent) -> None:
    """Have something happen."""
    entry.runtime_data.proxy._events.tell(event)


SOMETHING = ProxyEvent(
    kind=EventKind.FAILED, content=CONTENT_ONE, names=frozenset((CONTENT_ONE,)), engine_id=ENGINE_ID
)


async def test_watching_a_channel_shows_on_all_that_it_concerns(
    hass: HomeAssistant,
    viewer: None,
    story: Story,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """And on nothing else; with names, and nothing that is nobody's business."""
    app = await hass_client_no_auth()
    response = await play(app, await stream_of_viewer(app))
    await until(lambda: "playing" in story.of(CHANNEL))
    playing = story.last(CHANNEL)
    response.close()
    await until(lambda: "ended" in story.of(PROXY))

    stream, visit = ["started", "playing"], ["viewer_joined", "viewer_left"]
    assert story.of(ENGINE) == [*stream, "ended"]
    assert story.of(CHANNEL) == story.of(PROXY) == [visit[0], *stream, visit[1], "ended"]
    assert story.of(VIEWER) == visit
    assert story.of(OTHER_CHANNEL) == []
    nothing = dict.fromkeys(("channel", "engine", "viewer", "app", "reason"))
    assert playing == {**nothing, "channel": "Demo One", "engine": "Engine"}
    left = story.last(VIEWER)
    assert "aiohttp" in left.pop("app")
    assert left == {"channel": "Demo One", "viewer": "Kids' TV", "engine": None, "reason": None}


@pytest.mark.parametrize(
    "trigger",
    [
        pytest.param(
            {
                "trigger": "event.received",
                "target": {"entity_id": CHANNEL},
                "options": {"event_type": ["stalled"]},
            },
            id="event received",
        ),
        pytest.param(
            {"trigger": "state", "entity_id": CHANNEL, "attribute": "event_type", "to": "stalled"},
            id="state",
        ),
    ],
)
async def test_an_automation_runs_when_a_channel_stalls(
    hass: HomeAssistant,
    story: Story,
    faults: Faults,
    hass_client: ClientSessionGenerator,
    trigger: dict[str, Any],
) -> None:
    """Once, and knows which channel it was."""
    channel = "{{ trigger.to_state.attributes.channel }}"
    automation = {
        "triggers": [trigger],
        "actions": [{"action": "test.automation", "data": {"channel": channel}}],
    }
    runs = async_mock_service(hass, "test", "automation")
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await play(await hass_client())
    await until(lambda: "playing" in story.of(CHANNEL))

    assert runs == []
    faults.stall = True
    await until(lambda: runs)
    faults.stall = False
    await until(lambda: "recovered" in story.of(CHANNEL))

    assert [run.data for run in runs] == [{"channel": "Demo One"}]
    assert story.of(ENGINE) == ["started", "playing", "stalled", "recovered"]


async def test_a_stream_that_moves_shows_on_both_engines(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
    story: Story,
    hass_client: ClientSessionGenerator,
) -> None:
    """The one that it left, and the one where it plays now."""
    await play(await hass_client())
    await until(lambda: "playing" in story.of(CHANNEL))
    await add_subentry(hass, entry, engine_subentry(other_engine.url))
    await engine.stop()
    await until(lambda: "moved" in story.of(CHANNEL))

    assert story.of(ENGINE) == ["started", "playing", "reconnecting", "moved"]
    assert story.of("event.another_engine_activity") == ["moved"]
    assert story.last(ENGINE)["engine"] == "Another engine"


async def test_what_an_engine_refuses_fails_with_its_words(
    hass: HomeAssistant, story: Story, hass_client: ClientSessionGenerator
) -> None:
    """By the broadcaster's name where it is no favourite."""
    client = await hass_client()
    response = await client.get(f"/ace/getstream?id={PREMIUM.content_id}")
    assert response.status == 502
    await until(lambda: "viewer_left" in story.of(PROXY))

    assert story.of(PROXY) == ["viewer_joined", "started", "failed", "viewer_left"]
    failed = next(attributes for _, attributes in story if attributes["event_type"] == "failed")
    assert failed["reason"].startswith("The engine refused: ")
    assert failed["channel"] == PREMIUM.name


async def test_a_viewer_that_never_reads_is_dropped(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    viewer: None,
    faults: Faults,
    story: Story,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Which is not the same as having left."""
    entry.runtime_data.proxy.drop_after = 0.2
    faults.burst_seconds = 20
    app = await hass_client_no_auth()
    async with stuck(app.server, target=await stream_of_viewer(app)):
        await until(lambda: "viewer_dropped" in story.of(VIEWER))
        await until(lambda: "ended" in story.of(PROXY))

    assert story.of(VIEWER) == ["viewer_joined", "viewer_dropped"]


async def test_reasons_and_names_are_shown_without_what_is_private(
    hass: HomeAssistant, entry: MockConfigEntry, story: Story
) -> None:
    """No address of an engine, no content; no half characters, and not too much."""
    reason = (
        "The engine at http://192.168.1.20:6878/ace?id=1 does not answer ("
        "Cannot connect to engine:6878, ('fd00::1', 6878), 10.0.0.7). \ud800"
        f"{ONE.content_id} {ONE.infohash.upper()}"
    )
    other = ContentKey.parse("f" * 40)
    unknown = replace(SOMETHING, content=other, names=frozenset((other,)))
    happen(entry, replace(unknown, title=f"News 24:7 {ONE.content_id} {'x' * 300}", reason=reason))
    await until(lambda: story.of(PROXY))

    shown = story.last(PROXY)
    assert shown["reason"] == (
        "The engine at … does not answer (Cannot connect to …, ('…', 6878), …). ?… …"
    )
    assert shown["channel"].startswith("News 24:7 … xxx")
    assert len(shown["channel"]) == 255


async def test_attributes_have_their_names(
    hass: HomeAssistant, entry: MockConfigEntry, viewer: None, story: Story
) -> None:
    """No attribute without words, no words without an attribute."""
    texts = json.loads((FACE / "translations" / "en.json").read_text())["entity"]["event"]
    happen(entry, SOMETHING)
    await until(lambda: story.of(PROXY))
    (attributes,) = (attributes for who, attributes in story if who == PROXY)

    for text in texts.values():
        names = text["state_attributes"]
        assert names.keys() == attributes.keys() - {"event_types", "friendly_name"}
        assert all(name["name"] for name in names.values())


async def test_a_channel_is_heard_of_by_the_sources_that_it_has_now(
    hass: HomeAssistant, entry: MockConfigEntry, story: Story
) -> None:
    """The user may have changed them."""
    favourite = next(one for one in entry.subentries.values() if one.title == "Demo One")
    data = {**favourite.data, "content": CONTENT_TWO.value}
    hass.config_entries.async_update_subentry(entry, favourite, data=data)
    await hass.async_block_till_done()
    happen(entry, SOMETHING)
    happen(entry, replace(SOMETHING, names=frozenset((CONTENT_TWO,))))
    await until(lambda: len(story.of(PROXY)) == 2)

    assert story.of(CHANNEL) == story.of(OTHER_CHANNEL) == ["failed"]


async def test_a_subentry_takes_its_events_with_it(
    hass: HomeAssistant, entry: MockConfigEntry, story: Story
) -> None:
    """What happens afterwards shows on the others, also what an engine did that is gone."""
    hass.config_entries.async_remove_subentry(entry, ENGINE_ID)
    await hass.async_block_till_done()
    happen(entry, SOMETHING)
    await until(lambda: story.of(CHANNEL))

    assert state_of(hass, ENGINE) is None
    assert story.of(ENGINE) == []
    assert story.last(CHANNEL)["engine"] is None


async def test_a_channel_that_plays_records_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    viewer: None,
    story: Story,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """A handful of rows when it begins and when it ends, none between."""
    changes: list[None] = []
    entry.runtime_data.proxy.on_change(lambda: changes.append(None))
    app = await hass_client_no_auth()
    response = await play(app, await stream_of_viewer(app))
    await until(lambda: "playing" in story.of(CHANNEL))
    began, heard = len(list(story)), len(changes)
    await until(lambda: len(changes) > heard + 10)
    assert len(list(story)) == began
    stats = entry.runtime_data.proxy.stats()
    assert [stream.broadcast.state for stream in stats.streams] == [StreamState.STREAMING]
    response.close()
    await until(lambda: "ended" in story.of(PROXY))

    assert (began, len(list(story))) == (9, 15)
