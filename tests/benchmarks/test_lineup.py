"""A long list, measured: it is as it is said to be, and everything of it is looked at."""

from pathlib import Path

import pytest

from benchmarks import lineup
from benchmarks.long_list import write_list
from benchmarks.waits import watched
from custom_components.acestream_proxy.proxy.catalog import (
    StreamAddress,
    merge_mirrors,
    parse_playlist,
)


def test_list_is_long_and_always_the_same(tmp_path: Path) -> None:
    """Nothing in it is broken, a third of it are mirrors, and it has sources of both kinds."""
    write_list(tmp_path / "one", 1000)
    write_list(tmp_path / "two", 1000)
    data = (tmp_path / "one").read_bytes()
    playlist = parse_playlist(data)
    sources = [source for channel in playlist.channels for source in channel.sources]
    assert data == (tmp_path / "two").read_bytes()
    assert len(playlist.channels) == len(set(sources)) == 1000
    assert playlist.problem_count == 0
    assert 600 < len(merge_mirrors(playlist.channels)) < 733
    assert 400 < sum(isinstance(source, StreamAddress) for source in sources) < 600


async def test_all_figures_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a short list, which is quick."""
    monkeypatch.setattr(lineup, "_IDLE", 0.0)
    lineup.write_files(tmp_path, 1000)
    with lineup.serving(tmp_path) as address:
        figures = await lineup.measure(address, 1000)
    assert figures.keys() == lineup.FIGURES.keys()


async def test_blocked_loop_is_seen() -> None:
    """For as long as it was blocked, and not as a collection of garbage."""
    async with watched() as waits:
        lineup._milliseconds(lambda: sum(range(5_000_000)))
    assert waits.took / 2 < waits.blocked
    assert waits.collected < waits.blocked
