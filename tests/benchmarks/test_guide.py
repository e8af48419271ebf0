"""What is measured of guides."""

from pathlib import Path

from benchmarks import guide


async def test_every_figure_is_measured(tmp_path: Path) -> None:
    """Of a small guide, too; what they are is for the benchmark to say."""
    source = tmp_path / "guide.xml"
    guide.write_guide(source, 1_000_000)
    figures = await guide.measure(source)
    assert set(figures) == set(guide._FIGURES)
    assert all(value >= 0 for value in figures.values())


def test_guide_is_as_long_as_wished(tmp_path: Path) -> None:
    """Or a little longer, as a time is written for all channels or for none."""
    source = tmp_path / "guide.xml"
    guide.write_guide(source, 3_000_000)
    assert 3_000_000 <= source.stat().st_size < 5_000_000
