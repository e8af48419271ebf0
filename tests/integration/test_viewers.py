"""Viewers: an address for each, what they watch, and how it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
import logging
from types import MappingProxyType
from typing import Any
from unittest.mock import Mock

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigSubentry
from homeassistant.const import CONF_NAME, CONF_PASSWORD
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.network import NoURLAvailableError
import m3u8
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.acestream_proxy import addresses
from custom_components.acestream_proxy.addresses import addresses_of
from custom_components.acestream_proxy.const import SubentryType
from custom_components.acestream_proxy.proxy.catalog import StreamAddress, parse_playlist
from tests.proxy.waiting import until

from .common import ONE_ID

VIEWER_ID = "kids-tv"
SECRET = "a-secret-of-the-kids"
PASSWORD = "0123456789"
PREFIX = f"/api/acestream_proxy/{SECRET}"

type Client = TestClient[Any, Any]

pytestmark = pytest.mark.usefixtures("viewer")


def add_viewer(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> None:
    """Add a viewer."""
    secrets = {"secret": SECRET, CONF_PASSWORD: PASSWORD}
    subentry = ConfigSubentry(
        data=MappingProxyType({CONF_NAME: "Kids' TV", "enabled": True, **secrets, **data}),
        subentry_id=VIEWER_ID,
        subentry_type=SubentryType.VIEWER,
        title="Kids' TV",
        unique_id="viewer kidstv",
    )
    hass.config_entries.async_add_subentry(entry, subentry)


@pytest.fixture
async def viewer(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Have the kids' television, which may play one channel at a time."""
    add_viewer(hass, entry, most_streams=1)
    await hass.async_block_till_done()


@pytest.fixture
async def app(hass_client_no_auth: ClientSessionGenerator) -> Client:
    """Return an IPTV app: it has never heard of logins."""
    client: Client = await hass_client_no_auth()
    return client


async def playlist(app: Client, **query: str) -> dict[str, str]:
    """Return the paths of channels by name, as an app reads them in the list."""
    async with app.get(f"{PREFIX}/playlist.m3u", params=query) as response:
        assert response.status == 200
        read = parse_playlist(await response.read())
    assert not read.problems
    return {
        one.name: URL(source.address).path
        for one in read.channels
        for source in one.sources
        if isinstance(source, StreamAddress)
    }


@asynccontextmanager
async def watching(app: Client) -> AsyncIterator[ClientResponse]:
    """Play the first channel of the list while inside."""
    async with app.get((await playlist(app))["Demo One"]) as response:
        assert response.status == 200
        assert await response.content.readexactly(188)
        yield response


