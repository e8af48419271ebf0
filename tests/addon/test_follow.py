"""Noticing that a file is another one."""

import asyncio
from pathlib import Path

import pytest

from acestream_app import follow as module
from acestream_app.follow import follow
from tests.proxy.waiting import until


async def test_every_change_is_noticed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written, written anew in its place, gone, there again."""
    monkeypatch.setattr(module, "INTERVAL", 0.005)
    looks: list[tuple[int, ...]] = []
    look = module._look

    def counted(path: Path) -> tuple[int, ...]:
        looks.append(look(path))
        return looks[-1]

    monkeypatch.setattr(module, "_look", counted)
    path = tmp_path / "proxy.yaml"
    path.write_text("one")
    changes: list[str] = []
    following = asyncio.create_task(
        follow(path, lambda: changes.append(path.read_text() if path.exists() else "-"))
    )
    await until(lambda: looks)
    path.write_text("three")
    await until(lambda: changes == ["three"])
    (tmp_path / "new").write_text("seven")
    (tmp_path / "new").replace(path)
    await until(lambda: changes == ["three", "seven"])
    path.unlink()
    await until(lambda: changes[2:] == ["-"])
    seen = len(looks)
    await until(lambda: len(looks) > seen + 3)
    assert changes == ["three", "seven", "-"]
    following.cancel()
