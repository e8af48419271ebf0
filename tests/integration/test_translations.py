"""Every text that the code asks for is there, and every text that is there is asked for."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.config_entries import ConfigFlow
import pytest

from custom_components.acestream_proxy import binary_sensor, config_flow, sensor

FACE = Path(config_flow.__file__).parent
TEXTS = json.loads((FACE / "translations" / "en.json").read_text())
CONFIG, ENGINE, CHANNEL = (
    TEXTS["config"],
    TEXTS["config_subentries"]["engine"],
    TEXTS["config_subentries"]["channel"],
)

FLOWS = [
    pytest.param(CONFIG, "AceStreamProxyConfigFlow", config_flow.ENGINE_SCHEMA, id="proxy"),
    pytest.param(ENGINE, "EngineSubentryFlow", config_flow.ENGINE_SCHEMA, id="engine"),
    pytest.param(CHANNEL, "ChannelSubentryFlow", config_flow.CHANNEL_SCHEMA, id="channel"),
]

# What Home Assistant aborts with by itself when one of its methods is called.
ABORTS = {
    "_abort_if_unique_id_configured": "already_configured",
    "async_update_and_abort": "reconfigure_successful",
}


def nodes(file: str, within: str | None = None) -> Iterator[ast.AST]:
    """Go through a module's code, or through that of one class or function in it."""
    tree: ast.AST = ast.parse((FACE / file).read_text())
    if within:
        tree = next(node for node in ast.walk(tree) if getattr(node, "name", None) == within)
    yield from ast.walk(tree)


def keywords(call: ast.Call) -> dict[str | None, Any]:
    """Return the keyword arguments of a call."""
    return {keyword.arg: keyword.value for keyword in call.keywords}


def reasons(flow: str) -> Iterator[str]:
    """Return why a flow may abort."""
    for node in nodes("config_flow.py", flow):
        match node:
            case ast.Call(func=ast.Attribute(attr="async_abort")):
                yield keywords(node)["reason"].value
            case ast.Call(func=ast.Attribute(attr=name)) if name in ABORTS:
                yield ABORTS[name]


def errors(function: str) -> Iterator[str]:
    """Return what a function may say is wrong with a field."""
    for node in nodes("config_flow.py", function):
        match node:
            case ast.Dict(values=values):
                yield from (str(value.value) for value in values if isinstance(value, ast.Constant))


def exceptions() -> Iterator[tuple[str, frozenset[str]]]:
    """Return the keys of translated exceptions, with their placeholders."""
    for file in FACE.glob("*.py"):
        for node in nodes(file.name):
            match node:
                case ast.Call(func=ast.Name(id="_error"), args=[ast.Constant(value=str(key))]):
                    yield key, frozenset()
                case ast.Call() if "translation_domain" in (given := keywords(node)):
                    filled = given.get("translation_placeholders", ast.Dict([], []))
                    named = getattr(given["translation_key"], "value", None)
                    yield str(named), frozenset(name.value for name in filled.keys)


@pytest.mark.parametrize(("texts", "flow", "schema"), FLOWS)
def test_flows_have_texts_for_their_steps_fields_and_aborts(
    texts: dict[str, Any], flow: str, schema: Any
) -> None:
    """No step without its words, no words without their step."""
    kind: type[ConfigFlow] = getattr(config_flow, flow)
    names = [name.removeprefix("async_step_") for name in vars(kind)]
    steps = {name for name in names if f"async_step_{name}" in vars(kind)}

    assert texts["step"].keys() == steps
    for step in texts["step"].values():
        assert step["data"].keys() == {str(field) for field in schema.schema}
    assert texts["abort"].keys() == set(reasons(flow))


def test_subentries_have_a_text_for_each_way_to_begin() -> None:
    """Adding and changing."""
    for texts in (ENGINE, CHANNEL):
        assert texts["initiate_flow"].keys() == texts["step"].keys()


def test_flows_have_a_text_for_each_error() -> None:
    """What is wrong with an engine's address, and with a channel's content."""
    engine_errors, content_errors = set(errors("_test_engine")), set(errors("_read_content"))

    assert CONFIG["error"].keys() == ENGINE["error"].keys() == engine_errors
    assert CHANNEL["error"].keys() == content_errors
    assert engine_errors
    assert content_errors


def test_placeholders_in_the_texts_of_flows_are_filled_in() -> None:
    """All forms are given the same ones."""
    texts = json.dumps([CONFIG, ENGINE, CHANNEL])

    assert set(re.findall(r"\{(\w+)\}", texts)) == config_flow._PLACEHOLDERS.keys()


def test_exceptions_have_their_texts_and_placeholders() -> None:
    """No exception without words, no words without an exception."""
    used = dict(exceptions())
    used.pop("None")  # what makes the exceptions of the media browser is given its key

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
