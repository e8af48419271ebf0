"""Why something does not work, in the language of whoever pressed it.

What the proxy raises is in English, for players and the log. Home Assistant translates by keys, and
translates nothing inside of a sentence, so here the kind of an error stands for a whole one. That
of a rare kind stays as it is, and so do the words of an engine: they are the engine's.
"""

from dataclasses import dataclass, field
from typing import Final

from .proxy import Proxy, ProxyError
from .proxy.errors import (
    EngineProtocolError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    FetchError,
    GuideError,
    LimitReachedError,
    NotABroadcastError,
    StreamError,
    StreamStartTimeoutError,
    UndecodableError,
)

# The first that fits says it.
_KEYS: Final[dict[type[ProxyError], str]] = {
    EngineUnreachableError: "no_engine",
    EngineTimeoutError: "engine_silent",
    EngineProtocolError: "engine_not_understood",
    StreamStartTimeoutError: "nothing_came",
    StreamError: "stream_broke",
    LimitReachedError: "too_many_streams",
    NotABroadcastError: "no_broadcast",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What Home Assistant makes a sentence of."""

    key: str
    """The key of the sentence among the texts of exceptions."""

    words: dict[str, str] = field(default_factory=dict)
    """What is filled in."""


def reason_of(error: ProxyError, proxy: Proxy) -> Reason:
    """Return why the proxy does not play something."""
    if isinstance(error, EngineRefusedError):
        return Reason("engine_refused", {"words": error.engine_message})
    if isinstance(error, UndecodableError):
        return Reason("undecodable" if proxy.ffmpeg else "undecodable_without_ffmpeg")
    return _reason_of_kind(error)


def reason_of_search(error: ProxyError) -> Reason:
    """Return why engines do not look for something in the network."""
    if isinstance(error, EngineRefusedError):  # old ones want a token for this
        return Reason("search_refused", {"words": error.engine_message})
    return _reason_of_kind(error)


def reason_of_feed(error: ProxyError, name: str) -> Reason:
    """Return why a list or a guide cannot be had; `name` is what the user calls it."""
    if isinstance(error, FetchError) and error.status is not None:
        return Reason("bad_status", {"name": name, "status": str(error.status)})
    if isinstance(error, FetchError | GuideError):
        return Reason(error.why.value, {"name": name})
    return reason_of_search(error)  # a list may be one


def _reason_of_kind(error: ProxyError) -> Reason:
    for kind, key in _KEYS.items():
        if isinstance(error, kind):
            return Reason(key)
    return Reason("refused", {"reason": str(error)})
