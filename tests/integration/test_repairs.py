"""What is wrong and can be mended: raised once, gone with its reason, mended by its flow."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.components.repairs import RepairsFlowManager, repairs_flow_manager
from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy import troubles
from custom_components.acestream_proxy.const import (
    CONF_ADVANCED,
    CONF_STREAMS,
    CONF_VIEWERS,
    DOMAIN,
)
from demo import EmulatedEngine, Faults
from tests.proxy.waiting import until

from .common import ENGINE_ID, PREMIUM, STREAM, add_subentry, catch_up, engine_subentry, play
from .test_media_source import CHANNEL_ONE, resolve
from .test_viewers import VIEWER_ID, add_viewer

MINUTE, HOUR = 60.0, 3600.0

type Client = TestClient[Any, Any]


class Clock:
    """The time, as the test wants it."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Whoever looks for troubles sees this clock."""
    clock = Clock()
    monkeypatch.setattr(troubles, "monotonic", clock)
    return clock


@pytest.fixture
async def flows(hass: HomeAssistant) -> RepairsFlowManager:
    """What mends."""
    assert await async_setup_component(hass, "repairs", {})
    await hass.async_block_till_done()
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return manager


@pytest.fixture
async def events(hass: HomeAssistant) -> AsyncIterator[list[tuple[str, str]]]:
    """What becomes of issues."""
    seen: list[tuple[str, str]] = []

    @callback
    def note(event: Any) -> None:
        seen.append((event.data["action"], event.data["issue_id"]))

    stop = hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, note)
    yield seen
    stop()


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return what is wrong."""
    found = ir.async_get(hass).issues
    return {issue_id: one for (domain, issue_id), one in found.items() if domain == DOMAIN}


async def look(entry: MockConfigEntry) -> None:
    """Ask the engines, as is done every half minute."""
    await entry.runtime_data.engines.async_refresh()


# No engine answers --------------------------------------------------------------------------------


async def test_engines_that_are_away_for_long_are_an_issue_until_one_answers(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    clock: Clock,
    events: list[tuple[str, str]],
) -> None:
    """Not while one may just be starting again; raised once, and gone by itself."""
    await engine.stop()
    await look(entry)
    clock.now += 5 * MINUTE - 1
    await look(entry)
    assert issues(hass) == {}

    clock.now += 1
    await look(entry)
    await look(entry)
    issue = issues(hass)["no_engine_answers"]
    assert issue.translation_placeholders == {"addresses": engine.url}
    assert issue.is_fixable

    await engine.start()
    await look(entry)
    assert issues(hass) == {}
    await hass.async_block_till_done()
    assert events == [("create", "no_engine_answers"), ("remove", "no_engine_answers")]


async def test_an_engine_that_was_there_in_between_begins_anew(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine, clock: Clock
) -> None:
    """Two short absences are no long one."""
    await engine.stop()
    await look(entry)
    await engine.start()
    clock.now += 4 * MINUTE
    await look(entry)
    await engine.stop()
    clock.now += 4 * MINUTE
    await look(entry)
    assert issues(hass) == {}


async def test_one_engine_of_two_is_enough(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
    clock: Clock,
) -> None:
    """All plays on the other."""
    await add_subentry(hass, entry, engine_subentry(other_engine.url))
    await engine.stop()
    await look(entry)
    clock.now += HOUR
    await look(entry)
    assert issues(hass) == {}


async def wait_in_vain(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine, clock: Clock
) -> None:
    """Have the proxy wait for its engine until that is an issue."""
    await engine.stop()
    await hass.config_entries.async_setup(entry.entry_id)
    assert issues(hass) == {}
    clock.now += 5 * MINUTE
    # As Home Assistant does it by itself, again and again.
    await entry.async_setup_locked(hass)
    assert issues(hass).keys() == {"no_engine_answers"}
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_proxy_that_waits_for_its_engine_has_the_issue_too(
    hass: HomeAssistant, config_entry: MockConfigEntry, engine: EmulatedEngine, clock: Clock
) -> None:
    """However often it is tried; gone once it is set up."""
    await wait_in_vain(hass, config_entry, engine, clock)
    await engine.start()
    await config_entry.async_setup_locked(hass)
    assert issues(hass) == {}
    await hass.config_entries.async_unload(config_entry.entry_id)


async def test_engine_is_asked_again_at_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    clock: Clock,
    flows: RepairsFlowManager,
) -> None:
    """The flow goes on asking until one answers."""
    await engine.stop()
    await look(entry)
    clock.now += 5 * MINUTE
    await look(entry)

    form = await flows.async_init(DOMAIN, context={"issue_id": "no_engine_answers"})
    assert form["type"] is FlowResultType.FORM
    assert form["description_placeholders"] == {"addresses": engine.url}
    form = await flows.async_configure(form["flow_id"], {})
    assert form["errors"] == {"base": "no_answer"}
    await engine.start()
    result = await flows.async_configure(form["flow_id"], {})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert issues(hass) == {}


@pytest.fixture
def ignored_app(hass: HomeAssistant) -> None:
    """The user does not want an app that was found; Home Assistant keeps that as an entry."""
    MockConfigEntry(domain=DOMAIN, unique_id="an_app", source=SOURCE_IGNORE).add_to_hass(hass)


async def test_proxy_that_waits_for_its_engine_is_set_up_by_the_flow(
    hass: HomeAssistant,
    ignored_app: None,
    config_entry: MockConfigEntry,
    engine: EmulatedEngine,
    clock: Clock,
    flows: RepairsFlowManager,
) -> None:
    """Nobody has to wait for the next attempt; an app that was ignored before is in no way."""
    await wait_in_vain(hass, config_entry, engine, clock)

    form = await flows.async_init(DOMAIN, context={"issue_id": "no_engine_answers"})
    form = await flows.async_configure(form["flow_id"], {})
    assert form["errors"] == {"base": "no_answer"}
    assert issues(hass).keys() == {"no_engine_answers"}
    await engine.start()
    result = await flows.async_configure(form["flow_id"], {})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert config_entry.state is ConfigEntryState.LOADED
    assert issues(hass) == {}
    await hass.config_entries.async_unload(config_entry.entry_id)


async def test_flow_that_is_left_open_ends_with_the_proxy(
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    engine: EmulatedEngine,
    clock: Clock,
    flows: RepairsFlowManager,
) -> None:
    """There is nothing to mend any more."""
    await wait_in_vain(hass, config_entry, engine, clock)
    form = await flows.async_init(DOMAIN, context={"issue_id": "no_engine_answers"})
    await hass.config_entries.async_remove(config_entry.entry_id)
    assert issues(hass) == {}

    result = await flows.async_configure(form["flow_id"], {})

    assert result["type"] is FlowResultType.CREATE_ENTRY


# An engine refuses --------------------------------------------------------------------------------


async def test_engine_that_refuses_for_good_is_an_issue_until_it_plays(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    faults: Faults,
    clock: Clock,
    hass_client: ClientSessionGenerator,
) -> None:
    """In its own words; not before it is clear that nothing else plays either."""
    client = await hass_client()
    faults.refuse_text = "mod_detected"
    assert (await client.get(STREAM)).status >= 400
    await look(entry)
    clock.now += MINUTE - 1
    await look(entry)
    assert issues(hass) == {}
    clock.now += 1
    await look(entry)
    assert issues(hass).keys() == {f"engine_refuses_{ENGINE_ID}"}
    (issue,) = issues(hass).values()
    assert issue.translation_key == "engine_refuses"
    assert issue.translation_placeholders == {"engine": "Engine", "words": "mod_detected"}
    assert not issue.is_fixable

    faults.refuse_text = ""
    await play(client)

    await until(lambda: not issues(hass))


async def test_engine_that_cannot_play_some_content_is_no_issue(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    faults: Faults,
    clock: Clock,
    hass_client: ClientSessionGenerator,
) -> None:
    """Nothing can be done about it."""
    faults.refuse_text = "failed to load content"
    assert (await (await hass_client()).get(STREAM)).status >= 400
    await look(entry)
    clock.now += HOUR
    await look(entry)
    assert issues(hass) == {}


async def test_engine_that_plays_something_else_is_no_issue(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    clock: Clock,
    hass_client: ClientSessionGenerator,
) -> None:
    """It has channels for paying users only, too."""
    client = await hass_client()
    viewer = await play(client)
    refused = await client.get(f"/ace/getstream?id={PREMIUM.content_id}")
    assert "premium" in await refused.text()
    await look(entry)
    clock.now += HOUR
    await look(entry)
    assert issues(hass) == {}
    await catch_up(viewer)


async def test_engine_that_refuses_goes_with_its_issue(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    faults: Faults,
    clock: Clock,
    hass_client: ClientSessionGenerator,
) -> None:
    """Whoever removed it has mended that."""
    faults.refuse_text = "mod_detected"
    await (await hass_client()).get(STREAM)
    await look(entry)
    clock.now += MINUTE
    await look(entry)
    assert issues(hass).keys() == {f"engine_refuses_{ENGINE_ID}"}

    hass.config_entries.async_remove_subentry(entry, ENGINE_ID)
    await hass.async_block_till_done()

    assert issues(hass) == {}


# ffmpeg -------------------------------------------------------------------------------------------


async def test_ffmpeg_is_looked_for_again_without_cutting_anybody(
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    flows: RepairsFlowManager,
    monkeypatch: pytest.MonkeyPatch,
    hass_client: ClientSessionGenerator,
) -> None:
    """What starts from then on has it."""
    monkeypatch.setattr(troubles, "which", lambda _: None)
    assert await hass.config_entries.async_setup(config_entry.entry_id)
    viewer = await play(await hass_client())
    form = await flows.async_init(DOMAIN, context={"issue_id": "ffmpeg_missing"})
    form = await flows.async_configure(form["flow_id"], {})
    assert form["errors"] == {"base": "not_found"}
    assert issues(hass).keys() == {"ffmpeg_missing"}

    monkeypatch.setattr(troubles, "which", lambda _: "/somewhere/ffmpeg")
    result = await flows.async_configure(form["flow_id"], {})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert issues(hass) == {}
    assert config_entry.runtime_data.proxy.ffmpeg == "/somewhere/ffmpeg"
    await catch_up(viewer)
    await hass.config_entries.async_unload(config_entry.entry_id)


async def test_missing_ffmpeg_that_is_ignored_stays_so_when_reloaded(
    hass: HomeAssistant, config_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has only players that need none is not told again."""
    monkeypatch.setattr(troubles, "which", lambda _: None)
    await hass.config_entries.async_setup(config_entry.entry_id)
    ir.async_ignore_issue(hass, DOMAIN, "ffmpeg_missing", ignore=True)
    await hass.config_entries.async_reload(config_entry.entry_id)
    assert issues(hass)["ffmpeg_missing"].dismissed_version is not None
    await hass.config_entries.async_unload(config_entry.entry_id)


