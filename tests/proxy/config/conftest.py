"""A file to load."""

from collections.abc import Callable
from pathlib import Path

import pytest

from custom_components.acestream_proxy.proxy.config import Config
from custom_components.acestream_proxy.proxy.config.load import load_config
from custom_components.acestream_proxy.proxy.errors import ConfigError

type Load = Callable[[str | bytes], Config]
type Refusal = Callable[[str | bytes], list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return what loads a file with some content."""

    def load(content: str | bytes) -> Config:
        path = tmp_path / "proxy.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_config(path)

    return load


@pytest.fixture
def refusal(load: Load) -> Refusal:
    """Return what says what is wrong with a file, line by line."""

    def refusal(content: str | bytes) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(content)
        return str(caught.value).split("\n")

    return refusal
