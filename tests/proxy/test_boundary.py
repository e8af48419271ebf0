"""The proxy runs alone, under another name, as the wheel and the app have it."""

from email import message_from_bytes
from pathlib import Path
import shutil
import subprocess
import sys
import zipfile

import pytest

from .alone import REPOSITORY, copy_alone

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


def test_wheel_is_the_proxy_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """One package, under its own name."""
    folders = {path.split("/")[0] for path in wheel.namelist()}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {
        "acestream_proxy"
    }
    assert "acestream_proxy/runtime.py" in wheel.namelist()
    assert "acestream_proxy/py.typed" in wheel.namelist()


def test_wheel_needs_little(wheel: zipfile.ZipFile) -> None:
    """Aiohttp, and what only the command needs: for its file and its metrics."""
    metadata = message_from_bytes(dist_info(wheel, "METADATA"))
    requirements = [one.partition(">=")[0] for one in metadata.get_all("Requires-Dist", [])]
    assert sorted(requirements) == ["aiohttp", "prometheus-client", "pyyaml", "voluptuous"]
    assert metadata["Name"] == "acestream-proxy"


def test_wheel_has_the_command(wheel: zipfile.ZipFile) -> None:
    """`acestream-proxy` runs the package's main."""
    entry_points = dist_info(wheel, "entry_points.txt").decode()
    assert "acestream-proxy = acestream_proxy.__main__:main" in entry_points


def test_wheel_has_the_page(wheel: zipfile.ZipFile) -> None:
    """All that browsers are sent; nothing has to be built."""
    folder = "acestream_proxy/command/page"
    files = {Path(path).name for path in wheel.namelist() if path.startswith(folder)}
    assert {"index.html", "page.css", "page.js", "icon.svg"} <= files
