"""What the program is told, and how it ends if it cannot run."""

from collections.abc import Mapping
from pathlib import Path
import subprocess
import sys

import pytest

from acestream_app import __main__ as command, app
from acestream_app.options import Options
from acestream_app.place import Place

FOLDER = Path(app.__file__).parents[1]

WITHOUT_OTHERS = """
import sys
for name in ("homeassistant", "custom_components", "acestream_proxy", "demo", "tests", "yaml"):
    sys.modules[name] = None  # Importing it now fails.
import pkgutil, importlib, acestream_app
for module in pkgutil.walk_packages(acestream_app.__path__, "acestream_app."):
    importlib.import_module(module.name)
    print(module.name)
"""


def test_without_arguments_it_is_the_images_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the Supervisor starts it."""
    ran: list[Place] = []

    async def run(place: Place, options: Options, environment: Mapping[str, str]) -> None:
        ran.append(place)

    monkeypatch.setattr(command, "run", run)
    command.main([])
    assert ran == [
        Place(
            data=Path("/data"),
            config=Path("/config"),
            engine=Path("/opt/engine/start-engine"),
            host="0.0.0.0",  # noqa: S104 - not bound
            port=8080,
            engine_port=6878,
            supervisor="http://supervisor",
        )
    ]


def test_options_that_cannot_be_used_end_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a sentence, before anything is started."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "options.json").write_text("{")
    with pytest.raises(SystemExit) as caught:
        command.main(["--root", str(tmp_path)])
    assert caught.value.code == 2
    assert "The options are not JSON" in capsys.readouterr().err


def test_it_needs_nothing_but_what_the_proxy_brings() -> None:
    """Aiohttp, and nothing of the rest of this repository."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_OTHERS],
        cwd=FOLDER,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "acestream_app.app" in done.stdout.split()
