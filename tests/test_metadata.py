"""What validators check: hassfest, HACS, the Marketplace, the app store.

None of them can be run here, so their rules are repeated as tests.
"""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
import struct
import subprocess
import tomllib
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from homeassistant.const import Platform, __version__ as homeassistant_version
from homeassistant.helpers.selector import validate_selector
import pytest
import yaml

ROOT = Path(__file__).parent.parent
FACE = ROOT / "custom_components" / "acestream_proxy"
BRAND = FACE / "brand"

type Texts = dict[str, Any]


def read_json(path: Path) -> Texts:
    """Return the object in a file."""
    value: Texts = json.loads(path.read_text())
    return value


MANIFEST = read_json(FACE / "manifest.json")
HACS = read_json(ROOT / "hacs.json")
ICONS = read_json(FACE / "icons.json")
LANGUAGES = {file.stem: read_json(file) for file in sorted((FACE / "translations").glob("*.json"))}
ENGLISH = LANGUAGES["en"]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

ADDRESS = "https://github.com/acestream-proxy/acestream-proxy"
CODE_OWNER = "@acestream-proxy"


def leaves(texts: Texts, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Go through all texts, with the keys that lead to each."""
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def published_files() -> list[Path]:
    """Return what is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return [file for file in files if file.is_file()]


def published_texts() -> Iterator[tuple[str, str]]:
    """Go through the files that can be read as text, but for this one."""
    for file in published_files():
        text = file.read_bytes().decode(errors="replace")
        if "\0" not in text and file != Path(__file__):
            yield str(file.relative_to(ROOT)), text


# manifest.json ------------------------------------------------------------------------------------


def test_manifest_begins_with_domain_and_name_and_goes_on_by_the_alphabet() -> None:
    """The order that hassfest wants."""
    keys = list(MANIFEST)
    assert keys == ["domain", "name", *sorted(keys[2:])]


def test_manifest_has_what_home_assistant_and_hacs_require() -> None:
    """A custom integration needs a version; HACS needs somebody to turn to."""
    required = {
        "codeowners", "documentation", "domain", "integration_type", "iot_class", "issue_tracker",
        "name", "version",
    }  # fmt: skip
    assert required <= MANIFEST.keys()
    assert MANIFEST["integration_type"] == "service"
    assert MANIFEST["iot_class"] == "local_polling"


def test_manifest_has_no_key_that_nobody_knows() -> None:
    """Others are refused by hassfest; those for what is found in the network are left out here."""
    known = {
        "after_dependencies", "codeowners", "config_flow", "dependencies", "documentation",
        "domain", "integration_type", "iot_class", "issue_tracker", "loggers", "name",
        "requirements", "single_config_entry", "version",
    }  # fmt: skip
    assert MANIFEST.keys() <= known


def test_manifest_has_what_kind_of_value_is_wanted() -> None:
    """Lists without a thing twice, addresses that are safe, owners as GitHub writes them."""
    lists = [MANIFEST[key] for key in MANIFEST if isinstance(MANIFEST[key], list)]
    assert len(lists) == 5
    assert [one for one in lists if one != sorted(set(one))] == []
    assert not {*MANIFEST["dependencies"]} & {*MANIFEST["after_dependencies"], MANIFEST["domain"]}
    assert MANIFEST["documentation"].startswith("https://")
    assert MANIFEST["issue_tracker"].startswith("https://")
    assert all(re.fullmatch(r"@[\w/-]+", owner) for owner in MANIFEST["codeowners"])
    assert MANIFEST["codeowners"]


def test_manifest_claims_no_quality_scale() -> None:
    """Only reviewers of Home Assistant give one."""
    assert "quality_scale" not in MANIFEST


def test_domain_is_the_name_of_the_folder() -> None:
    """And of characters that the Marketplace takes."""
    assert MANIFEST["domain"] == FACE.name
    assert re.fullmatch(r"[a-z0-9_]+", MANIFEST["domain"])


def test_one_folder_is_installed() -> None:
    """HACS and the Marketplace copy the first one there is."""
    folders = [path.name for path in FACE.parent.iterdir() if (path / "manifest.json").exists()]
    assert folders == [FACE.name]


def test_version_is_one_that_home_assistant_loads() -> None:
    """It refuses integrations whose version it cannot compare."""
    assert AwesomeVersion(MANIFEST["version"]).strategy is AwesomeVersionStrategy.SEMVER


def test_config_flow_is_announced_if_and_only_if_there_is_one() -> None:
    """Without the flag nobody finds it, without the file nothing is found."""
    assert MANIFEST["config_flow"] is (FACE / "config_flow.py").exists()


def test_every_component_that_is_imported_is_declared() -> None:
    """Home Assistant loads what is declared first; platforms of ours bring their own."""
    imported = set()
    for file in FACE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            imported |= components_of(node)
    declared = {*MANIFEST["dependencies"], *MANIFEST["after_dependencies"]}
    own = {file.stem for file in FACE.glob("*.py")}

    assert imported - declared - own - {platform.value for platform in Platform} == set()


def components_of(node: ast.AST) -> set[str]:
    """Return the components of Home Assistant that a statement imports."""
    match node:
        case ast.ImportFrom(module="homeassistant.components", names=names):
            return {name.name for name in names}
        case ast.ImportFrom(module=str(module)):
            return set(re.findall(r"^homeassistant\.components\.(\w+)", module))
        case ast.Import(names=names):
            found = (re.match(r"homeassistant\.components\.(\w+)", name.name) for name in names)
            return {match[1] for match in found if match}
    return set()


def test_http_is_declared_as_views_are_registered() -> None:
    """Whoever registers views needs the web server, also without importing it."""
    assert "http" in MANIFEST["dependencies"]


# hacs.json ----------------------------------------------------------------------------------------


def test_hacs_knows_every_key() -> None:
    """It refuses others."""
    known = {
        "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant",
        "name", "persistent_directory", "render_readme", "zip_release",
    }  # fmt: skip
    assert HACS.keys() <= known
    assert HACS["name"] == MANIFEST["name"]


def test_oldest_home_assistant_is_the_one_that_is_tested() -> None:
    """Nobody can install what was never run."""
    year_and_month = ".".join(homeassistant_version.split(".")[:2])
    assert HACS["homeassistant"] == f"{year_and_month}.0"
    assert f"Home Assistant {year_and_month}" in (ROOT / "README.md").read_text()


def test_there_is_a_licence_that_everybody_knows() -> None:
    """HACS takes only open ones."""
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()


# Translations -------------------------------------------------------------------------------------


every_language = pytest.mark.parametrize(
    "texts", [pytest.param(texts, id=language) for language, texts in LANGUAGES.items()]
)


@every_language
@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        pytest.param("HTML", r"<[a-zA-Z/]", id="no HTML"),
        pytest.param("an address", r"\w+://|www\.", id="no addresses"),
        # An apostrophe before it is enough: the frontend then shows the braces as they are.
        pytest.param("a quoted placeholder", r"'\{", id="no placeholders in quotes"),
        pytest.param("a blank at an end", r"^\s|\s$", id="no blanks at the ends"),
        pytest.param("a reference", r"\[%key:", id="no references"),
        pytest.param("nothing", r"^$", id="no empty texts"),
    ],
)
def test_texts_hold_only_what_is_allowed(what: str, pattern: str, texts: Texts) -> None:
    """What hassfest refuses; a custom integration's references are not even resolved."""
    assert [path for path, text in leaves(texts) if re.search(pattern, text)] == [], what


