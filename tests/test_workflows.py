"""What runs at GitHub, as far as it can be looked at from here."""

import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
TEXTS = {file.stem: file.read_text() for file in (ROOT / ".github/workflows").iterdir()}
# A key `on` is true in YAML 1.1; nothing here looks at it.
WORKFLOWS: dict[str, Any] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
RELEASE = WORKFLOWS["release"]["jobs"]
MANIFEST = Path("custom_components/acestream_proxy/manifest.json")

STEPS = [
    pytest.param(step["run"], id=f"{name}-{job}-{number}")
    for name, workflow in WORKFLOWS.items()
    for job, content in workflow["jobs"].items()
    for number, step in enumerate(content.get("steps", ()))
    if "run" in step
]


def test_there_are_these_workflows() -> None:
    """Tests, also on what is newest, validators, images and releases."""
    assert sorted(WORKFLOWS) == ["images", "newest", "release", "tests", "validate"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_may_read_and_nothing_else(name: str) -> None:
    """What a job may do beyond that, it says itself."""
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}


def test_only_what_is_released_is_written() -> None:
    """The image as a package, the files as a release; each by the job that does it."""
    more = {
        (name, job): content["permissions"]
        for name, workflow in WORKFLOWS.items()
        for job, content in workflow["jobs"].items()
        if "permissions" in content
    }
    assert more == {
        ("release", "image"): {"contents": "read", "packages": "write"},
        ("release", "release"): {"contents": "write"},
    }


def test_the_image_with_the_engine_is_never_pushed() -> None:
    """Neither where it is built as a check, nor with a release, which builds the proxy's alone."""
    assert re.findall(r"\bpush:(?! *$)|--push|login|secrets", TEXTS["images"], re.MULTILINE) == []
    (build,) = (
        step["with"] for step in RELEASE["image"]["steps"] if "build-push" in step.get("uses", "")
    )
    assert build["context"] == "."
    assert "file" not in build
    assert "addon" not in TEXTS["release"]


def test_both_images_are_built_for_both_architectures() -> None:
    """As a check each on a machine of its own kind, for a release on one."""
    runners = WORKFLOWS["images"]["jobs"]["images"]["strategy"]["matrix"]["runner"]
    assert runners == ["ubuntu-24.04", "ubuntu-24.04-arm"]
    assert 'targets = ["proxy", "app"]' in (ROOT / "docker-bake.hcl").read_text()
    assert "platforms: linux/amd64,linux/arm64" in TEXTS["release"]


def test_nothing_is_released_that_is_not_checked() -> None:
    """The image comes before the release: once people hear of it, the app can be built."""
    assert RELEASE["image"]["needs"] == ["version", "tests", "validate"]
    assert RELEASE["release"]["needs"] == ["version", "image"]
    assert RELEASE["tests"]["uses"] == "./.github/workflows/tests.yml"
    assert RELEASE["validate"]["uses"] == "./.github/workflows/validate.yml"
    assert all("\n  workflow_call:\n" in TEXTS[name] for name in ("tests", "validate"))


def test_a_release_has_wheel_integration_and_image() -> None:
    """The image under the name that the app begins with."""
    scripts = "\n".join(step.get("run", "") for step in RELEASE["release"]["steps"])
    assert "hatchling build -t wheel" in scripts
    assert f"HEAD:{MANIFEST.parent}" in scripts
    assert "gh release create" in scripts
    (image,) = re.findall(r"^FROM (\S+):\S+ AS proxy$", dockerfile(), re.MULTILINE)
    assert f"{image}:${{{{ needs.version.outputs.version }}}}" in TEXTS["release"]


def dockerfile() -> str:
    """Return the app's."""
    return (ROOT / "addon/Dockerfile").read_text()


@pytest.mark.parametrize(
    ("tag", "status"), [("v1.2.3", 0), ("v1.2.4", 1), ("1.2.3", 1), ("v1.2.3-rc1", 1)]
)
def test_the_tag_is_the_version_of_the_manifest(tag: str, status: int, tmp_path: Path) -> None:
    """The step that compares them is run as it is."""
    (tmp_path / MANIFEST).parent.mkdir(parents=True)
    (tmp_path / MANIFEST).write_text('{"version": "1.2.3"}')
    (script,) = (step["run"] for step in RELEASE["version"]["steps"] if "run" in step)
    output = tmp_path / "output"
    output.touch()
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],  # noqa: S607 - as GitHub does
        cwd=tmp_path,
        env={**os.environ, "GITHUB_REF_NAME": tag, "GITHUB_OUTPUT": str(output)},
        check=False,
    )
    assert done.returncode == status
    assert output.read_text() == "version=1.2.3\n" * (not status)


@pytest.mark.parametrize("script", STEPS)
def test_scripts_are_sound(script: str) -> None:
    """By shellcheck; and nothing from outside is put into them as text."""
    assert "${{" not in script
    shellcheck = shutil.which("shellcheck", path=Path(sys.executable).parent)
    assert shellcheck
    done = subprocess.run(
        [shellcheck, "--shell", "bash", "-"],
        input=script,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.stdout == ""
