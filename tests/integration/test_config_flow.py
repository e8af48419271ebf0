"""Setting up the proxy, and what a user adds to it."""

from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntryState
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.acestream_proxy import forms
from custom_components.acestream_proxy.const import (
    CONF_ALTERNATIVES,
    CONF_AUDIO_LANGUAGE,
    CONF_CONTENT,
    CONF_GUIDE_ID,
    CONF_LOGO,
    CONF_NUMBER,
    CONF_TRANSCODE_VIDEO,
    DOMAIN,
    SubentryType,
)
from custom_components.acestream_proxy.proxy.engine import EngineClient, EngineOptions
from demo import CHANNELS, EmulatedEngine, Faults

from .common import CONTENT_ONE, CONTENT_TWO, ENGINE_ID, ONE, ONE_ID, TWO

type Result = dict[str, Any]

THREE = CHANNELS[2]

# A port that nobody listens at: 1 needs rights that nobody here has.
NOBODY_THERE = "http://127.0.0.1:1"

NO_ADDRESSES = [
    pytest.param("", id="nothing"),
    pytest.param("https://127.0.0.1:6878", id="a scheme engines do not speak"),
    pytest.param("http://127.0.0.1:6878/ace/getstream", id="more than an origin"),
    pytest.param("http://name:password@127.0.0.1", id="a login"),
    pytest.param("127.0.0.1:99999", id="a port that is none"),
    pytest.param("two words", id="words"),
]

NO_CONTENT = [
    pytest.param("", id="nothing"),
    pytest.param("Demo One", id="a name"),
    pytest.param("94c2fd8f", id="too short"),
    pytest.param("z" * 40, id="no hex digits"),
    pytest.param("ftp://files.example/x.acelive", id="a scheme no engine fetches"),
]


async def start_user_flow(hass: HomeAssistant, user_input: Result | None = None) -> Result:
    """Begin to set up the proxy."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}, data=user_input
    )
    return dict(result)


async def add(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    kind: SubentryType,
    user_input: Result | None = None,
) -> Result:
    """Begin to add something to the proxy."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind), context={"source": SOURCE_USER}, data=user_input
    )
    return dict(result)