def state(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity of the viewer."""
    found = hass.states.get(entity_id)
    assert found
    return found.state


async def press(hass: HomeAssistant, domain: str, service: str, entity_id: str) -> None:
    """Do something with an entity."""
    await hass.services.async_call(domain, service, {"entity_id": entity_id}, blocking=True)
    await hass.async_block_till_done()


# Watching -----------------------------------------------------------------------------------------


async def test_app_plays_from_the_list(hass: HomeAssistant, app: Client) -> None:
    """Whoever knows the address needs nothing else; the favourites are in it."""
    assert list(await playlist(app)) == ["Demo One", "Demo Two"]
    async with watching(app) as response:
        assert response.content_type == "video/mp2t"


async def test_what_a_viewer_watches_is_seen(hass: HomeAssistant, app: Client) -> None:
    """By a sensor that says what, and one that says whether."""
    assert state(hass, "sensor.kids_tv_watching") == "unknown"
    assert state(hass, "binary_sensor.kids_tv_is_watching") == "off"
    async with watching(app):
        await until(lambda: state(hass, "sensor.kids_tv_watching") == "Demo One")
        assert state(hass, "binary_sensor.kids_tv_is_watching") == "on"
        found = hass.states.get("sensor.kids_tv_watching")
        assert found
        assert found.attributes["streams"] == 1
        assert found.attributes["since"].endswith("+00:00")
        assert "aiohttp" in found.attributes["app"]
    await until(lambda: state(hass, "binary_sensor.kids_tv_is_watching") == "off")
    assert state(hass, "sensor.kids_tv_watching") == "unknown"


async def test_viewer_watches_no_more_than_allowed(app: Client) -> None:
    """The second stream is refused with a sentence."""
    async with watching(app), app.get((await playlist(app))["Demo Two"]) as response:
        assert response.status == 503
        assert "as many devices as you may" in await response.text()


async def test_xtream_app_logs_in_with_name_and_password(app: Client) -> None:
    """And finds the same channels."""
    login = {"username": "kidstv", "password": PASSWORD}
    async with app.get("/player_api.php", params=login) as response:
        account = await response.json()
    assert account["user_info"]["auth"] == 1
    assert account["user_info"]["max_connections"] == "1"
    async with app.post("/player_api.php", data={**login, "action": "get_live_streams"}) as answer:
        streams = await answer.json()
    assert [one["name"] for one in streams] == ["Demo One", "Demo Two"]
    path = f"/live/kidstv/{PASSWORD}/{streams[0]['stream_id']}.ts"
    async with app.get(path) as response:
        assert await response.content.readexactly(188)


async def test_hls_plays_in_home_assistant(app: Client) -> None:
    """The app is sent to an address of its own."""
    async with app.get((await playlist(app, format="hls"))["Demo One"]) as response:
        assert response.url.path.startswith("/api/acestream_proxy/hls/")
        assert m3u8.loads(await response.text()).segments


@pytest.mark.parametrize(
    ("entity", "service"),
    [
        pytest.param("switch.kids_tv_may_watch", ("switch", "turn_off"), id="switched off"),
        pytest.param("button.kids_tv_make_new_addresses", ("button", "press"), id="new addresses"),
    ],
)
async def test_what_plays_ends_when_a_viewer_may_not_watch_any_more(
    hass: HomeAssistant, app: Client, entity: str, service: tuple[str, str]
) -> None:
    """At once; and the address is good for nothing."""
    async with watching(app) as response:
        await press(hass, *service, entity)
        await until(lambda: response.connection is None or not response.connection.transport)
    async with app.get(f"{PREFIX}/playlist.m3u") as refused:
        assert refused.status in (403, 404)


async def test_viewer_that_is_removed_is_gone(
    hass: HomeAssistant, entry: MockConfigEntry, app: Client
) -> None:
    """With its address, its streams and its device; nobody else's stream ends."""
    async with watching(app) as response:
        hass.config_entries.async_remove_subentry(entry, VIEWER_ID)
        await until(lambda: response.connection is None or not response.connection.transport)
    await hass.async_block_till_done()
    assert hass.states.get("sensor.kids_tv_watching") is None
    async with app.get(f"{PREFIX}/playlist.m3u") as refused:
        assert refused.status == 404


async def test_viewer_is_switched_off_and_on(hass: HomeAssistant, app: Client) -> None:
    """The switch says how it is, also after the form changed it."""
    assert state(hass, "switch.kids_tv_may_watch") == "on"
    await press(hass, "switch", "turn_off", "switch.kids_tv_may_watch")
    assert state(hass, "switch.kids_tv_may_watch") == "off"
    async with app.get(f"{PREFIX}/playlist.m3u") as refused:
        assert refused.status == 403
        assert "switched off" in await refused.text()
    await press(hass, "switch", "turn_on", "switch.kids_tv_may_watch")
    assert state(hass, "switch.kids_tv_may_watch") == "on"
    assert await playlist(app)


async def test_only_groups_of_the_viewer_are_shown(
    hass: HomeAssistant, entry: MockConfigEntry, app: Client
) -> None:
    """The favourites are a group, too."""
    subentry = entry.subentries[VIEWER_ID]
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "groups": ["Cartoons"]}
    )
    await hass.async_block_till_done()
    assert not await playlist(app)


async def test_changes_elsewhere_cut_nobodys_stream(
    hass: HomeAssistant, entry: MockConfigEntry, app: Client
) -> None:
    """A list and a guide come and go, a favourite is renamed."""
    async with watching(app) as response:
        for kind in (SubentryType.PLAYLIST, SubentryType.GUIDE):
            subentry = ConfigSubentry(
                data=MappingProxyType({CONF_NAME: "Mine", "file": "nowhere"}),
                subentry_id=kind,
                subentry_type=kind,
                title="Mine",
                unique_id=kind,
            )
            hass.config_entries.async_add_subentry(entry, subentry)
            await until(partial(entry.runtime_data.feeds.get, kind))
            hass.config_entries.async_remove_subentry(entry, kind)
            await until(lambda: not list(entry.runtime_data.feeds))
        hass.config_entries.async_update_subentry(entry, entry.subentries[ONE_ID], title="First")
        await hass.async_block_till_done()
        for _ in range(1000):
            assert await response.content.readexactly(188)


async def test_viewer_is_there_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, app: Client
) -> None:
    """With the addresses that it had; while the proxy is not set up they are nothing."""
    await hass.config_entries.async_unload(entry.entry_id)
    async with app.get(f"{PREFIX}/playlist.m3u") as response:
        assert response.status == 404
    await hass.config_entries.async_setup(entry.entry_id)
    assert await playlist(app)


# Secrets ------------------------------------------------------------------------------------------


