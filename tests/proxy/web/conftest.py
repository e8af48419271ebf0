"""A household at the proxy's own server."""

from pathlib import Path

import pytest

from custom_components.acestream_proxy.proxy import Proxy
from custom_components.acestream_proxy.proxy.lineup import Lineup

from .household import ASLEEP, KIDS, PARENTS, Household, fill


@pytest.fixture
def household(proxy: Proxy, lineup: Lineup, tmp_path: Path) -> Household:
    """Channels, a guide, and viewers."""
    return fill(proxy, lineup, tmp_path, (PARENTS, KIDS, ASLEEP))
