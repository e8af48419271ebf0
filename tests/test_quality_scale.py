"""Home Assistant's quality scale: what `quality_scale.yaml` says, and whether it is so.

The rules are those of `docs/core/integration-quality-scale` of Home Assistant's documentation for
developers. A rule is checked here as far as the code shows it; that the code works is for all the
other tests.
"""

import ast
from collections.abc import Iterator
import importlib
import inspect
import json
from pathlib import Path
import tomllib
from types import ModuleType
from typing import Any, Final

from homeassistant.config_entries import ConfigFlow, ConfigSubentryFlow
import pytest
import yaml

import custom_components.acestream_proxy as integration
from custom_components.acestream_proxy import config_flow, diagnostics, repairs, subentry_flows

ROOT: Final = Path(__file__).parent.parent
FACE: Final = ROOT / "custom_components" / "acestream_proxy"
MANIFEST: Final = json.loads((FACE / "manifest.json").read_text())
ENGLISH: Final = json.loads((FACE / "translations" / "en.json").read_text())
SCALE: Final = yaml.safe_load((FACE / "quality_scale.yaml").read_text())["rules"]
FLOW: Final = config_flow.AceStreamProxyConfigFlow

BRONZE: Final = [
    "action-setup",
    "appropriate-polling",
    "brands",
    "common-modules",
    "config-flow",
    "config-flow-test-coverage",
    "dependency-transparency",
    "docs-actions",
    "docs-conditions",
    "docs-high-level-description",
    "docs-installation-instructions",
    "docs-removal-instructions",
    "docs-triggers",
    "entity-event-setup",
    "entity-unique-id",
    "has-entity-name",
    "runtime-data",
    "test-before-configure",
    "test-before-setup",
    "unique-config-entry",
]
SILVER: Final = [
    "action-exceptions",
    "config-entry-unloading",
    "docs-configuration-parameters",
    "docs-installation-parameters",
    "entity-unavailable",
    "integration-owner",
    "log-when-unavailable",
    "parallel-updates",
    "reauthentication-flow",
    "test-coverage",
]
GOLD: Final = [
    "devices",
    "diagnostics",
    "discovery",
    "discovery-update-info",
    "docs-data-update",
    "docs-examples",
    "docs-known-limitations",
    "docs-supported-devices",
    "docs-supported-functions",
    "docs-troubleshooting",
    "docs-use-cases",
    "dynamic-devices",
    "entity-category",
    "entity-device-class",
    "entity-disabled-by-default",
    "entity-translations",
    "exception-translations",
    "icon-translations",
    "reconfiguration-flow",
    "repair-issues",
    "stale-devices",
]
PLATINUM: Final = ["async-dependency", "inject-websession", "strict-typing"]
RULES: Final = [*BRONZE, *SILVER, *GOLD, *PLATINUM]

CHAPTERS: Final = {
    "docs-high-level-description": "# AceStream Proxy",
    "docs-installation-instructions": "## Install",
    "docs-installation-parameters": "## Set it up",
    "docs-configuration-parameters": "## Options",
    "docs-data-update": "## Entities",
    "docs-use-cases": "## What people do with it",
    "docs-supported-functions": "## Entities",
    "docs-known-limitations": "## Known limits",
    "docs-troubleshooting": "## When something does not work",
    "docs-removal-instructions": "## Remove it",
}
"""What of the README a rule of the documents asks for."""

TRANSLATED: Final = {
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "ServiceValidationError",
    "UpdateFailed",
}
"""Errors whose words Home Assistant shows to the user."""


def nodes() -> Iterator[ast.AST]:
    """Go through the code of the face."""
    for file in sorted(FACE.glob("*.py")):
        yield from ast.walk(ast.parse(file.read_text()))


def calls_of(name: str) -> list[ast.Call]:
    """Return the calls of a function or a class, by its plain name."""
    return [
        node
        for node in nodes()
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name
    ]


def classes() -> dict[str, ast.ClassDef]:
    """Return the classes of the face, by name."""
    return {node.name: node for node in nodes() if isinstance(node, ast.ClassDef)}


def bases_of(name: str) -> Iterator[str]:
    """Go through the classes that a class of ours is made of, itself included."""
    yield name
    for base in classes()[name].bases if name in classes() else ():
        yield from bases_of(ast.unparse(base).partition("[")[0])


def entities() -> list[str]:
    """Return our kinds of entities, those that others are made of included."""
    return [
        name
        for name in classes()
        if any(base in ("Entity", "CoordinatorEntity") for base in bases_of(name))
    ]