async def test_wrong_secret_looks_like_a_wrong_address(app: Client) -> None:
    """Byte for byte, but for the date."""

    async def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        async with app.get(path) as response:
            headers = {name: of for name, of in response.headers.items() if name != "Date"}
            return response.status, headers, await response.read()

    nowhere = await answer("/nowhere")
    assert await answer("/api/acestream_proxy/wrong/playlist.m3u") == nowhere
    assert await answer("/player_api.php?username=kidstv&password=wrong") == nowhere
    assert await answer(f"{PREFIX}/live/1.ts") == nowhere


async def test_secrets_show_nowhere(
    hass: HomeAssistant, entry: MockConfigEntry, app: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in the log, whatever its level, and not in any state or attribute."""
    caplog.set_level(logging.DEBUG)
    async with watching(app):
        await until(lambda: state(hass, "binary_sensor.kids_tv_is_watching") == "on")
    async with app.get("/player_api.php", params={"username": "kidstv", "password": PASSWORD}):
        pass
    ours = [one.getMessage() for one in caplog.records if not is_of_the_client(one)]
    said = [*ours, *(str(one.as_dict()) for one in hass.states.async_all())]
    assert [one for one in said if SECRET in one or PASSWORD in one] == []


def is_of_the_client(record: logging.LogRecord) -> bool:
    """Return whether a record is of the test's own: Home Assistant has no log of requests."""
    return record.name == "aiohttp.access"


# Forms --------------------------------------------------------------------------------------------


async def begin(
    hass: HomeAssistant, entry: MockConfigEntry, typed: dict[str, Any]
) -> dict[str, Any]:
    """Fill in the form of a new viewer."""
    flows = hass.config_entries.subentries
    form = await flows.async_init(
        (entry.entry_id, SubentryType.VIEWER), context={"source": SOURCE_USER}
    )
    return dict(await flows.async_configure(form["flow_id"], typed))


async def test_new_viewer_is_shown_its_addresses(
    hass: HomeAssistant, entry: MockConfigEntry, app: Client
) -> None:
    """They work as soon as they were seen."""
    typed = {CONF_NAME: "Küche", "groups": [], "most_streams": 2.0, "enabled": True}
    form = await begin(hass, entry, typed)
    assert form["step_id"] == "addresses"
    shown = form["description_placeholders"]
    assert shown["username"] == "kuche"

    result = await hass.config_entries.subentries.async_configure(form["flow_id"], {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"][CONF_PASSWORD] == shown["password"]
    assert result["data"]["most_streams"] == 2
    await hass.async_block_till_done()
    async with app.get(URL(shown["playlist"]).path) as response:
        assert response.status == 200
    async with app.get(URL(shown["guide"]).path) as response:
        assert response.status == 200


async def test_addresses_are_shown_also_where_nobody_knows_the_host(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the name that Home Assistant has in most networks."""
    monkeypatch.setattr(addresses, "get_url", Mock(side_effect=NoURLAvailableError))
    shown = addresses_of(hass, "TV", {"secret": "s", CONF_PASSWORD: "p"})
    assert shown["server"] == "http://homeassistant.local:8123"


async def test_viewer_needs_a_name_that_can_be_typed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The form takes another one."""
    form = await begin(hass, entry, {CONF_NAME: "!?", "enabled": True})
    assert form["errors"] == {CONF_NAME: "no_name"}
    flows = hass.config_entries.subentries
    again = await flows.async_configure(form["flow_id"], {CONF_NAME: "TV", "enabled": True})
    assert again["step_id"] == "addresses"


async def test_names_that_are_typed_alike_are_one(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """An app could not tell them apart."""
    form = await begin(hass, entry, {CONF_NAME: "kids TV", "enabled": True})
    result = await hass.config_entries.subentries.async_configure(form["flow_id"], {})
    assert result["reason"] == "already_configured"


async def test_changed_viewer_keeps_its_addresses(
    hass: HomeAssistant, entry: MockConfigEntry, app: Client
) -> None:
    """The form shows them, under the address that players reach."""
    await async_process_ha_core_config(hass, {"internal_url": "http://house.example:8123"})
    flows = hass.config_entries.subentries
    form = await flows.async_init(
        (entry.entry_id, SubentryType.VIEWER),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": VIEWER_ID},
    )
    shown = dict(form["description_placeholders"] or {})
    assert shown["playlist"] == f"http://house.example:8123{PREFIX}/playlist.m3u"
    assert (shown["server"], shown["password"]) == ("http://house.example:8123", PASSWORD)
    typed = {CONF_NAME: "Children", "enabled": True}
    result = await flows.async_configure(form["flow_id"], typed)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert await playlist(app)
    async with app.get(
        "/player_api.php", params={"username": "children", "password": PASSWORD}
    ) as response:
        assert response.status == 200
