"""What the Supervisor, its store and the linter of apps check.

None of them can be run here, so their rules are repeated as tests.
"""

from collections.abc import Callable
import json
from pathlib import Path
import re
import struct
from typing import Any

from awesomeversion import AwesomeVersion
import pytest
import yaml

from acestream_app.announce import SERVICE
from acestream_app.options import Options, read_options
from acestream_app.place import Place
from acestream_app.watch import FIRST, LONGEST
from tests.proxy.alone import REPOSITORY

APP = REPOSITORY / "addon"
CONFIG: dict[str, Any] = yaml.safe_load((APP / "config.yaml").read_text())
DOCKERFILE = (APP / "Dockerfile").read_text()
PROXY_DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
APPARMOR = (APP / "apparmor.txt").read_text()
LANGUAGES = {
    file.stem: yaml.safe_load(file.read_text()) for file in sorted((APP / "translations").iterdir())
}
MANIFEST = json.loads((REPOSITORY / "custom_components/acestream_proxy/manifest.json").read_text())

# What the linter knows, of keys that apps like ours may need, with what it takes for granted. It
# refuses a key that says just that. Newer names (`app_config`) are not known to all yet.
DEFAULTS = {
    "apparmor": True, "auth_api": False, "backup": "hot", "boot": "auto", "docker_api": False,
    "full_access": False, "hassio_api": False, "hassio_role": "default", "homeassistant_api": False,
    "host_dbus": False, "host_ipc": False, "host_network": False, "host_pid": False,
    "ingress": False, "init": True, "kernel_modules": False, "legacy": False, "options": {},
    "panel_admin": True, "realtime": False, "schema": {}, "stage": "stable",
    "startup": "application", "stdin": False, "timeout": 10, "tmpfs": False, "udev": False,
    "usb": False, "video": False,
}  # fmt: skip
KNOWN = {
    *DEFAULTS, "arch", "backup_exclude", "description", "discovery", "environment", "homeassistant",
    "image", "map", "name", "ports", "ports_description", "privileged", "slug", "ulimits", "url",
    "version", "webui",
}  # fmt: skip

# The architectures there are left, as Docker calls them.
ARCHITECTURES = {"aarch64": "arm64", "amd64": "amd64"}

# The types of options that ours have.
TYPES: dict[str, Callable[[Any], bool]] = {
    "bool": lambda value: isinstance(value, bool),
    "int(64,4096)": lambda value: 64 <= value <= 4096,
    "list(info|debug)": lambda value: value in ("info", "debug"),
}


# config.yaml --------------------------------------------------------------------------------------


def test_the_configuration_has_what_is_required() -> None:
    """Without one of these the Supervisor does not show the app."""
    assert {"name", "version", "slug", "description", "arch"} <= CONFIG.keys()
    assert re.fullmatch(r"[-_.A-Za-z0-9]+", CONFIG["slug"])
    assert CONFIG["url"] == MANIFEST["documentation"]
    assert CONFIG["name"] == MANIFEST["name"]


def test_the_configuration_has_no_key_that_nobody_knows_or_needs() -> None:
    """The linter refuses both."""
    assert CONFIG.keys() <= KNOWN
    assert [key for key in CONFIG if CONFIG[key] == DEFAULTS.get(key, ...)] == []


def test_the_supervisor_builds_the_app() -> None:
    """With an image it would fetch one, and the engine in it would be handed out by us."""
    assert "image" not in CONFIG
    assert not list(APP.glob("build.*"))
    assert "BUILD_FROM" not in DOCKERFILE


def test_architectures_are_those_that_there_are() -> None:
    """Each has its stage in the Dockerfile."""
    assert sorted(CONFIG["arch"]) == sorted(ARCHITECTURES)
    stages = re.findall(r"^FROM .* AS engine-(\w+)$", DOCKERFILE, re.MULTILINE)
    assert sorted(stages) == sorted(ARCHITECTURES.values())


def test_the_app_is_for_the_home_assistant_that_the_integration_is_for() -> None:
    """It could not be found by another."""
    hacs = json.loads((REPOSITORY / "hacs.json").read_text())
    assert CONFIG["homeassistant"] == hacs["homeassistant"]
    assert AwesomeVersion(CONFIG["homeassistant"]).valid


def test_the_app_may_announce_what_it_announces() -> None:
    """The Supervisor refuses others; Home Assistant looks for an integration of that name."""
    assert CONFIG["discovery"] == [SERVICE] == [MANIFEST["domain"]]