# No address ---------------------------------------------------------------------------------------


def no_address(*_: Any, **__: Any) -> str:
    """Find none, as in a container."""
    raise NoURLAvailableError


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8123", "http://localhost:8123", "http://[::1]:8123"]
)
async def test_address_that_only_reaches_itself_is_an_issue_for_viewers(
    address: str, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Only as long as there is a viewer, and until there is an address."""
    await async_process_ha_core_config(hass, {"internal_url": address})
    await look(entry)
    assert issues(hass) == {}

    add_viewer(hass, entry)
    await hass.async_block_till_done()
    assert issues(hass).keys() == {"no_address"}
    hass.config_entries.async_remove_subentry(entry, VIEWER_ID)
    await hass.async_block_till_done()
    assert issues(hass) == {}


@pytest.mark.parametrize("address", ["http://192.168.1.2:8123", "http://homeassistant.local:8123"])
async def test_issue_goes_once_there_is_an_address(
    address: str,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name will do."""
    with monkeypatch.context() as patch:
        patch.setattr(troubles, "get_url", no_address)
        add_viewer(hass, entry)
        await hass.async_block_till_done()
        assert issues(hass).keys() == {"no_address"}
    await async_process_ha_core_config(hass, {"internal_url": address})
    await look(entry)
    assert issues(hass) == {}


@pytest.mark.usefixtures("media_source")
async def test_missing_address_is_an_issue_once_a_player_is_to_play(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The web UI has one by itself: the page it is on."""
    monkeypatch.setattr(troubles, "get_url", no_address)
    await resolve(hass, CHANNEL_ONE)
    await look(entry)
    assert issues(hass) == {}
    await resolve(hass, CHANNEL_ONE, "media_player.kitchen")
    assert issues(hass).keys() == {"no_address"}


# Limits -------------------------------------------------------------------------------------------


@pytest.fixture
async def crowd(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> Client:
    """Return somebody who wants to watch where one does, who is all that may."""
    set_limits(hass, entry, viewers=1)
    await hass.async_block_till_done()
    client: Client = await hass_client()
    await play(client)
    return client


def set_limits(hass: HomeAssistant, entry: MockConfigEntry, viewers: int) -> None:
    """Have as many viewers as this."""
    hass.config_entries.async_update_entry(
        entry, options={CONF_ADVANCED: {CONF_VIEWERS: viewers, CONF_STREAMS: 5}}
    )


async def knock(client: Client, times: int) -> None:
    """Be refused."""
    for _ in range(times):
        assert (await client.get(STREAM)).status == 503


async def test_limit_that_is_reached_again_and_again_is_an_issue_until_a_quiet_hour(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    crowd: Client,
    clock: Clock,
    events: list[tuple[str, str]],
) -> None:
    """It stays for as long as it happens at all, and does not flap."""
    await knock(crowd, 9)
    await look(entry)
    assert issues(hass) == {}
    await knock(crowd, 1)
    await look(entry)
    assert issues(hass).keys() == {"limit_reached"}

    clock.now += HOUR - 1
    await knock(crowd, 1)
    await look(entry)
    clock.now += HOUR - 1
    await look(entry)
    assert issues(hass).keys() == {"limit_reached"}
    clock.now += 1
    await look(entry)
    assert issues(hass) == {}
    await hass.async_block_till_done()
    assert events == [("create", "limit_reached"), ("remove", "limit_reached")]


async def test_limit_that_is_reached_now_and_then_is_no_issue(
    hass: HomeAssistant, entry: MockConfigEntry, crowd: Client, clock: Clock
) -> None:
    """Though never for an hour nobody."""
    for times in (5, 4, 5):
        await knock(crowd, times)
        await look(entry)
        clock.now += HOUR - 1
    assert issues(hass) == {}


async def test_other_limits_begin_anew(
    hass: HomeAssistant, entry: MockConfigEntry, crowd: Client
) -> None:
    """That is what is to be done about it."""
    await knock(crowd, 15)
    await look(entry)
    assert issues(hass).keys() == {"limit_reached"}
    set_limits(hass, entry, viewers=2)
    await hass.async_block_till_done()
    assert issues(hass) == {}
    await play(crowd)


# The end ------------------------------------------------------------------------------------------


@pytest.fixture
async def much(
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    engine: EmulatedEngine,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> MockConfigEntry:
    """Return a proxy with which much is wrong."""
    monkeypatch.setattr(troubles, "which", lambda _: None)
    monkeypatch.setattr(troubles, "get_url", no_address)
    await hass.config_entries.async_setup(config_entry.entry_id)
    add_viewer(hass, config_entry)
    await hass.async_block_till_done()
    await engine.stop()
    await look(config_entry)
    clock.now += 5 * MINUTE
    await look(config_entry)
    assert issues(hass).keys() == {"no_address", "no_engine_answers", "ffmpeg_missing"}
    return config_entry


async def test_nothing_is_left_of_a_proxy_that_is_removed(
    hass: HomeAssistant, much: MockConfigEntry
) -> None:
    """There is nothing to mend; what is wrong with others is left alone."""
    ir.async_create_issue(
        hass,
        "other",
        "its_own",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="its_own",
    )
    await hass.config_entries.async_remove(much.entry_id)
    assert issues(hass) == {}
    assert ir.async_get(hass).async_get_issue("other", "its_own") is not None


async def test_what_is_wrong_with_a_running_proxy_goes_when_it_stops(
    hass: HomeAssistant, much: MockConfigEntry
) -> None:
    """Nobody looks whether it still is; a missing ffmpeg does not come back by itself."""
    await hass.config_entries.async_unload(much.entry_id)
    assert issues(hass).keys() == {"ffmpeg_missing"}


async def test_nothing_is_left_of_a_proxy_that_is_switched_off(
    hass: HomeAssistant, much: MockConfigEntry
) -> None:
    """Whatever state it is in."""
    await hass.config_entries.async_set_disabled_by(much.entry_id, ConfigEntryDisabler.USER)
    assert issues(hass) == {}


async def test_nothing_is_left_of_a_proxy_that_is_switched_off_while_it_waits(
    hass: HomeAssistant, config_entry: MockConfigEntry, engine: EmulatedEngine, clock: Clock
) -> None:
    """Home Assistant tells the integration nothing of that."""
    await wait_in_vain(hass, config_entry, engine, clock)
    await hass.config_entries.async_set_disabled_by(config_entry.entry_id, ConfigEntryDisabler.USER)
    assert issues(hass) == {}