async def change(
    hass: HomeAssistant, entry: MockConfigEntry, kind: SubentryType, subentry_id: str
) -> Result:
    """Begin to change something of the proxy."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": subentry_id},
    )
    return dict(result)


async def go_on(hass: HomeAssistant, result: Result, user_input: Result) -> Result:
    """Fill in the form of a subentry."""
    manager = hass.config_entries.subentries
    return dict(await manager.async_configure(result["flow_id"], user_input))


def suggestions(result: Result) -> Result:
    """Return what a form is filled in with."""
    return {
        str(field): field.description["suggested_value"]
        for field in result["data_schema"].schema
        if field.description
    }


async def start_server(answer: Result) -> TestServer:
    """Start something that answers every request with this."""

    async def handle(_: web.Request) -> web.Response:
        return web.Response(**answer)

    app = web.Application()
    app.router.add_get("/{anything:.*}", handle)
    server = TestServer(app)
    await server.start_server()
    return server


# The proxy ----------------------------------------------------------------------------------------


async def test_setting_up_asks_for_the_address_of_an_engine(hass: HomeAssistant) -> None:
    """The first thing the user sees is an empty form."""
    result = await start_user_flow(hass)

    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    assert result["errors"] == {}
    assert suggestions(result) == {}


async def test_an_engine_that_answers_sets_up_the_proxy(
    hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """The entry holds nothing itself: the engine is the first of its subentries."""
    form = await start_user_flow(hass)

    result = await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_URL: engine.url})
    await hass.async_block_till_done()

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "AceStream Proxy"
    assert result["data"] == {}
    entry = result["result"]
    assert entry.unique_id == DOMAIN
    assert entry.state is ConfigEntryState.LOADED
    (subentry,) = entry.subentries.values()
    assert subentry.subentry_type == SubentryType.ENGINE
    assert subentry.title == f"127.0.0.1:{engine.port}"
    assert subentry.unique_id == engine.url
    assert subentry.data == {CONF_URL: engine.url}


async def test_an_address_may_come_without_scheme_and_with_blanks(
    hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """People type what they know; what is kept is the whole origin."""
    result = await start_user_flow(hass, {CONF_URL: f"  127.0.0.1:{engine.port}/ "})
    await hass.async_block_till_done()

    (subentry,) = result["result"].subentries.values()
    assert subentry.data == {CONF_URL: engine.url}


@pytest.mark.parametrize("address", NO_ADDRESSES)
async def test_what_is_no_address_can_be_corrected(
    address: str, hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """The form comes back as it was filled in, says why, and then takes the right one."""
    form = await start_user_flow(hass, {CONF_URL: address})

    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {CONF_URL: "invalid_address"}
    assert suggestions(form) == {CONF_URL: address}
    await assert_recovers(hass, form, engine)


async def test_an_address_where_nobody_answers_can_be_corrected(
    hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """The engine may not be running yet."""
    form = await start_user_flow(hass, {CONF_URL: NOBODY_THERE})

    assert form["errors"] == {CONF_URL: "cannot_connect"}
    await assert_recovers(hass, form, engine)


async def test_an_engine_that_hangs_counts_as_not_answering(
    hass: HomeAssistant,
    engine: EmulatedEngine,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It accepts the connection, then says nothing."""
    impatient = partial(EngineClient, options=EngineOptions(version_timeout=0.05))
    monkeypatch.setattr(forms, "EngineClient", impatient)
    faults.hang = {"get_version"}
    form = await start_user_flow(hass, {CONF_URL: engine.url})

    assert form["errors"] == {CONF_URL: "cannot_connect"}
    monkeypatch.undo()
    faults.hang = set()
    await assert_recovers(hass, form, engine)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 404, "text": "404: Not Found"}, id="a web server without the path"),
        pytest.param({"status": 401, "text": "401: Unauthorized"}, id="a login"),
        pytest.param({"status": 302, "headers": {"Location": "/login"}}, id="a redirect"),
        pytest.param({"text": "<html>Welcome</html>", "content_type": "text/html"}, id="a page"),
        pytest.param({"text": '["version"]'}, id="a list"),
        pytest.param({"text": '{"result": {"version": 1}}'}, id="another API"),
        pytest.param({"text": '{"error": "unknown method"}'}, id="an error in JSON"),
    ],
)
async def test_what_answers_but_is_no_engine_is_called_so(
    answer: Result, hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """A wrong port often has something else behind it."""
    server = await start_server(answer)
    form = await start_user_flow(hass, {CONF_URL: str(server.make_url("/"))})
    await server.close()

    assert form["errors"] == {CONF_URL: "no_engine"}
    await assert_recovers(hass, form, engine)


async def assert_recovers(hass: HomeAssistant, form: Result, engine: EmulatedEngine) -> None:
    """Correct a form and see the proxy set up."""
    result = await hass.config_entries.flow.async_configure(form["flow_id"], {CONF_URL: engine.url})
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_proxy_is_set_up_once(
    hass: HomeAssistant, config_entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """A second one would fetch the same channels a second time."""
    result = await start_user_flow(hass)

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_of_two_open_forms_the_first_to_be_sent_sets_up_the_proxy(
    hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """A form that was left open in another tab is in nobody's way, and is closed."""
    await start_user_flow(hass)

    result = await start_user_flow(hass, {CONF_URL: engine.url})
    await hass.async_block_till_done()

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert hass.config_entries.flow.async_progress_by_handler(DOMAIN) == []


async def test_what_can_be_added_to_the_proxy(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """All can be added and changed."""
    assert config_entry.supported_subentry_types == {
        "engine": {"supports_reconfigure": True},
        "channel": {"supports_reconfigure": True},
        "playlist": {"supports_reconfigure": True},
        "guide": {"supports_reconfigure": True},
        "viewer": {"supports_reconfigure": True},
    }


# Engines ------------------------------------------------------------------------------------------


async def test_adding_an_engine_asks_for_its_address(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """An empty form."""
    result = await add(hass, config_entry, SubentryType.ENGINE)

    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    assert result["errors"] == {}


async def test_an_engine_is_added_under_its_address(
    hass: HomeAssistant, config_entry: MockConfigEntry, other_engine: EmulatedEngine
) -> None:
    """Its title is its address: engines have no names."""
    form = await add(hass, config_entry, SubentryType.ENGINE)

    result = await go_on(hass, form, {CONF_URL: other_engine.url})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    added = list(config_entry.subentries.values())[-1]
    assert added.title == f"127.0.0.1:{other_engine.port}"
    assert added.unique_id == other_engine.url
    assert added.data == {CONF_URL: other_engine.url}


@pytest.mark.parametrize(
    ("address", "error"),
    [("no address", "invalid_address"), (NOBODY_THERE, "cannot_connect")],
)
async def test_an_engine_that_cannot_be_added_can_be_corrected(
    address: str,
    error: str,
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    other_engine: EmulatedEngine,
) -> None:
    """The form keeps what was typed."""
    form = await add(hass, config_entry, SubentryType.ENGINE, {CONF_URL: address})
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {CONF_URL: error}
    assert suggestions(form) == {CONF_URL: address}

    result = await go_on(hass, form, {CONF_URL: other_engine.url})

    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_an_engine_is_not_added_twice(
    hass: HomeAssistant, config_entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """However its address is written."""
    result = await add(
        hass, config_entry, SubentryType.ENGINE, {CONF_URL: f"127.0.0.1:{engine.port}"}
    )

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_changing_an_engine_begins_with_its_address(
    hass: HomeAssistant, config_entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """The form is filled in."""
    form = await change(hass, config_entry, SubentryType.ENGINE, ENGINE_ID)

    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "reconfigure"
    assert suggestions(form) == {CONF_URL: engine.url}


async def test_an_engine_moves_to_a_new_address(
    hass: HomeAssistant, config_entry: MockConfigEntry, other_engine: EmulatedEngine
) -> None:
    """It stays the same engine: entities and history go with it."""
    form = await change(hass, config_entry, SubentryType.ENGINE, ENGINE_ID)

    result = await go_on(hass, form, {CONF_URL: other_engine.url})

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    changed = config_entry.subentries[ENGINE_ID]
    assert changed.title == f"127.0.0.1:{other_engine.port}"
    assert changed.unique_id == other_engine.url
    assert changed.data == {CONF_URL: other_engine.url}


async def test_an_engine_may_keep_its_address(
    hass: HomeAssistant, config_entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """It is no duplicate of itself."""
    form = await change(hass, config_entry, SubentryType.ENGINE, ENGINE_ID)

    result = await go_on(hass, form, {CONF_URL: engine.url})

    assert result["reason"] == "reconfigure_successful"


async def test_an_engine_does_not_move_to_where_nobody_answers(
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
) -> None:
    """Until it is corrected the old address stands."""
    form = await change(hass, config_entry, SubentryType.ENGINE, ENGINE_ID)

    form = await go_on(hass, form, {CONF_URL: NOBODY_THERE})
    assert form["errors"] == {CONF_URL: "cannot_connect"}
    assert suggestions(form) == {CONF_URL: NOBODY_THERE}
    assert config_entry.subentries[ENGINE_ID].data == {CONF_URL: engine.url}

    result = await go_on(hass, form, {CONF_URL: other_engine.url})
    assert result["reason"] == "reconfigure_successful"


async def test_an_engine_does_not_move_to_where_another_one_is(
    hass: HomeAssistant, config_entry: MockConfigEntry, other_engine: EmulatedEngine
) -> None:
    """Two subentries of one engine would count its streams twice."""
    await add(hass, config_entry, SubentryType.ENGINE, {CONF_URL: other_engine.url})
    form = await change(hass, config_entry, SubentryType.ENGINE, ENGINE_ID)

    result = await go_on(hass, form, {CONF_URL: other_engine.url})

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


# Channels -----------------------------------------------------------------------------------------


async def test_adding_a_channel_asks_for_name_content_logo_and_wishes(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """All but the first two may be left out."""
    result = await add(hass, config_entry, SubentryType.CHANNEL)

    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    required = {str(it): isinstance(it, vol.Required) for it in result["data_schema"].schema}
    assert required == {
        CONF_NAME: True,
        CONF_CONTENT: True,
        CONF_ALTERNATIVES: False,
        CONF_LOGO: False,
        CONF_NUMBER: False,
        CONF_GUIDE_ID: False,
        CONF_AUDIO_LANGUAGE: False,
        CONF_TRANSCODE_VIDEO: False,
    }


@pytest.mark.parametrize(
    ("content", "unique_id"),
    [
        pytest.param(THREE.content_id, f"content_id-{THREE.content_id}", id="bare"),
        pytest.param(
            f"acestream://{THREE.content_id}", f"content_id-{THREE.content_id}", id="link"
        ),
        pytest.param(f"infohash:{THREE.infohash}", f"infohash-{THREE.infohash}", id="infohash"),
        pytest.param(
            f"magnet:?xt=urn:btih:{THREE.infohash.upper()}",
            f"infohash-{THREE.infohash}",
            id="magnet",
        ),
    ],
)
async def test_a_channel_is_added_by_whatever_names_its_content(
    content: str, unique_id: str, hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """What was typed is kept, what it means is its unique ID; no engine is asked."""
    typed = {
        CONF_NAME: "Three",
        CONF_CONTENT: content,
        CONF_LOGO: "http://logos.example/3.png",
        CONF_TRANSCODE_VIDEO: True,
    }
    form = await add(hass, config_entry, SubentryType.CHANNEL)

    result = await go_on(hass, form, typed)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    added = list(config_entry.subentries.values())[-1]
    assert added.title == "Three"
    assert added.data == typed
    assert added.unique_id == unique_id


@pytest.mark.parametrize("content", NO_CONTENT)
async def test_what_names_no_content_can_be_corrected(
    content: str, hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """The form keeps all that was typed."""
    typed = {CONF_NAME: "Three", CONF_CONTENT: content}
    form = await add(hass, config_entry, SubentryType.CHANNEL, typed)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {CONF_CONTENT: "invalid_content"}
    assert suggestions(form) == typed

    result = await go_on(hass, form, {CONF_NAME: "Three", CONF_CONTENT: THREE.content_id})

    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_what_is_no_language_can_be_corrected(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """The form keeps all that was typed."""
    typed = {CONF_NAME: "Three", CONF_CONTENT: THREE.content_id, CONF_AUDIO_LANGUAGE: "Spanish"}
    form = await add(hass, config_entry, SubentryType.CHANNEL, typed)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {CONF_AUDIO_LANGUAGE: "invalid_language"}
    assert suggestions(form) == typed

    result = await go_on(hass, form, {**typed, CONF_AUDIO_LANGUAGE: "spa"})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    added = list(config_entry.subentries.values())[-1]
    assert added.data[CONF_AUDIO_LANGUAGE] == "spa"


async def test_a_channel_is_not_added_twice(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """However its content is written, and whatever it is called."""
    typed = {CONF_NAME: "One again", CONF_CONTENT: ONE.content_id.upper()}

    result = await add(hass, config_entry, SubentryType.CHANNEL, typed)

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_changing_a_channel_begins_with_what_it_is(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """The form is filled in."""
    form = await change(hass, config_entry, SubentryType.CHANNEL, ONE_ID)

    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "reconfigure"
    assert suggestions(form) == dict(config_entry.subentries[ONE_ID].data)


async def test_a_channel_gets_other_content_and_another_name(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """And what was left out is gone: here its logo."""
    form = await change(hass, config_entry, SubentryType.CHANNEL, ONE_ID)

    result = await go_on(hass, form, {CONF_NAME: "Three", CONF_CONTENT: THREE.content_id})

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    changed = config_entry.subentries[ONE_ID]
    assert changed.title == "Three"
    assert changed.data == {CONF_NAME: "Three", CONF_CONTENT: THREE.content_id}
    assert changed.unique_id == f"content_id-{THREE.content_id}"


async def test_a_channel_may_keep_its_content(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """It is no duplicate of itself."""
    form = await change(hass, config_entry, SubentryType.CHANNEL, ONE_ID)

    result = await go_on(hass, form, {CONF_NAME: "Uno", CONF_CONTENT: ONE.content_id})

    assert result["reason"] == "reconfigure_successful"
    assert config_entry.subentries[ONE_ID].title == "Uno"
    assert config_entry.subentries[ONE_ID].unique_id == CONTENT_ONE.slug


async def test_a_channel_does_not_get_the_content_of_another(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """That one is there already."""
    form = await change(hass, config_entry, SubentryType.CHANNEL, ONE_ID)

    result = await go_on(hass, form, {CONF_NAME: "Two", CONF_CONTENT: TWO.content_id})

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert config_entry.subentries[ONE_ID].unique_id == CONTENT_ONE.slug
    assert CONTENT_ONE != CONTENT_TWO


async def test_a_channel_keeps_its_content_until_the_new_one_is_right(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """An error changes nothing."""
    form = await change(hass, config_entry, SubentryType.CHANNEL, ONE_ID)

    form = await go_on(hass, form, {CONF_NAME: "Three", CONF_CONTENT: "three"})
    assert form["errors"] == {CONF_CONTENT: "invalid_content"}
    assert config_entry.subentries[ONE_ID].title == ONE.name

    result = await go_on(hass, form, {CONF_NAME: "Three", CONF_CONTENT: THREE.content_id})
    assert result["reason"] == "reconfigure_successful"
