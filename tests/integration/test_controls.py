"""What automations switch and press, and the states they look at."""

from collections.abc import AsyncIterator
from itertools import count, pairwise
from operator import le, lt

from homeassistant.components.button import DOMAIN as BUTTON, SERVICE_PRESS
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.const import (
    ATTR_ENTITY_ID,
    CONF_NAME,
    CONF_URL,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy import stream_sensors
from custom_components.acestream_proxy.const import CONF_CONTENT, CONF_KEEP_WARM, SubentryType
from demo import EmulatedEngine, Faults
from tests.proxy.sources import Source
from tests.proxy.waiting import until

from .common import ENGINE_ID, ONE, ONE_ID, PREMIUM, STREAM, TWO, TWO_ID, catch_up, play, state_of
from .test_guides import subentry

STATUS = "sensor.demo_one_status"
KEEP_WARM = "switch.demo_one_keep_warm"
RUNNING = "binary_sensor.demo_one_running"
PROBLEM = "binary_sensor.demo_one_problem"
PROXY_PROBLEM = "binary_sensor.acestream_proxy_problem"
SINCE = "sensor.demo_one_running_since"
LIST_ID = "the-list"
ONE_NAME, PROXY_NAME = "demo_one", "acestream_proxy"


async def press(hass: HomeAssistant, entity_id: str) -> None:
    """Press a button."""
    await hass.services.async_call(
        BUTTON, SERVICE_PRESS, {ATTR_ENTITY_ID: entity_id}, blocking=True
    )


async def switch(hass: HomeAssistant, service: str) -> None:
    """Switch whether the channel is kept warm."""
    await hass.services.async_call(SWITCH, service, {ATTR_ENTITY_ID: KEEP_WARM}, blocking=True)


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    """A server with a list, whose content may change."""
    source = Source()
    await source.server.start_server()
    yield source
    await source.server.close()


@pytest.fixture
async def listed(hass: HomeAssistant, entry: MockConfigEntry, source: Source) -> Source:
    """Have a list, and return where it comes from."""
    source.body = f"#EXTM3U\n#EXTINF:-1,Uno\nacestream://{ONE.content_id}\n".encode()
    hass.config_entries.async_add_subentry(
        entry, subentry(SubentryType.PLAYLIST, LIST_ID, **{CONF_URL: source.origin.address})
    )
    await until(lambda: state_of(hass, "sensor.mine_channels") == "1")
    return source


# Keeping warm -------------------------------------------------------------------------------------


async def test_channel_that_is_kept_warm_runs_without_a_viewer(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Whoever watches something is not cut when it is switched on or off; it lingers and ends."""
    assert state_of(hass, KEEP_WARM) == "off"
    viewer = await play(await hass_client(), f"/ace/getstream?id={TWO.content_id}")

    await switch(hass, SERVICE_TURN_ON)
    assert state_of(hass, KEEP_WARM) == "on"
    await until(lambda: state_of(hass, STATUS) == "streaming")
    assert state_of(hass, "sensor.demo_one_viewers") == "0"
    assert state_of(hass, "sensor.acestream_proxy_active_streams") == "2"

    await switch(hass, SERVICE_TURN_OFF)
    assert state_of(hass, KEEP_WARM) == "off"
    await until(lambda: state_of(hass, STATUS) == "stopped")
    await catch_up(viewer)
    assert (engine.starts, engine.stops) == (2, 1)


async def test_channel_is_kept_warm_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """It is in the data of the channel; nothing of it is left while the proxy is not set up."""
    await switch(hass, SERVICE_TURN_ON)
    await until(lambda: state_of(hass, STATUS) == "streaming")
    await hass.config_entries.async_unload(entry.entry_id)
    assert engine.open_sessions == []

    await hass.config_entries.async_setup(entry.entry_id)

    assert state_of(hass, KEEP_WARM) == "on"
    await until(lambda: state_of(hass, STATUS) == "streaming")


async def test_changed_channel_is_kept_warm_as_it_is_now(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """The form says nothing of it, and leaves it as it is; what it was before ends."""
    await switch(hass, SERVICE_TURN_ON)
    await until(lambda: state_of(hass, STATUS) == "streaming")
    hass.config_entries.async_remove_subentry(entry, TWO_ID)
    flows = hass.config_entries.subentries
    form = await flows.async_init(
        (entry.entry_id, SubentryType.CHANNEL),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": ONE_ID},
    )
    result = await flows.async_configure(
        form["flow_id"], {CONF_NAME: "Demo One", CONF_CONTENT: TWO.content_id}
    )
    assert result["type"] is FlowResultType.ABORT
    assert entry.subentries[ONE_ID].data[CONF_KEEP_WARM] is True

    await until(lambda: engine.stops == 1)
    await until(lambda: state_of(hass, STATUS) == "streaming")
    assert engine.starts == 2


async def test_removed_channel_is_not_kept_warm(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """It lingers and ends as if nobody watched any more."""
    await switch(hass, SERVICE_TURN_ON)
    await until(lambda: state_of(hass, STATUS) == "streaming")

    hass.config_entries.async_remove_subentry(entry, ONE_ID)

    await until(lambda: engine.stops == 1)


# Buttons ------------------------------------------------------------------------------------------


async def test_stop_ends_a_channel_for_all_who_watch_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """And nothing else; where nothing runs it does nothing."""
    client = await hass_client()
    viewers = [await play(client), await play(client)]
    other = await play(client, f"/ace/getstream?id={TWO.content_id}")

    await press(hass, "button.demo_one_stop")
    await press(hass, "button.demo_one_stop")
    for viewer in viewers:
        await viewer.content.read()  # raises where the end is not a clean one

    await until(lambda: state_of(hass, STATUS) == "stopped")
    await catch_up(other)
    await until(lambda: engine.stops == 1)


async def test_stop_all_ends_everything(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Also with nothing to end."""
    await press(hass, "button.acestream_proxy_stop_all_streams")
    client = await hass_client()
    viewers = [await play(client), await play(client, f"/ace/getstream?id={TWO.content_id}")]

    await press(hass, "button.acestream_proxy_stop_all_streams")
    for viewer in viewers:
        await viewer.content.read()

    await until(lambda: engine.stops == 2)


async def test_restart_opens_a_channel_anew_and_cuts_nobody(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """The engine is not held to have failed; where nothing runs it does nothing."""
    await press(hass, "button.demo_one_restart")
    assert engine.starts == 0
    viewer = await play(await hass_client())
    await until(lambda: state_of(hass, STATUS) == "streaming")

    await press(hass, "button.demo_one_restart")

    await until(lambda: (engine.starts, engine.stops) == (2, 1))
    await until(lambda: state_of(hass, STATUS) == "streaming")
    await catch_up(viewer)
    health = entry.runtime_data.proxy.stats().engine(ENGINE_ID)
    assert health is not None
    assert health.failures == 0


async def test_list_is_refreshed_at_once(hass: HomeAssistant, listed: Source) -> None:
    """Also one that could not be had: this is when it is wanted most."""
    listed.body += f"#EXTINF:-1,Dos\nacestream://{TWO.content_id}\n".encode()

    await press(hass, "button.mine_refresh")

    assert state_of(hass, "sensor.mine_channels") == "2"


async def test_list_that_cannot_be_refreshed_says_why(hass: HomeAssistant, listed: Source) -> None:
    """In the user's language, and what there was stays."""
    await listed.server.close()

    with pytest.raises(HomeAssistantError) as raised:
        await press(hass, "button.mine_refresh")

    assert raised.value.translation_key == "unreachable"
    assert raised.value.translation_placeholders == {"name": "Mine"}
    assert state_of(hass, "sensor.mine_channels") == "1"


async def test_list_that_was_never_there_can_be_refreshed(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """Its figures are not there, the button is."""
    url = source.origin.address
    await source.server.close()
    hass.config_entries.async_add_subentry(
        entry, subentry(SubentryType.PLAYLIST, LIST_ID, **{CONF_URL: url})
    )
    await until(lambda: state_of(hass, "button.mine_refresh") == STATE_UNKNOWN)
    assert state_of(hass, "sensor.mine_channels") == STATE_UNAVAILABLE


async def test_engine_is_looked_at_now(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Nobody has to wait for half a minute."""
    await engine.stop()

    await press(hass, "button.engine_check_now")

    assert state_of(hass, "binary_sensor.engine_connectivity") == "off"


# What is going on ---------------------------------------------------------------------------------


async def test_channel_runs_until_it_has_ended(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """And says since when."""
    assert (state_of(hass, RUNNING), state_of(hass, SINCE)) == ("off", STATE_UNKNOWN)
    began = dt_util.utcnow()
    viewer = await play(await hass_client())

    await until(lambda: state_of(hass, RUNNING) == "on")
    since = dt_util.parse_datetime(state_of(hass, SINCE) or "")
    assert since is not None
    assert abs((since - began).total_seconds()) < 10
    viewer.close()

    await until(lambda: state_of(hass, RUNNING) == "off")
    assert state_of(hass, SINCE) == STATE_UNKNOWN


async def test_stream_in_trouble_is_a_problem_until_it_flows_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Of the channel, and of the proxy."""
    await play(await hass_client())
    await until(lambda: state_of(hass, STATUS) == "streaming")
    assert (state_of(hass, PROBLEM), state_of(hass, PROXY_PROBLEM)) == ("off", "off")

    engine.cut_readers()

    await until(lambda: state_of(hass, PROBLEM) == state_of(hass, PROXY_PROBLEM) == "on")
    assert state_of(hass, RUNNING) == "on"
    assert state_of(hass, "binary_sensor.demo_two_problem") == "off"
    await until(lambda: state_of(hass, PROBLEM) == state_of(hass, PROXY_PROBLEM) == "off")


async def test_stream_that_failed_is_a_problem_and_runs_no_more(
    hass: HomeAssistant, entry: MockConfigEntry, faults: Faults, hass_client: ClientSessionGenerator
) -> None:
    """For as long as it is in sight."""
    faults.refuse_text = PREMIUM.kind
    assert (await (await hass_client()).get(STREAM)).status == 502

    await until(lambda: state_of(hass, PROBLEM) == "on")
    assert (state_of(hass, RUNNING), state_of(hass, SINCE)) == ("off", STATE_UNKNOWN)


async def test_proxy_without_an_engine_is_a_problem(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Seen with the next look at the engines."""
    await engine.stop()
    await entry.runtime_data.engines.async_refresh()
    assert state_of(hass, PROXY_PROBLEM) == "on"

    await engine.start()
    await entry.runtime_data.engines.async_refresh()
    assert state_of(hass, PROXY_PROBLEM) == "off"


# Sums ---------------------------------------------------------------------------------------------


def size(hass: HomeAssistant, entity_id: str) -> float:
    """Return a sum, in gigabytes."""
    return float(state_of(hass, entity_id) or "nan")


def sizes(hass: HomeAssistant) -> list[float]:
    """Return the sums of the channel and of the proxy, in both directions."""
    names = [
        f"{what}_data_{way}" for what in (ONE_NAME, PROXY_NAME) for way in ("received", "sent")
    ]
    return [size(hass, f"sensor.{name}") for name in names]


def are_less(before: list[float], after: list[float]) -> bool:
    """Return whether each sum has grown."""
    return all(map(lt, before, after, strict=True))


def are_no_more(before: list[float], after: list[float]) -> bool:
    """Return whether each sum has grown or stayed."""
    return all(map(le, before, after, strict=True))


async def test_sums_never_go_backwards(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over the end of a stream and the next one, of the channel and of the proxy."""
    monkeypatch.setattr(stream_sensors, "monotonic", count(step=1000).__next__)
    assert size(hass, "sensor.acestream_proxy_data_sent") == 0
    for name in ("received", "sent"):
        sensor = f"sensor.demo_one_data_{name}"
        assert state_of(hass, sensor) is None
        entity_registry.async_update_entity(sensor, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    client = await hass_client()
    seen = [sizes(hass)]
    for _ in range(2):
        viewer = await play(client)
        await until(lambda: are_less(seen[-1], sizes(hass)))
        seen.append(sizes(hass))
        viewer.close()
        await until(lambda: state_of(hass, STATUS) == "stopped")
        seen.append(sizes(hass))

    assert all(are_no_more(*pair) for pair in pairwise(seen))