def platforms() -> dict[str, ModuleType]:
    """Return the modules of the platforms."""
    return {
        platform: importlib.import_module(f"{integration.__name__}.{platform}")
        for platform in integration.PLATFORMS
    }


def flows_of_subentries() -> list[type[ConfigSubentryFlow]]:
    """Return the flows of what is added to the proxy."""
    return [
        kind
        for _, kind in inspect.getmembers(subentry_flows, inspect.isclass)
        if issubclass(kind, ConfigSubentryFlow) and not inspect.isabstract(kind)
        if kind.__module__ == subentry_flows.__name__ and not kind.__name__.startswith("_")
    ]


# What the file says -------------------------------------------------------------------------------


def test_the_file_tells_of_all_rules() -> None:
    """54 of them, in the order of the tiers and then of the alphabet."""
    assert [len(tier) for tier in (BRONZE, SILVER, GOLD, PLATINUM)] == [20, 10, 21, 3]
    assert [tier for tier in (BRONZE, SILVER, GOLD, PLATINUM) if tier != sorted(tier)] == []
    assert list(SCALE) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_done_or_says_why_it_does_not_apply(rule: str) -> None:
    """In a sentence of its own."""
    said: Any = SCALE[rule]
    if said != "done":
        assert said.keys() == {"status", "comment"}
        assert said["status"] == "exempt"
        assert said["comment"].strip().endswith(".")


def status(rule: str) -> str:
    """Return what a rule is, in a word."""
    said: Any = SCALE[rule]
    return said if isinstance(said, str) else str(said["status"])


@pytest.mark.parametrize("rule", ["action-setup", "docs-actions", "action-exceptions"])
def test_rules_of_actions_apply_if_there_are_any(rule: str) -> None:
    """No excuse outlives its reason."""
    has_actions = (FACE / "services.yaml").exists()
    assert status(rule) == ("done" if has_actions else "exempt")
    assert bool(calls_of("async_register_platform_entity_service")) is False
    assert (FACE / "services.py").exists() is has_actions


@pytest.mark.parametrize(
    ("rules", "what", "is_there"),
    [
        (("docs-triggers",), "triggers.yaml", (FACE / "triggers.yaml").exists()),
        (("docs-conditions",), "conditions.yaml", (FACE / "conditions.yaml").exists()),
        (("reauthentication-flow",), "reauth", hasattr(FLOW, "async_step_reauth_confirm")),
        (
            ("discovery", "discovery-update-info"),
            "a step for what was found",
            any(
                getattr(FLOW, f"async_step_{found}")
                is not getattr(ConfigFlow, f"async_step_{found}")
                for found in ("hassio", "zeroconf", "ssdp", "dhcp", "mqtt", "usb", "homekit")
            ),
        ),
    ],
)
def test_other_excuses_hold(rules: tuple[str, ...], what: str, is_there: bool) -> None:
    """What a rule is about is there if and only if the rule is followed."""
    for rule in rules:
        assert status(rule) == ("done" if is_there else "exempt"), what


@pytest.mark.parametrize(("rule", "heading"), CHAPTERS.items())
def test_readme_has_the_chapters_that_rules_ask_for(rule: str, heading: str) -> None:
    """Under names that people understand."""
    assert status(rule) == "done"
    assert heading in (ROOT / "README.md").read_text().splitlines()


# What the code shows ------------------------------------------------------------------------------


def test_flows_ask_for_all_that_is_needed() -> None:
    """`config-flow`: whoever sets up the proxy writes no YAML."""
    assert MANIFEST["config_flow"] is True
    assert issubclass(FLOW, ConfigFlow)
    assert "async_step_user" in vars(FLOW)
    assert calls_of("config_entry_only_config_schema")


def test_the_proxy_and_all_that_is_added_can_be_reconfigured() -> None:
    """`reconfiguration-flow`: nothing has to be removed to be changed."""
    assert "async_step_reconfigure" in vars(FLOW)
    assert "async_get_options_flow" in vars(FLOW)
    flows = flows_of_subentries()
    assert len(flows) == len(ENGLISH["config_subentries"])
    for flow in flows:
        assert callable(getattr(flow, "async_step_user", None))
        assert callable(getattr(flow, "async_step_reconfigure", None))


def test_the_proxy_is_set_up_once() -> None:
    """`unique-config-entry`: its unique ID is the domain's."""
    assert calls_of("async_set_unique_id")
    assert calls_of("_abort_if_unique_id_configured")


