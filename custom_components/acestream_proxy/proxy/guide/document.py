"""Writes XMLTV: channels and their programmes in, pieces of a document out.

It has what `Reader` reads, and may be of any length: there is never more than a piece of it.
"""

from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Final

from ..catalog import is_http, tidy
from .moments import write_moment
from .programme import GuideChannel, Programme

# Enough to be worth a write, little enough to be made without keeping anybody waiting.
_PIECE: Final = 64 * 1024

_BEGIN: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv>\n'
_END: Final = "</tv>\n"


def write_document(
    channels: Iterable[tuple[GuideChannel, str, str]],
    programmes: Callable[[GuideChannel], Iterable[Programme]],
) -> Iterator[bytes]:
    """Yield a document of channels, each with its name and the address of its logo.

    An ID means one channel in a document, so that only the first with it is there.
    """
    parts: list[str] = []
    size = 0
    for part in _document(channels, programmes):
        parts.append(part)
        size += len(part)
        if size >= _PIECE:
            yield "".join(parts).encode()
            parts.clear()
            size = 0
    yield "".join(parts).encode()


def _document(
    channels: Iterable[tuple[GuideChannel, str, str]],
    programmes: Callable[[GuideChannel], Iterable[Programme]],
) -> Iterator[str]:
    first: dict[str, tuple[GuideChannel, str, str]] = {}
    for entry in channels:
        first.setdefault(entry[0].id.casefold(), entry)
    yield _BEGIN
    for channel, name, logo in first.values():
        yield _channel(channel.id, tidy(name) or channel.id, logo)
    for channel, _, _ in first.values():
        for programme in programmes(channel):
            yield _programme(channel.id, programme)
    yield _END


def _channel(guide_id: str, name: str, logo: str) -> str:
    icon = f'<icon src="{escape(logo)}"/>' if is_http(logo) else ""
    return (
        f'<channel id="{escape(guide_id)}">'
        f"<display-name>{escape(name)}</display-name>{icon}</channel>\n"
    )


def _programme(guide_id: str, programme: Programme) -> str:
    """Return an element whose children are in the order that the DTD wants."""
    start, stop = write_moment(programme.start), write_moment(programme.stop)
    texts = (
        ("title", programme.title),
        ("sub-title", programme.subtitle),
        ("desc", programme.description),
        ("category", programme.category),
    )
    icon = f'<icon src="{escape(programme.icon)}"/>' if programme.icon else ""
    episode = (
        f'<episode-num system="onscreen">{escape(programme.episode)}</episode-num>'
        if programme.episode
        else ""
    )
    return "".join(
        (
            f'<programme start="{start}" stop="{stop}" channel="{escape(guide_id)}">',
            *(f"<{tag}>{escape(text)}</{tag}>" for tag, text in texts if text),
            f"{icon}{episode}</programme>\n",
        )
    )
