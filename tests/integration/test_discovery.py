"""The app, as the Supervisor tells of it: an engine that only has to be agreed to."""

from collections.abc import AsyncIterator
from typing import Any

from homeassistant.config_entries import SOURCE_HASSIO, SOURCE_IGNORE, ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_URL, EVENT_HOMEASSISTANT_START
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy.const import DOMAIN, SubentryType
from demo import CHANNELS, EmulatedEngine

from .common import ENGINE_ID, add_subentry, catch_up, engine_subentry, play
from .supervisor import TOKEN, EmulatedSupervisor, supervisor
from .test_config_flow import add, change, go_on, start_server, start_user_flow

type Result = dict[str, Any]

APP = "a1b2c3d4_acestream"
"""The slug of an app, as the Supervisor makes it of its repository and its own."""

THREE = CHANNELS[2]


def message(port: int, *, slug: str = APP, uuid: str = "1" * 32) -> HassioServiceInfo:
    """Return what is told of an app."""
    return HassioServiceInfo(
        config={"host": "127.0.0.1", "port": port, "addon": "AceStream app"},
        name="AceStream app",
        slug=slug,
        uuid=uuid,
    )


async def find(hass: HomeAssistant, app: HassioServiceInfo) -> Result:
    """Tell of an app."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_HASSIO}, data=app
    )
    return dict(result)


async def agree(hass: HomeAssistant, question: Result) -> Result:
    """Say that the app is to be an engine, and wait for what follows."""
    result = await hass.config_entries.flow.async_configure(question["flow_id"], {})
    await hass.async_block_till_done()
    return dict(result)


async def ignore(hass: HomeAssistant) -> None:
    """Say that the app that is asked about is not to be asked about again, as the button does."""
    (question,) = questions(hass)
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": question["context"]["unique_id"], "title": "AceStream app"},
    )
    await hass.async_block_till_done()


def questions(hass: HomeAssistant) -> list[Result]:
    """Return what the user is asked."""
    return [dict(one) for one in hass.config_entries.flow.async_progress_by_handler(DOMAIN)]


def engines(entry: ConfigEntry) -> list[str]:
    """Return the addresses of the proxy's engines."""
    found = entry.get_subentries_of_type(SubentryType.ENGINE)
    return [one.data[CONF_URL] for one in found]


# A new app ----------------------------------------------------------------------------------------


