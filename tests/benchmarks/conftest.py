"""Generators are programs of their own, on real sockets."""

import pytest


@pytest.fixture(autouse=True)
def real_sockets(socket_enabled: None) -> None:
    """They are asked how they do over HTTP."""
