"""Every text that the code asks for is there, and every text that is there is asked for."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.data_entry_flow import section
import pytest
import voluptuous as vol

from custom_components.acestream_proxy import (
    binary_sensor,
    button,
    config_flow,
    event,
    forms,
    lineup_sensors,
    options,
    reasons,
    repairs,
    sensor,
    stream_sensors,
    subentry_flows,
    switch,
    troubles,
)
from custom_components.acestream_proxy.proxy.errors import Why

FACE = Path(config_flow.__file__).parent
FORMS = ("config_flow.py", "discovery.py", "subentry_flows.py", "forms.py")
TEXTS = json.loads((FACE / "translations" / "en.json").read_text())
CONFIG, OPTIONS, SUBENTRIES = TEXTS["config"], TEXTS["options"], TEXTS["config_subentries"]

FLOWS = [
    pytest.param(
        CONFIG,
        config_flow.AceStreamProxyConfigFlow,
        {
            "user": forms.ENGINE_SCHEMA,
            "reconfigure": vol.Schema({"engine": str, **forms.ENGINE_SCHEMA.schema}),
            "hassio_confirm": vol.Schema({}),
        },
        id="proxy",
    ),
    pytest.param(
        OPTIONS, config_flow.ProxyOptionsFlow, {"init": options.OPTIONS_SCHEMA}, id="options"
    ),
    *(
        pytest.param(
            SUBENTRIES[kind], flow, {"user": schema, "reconfigure": schema, **more}, id=kind
        )
        for kind, flow, schema, more in (
            ("engine", subentry_flows.EngineSubentryFlow, forms.ENGINE_SCHEMA, {}),
            (
                "channel",
                subentry_flows.ChannelSubentryFlow,
                forms.CHANNEL_SCHEMA,
                {"listed": forms.LISTED_SCHEMA, "pick": vol.Schema({"channel": str})},
            ),
            ("playlist", subentry_flows.PlaylistSubentryFlow, forms.PLAYLIST_SCHEMA, {}),
            ("guide", subentry_flows.GuideSubentryFlow, forms.GUIDE_SCHEMA, {}),
            (
                "viewer",
                subentry_flows.ViewerSubentryFlow,
                forms.VIEWER_SCHEMA,
                {"addresses": vol.Schema({})},
            ),
        )
    ),
]

PACKAGE = config_flow.__name__.rpartition(".")[0]
OTHERS = ("engine", "channel", "playlist", "guide")

# Chosen in a menu, or begun by what was found: they show the form of another step.
WITHOUT_WORDS = {"async_step_content", "async_step_hassio"}

# What Home Assistant aborts with by itself: it lets no unique ID be there twice.
ABORTS = {"already_configured", "reconfigure_successful"}


def calls(*files: str) -> Iterator[tuple[ast.Call, dict[str | None, Any]]]:
    """Go through the calls in modules, each with its keyword arguments."""
    for file in files:
        for node in ast.walk(ast.parse((FACE / file).read_text())):
            match node:
                case ast.Call(keywords=given):
                    yield node, {keyword.arg: keyword.value for keyword in given}


def errors(*files: str) -> set[str]:
    """Return what may be wrong with a field of a form."""
    return {
        error
        for file in files
        for node in ast.walk(ast.parse((FACE / file).read_text()))
        for error in error_in(node)
    }


def error_in(node: ast.AST) -> list[str]:
    """Return what is wrong with a field, as in `{CONF_URL: "cannot_connect"}`."""
    match node:
        case ast.Dict(keys=[ast.Name()], values=[ast.Constant(value=str(error))]):
            return [error]
    return []


def exceptions() -> Iterator[tuple[str, set[str]]]:
    """Return the keys of translated exceptions, with their placeholders."""
    for call, given in calls(*(file.name for file in FACE.glob("*.py"))):
        match call, given:
            case ast.Call(func=ast.Name(id="refusal"), args=[ast.Constant(value=str(key))]), _:
                yield key, {str(name) for name in given}
            case ast.Call(func=ast.Name(id="Reason"), args=args), _:
                yield from reasons_in(args)
            case _, {"translation_domain": _, "translation_key": ast.Constant(value=str(key))}:
                filled = given.get("translation_placeholders", ast.Dict([], []))
                yield key, {name.value for name in filled.keys}


def reasons_in(args: list[ast.expr]) -> Iterator[tuple[str, set[str]]]:
    """Return the same of why something does not play: one key, or one of two."""
    match args:
        case [ast.Constant(value=str(key)), ast.Dict(keys=names)]:
            yield key, {str(name.value) for name in names if isinstance(name, ast.Constant)}
        case [ast.Constant(value=str(key))]:
            yield key, set()
        case [ast.IfExp(body=first, orelse=second)]:
            yield from reasons_in([first])
            yield from reasons_in([second])


@pytest.mark.parametrize(("texts", "flow", "schemas"), FLOWS)
def test_flows_have_texts_for_their_steps_and_fields(
    texts: dict[str, Any], flow: type, schemas: dict[str, vol.Schema]
) -> None:
    """No step without its words, no words without their step."""
    own = [kind for kind in flow.__mro__ if kind.__module__.startswith(PACKAGE)]
    methods = {name for kind in own for name in vars(kind) if name.startswith("async_step_")}

    assert {f"async_step_{step}" for step in texts["step"]} == methods - WITHOUT_WORDS
    assert texts["step"].keys() == schemas.keys()
    for step, schema in schemas.items():
        sections = {str(key): one for key, one in schema.schema.items() if isinstance(one, section)}
        fields = {str(field) for field in schema.schema} - sections.keys()
        assert texts["step"][step].get("sections", {}).keys() == sections.keys()
        assert texts["step"][step].get("data", {}).keys() == fields
        assert texts["step"][step].get("data_description", {}).keys() == fields


def test_advanced_options_have_their_words() -> None:
    """Each of them, and all together."""
    texts = OPTIONS["step"]["init"]["sections"]["advanced"]
    fields = {str(field) for field in options.OPTIONS_SCHEMA.schema["advanced"].schema.schema}
    assert texts["name"]
    assert texts["description"]
    assert texts["data"].keys() == texts["data_description"].keys() == fields


def test_menu_has_its_words() -> None:
    """For each way to add a channel."""
    step = SUBENTRIES["channel"]["step"]["user"]
    assert step["menu_options"].keys() == step["menu_option_descriptions"].keys()
    assert step["menu_options"].keys() == {"content", "listed"}


def test_flows_have_a_text_for_each_reason_to_abort() -> None:
    """Those that Home Assistant gives, those of an app that was found, and of a moved engine."""
    given = {named["reason"].value for _, named in calls(*FORMS) if "reason" in named}
    found = {"already_configured", "engine_added", "invalid_discovery_info"}

    assert given == {"no_engines", "reconfigure_successful", *found}
    assert CONFIG["abort"].keys() == given
    for texts in SUBENTRIES.values():
        assert texts["abort"].keys() == ABORTS


def test_subentries_have_a_text_for_each_way_to_begin() -> None:
    """Adding and changing."""
    for texts in SUBENTRIES.values():
        assert texts["initiate_flow"].keys() == {"user", "reconfigure"}


def test_flows_have_a_text_for_each_error() -> None:
    """No more and no less than what may be wrong; which form shows which is tested with it."""
    texts = (CONFIG, OPTIONS, *SUBENTRIES.values())
    assert {error for one in texts for error in one["error"]} == errors(*FORMS) | {*forms._SAID}


def test_placeholders_in_the_texts_of_flows_are_filled_in() -> None:
    """Viewers have some of their own, and so has an app that was found."""
    viewer = {"playlist", "guide", "server", "username", "password"}
    others = json.dumps([CONFIG, OPTIONS, *(SUBENTRIES[kind] for kind in OTHERS)])
    assert set(re.findall(r"\{(\w+)\}", others)) == {*forms.PLACEHOLDERS, "app"}
    assert set(re.findall(r"\{(\w+)\}", json.dumps(SUBENTRIES["viewer"]))) == viewer


def test_issues_have_their_texts_and_placeholders() -> None:
    """What is wrong and what to do: in the flow that mends it, or where there is none as a text."""
    texts = TEXTS["issues"]
    flows = repairs._FLOWS
    filled = {"engine_refuses": {"engine", "words"}, "no_engine_answers": {"addresses"}}

    assert texts.keys() == set(troubles.Trouble)
    assert flows.keys() == set(troubles._FIXABLE)
    for trouble, text in texts.items():
        assert text["title"]
        assert ("fix_flow" in text) is (trouble in flows)
        assert ("description" in text) is (trouble not in flows)
        found = set(re.findall(r"\{(\w+)\}", json.dumps(text)))
        assert found == filled.get(trouble, set())
    for trouble, flow in flows.items():
        assert texts[trouble]["fix_flow"]["step"]["confirm"].keys() == {"title", "description"}
        assert texts[trouble]["fix_flow"]["error"].keys() == {flow.still_wrong}


def test_exceptions_have_their_texts_and_placeholders() -> None:
    """No exception without words, no words without an exception."""
    used: dict[str, set[str]] = {why: {"name"} for why in Why}
    used |= {key: set() for key in reasons._KEYS.values()}
    used |= exceptions()

    assert TEXTS["exceptions"].keys() == used.keys()
    for key, filled in used.items():
        assert set(re.findall(r"\{(\w+)\}", TEXTS["exceptions"][key]["message"])) == filled


def test_words_are_those_that_are_asked_for() -> None:
    """No more and no less."""
    assert TEXTS["common"].keys() == {
        key
        for file in FACE.glob("*.py")
        for key in re.findall(r'async_word\(\w[\w.]*, "(\w+)"\)', file.read_text())
    }


def test_sensors_have_their_names_units_and_states() -> None:
    """Counts have a unit only in words; a sensor of states has a word for each."""
    descriptions = (
        *sensor.ENGINE_SENSORS,
        *stream_sensors.PROXY_SENSORS,
        *stream_sensors.CHANNEL_SENSORS,
        *stream_sensors.TRAFFIC_SENSORS,
        *lineup_sensors.FEED_SENSORS,
        lineup_sensors.ON_AIR,
        lineup_sensors.WATCHING,
    )
    texts = TEXTS["entity"]["sensor"]

    assert texts.keys() == {description.translation_key for description in descriptions}
    for description in descriptions:
        text = texts[description.translation_key]
        has_state_class, has_device_class = description.state_class, description.device_class
        assert text["name"]
        assert text.get("state", {}).keys() == set(description.options or ())
        assert ("unit_of_measurement" in text) is bool(has_state_class and not has_device_class)


def test_events_have_their_types() -> None:
    """A word and an icon for each; attributes are tested with the events."""
    icons = json.loads((FACE / "icons.json").read_text())["entity"]["event"]
    texts = TEXTS["entity"]["event"]
    descriptions = (event.PROXY, *event.SUBENTRIES.values())

    assert texts.keys() == {description.translation_key for description in descriptions}
    for description in descriptions:
        assert texts[description.translation_key]["name"]
        for known in (texts, icons):
            types = known[description.translation_key]["state_attributes"]["event_type"]
            assert list(types["state"]) == description.event_types


def test_other_entities_have_their_names() -> None:
    """But for what Home Assistant has words for by its device class."""
    for named in (binary_sensor.CONNECTIVITY, binary_sensor.RUNNING, binary_sensor.PROBLEM):
        assert named.translation_key is None
        assert named.device_class is not None
    buttons = (button.STOP_ALL, button.REFRESH, button.CHECK, button.ROTATE)
    for platform, descriptions in (
        ("binary_sensor", [binary_sensor.WATCHING]),
        ("button", [*button.CHANNEL_BUTTONS, *buttons]),
        ("switch", [switch.ENABLED, switch.KEEP_WARM]),
    ):
        keys = {description.translation_key for description in descriptions}
        assert TEXTS["entity"][platform].keys() == keys


def test_entities_have_icons() -> None:
    """Each that has no device class."""
    icons = json.loads((FACE / "icons.json").read_text())["entity"]
    assert {kind: texts.keys() for kind, texts in icons.items()} == {
        kind: texts.keys() for kind, texts in TEXTS["entity"].items()
    }