async def test_an_app_that_was_found_is_asked_about(
    hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """By its name, with a way to its page; nothing is set up and no engine asked before that."""
    question = await find(hass, message(engine.port))

    assert question["type"] is FlowResultType.FORM
    assert question["step_id"] == "hassio_confirm"
    assert question["description_placeholders"] == {"app": "AceStream app"}
    assert question["errors"] == {}
    (card,) = questions(hass)
    assert card["context"]["confirm_only"]
    assert card["context"]["title_placeholders"] == {"name": "AceStream app"}
    assert card["context"]["configuration_url"] == f"homeassistant://app/{APP}"
    assert hass.config_entries.async_entries(DOMAIN) == []
    assert engine.requests == []


async def test_an_app_that_is_agreed_to_sets_up_the_proxy(
    hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """As its first engine, which remembers whose it is."""
    result = await agree(hass, await find(hass, message(engine.port)))

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
    assert subentry.data == {CONF_URL: engine.url, "app": APP}


async def test_an_app_is_one_more_engine_of_the_proxy_that_is_there(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    other_engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """It takes the next stream, and who watches goes on watching."""
    client = await hass_client()
    viewer = await play(client)

    result = await agree(hass, await find(hass, message(other_engine.port)))

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "engine_added"
    assert engines(entry)[1:] == [other_engine.url]
    await play(client, f"/ace/getstream?id={THREE.content_id}")
    assert other_engine.starts == 1
    await catch_up(viewer)


async def test_a_proxy_that_waits_for_an_engine_plays_with_the_app(
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
) -> None:
    """At once, not when it next looks for the engine that is away."""
    await engine.stop()
    await hass.config_entries.async_setup(config_entry.entry_id)
    assert config_entry.state is ConfigEntryState.SETUP_RETRY

    await agree(hass, await find(hass, message(other_engine.port)))

    assert config_entry.state.value == ConfigEntryState.LOADED.value


async def test_an_app_that_does_not_answer_yet_can_be_agreed_to_again(
    hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """Some take a while to start."""
    question = await find(hass, message(engine.port))
    await engine.stop()

    again = await agree(hass, question)

    assert again["type"] is FlowResultType.FORM
    assert again["step_id"] == "hassio_confirm"
    assert again["errors"] == {"base": "cannot_connect"}
    await engine.start()
    assert (await agree(hass, again))["type"] is FlowResultType.CREATE_ENTRY


async def test_an_app_that_is_something_else_is_called_so(hass: HomeAssistant) -> None:
    """The Supervisor passes on what an app says, and does not look."""
    server = await start_server({"text": "<html>Welcome</html>", "content_type": "text/html"})

    again = await agree(hass, await find(hass, message(server.port or 0)))

    assert again["errors"] == {"base": "no_engine"}
    assert hass.config_entries.async_entries(DOMAIN) == []
    await server.close()


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"host": "127.0.0.1"}, id="no port"),
        pytest.param({"port": 8080}, id="no host"),
        pytest.param({"host": "127.0.0.1", "port": "http"}, id="a port that is a word"),
        pytest.param({"host": "127.0.0.1", "port": 99999}, id="a port that is none"),
        pytest.param({"host": "", "port": 8080}, id="an empty host"),
        pytest.param({"host": "two words", "port": 8080}, id="a host that is none"),
        pytest.param({"host": "host/path?", "port": 8080}, id="more than a host"),
        pytest.param({"host": ["127.0.0.1"], "port": 8080}, id="a list"),
    ],
)
async def test_an_app_that_does_not_say_where_it_is_is_not_asked_about(
    config: Result, hass: HomeAssistant
) -> None:
    """Its maker has to mend it; what it says is not trusted."""
    app = message(0)
    app.config = config

    result = await find(hass, app)

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "invalid_discovery_info"


# An app that is known -----------------------------------------------------------------------------