def test_the_proxy_and_the_peers_have_ports() -> None:
    """And not the engine, which has no login."""
    assert CONFIG["ports"] == {"8080/tcp": 8080, "8621/tcp": 8621, "8621/udp": 8621}
    assert Place.below(Path("/")).port == 8080


def test_the_folder_of_the_user_is_mapped() -> None:
    """Written to once, with the first file."""
    assert CONFIG["map"] == [{"type": "addon_config", "read_only": False}]


def test_what_the_engine_keeps_is_in_no_backup() -> None:
    """By the name of its folder."""
    assert CONFIG["backup_exclude"] == [Place.below(Path("/")).kept("engine").name]


# Options ------------------------------------------------------------------------------------------


def test_every_option_has_a_type_and_a_default_of_that_type() -> None:
    """So that the app starts as it is installed."""
    assert CONFIG["options"].keys() == CONFIG["schema"].keys()
    assert CONFIG["schema"]["engines"] == ["url"]
    single = {key: kind for key, kind in CONFIG["schema"].items() if key != "engines"}
    assert [key for key, kind in single.items() if not TYPES[kind](CONFIG["options"][key])] == []


def test_defaults_are_those_of_the_program(tmp_path: Path) -> None:
    """Said once more there, for who runs the image alone."""
    path = tmp_path / "options.json"
    path.write_text(json.dumps(CONFIG["options"]))
    assert read_options(path) == Options()


@pytest.mark.parametrize("language", LANGUAGES)
def test_options_and_ports_have_words(language: str) -> None:
    """All of them, in every language, and nothing else has."""
    words = LANGUAGES[language]
    assert words.keys() == {"configuration", "network"}
    assert words["configuration"].keys() == CONFIG["schema"].keys()
    assert words["network"].keys() == CONFIG["ports"].keys()
    for option in words["configuration"].values():
        assert option.keys() == {"name", "description"}
        assert all(option.values())


def test_languages_are_those_of_the_integration() -> None:
    """Nobody has to change theirs between two pages."""
    texts = REPOSITORY / "custom_components/acestream_proxy/translations"
    assert sorted(LANGUAGES) == sorted(file.stem for file in texts.glob("*.json"))


# The repository -----------------------------------------------------------------------------------


def test_the_repository_introduces_itself() -> None:
    """With the name that the store shows."""
    repository = yaml.safe_load((REPOSITORY / "repository.yaml").read_text())
    assert repository.keys() == {"name", "url", "maintainer"}
    assert repository["name"] == CONFIG["name"]
    assert repository["url"] == CONFIG["url"]


def test_the_app_has_one_configuration() -> None:
    """The Supervisor would take a second one for a second app."""
    assert list(APP.rglob("config.*")) == [APP / "config.yaml"]


def test_the_store_has_something_to_show() -> None:
    """In the sizes that it shows."""
    assert png_size(APP / "icon.png") == (128, 128)
    width, height = png_size(APP / "logo.png")
    assert 200 <= width <= 300
    assert 60 <= height <= 120
    assert all((APP / name).stat().st_size for name in ("README.md", "DOCS.md", "CHANGELOG.md"))


def png_size(file: Path) -> tuple[int, int]:
    """Return width and height of a PNG picture."""
    width, height = struct.unpack(">II", file.read_bytes()[16:24])
    return width, height


def test_the_documentation_names_every_option() -> None:
    """As the page of the app does."""
    docs = (APP / "DOCS.md").read_text()
    names = [option["name"] for option in LANGUAGES["en"]["configuration"].values()]
    assert [name for name in names if f"| {name} |" not in docs] == []


def test_the_documentation_knows_how_patient_the_app_is() -> None:
    """In words; whoever changes the numbers finds them here."""
    docs = (APP / "DOCS.md").read_text()
    assert (FIRST, LONGEST) == (120, 3600)
    assert "no use for two minutes" in docs
    assert "an hour at most" in docs


# The images ---------------------------------------------------------------------------------------


def test_there_is_one_version() -> None:
    """Of integration, proxy and app; the app begins with the proxy's image of its own."""
    image = "ghcr.io/acestream-proxy/acestream-proxy"
    versions = re.findall(rf"^FROM {re.escape(image)}:(\S+) AS proxy$", DOCKERFILE, re.MULTILINE)
    bake = (REPOSITORY / "docker-bake.hcl").read_text()
    versions += re.findall(r'default = "(\d\S+)"', bake)
    assert [CONFIG["version"], *versions] == [MANIFEST["version"]] * 3
    assert f"\n## {MANIFEST['version']}\n" in (APP / "CHANGELOG.md").read_text()
    assert f'"{image}:${{VERSION}}"' in bake


