"""The files that browsers are sent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PageFile:
    """One of them."""

    path: str
    """Where it is, without a slash in front: it is named like that in the page, which then also
    works below the path of a reverse proxy."""

    content_type: str
    """What it is."""

    body: bytes
    """What is in it."""


def _read(path: str, name: str, content_type: str) -> PageFile:
    return PageFile(path, content_type, (_FOLDER / name).read_bytes())


FILES: Final = (
    _read("", "index.html", "text/html; charset=utf-8"),
    _read("page/page.css", "page.css", "text/css; charset=utf-8"),
    _read("page/page.js", "page.js", "text/javascript; charset=utf-8"),
    _read("page/icon.svg", "icon.svg", "image/svg+xml"),
)
