"""The head of an engine's answer on a media connection, as text on the wire has it."""

from dataclasses import dataclass
from http import HTTPStatus
import re
from typing import Final
from urllib.parse import urlsplit

from ..errors import EngineBusyError, EngineProtocolError

_STATUS: Final = re.compile(r"[0-9]{3}")


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """Status and headers of an answer."""

    status: int
    reason: str
    headers: dict[str, str]
    """Names in lower case."""

    @classmethod
    def parse(cls, text: str) -> ResponseHead:
        """Read a head, without the empty line that ends it.

        Raises:
            EngineBusyError: It has a second status line inside: what a second reader of a session
                gets.
            EngineProtocolError: It is not HTTP.
        """
        status_line, *lines = text.split("\r\n")
        protocol, _, rest = status_line.partition(" ")
        code, _, reason = rest.partition(" ")
        if not protocol.startswith("HTTP/") or not _STATUS.fullmatch(code):
            raise EngineProtocolError("The engine's answer is not HTTP.")
        if any(line.startswith("HTTP/") for line in lines):
            raise EngineBusyError("The engine already sends this session to somebody else.")
        fields = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        return cls(int(code), reason, headers)

    @property
    def location(self) -> str | None:
        """Path and query of where it redirects to, if it does; never another host.

        Raises:
            EngineProtocolError: It redirects to nowhere.
        """
        if self.status not in _REDIRECTS:
            return None
        try:
            parts = urlsplit(self.headers.get("location", ""))
        except ValueError:
            raise EngineProtocolError("The engine redirects to nowhere.") from None
        if not parts.path.startswith("/"):
            raise EngineProtocolError("The engine redirects to nowhere.")
        return parts.path + (f"?{parts.query}" if parts.query else "")


_REDIRECTS = frozenset(
    (
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    )
)