def test_keys_are_written_as_hassfest_wants() -> None:
    """Lower case, and no signs at the ends."""
    keys = {key for path, _ in leaves(ENGLISH) for key in path}
    assert [key for key in keys if not re.fullmatch(r"[a-z0-9]([a-z0-9-_]*[a-z0-9])?", key)] == []


@every_language
def test_placeholders_are_well_formed(texts: Texts) -> None:
    """What is in braces is one word."""
    for path, text in leaves(texts):
        assert not re.search(r"[{}]", re.sub(r"\{[a-z_]+\}", "", text)), path


@every_language
def test_examples_are_not_to_be_pressed(texts: Texts) -> None:
    """What is said about a field is Markdown, in which an address is a link unless it is code."""
    said = " ".join(text for path, text in leaves(texts) if "data_description" in path)
    assert set(re.findall(r"(.)\{example_\w+\}(.)", said)) == {("`", "`")}


def steps() -> Iterator[Texts]:
    """Go through the steps of all flows."""
    fixable = (issue["fix_flow"] for issue in ENGLISH["issues"].values() if "fix_flow" in issue)
    flows = (ENGLISH["config"], ENGLISH["options"], *ENGLISH["config_subentries"].values())
    for flow in (*flows, *fixable):
        for step in flow["step"].values():
            yield step
            yield from step.get("sections", {}).values()


def test_chapters_of_the_texts_are_known() -> None:
    """Others are refused by hassfest, and nobody would read them."""
    known = {
        "common", "conditions", "config", "config_subentries", "device", "device_automation",
        "entity", "entity_component", "exceptions", "issues", "options", "selector", "services",
        "system_health", "title", "triggers",
    }  # fmt: skip
    assert ENGLISH.keys() <= known
    assert ENGLISH["system_health"].keys() == {"info"}


