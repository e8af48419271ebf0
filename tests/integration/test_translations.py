"""Every text that the code asks for is there, and every text that is there is asked for."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

import pytest

from custom_components.acestream_proxy import binary_sensor, config_flow, sensor

MODULE = config_flow.__name__
FACE = Path(config_flow.__file__).parent
TEXTS = json.loads((FACE / "translations" / "en.json").read_text())
CONFIG, OPTIONS, ENGINE, CHANNEL, PLAYLIST = (
    TEXTS["config"],
    TEXTS["options"],
    TEXTS["config_subentries"]["engine"],
    TEXTS["config_subentries"]["channel"],
    TEXTS["config_subentries"]["playlist"],
)

FLOWS = [
    pytest.param(CONFIG, "AceStreamProxyConfigFlow", config_flow.ENGINE_SCHEMA, id="proxy"),
    pytest.param(OPTIONS, "ProxyOptionsFlow", config_flow.OPTIONS_SCHEMA, id="options"),
    pytest.param(ENGINE, "EngineSubentryFlow", config_flow.ENGINE_SCHEMA, id="engine"),
    pytest.param(CHANNEL, "ChannelSubentryFlow", config_flow.CHANNEL_SCHEMA, id="channel"),
    pytest.param(PLAYLIST, "PlaylistSubentryFlow", config_flow.PLAYLIST_SCHEMA, id="playlist"),
]

# What Home Assistant aborts with by itself: it lets no unique ID be there twice.
ABORTS = {"already_configured", "reconfigure_successful"}


def calls(*files: str) -> Iterator[tuple[ast.Call, dict[str | None, Any]]]:
    """Go through the calls in modules, each with its keyword arguments."""
    for file in files:
        for node in ast.walk(ast.parse((FACE / file).read_text())):
            match node:
                case ast.Call(keywords=given):
                    yield node, {keyword.arg: keyword.value for keyword in given}


def errors(field: str) -> set[str]:
    """Return what may be wrong with a field, named by its constant."""
    found = set()
    for node in ast.walk(ast.parse((FACE / "config_flow.py").read_text())):
        match node:
            case ast.Dict(keys=[ast.Name(id=name)], values=[ast.Constant(value=str(error))]):
                found |= {error} if name == field else set()
    return found


def exceptions() -> Iterator[tuple[str, set[str]]]:
    """Return the keys of translated exceptions, with their placeholders."""
    for call, given in calls(*(file.name for file in FACE.glob("*.py"))):
        match call, given:
            case ast.Call(func=ast.Name(id="_error"), args=[ast.Constant(value=str(key))]), _:
                yield key, {str(name) for name in given}
            case _, {"translation_domain": _, "translation_key": ast.Constant(value=str(key))}:
                filled = given.get("translation_placeholders", ast.Dict([], []))
                yield key, {name.value for name in filled.keys}


@pytest.mark.parametrize(("texts", "flow", "schema"), FLOWS)
def test_flows_have_texts_for_their_steps_fields_and_aborts(
    texts: dict[str, Any], flow: str, schema: Any
) -> None:
    """No step without its words, no words without their step."""
    own = [kind for kind in getattr(config_flow, flow).__mro__ if kind.__module__ == MODULE]
    methods = {name for kind in own for name in vars(kind) if name.startswith("async_step_")}

    assert {f"async_step_{step}" for step in texts["step"]} == methods
    for step in texts["step"].values():
        assert step["data"].keys() == {str(field) for field in schema.schema}


def test_flows_have_a_text_for_each_reason_to_abort() -> None:
    """Those that the code gives, and those that Home Assistant does."""
    given = {named["reason"].value for _, named in calls("config_flow.py") if "reason" in named}

    assert CONFIG["abort"].keys() == {"already_configured"}
    for texts in (ENGINE, CHANNEL, PLAYLIST):
        assert texts["abort"].keys() == ABORTS | given


def test_subentries_have_a_text_for_each_way_to_begin() -> None:
    """Adding and changing."""
    for texts in (ENGINE, CHANNEL, PLAYLIST):
        assert texts["initiate_flow"].keys() == texts["step"].keys()


def test_flows_have_a_text_for_each_error() -> None:
    """What is wrong with an address, with a channel's content, and with a language."""
    language = errors("CONF_AUDIO_LANGUAGE")
    assert CONFIG["error"].keys() == ENGINE["error"].keys()
    addresses = errors("CONF_URL") | errors("CONF_FILE")
    assert ENGINE["error"].keys() | PLAYLIST["error"].keys() == addresses != set()
    assert OPTIONS["error"].keys() == language != set()
    assert CHANNEL["error"].keys() == errors("CONF_CONTENT") | language != language


def test_placeholders_in_the_texts_of_flows_are_filled_in() -> None:
    """All forms are given the same ones."""
    texts = json.dumps([CONFIG, OPTIONS, ENGINE, CHANNEL, PLAYLIST])

    assert set(re.findall(r"\{(\w+)\}", texts)) == config_flow._PLACEHOLDERS.keys()


def test_exceptions_have_their_texts_and_placeholders() -> None:
    """No exception without words, no words without an exception."""
    used = dict(exceptions())

    assert TEXTS["exceptions"].keys() == used.keys()
    for key, filled in used.items():
        assert set(re.findall(r"\{(\w+)\}", TEXTS["exceptions"][key]["message"])) == filled


def test_sensors_have_their_names_units_and_states() -> None:
    """Counts have a unit only in words; a sensor of states has a word for each."""
    descriptions = (*sensor.PROXY_SENSORS, *sensor.ENGINE_SENSORS, *sensor.CHANNEL_SENSORS)
    texts = TEXTS["entity"]["sensor"]

    assert texts.keys() == {description.translation_key for description in descriptions}
    for description in descriptions:
        text = texts[description.translation_key]
        has_state_class, has_device_class = description.state_class, description.device_class
        assert text["name"]
        assert text.get("state", {}).keys() == set(description.options or ())
        assert ("unit_of_measurement" in text) is bool(has_state_class and not has_device_class)


def test_binary_sensors_are_named_by_their_device_class() -> None:
    """Home Assistant has the words already."""
    assert binary_sensor.CONNECTIVITY.translation_key is None
    assert binary_sensor.CONNECTIVITY.device_class is not None
    assert "binary_sensor" not in TEXTS["entity"]