def test_engines_are_asked_before_anything_is_set_up() -> None:
    """`test-before-configure` and `test-before-setup`."""
    assert calls_of("try_engine")
    assert calls_of("async_config_entry_first_refresh")
    assert calls_of("ConfigEntryNotReady")


def test_entities_have_names_of_their_own() -> None:
    """`has-entity-name`: each kind, or one that it is made of."""
    found = entities()
    assert len(found) > 10
    for name in found:
        bodies = [ast.unparse(classes()[base]) for base in bases_of(name) if base in classes()]
        assert any("_attr_has_entity_name = True" in body for body in bodies), name


def test_entities_have_unique_ids_and_devices() -> None:
    """`entity-unique-id` and `devices`: likewise."""
    for name in entities():
        bodies = [ast.unparse(classes()[base]) for base in bases_of(name) if base in classes()]
        assert any("self._attr_unique_id = " in body for body in bodies), name
        assert any("self._attr_device_info = " in body for body in bodies), name


@pytest.mark.parametrize("platform", integration.PLATFORMS)
def test_platforms_say_how_many_updates_run_at_once(platform: str) -> None:
    """`parallel-updates`: each of them, so that nobody has to know the default."""
    assert type(platforms()[platform].PARALLEL_UPDATES) is int


def test_names_and_icons_are_of_platforms_that_there_are() -> None:
    """`entity-translations` and `icon-translations`."""
    icons = json.loads((FACE / "icons.json").read_text())["entity"]
    assert ENGLISH["entity"].keys() <= set(integration.PLATFORMS)
    assert icons.keys() <= ENGLISH["entity"].keys()


def test_errors_are_translated() -> None:
    """`exception-translations`: all that Home Assistant shows."""
    raised = [call for name in TRANSLATED for call in calls_of(name)]
    assert raised
    for call in raised:
        named = {keyword.arg for keyword in call.keywords}
        assert {"translation_domain", "translation_key"} <= named, ast.unparse(call)


def test_what_runs_is_kept_with_the_entry() -> None:
    """`runtime-data`: and nowhere else, but for what outlives it."""
    assert "entry.runtime_data = " in (FACE / "__init__.py").read_text()
    assert not [node for node in nodes() if "hass.data[DOMAIN]" in _text(node)]


def _text(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Subscript) else ""


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("config-entry-unloading", "async_unload_entry"),
        ("stale-devices", "async_remove_config_entry_device"),
    ],
)
def test_integration_has_what_a_rule_asks_for(rule: str, name: str) -> None:
    """Home Assistant calls it."""
    assert status(rule) == "done"
    assert inspect.iscoroutinefunction(getattr(integration, name))


def test_diagnostics_are_of_the_proxy_and_of_each_device() -> None:
    """`diagnostics`."""
    assert inspect.iscoroutinefunction(diagnostics.async_get_config_entry_diagnostics)
    assert inspect.iscoroutinefunction(diagnostics.async_get_device_diagnostics)


def test_issues_are_raised_and_mended() -> None:
    """`repair-issues`."""
    assert calls_of("async_create_issue")
    assert calls_of("async_delete_issue")
    assert inspect.iscoroutinefunction(repairs.async_create_fix_flow)
    assert len(ENGLISH["issues"]) >= 5


def test_modules_have_the_names_that_everybody_looks_for() -> None:
    """`common-modules`."""
    assert (FACE / "coordinator.py").exists()
    assert (FACE / "entity.py").exists()


def test_pictures_and_an_owner_are_there() -> None:
    """`brands` and `integration-owner`."""
    assert (FACE / "brand" / "icon.png").exists()
    assert (FACE / "brand" / "logo.png").exists()
    assert MANIFEST["codeowners"]


def test_nothing_has_to_be_installed() -> None:
    """`dependency-transparency` and `async-dependency`: the proxy is a part of this."""
    assert MANIFEST["requirements"] == []


def test_sessions_are_home_assistants() -> None:
    """`inject-websession`: none is made here, and the proxy is given one."""
    assert calls_of("ClientSession") == []
    assert calls_of("async_get_clientsession")
    made = [
        file.relative_to(FACE).as_posix()
        for file in (FACE / "proxy").rglob("*.py")
        if "ClientSession(" in file.read_text()
    ]
    assert made == [
        "proxy/command/serve.py"
    ]  # the command, which there is no Home Assistant around


def test_types_are_checked_strictly() -> None:
    """`strict-typing`: and others may rely on them."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["strict"] is True
    assert (FACE / "py.typed").exists()