def test_steps_have_only_words_that_are_known() -> None:
    """And all of them say what they are for."""
    known = {
        "data", "data_description", "description", "menu_option_descriptions", "menu_options",
        "name", "sections", "submit", "title",
    }  # fmt: skip
    for step in steps():
        assert step.keys() <= known
        assert step.get("title") or step.get("name")
        assert step["description"]


def test_issues_are_described_or_mended() -> None:
    """One of both, as hassfest wants it; a flow has at least one step with words."""
    for issue in ENGLISH["issues"].values():
        assert issue["title"]
        assert len({"description", "fix_flow"} & issue.keys()) == 1
        assert issue.keys() <= {"title", "description", "fix_flow"}
        assert issue.get("fix_flow", {"step": True})["step"]
    assert (FACE / "repairs.py").exists()


def test_texts_are_where_they_are_read() -> None:
    """A custom integration's `strings.json` is not."""
    assert not (FACE / "strings.json").exists()


@pytest.mark.parametrize(
    "file", [*FACE.glob("*.json"), *FACE.glob("translations/*.json")], ids=lambda f: f.name
)
def test_files_of_words_are_written_alike(file: Path) -> None:
    """Two blanks, letters as they are: whoever compares two versions sees what changed."""
    text = json.dumps(read_json(file), indent=2, ensure_ascii=False)
    short = re.sub(r"\[\s+([^]{}]*?)\s+\]", lambda match: f"[{' '.join(match[1].split())}]", text)
    assert file.read_text() in (f"{text}\n", f"{short}\n")


def test_every_field_has_a_name_and_a_description() -> None:
    """And nothing is described that is no field."""
    for step in steps():
        assert step.get("data", {}).keys() == step.get("data_description", {}).keys()


def test_subentries_say_what_they_are_and_how_to_add_one() -> None:
    """Without these there is no button."""
    for subentry in ENGLISH["config_subentries"].values():
        assert subentry["entry_type"]
        assert subentry["initiate_flow"]["user"]


def test_states_have_no_placeholders() -> None:
    """Nobody would fill them in."""
    states = [text for path, text in leaves(ENGLISH["entity"]) if "state" in path]
    assert states
    assert not any("{" in text for text in states)


def test_every_exception_has_a_message() -> None:
    """And nothing else."""
    assert {path[1:] for path, _ in leaves({"": ENGLISH["exceptions"]})} == {
        (key, "message") for key in ENGLISH["exceptions"]
    }


@every_language
def test_every_language_has_the_texts_of_english(texts: Texts) -> None:
    """One it lacks would be shown in English, one more to nobody."""
    assert dict(leaves(texts)).keys() == dict(leaves(ENGLISH)).keys()


@every_language
def test_every_language_has_the_placeholders_of_english(texts: Texts) -> None:
    """In each text, as many times, and in the order that its grammar wants."""
    assert placeholders(texts) == placeholders(ENGLISH)


def placeholders(texts: Texts) -> dict[tuple[str, ...], list[str]]:
    """Return what is filled in into each text, by the alphabet."""
    return {path: sorted(re.findall(r"\{\w+\}", text)) for path, text in leaves(texts)}


# Icons and services -------------------------------------------------------------------------------


def test_icons_are_of_the_material_design_set() -> None:
    """The only one that Home Assistant brings."""
    assert [path for path, icon in leaves(ICONS) if not re.fullmatch(r"mdi:[a-z0-9-]+", icon)] == []


def test_icons_of_states_differ_from_the_default() -> None:
    """Otherwise they need not be there."""
    for platform in ICONS["entity"].values():
        for icon in platform.values():
            assert icon["default"] not in icon.get("state", {}).values()


def test_icons_are_of_entities_and_states_that_have_a_name() -> None:
    """A key that is misspelt shows nothing, and says nothing."""
    for platform, icons in ICONS["entity"].items():
        names = ENGLISH["entity"][platform]
        assert icons.keys() <= names.keys()
        for key, icon in icons.items():
            assert icon.get("state", {}).keys() <= names[key].get("state", {}).keys()


def test_actions_have_fields_texts_and_icons() -> None:
    """Each of them in all three places, with words for each field and an example of it."""
    actions = yaml.safe_load((FACE / "services.yaml").read_text())

    assert ENGLISH.get("services", {}).keys() == actions.keys()
    assert ICONS.get("services", {}).keys() == actions.keys()
    for name, action in actions.items():
        texts = ENGLISH["services"][name]
        assert texts["name"]
        assert texts["description"]
        fields = (action or {}).get("fields", {})
        assert texts.get("fields", {}).keys() == fields.keys()
        assert all(
            text["name"] and text["description"] for text in texts.get("fields", {}).values()
        )
        assert all("example" in field and field["selector"] for field in fields.values())


