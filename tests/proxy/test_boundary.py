"""The proxy runs alone, under another name, as the wheel and the app have it."""

from collections.abc import Iterable
from email import message_from_bytes
from importlib.metadata import distribution
from pathlib import Path
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile

from aiohttp import ClientSession
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
import pytest

from .alone import REPOSITORY, copy_alone
from .command.process import running

NEEDED = {"aiohttp", "prometheus-client", "pyyaml", "voluptuous"}
"""What the wheel depends on, and no more."""

MOST_MEMORY = 60_000
"""What it may take while nobody watches, in kB."""

WITHOUT_HOME_ASSISTANT = """
import sys
for name in ("homeassistant", "custom_components", "demo"):
    sys.modules[name] = None  # Importing it now fails.
import pkgutil, importlib, acestream_proxy
for module in pkgutil.walk_packages(acestream_proxy.__path__, "acestream_proxy."):
    importlib.import_module(module.name)
    print(module.name)
"""


def test_proxy_imports_without_home_assistant(tmp_path: Path) -> None:
    """Every module loads where nothing else of this repository is."""
    folder = copy_alone(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_HOME_ASSISTANT],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "acestream_proxy.__main__" in done.stdout.split()
    assert len(done.stdout.split()) > 20


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy, without any network."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(REPOSITORY / name, source)
    ignored = shutil.ignore_patterns("__pycache__")
    integration = Path("custom_components/acestream_proxy")
    shutil.copytree(REPOSITORY / integration, source / integration, ignore=ignored)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (built,) = (source / "dist").glob("*.whl")
    return zipfile.ZipFile(built)


def dist_info(wheel: zipfile.ZipFile, name: str) -> bytes:
    """Return a file of the wheel's metadata."""
    (path,) = (path for path in wheel.namelist() if path.endswith(f".dist-info/{name}"))
    return wheel.read(path)


def requirements(wheel: zipfile.ZipFile) -> set[str]:
    """Return what the wheel depends on, wherever it is installed."""
    metadata = message_from_bytes(dist_info(wheel, "METADATA"))
    return {
        canonicalize_name(Requirement(one).name) for one in metadata.get_all("Requires-Dist", [])
    }


def all_needed(names: Iterable[str]) -> set[str]:
    """Return some distributions, and all that they depend on here."""
    found: set[str] = set()
    looked_for = list(names)
    while looked_for:
        name = looked_for.pop()
        found.add(name)
        needed = (Requirement(one) for one in distribution(name).requires or ())
        here = (one for one in needed if not one.marker or one.marker.evaluate({"extra": ""}))
        looked_for += {canonicalize_name(one.name) for one in here} - found
    return found


@pytest.fixture(scope="module")
def installed(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel, and what that says it needs.

    What it needs is linked, not fetched: a test needs no network.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    wheel.extractall(packages)
    for name in all_needed(requirements(wheel)):
        found = distribution(name)
        for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            (packages / top).symlink_to(str(found.locate_file(top)))
    return folder / "bin" / "python"


def test_wheel_is_the_proxy_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """One package, under its own name."""
    folders = {path.split("/")[0] for path in wheel.namelist()}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {
        "acestream_proxy"
    }
    assert "acestream_proxy/runtime.py" in wheel.namelist()
    assert "acestream_proxy/py.typed" in wheel.namelist()


def test_wheel_needs_little(wheel: zipfile.ZipFile) -> None:
    """Nothing of Home Assistant."""
    assert requirements(wheel) == NEEDED
    assert message_from_bytes(dist_info(wheel, "METADATA"))["Name"] == "acestream-proxy"


def test_wheel_has_the_command(wheel: zipfile.ZipFile) -> None:
    """`acestream-proxy` runs the package's main."""
    entry_points = dist_info(wheel, "entry_points.txt").decode()
    assert "acestream-proxy = acestream_proxy.__main__:main" in entry_points


def test_wheel_has_the_page(wheel: zipfile.ZipFile) -> None:
    """All that browsers are sent; nothing has to be built."""
    folder = "acestream_proxy/command/page"
    files = {Path(path).name for path in wheel.namelist() if path.startswith(folder)}
    assert {"index.html", "page.css", "page.js", "icon.svg"} <= files


async def test_wheel_serves_where_nothing_else_is(
    installed: Path, tmp_path: Path, session: ClientSession
) -> None:
    """With a file, which takes the most to read."""
    path = tmp_path / "proxy.yaml"
    path.write_text("viewers: [{name: Kids, secret: sixteen-or-more_16}]")
    async with running(tmp_path, "--config", str(path), python=installed) as run:
        for target in ("/ace/status", "/sixteen-or-more_16/playlist.m3u"):
            async with session.get(f"{run.address}{target}") as response:
                assert response.status == 200


def resident_kilobytes(pid: int) -> int:
    """Return the memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


async def test_command_is_small_while_nobody_watches(
    installed: Path, tmp_path: Path, session: ClientSession
) -> None:
    """Also once it was asked for something."""
    async with running(tmp_path, python=installed) as run:
        async with session.get(f"{run.address}/ace/status") as response:
            assert response.status == 200
        resident = resident_kilobytes(run.process.pid)
    assert resident < MOST_MEMORY


def test_without_a_file_nothing_is_loaded_that_reads_one(installed: Path) -> None:
    """The command starts sooner, and is smaller."""
    loaded = subprocess.run(
        [installed, "-c", "import acestream_proxy.__main__, sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert "acestream_proxy.station" in loaded
    assert {"yaml", "voluptuous"} & set(loaded) == set()
