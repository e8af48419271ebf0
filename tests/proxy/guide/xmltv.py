"""Writes documents, and the parts of them."""

from custom_components.acestream_proxy.proxy.guide.moments import write_moment

NOON = 1_795_262_400
HOUR = 3600


def at(seconds: int) -> str:
    """Return when something is, so many seconds after noon."""
    return write_moment(NOON + seconds)


def document(*inside: str) -> bytes:
    """Return a document with something inside."""
    return f'<?xml version="1.0" encoding="UTF-8"?><tv>{"".join(inside)}</tv>'.encode()


def channel(guide_id: str, *names: str) -> str:
    """Return a channel with these names."""
    written = "".join(f"<display-name>{name}</display-name>" for name in names)
    return f'<channel id="{guide_id}">{written}</channel>'


def programme(inside: str = "<title>News</title>", **attributes: str | None) -> str:
    """Return a programme of channel `one` at noon; attributes that are None are left out."""
    given = {"channel": "one", "start": at(0), "stop": at(HOUR)}
    written = "".join(
        f' {name}="{value}"' for name, value in (given | attributes).items() if value is not None
    )
    return f"<programme{written}>{inside}</programme>"


def show(title: str, start: int, stop: int | None = None, *, on: str = "one") -> str:
    """Return a programme at so many seconds after noon, for an hour unless told otherwise."""
    last = start + HOUR if stop is None else stop
    return programme(f"<title>{title}</title>", channel=on, start=at(start), stop=at(last))
