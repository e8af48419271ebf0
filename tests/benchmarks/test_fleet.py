"""The fleet's benchmark: whoever comes is served, and all that stands between is measured."""

from pathlib import Path
import shutil

import pytest

from benchmarks import fleet
from benchmarks.haproxy import HAPROXY
from benchmarks.programs import compile_programs
from benchmarks.targets import copy_proxy

pytestmark = pytest.mark.skipif(
    not HAPROXY or shutil.which("gcc") is None, reason="needs gcc and HAProxy"
)


@pytest.mark.parametrize(
    ("target", "hops"),
    [
        ("proxy", ["the proxy"]),
        ("fleet", ["the proxy", "HAProxy"]),
        ("cascade", ["the proxy", "the second proxy"]),
    ],
)
def test_all_that_is_in_between_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: str, hops: list[str]
) -> None:
    """With two viewers, one of whom is there already."""
    monkeypatch.setattr(fleet, "CROWDS", ((2, "1 Mbit/s", 1_000_000),))
    monkeypatch.setattr(fleet, "_FILL", 0.0)
    monkeypatch.setattr(fleet, "_WARM", 2.5)
    monkeypatch.setattr(fleet, "_RUN", 0.5)
    compile_programs(tmp_path)
    copy_proxy(tmp_path)
    figures = {name: value for name, _, value in fleet.measured(tmp_path, target)}

    assert figures["2 viewers of 1 Mbit/s: served"] == 1
    assert figures["2 viewers of 1 Mbit/s: bytes lost"] == 0
    costs = [name for name in figures if "CPU of" in name]
    assert costs == [f"2 viewers of 1 Mbit/s: CPU of {hop}, per viewer" for hop in hops]
    assert all(figures[name] > 0 for name in costs)
