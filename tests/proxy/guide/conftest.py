"""Guides to build and to ask."""

from collections.abc import Callable
from pathlib import Path

import pytest

from custom_components.acestream_proxy.proxy.guide import Guides, build

from .xmltv import NOON, document

type Add = Callable[..., Guides]


@pytest.fixture
def guides() -> Guides:
    """None yet."""
    return Guides()


@pytest.fixture
def add(guides: Guides, tmp_path: Path) -> Add:
    """A call that adds a guide: a key, and what is inside of the document."""

    def add(key: str, *entries: str) -> Guides:
        source, target = tmp_path / f"{key}.xml", tmp_path / f"{key}.sqlite"
        source.write_bytes(document(*entries))
        build(source, target, now=NOON)
        guides.set(key, target)
        return guides

    return add
