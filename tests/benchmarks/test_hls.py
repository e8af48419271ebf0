"""Viewers of HLS: what they fetch is what there is."""

from pathlib import Path
import shutil

import pytest

from benchmarks.figures.hls import hls
from benchmarks.lab import Lab
from benchmarks.programs import compile_programs
from benchmarks.targets import copy_proxy, link_ffmpeg

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return a lab with everything compiled, and a copy of the proxy."""
    folder: Path = tmp_path_factory.mktemp("lab")
    compile_programs(folder)
    copy_proxy(folder)
    link_ffmpeg(folder)
    return Lab(folder, ["proxy"], repeats=1, quick=True)


@pytest.mark.parametrize("parts", [pytest.param(1, id="parts"), pytest.param(0, id="segments")])
def test_viewers_get_what_is_listed(lab: Lab, parts: int) -> None:
    """Two viewers and a newcomer: nothing is refused or missed, and everybody is served."""
    with (
        lab.running("proxy", keyframe=1, burst=8e6) as (source, running),
        lab.hls_load(
            running, viewers=2, parts=parts, newcomers=1, stagger_ms=0, warm_ms=500, run_ms=4500
        ) as load,
    ):
        result = lab.sample(source, running, load).result

    assert result["served"] == 2
    assert result["refused"] == result["missed"] == 0
    assert 0 < result["playlist_p50_ms"] <= result["piece_p50_ms"]


def test_only_the_proxy_has_hls(tmp_path: Path) -> None:
    """Without it among the targets nothing is measured."""
    assert hls(Lab(tmp_path, ["limit", "baseline"], repeats=1, quick=True)) == []