def test_the_engine_is_the_one_that_was_looked_at() -> None:
    """All that comes from elsewhere by its address is that, and it is checked."""
    found = re.findall(r"ADD --checksum=sha256:([0-9a-f]{64})\s+\\\s+(https://\S+)", DOCKERFILE)
    ((checksum, address),) = found
    assert checksum == "9b6bbd76a55e5a434641afae3b9cf8e6154ce1cf392152ec3aed5ac265432b2e"
    assert address.endswith("/acestream_3.2.11_ubuntu_22.04_x86_64_py3.10.tar.gz")
    assert re.findall(r"https?://(?!127\.0\.0\.1)\S+", DOCKERFILE) == [address]
    assert re.findall(r"https?://(?!127|192)\S+", PROXY_DOCKERFILE) == []


@pytest.mark.parametrize(
    "file", [APP / "engine.txt", REPOSITORY / "requirements/proxy.txt"], ids=["engine", "proxy"]
)
def test_packages_are_the_ones_that_were_looked_at(file: Path) -> None:
    """Each by its hashes, which pip asks for."""
    pinned = re.findall(r"^\S+==\S+.*\\\n +--hash=sha256:", file.read_text(), re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^\w", file.read_text(), re.MULTILINE)) > 5
    both = f"{DOCKERFILE}{PROXY_DOCKERFILE}"
    assert len(re.findall(r"pip install .*--require-hashes .*--only-binary :all:", both)) == 2


def test_the_image_has_the_packages_that_the_proxy_asks_for() -> None:
    """Those of pyproject.toml; `scripts/lock` writes them down."""
    project = (REPOSITORY / "pyproject.toml").read_text()
    (listed,) = re.findall(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    asked = {name.lower() for name in re.findall(r'"([\w-]+)>=', listed)}
    pinned = (REPOSITORY / "requirements/proxy.txt").read_text()
    assert asked - set(re.findall(r"^([\w-]+)==", pinned, re.MULTILINE)) == set()


@pytest.mark.parametrize("dockerfile", [DOCKERFILE, PROXY_DOCKERFILE], ids=["app", "proxy"])
def test_docker_can_ask_whether_it_is_well(dockerfile: str) -> None:
    """As the store's linter wants it; `watchdog` is of the past."""
    (check,) = re.findall(r"^HEALTHCHECK .*$", dockerfile, re.MULTILINE)
    assert "http://127.0.0.1:8080/health" in check
    assert "watchdog" not in CONFIG


def test_programs_have_users_of_their_own() -> None:
    """By the names that the app looks for, with numbers that stay."""
    users = re.findall(r"useradd --system --uid (\d+) .* (acestream-\w+)", DOCKERFILE)
    assert users == [("901", "acestream-engine")]
    users = re.findall(r"useradd --system --uid (\d+) .* (acestream-\w+)", PROXY_DOCKERFILE)
    assert users == [("900", "acestream-proxy")]
    assert "\nUSER 900\n" in PROXY_DOCKERFILE


def test_the_image_has_what_the_program_looks_for() -> None:
    """The engine is unpacked to where it is started from."""
    assert Place.below(Path("/")).engine == Path("/opt/engine/start-engine")
    assert "-C /engine/opt/engine" in DOCKERFILE
    assert "COPY --from=engine /engine/ /" in DOCKERFILE


# AppArmor -----------------------------------------------------------------------------------------


def test_there_is_one_profile_of_apparmor() -> None:
    """The Supervisor gives it the app's name, and takes no file with two."""
    assert re.findall(r"^profile (\S+)", APPARMOR, re.MULTILINE) == [CONFIG["slug"]]


def test_the_engine_sees_nothing_of_the_app() -> None:
    """Neither the options nor what the proxy keeps nor the user's file."""
    assert f"{Place.below(Path('/')).engine} Cx -> engine," in APPARMOR
    engine = APPARMOR.partition("profile engine ")[2]
    assert set(re.findall(r"/(?:config|data|opt)/\S*", engine)) == {
        *("/data/engine/", "/data/engine/**"),
        *("/opt/engine/", "/opt/engine/**"),
    }
    assert "capability" not in engine