def test_selectors_and_targets_of_actions_are_some_that_home_assistant_has() -> None:
    """A wrong one shows a field that takes nothing."""
    for action in yaml.safe_load((FACE / "services.yaml").read_text()).values():
        for field in (action or {}).get("fields", {}).values():
            validate_selector(field["selector"])
        validate_selector({"target": (action or {}).get("target", {})})


def test_selectors_have_a_word_for_each_option() -> None:
    """Where a field chooses among some."""
    actions = yaml.safe_load((FACE / "services.yaml").read_text())
    options = {
        select["translation_key"]: set(select["options"])
        for action in actions.values()
        for field in (action or {}).get("fields", {}).values()
        for select in [field["selector"].get("select")]
        if select
    }
    assert {key: one["options"].keys() for key, one in ENGLISH["selector"].items()} == options


def test_icons_are_of_what_may_have_one() -> None:
    """Others are refused by hassfest."""
    assert ICONS.keys() <= {"conditions", "entity", "services", "triggers"}


# Pictures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "size"), [("icon.png", (256, 256)), ("icon@2x.png", (512, 512))])
def test_the_icon_has_the_size_that_brands_have(name: str, size: tuple[int, int]) -> None:
    """Square, and twice as large for fine screens."""
    assert png_size(BRAND / name) == size


@pytest.mark.parametrize(("name", "least", "most"), [("logo", 128, 256), ("dark_logo", 128, 256)])
def test_the_logo_has_a_size_that_brands_have(name: str, least: int, most: int) -> None:
    """By its shorter side; and twice as large for fine screens."""
    width, height = png_size(BRAND / f"{name}.png")
    assert least <= min(width, height) <= most
    assert png_size(BRAND / f"{name}@2x.png") == (2 * width, 2 * height)


def png_size(file: Path) -> tuple[int, int]:
    """Return width and height of a PNG picture."""
    head = file.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


# What has to agree --------------------------------------------------------------------------------


def test_the_public_address_and_the_code_owner_agree() -> None:
    """Changing them is one replacement in all files."""
    assert MANIFEST["documentation"] == ADDRESS
    assert MANIFEST["issue_tracker"] == f"{ADDRESS}/issues"
    assert PYPROJECT["project"]["urls"]["Homepage"] == ADDRESS
    assert PYPROJECT["project"]["urls"]["Issues"] == f"{ADDRESS}/issues"
    assert MANIFEST["codeowners"] == [CODE_OWNER]
    assert ADDRESS in (ROOT / "README.md").read_text()


def test_no_file_names_another_public_address() -> None:
    """Wherever the repository is named, it is the one."""
    found = {
        (name, address)
        for name, text in published_texts()
        for address in re.findall(r"(?:https?://)?github\.com/[\w.-]+/acestream-proxy\b", text)
    }
    assert {address for _, address in found} == {ADDRESS}, found


def test_there_is_one_version() -> None:
    """That of the manifest, which the package is built with."""
    project, hatch = PYPROJECT["project"], PYPROJECT["tool"]["hatch"]["version"]
    assert "version" in project["dynamic"]
    assert ROOT / hatch["path"] == FACE / "manifest.json"
    found = re.search(hatch["pattern"], (ROOT / hatch["path"]).read_text())
    assert found is not None
    assert found["version"] == MANIFEST["version"]


def test_only_an_app_has_a_file_named_config() -> None:
    """The Supervisor takes every such file in a repository for an app."""
    names = {"config.yaml", "config.yml", "config.json"}
    configs = [file.relative_to(ROOT) for file in published_files() if file.name in names]
    assert [str(file) for file in configs if file.parts[0] != "addon"] == []


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"(?<![\w.~-])/(?:work|root|home/\w+|Users/\w+)/", id="a machine's paths"),
        pytest.param(r"files\.pythonhosted\.org|pypi\.org/simple", id="an index of packages"),
        pytest.param(r"registry\.(?:npmjs|yarnpkg)\.", id="a registry of packages"),
        pytest.param(
            r"(?m)^\s*(?:--|-)(?:extra-)?(?:index-url|find-links|i )", id="an index option"
        ),
    ],
)
def test_no_file_knows_the_machine_it_was_written_on(pattern: str) -> None:
    """What is here works elsewhere."""
    found = {
        (name, match[0]) for name, text in published_texts() for match in re.finditer(pattern, text)
    }
    assert found == set()
