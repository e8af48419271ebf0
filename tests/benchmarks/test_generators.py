"""Source, limit and load together: what is sent is what is seen."""

import shutil

import pytest

from benchmarks.generators import Source
from benchmarks.lab import Lab
from benchmarks.programs import compile_programs

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return a lab with everything compiled."""
    folder = tmp_path_factory.mktemp("lab")
    compile_programs(folder)
    return Lab(folder, ["limit"], repeats=1, quick=True)


def test_viewers_see_all_that_is_sent(lab: Lab) -> None:
    """Three viewers of two contents: every packet in step, none lost, and a picture."""
    with lab.running("limit", keyframe=0.2) as (source, running):
        result = lab.measure(source, running, viewers=3, contents=2, warm_ms=500, run_ms=500).result
        stats = source.stats()

    assert result["open"] == result["pictures"] == 3
    assert result["lost_bytes"] == result["repeated"] == result["sync_errors"] == 0
    assert result["bytes"] > 0
    assert stats["streaming"] == 2


def test_a_broken_stream_is_seen(lab: Lab) -> None:
    """The limit ends with its engine, and viewers notice."""
    with lab.running("limit") as (source, running), lab.load(running, run_ms=1500) as load:
        load.wait_for_begin()
        source.fault("reset")
        result = load.wait_for_result()

    assert result["closed"] == 1


def test_sessions_are_counted(lab: Lab) -> None:
    """A start is open until its stop; two of one content at once are noticed."""
    content = "/ace/getstream?id=0a&format=json"
    with Source(lab.folder) as source:
        first, second = source.ask(content), source.ask(content)
        source.ask(first["response"]["command_url"].removeprefix(source.url) + "?method=stop")
        stats = source.stats()

    assert first["response"]["infohash"] == second["response"]["infohash"] == "0a"
    assert (stats["starts"], stats["stops"], stats["open"]) == (2, 1, 1)
    assert stats["most_per_content"] == 2