async def test_an_app_whose_engine_was_added_by_hand_is_known(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """Nothing is there twice, and the user's own stays as it is."""
    before = dict(entry.subentries[ENGINE_ID].data)

    result = await find(hass, message(engine.port))

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert engines(entry) == [engine.url]
    assert entry.subentries[ENGINE_ID].data == before


async def test_an_app_is_asked_about_once(
    hass: HomeAssistant, entry: MockConfigEntry, other_engine: EmulatedEngine
) -> None:
    """Home Assistant is told of it again with each start."""
    await agree(hass, await find(hass, message(other_engine.port)))

    result = await find(hass, message(other_engine.port))

    assert result["reason"] == "already_configured"
    assert engines(entry)[1:] == [other_engine.url]


async def test_an_app_that_moved_takes_its_engine_along_and_cuts_nobody(
    hass: HomeAssistant,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Without a question, and also if it was installed anew; the next stream is opened there."""
    entry = (await agree(hass, await find(hass, message(engine.port))))["result"]
    (before,) = entry.subentries
    runtime = entry.runtime_data
    client = await hass_client()
    viewer = await play(client)

    result = await find(hass, message(other_engine.port, uuid="2" * 32))
    await hass.async_block_till_done()

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    ((now, subentry),) = entry.subentries.items()
    assert now == before
    assert subentry.data == {CONF_URL: other_engine.url, "app": APP}
    assert subentry.unique_id == other_engine.url
    assert subentry.title == f"127.0.0.1:{other_engine.port}"
    assert entry.runtime_data is runtime
    await play(client, f"/ace/getstream?id={THREE.content_id}")
    assert [engine.starts, other_engine.starts] == [1, 1]
    await catch_up(viewer)


async def test_a_proxy_that_waits_for_its_app_starts_where_the_app_is_now(
    hass: HomeAssistant, engine: EmulatedEngine, other_engine: EmulatedEngine
) -> None:
    """At once, not when it is next tried at the old address."""
    entry = (await agree(hass, await find(hass, message(engine.port))))["result"]
    await engine.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY

    await find(hass, message(other_engine.port))
    await hass.async_block_till_done()

    assert entry.state.value == ConfigEntryState.LOADED.value


async def test_an_app_does_not_move_to_where_another_engine_is(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """The other one is it: the one that it left is for the user to remove."""
    gone = engine_subentry("http://127.0.0.1:1")
    object.__setattr__(gone, "data", {**gone.data, "app": APP})
    await add_subentry(hass, entry, gone)

    result = await find(hass, message(engine.port))

    assert result["reason"] == "already_configured"
    assert engines(entry) == [engine.url, "http://127.0.0.1:1"]


async def test_an_engine_that_was_moved_by_hand_is_the_app_s_no_longer(
    hass: HomeAssistant, engine: EmulatedEngine, other_engine: EmulatedEngine
) -> None:
    """What the user wrote stands; about the app there is a question."""
    entry = (await agree(hass, await find(hass, message(engine.port))))["result"]
    (mine,) = entry.subentries
    form = await change(hass, entry, SubentryType.ENGINE, mine)
    await go_on(hass, form, {CONF_URL: other_engine.url})

    question = await find(hass, message(engine.port))

    assert question["type"] is FlowResultType.FORM
    assert engines(entry) == [other_engine.url]


# While there is a question ------------------------------------------------------------------------


async def test_a_proxy_that_is_set_up_by_hand_meanwhile_gets_the_app_as_well(
    hass: HomeAssistant, engine: EmulatedEngine, other_engine: EmulatedEngine
) -> None:
    """There is one proxy, whatever is pressed in which order."""
    question = await find(hass, message(other_engine.port))
    entry = (await start_user_flow(hass, {CONF_URL: engine.url}))["result"]
    assert len(questions(hass)) == 1

    result = await agree(hass, question)

    assert result["reason"] == "engine_added"
    assert hass.config_entries.async_entries(DOMAIN) == [entry]
    assert engines(entry) == [engine.url, other_engine.url]


async def test_an_engine_that_is_added_by_hand_meanwhile_is_not_added_twice(
    hass: HomeAssistant, entry: MockConfigEntry, other_engine: EmulatedEngine
) -> None:
    """Whoever is first adds it."""
    question = await find(hass, message(other_engine.port))
    await add(hass, entry, SubentryType.ENGINE, {CONF_URL: other_engine.url})

    result = await agree(hass, question)

    assert result["reason"] == "already_configured"
    assert engines(entry)[1:] == [other_engine.url]


async def test_of_two_questions_about_an_app_the_newer_one_stands(
    hass: HomeAssistant, engine: EmulatedEngine, other_engine: EmulatedEngine
) -> None:
    """The other one is about where the app was; one about another app is left alone."""
    older = await find(hass, message(engine.port))
    another = await find(hass, message(engine.port, slug="e5f6a7b8_another"))

    newer = await find(hass, message(other_engine.port))

    assert {one["flow_id"] for one in questions(hass)} == {another["flow_id"], newer["flow_id"]}
    with pytest.raises(UnknownFlow):
        await agree(hass, older)
    assert engines((await agree(hass, newer))["result"]) == [other_engine.url]


async def test_an_ignored_app_is_not_asked_about_again(
    hass: HomeAssistant, engine: EmulatedEngine
) -> None:
    """Another one is, and the proxy can be set up by hand."""
    await find(hass, message(engine.port))
    await ignore(hass)

    again = await find(hass, message(engine.port))

    assert again["reason"] == "already_configured"
    another = await find(hass, message(engine.port, slug="e5f6a7b8_another"))
    assert another["type"] is FlowResultType.FORM
    form = await start_user_flow(hass, {CONF_URL: engine.url})
    assert form["type"] is FlowResultType.CREATE_ENTRY


# As the Supervisor tells it -----------------------------------------------------------------------


@pytest.fixture
async def told(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[EmulatedSupervisor]:
    """Home Assistant's own integration of the Supervisor, and a Supervisor that knows the app."""
    # Before a test's client opens the web server for good.
    assert await async_setup_component(hass, DOMAIN, {})
    async with supervisor() as emulated:
        emulated.apps[APP] = "AceStream app"
        monkeypatch.setenv("SUPERVISOR", emulated.host)
        monkeypatch.setenv("SUPERVISOR_TOKEN", TOKEN)
        assert await async_setup_component(hass, "hassio", {})
        await hass.async_block_till_done()
        yield emulated


async def settle(hass: HomeAssistant) -> None:
    """Wait until what was told has been understood."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_what_an_app_says_to_the_supervisor_becomes_an_engine(
    hass: HomeAssistant,
    told: EmulatedSupervisor,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """The whole way: asked about, agreed to, told of again, moved."""
    uuid = told.tell(APP, {"host": "127.0.0.1", "port": engine.port})
    push = f"/api/hassio_push/discovery/{uuid}"
    client = await hass_client()
    assert (await client.post(push)).status == 200
    await settle(hass)
    (question,) = questions(hass)
    assert question["step_id"] == "hassio_confirm"
    assert question["context"]["title_placeholders"] == {"name": "AceStream app"}

    entry = (await agree(hass, question))["result"]
    assert engines(entry) == [engine.url]

    hass.bus.async_fire(EVENT_HOMEASSISTANT_START)
    await settle(hass)
    assert questions(hass) == []
    assert engines(entry) == [engine.url]

    told.tell(APP, {"host": "127.0.0.1", "port": other_engine.port})
    assert (await client.post(push)).status == 200
    await settle(hass)
    assert engines(entry) == [other_engine.url]


async def test_an_app_that_was_there_first_is_found_as_home_assistant_starts(
    hass: HomeAssistant, told: EmulatedSupervisor, engine: EmulatedEngine
) -> None:
    """It spoke up while nobody knew what to do with it."""
    told.tell(APP, {"host": "127.0.0.1", "port": engine.port})

    hass.bus.async_fire(EVENT_HOMEASSISTANT_START)
    await settle(hass)

    assert len(questions(hass)) == 1


async def test_the_proxy_outlives_its_app(
    hass: HomeAssistant,
    told: EmulatedSupervisor,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """Home Assistant removes what else was set up by an app; with ours all channels would go."""
    uuid = told.tell(APP, {"host": "127.0.0.1", "port": engine.port})
    push = f"/api/hassio_push/discovery/{uuid}"
    client = await hass_client()
    await client.post(push)
    await settle(hass)
    entry = (await agree(hass, questions(hass)[0]))["result"]

    message = told.messages.pop(uuid)
    response = await client.delete(push, json={"service": message["service"], "uuid": uuid})
    await settle(hass)

    assert response.status == 200
    assert entry.state is ConfigEntryState.LOADED
    assert engines(entry) == [engine.url]


async def test_when_the_proxy_is_removed_its_app_is_found_again(
    hass: HomeAssistant, told: EmulatedSupervisor, engine: EmulatedEngine
) -> None:
    """At once: it did not go with the proxy."""
    told.tell(APP, {"host": "127.0.0.1", "port": engine.port})
    hass.bus.async_fire(EVENT_HOMEASSISTANT_START)
    await settle(hass)
    entry = (await agree(hass, questions(hass)[0]))["result"]

    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)

    assert len(questions(hass)) == 1


async def test_when_the_proxy_is_removed_all_apps_are_found_again_that_it_had(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    told: EmulatedSupervisor,
    engine: EmulatedEngine,
    other_engine: EmulatedEngine,
) -> None:
    """The one whose engine was added by hand, and the one that was agreed to later."""
    told.apps["e5f6a7b8_another"] = "Another app"
    told.tell(APP, {"host": "127.0.0.1", "port": engine.port})
    told.tell("e5f6a7b8_another", {"host": "127.0.0.1", "port": other_engine.port})
    hass.bus.async_fire(EVENT_HOMEASSISTANT_START)
    await settle(hass)
    await agree(hass, questions(hass)[0])
    assert len(engines(entry)) == 2

    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)

    assert len(questions(hass)) == 2
