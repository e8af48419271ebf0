"""Which version this is."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def read_version(package: str) -> str:
    """Return the version of an installed package, or `unknown`: only its folder may be there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


VERSION: Final = read_version("acestream-proxy")
