"""Nothing is used that Home Assistant, aiohttp or Python takes away soon.

Whatever is said while a test runs fails that test; see `warnings` in `conftest`.
"""

import os
from pathlib import Path
import subprocess
import sys

from homeassistant.core import HomeAssistant
from homeassistant.helpers import frame
import pytest

import custom_components.acestream_proxy as integration
from custom_components.acestream_proxy.const import DOMAIN

from .common import deprecations

FACE = Path(integration.__file__).parent

IMPORT_ALL = f"""
import importlib, logging, pathlib, warnings
logging.basicConfig(level=logging.WARNING)
warnings.filterwarnings("error", category=DeprecationWarning, module="custom_components")
for file in pathlib.Path({str(FACE)!r}).glob("*.py"):
    if file.stem not in ("__init__", "cast"):
        importlib.import_module(f"custom_components.{DOMAIN}.{{file.stem}}")
"""


@pytest.mark.usefixtures("entry")
async def test_what_is_deprecated_is_heard_of(hass: HomeAssistant, warnings: list[str]) -> None:
    """Also where Home Assistant does not use the word."""
    frame.report_usage("does what it should not", integration_domain=DOMAIN)
    assert len(deprecations(warnings)) == 1
    warnings.clear()


@pytest.mark.parametrize(
    "message",
    [
        f"The deprecated constant OLD was used from {DOMAIN}. Use NEW instead",
        f"Detected that custom integration '{DOMAIN}' calls something. This will stop working in",
    ],
)
def test_words_of_home_assistant_are_known(message: str) -> None:
    """Of others nothing is said here."""
    assert deprecations([message]) == [message]
    assert deprecations([message.replace(DOMAIN, "another")]) == []


def test_nothing_that_is_imported_is_deprecated() -> None:
    """Constants are complained of when they are imported, before any test begins.

    `cast` is left out: what it imports is installed with Home Assistant's Cast integration.
    """
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        cwd=FACE.parent.parent,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr
