"""Every error the proxy raises on purpose.

    ProxyError
    ├── InvalidContentError           what was asked for names no content
    ├── FetchError                    what is elsewhere cannot be had: a list, a guide, a logo
    ├── EngineError                   an engine failed us
    │   ├── EngineUnreachableError      it does not answer, or there is none
    │   ├── EngineTimeoutError          it took too long to answer
    │   ├── EngineRefusedError          it answered with an error of its own
    │   ├── EngineBusyError             somebody else reads what we asked for
    │   └── EngineProtocolError         it answered what nobody understands
    ├── StreamError                   the engine is well, this stream is not
    │   ├── StreamStartTimeoutError     nothing came in time: nobody may be broadcasting
    │   ├── StreamStartingError         it may come yet: whoever asked should ask again
    │   ├── StreamStalledError          data came, then stopped
    │   ├── StreamEndedError            data came, then the connection ended
    │   └── RangeError                  the place asked for is beyond the end of the file
    ├── UndecodableError              no browser can show this
    ├── NotABroadcastError            a file was asked for in a form only broadcasts have
    ├── LimitReachedError             as many watch, or run, as may
    ├── GuideError                    a file is no television guide, or a broken one
    ├── UnknownPlayError              an address that is not, or no longer, given out
    │   └── ClosedPlayError             it was taken back
    ├── UnknownLinkError              the same for one that was given away
    ├── ConfigError                   the command's file cannot be used
    └── ProxyStoppedError             the proxy is going down

Callers catch the branch they can act on. Errors of libraries underneath (aiohttp, OSError) do
not leave the module that met them: they become one of these, with the original as the cause.
The text of each is a sentence for the user, in English; `Why` is for who says it in other words.
"""

from enum import StrEnum
from typing import override


class ProxyError(Exception):
    """Base of all errors the proxy raises on purpose."""


class InvalidContentError(ProxyError):
    """What was asked for names no content; the text says what would."""


class Why(StrEnum):
    """What is the matter with a list, a guide or a logo: one for each thing that users can do."""

    NO_ADDRESS = "no_address"
    """Nothing can be fetched from what was given for an address."""

    NO_SERVER = "no_server"
    """There is no server of this name."""

    UNREACHABLE = "unreachable"
    """The server takes no connections."""

    TOO_SLOW = "too_slow"
    """It did not come in time."""

    INSECURE = "insecure"
    """There is no secure connection to the server; its certificate may not be valid."""

    ASTRAY = "astray"
    """The address leads to where nothing is fetched from, or to other addresses without end."""

    BAD_STATUS = "bad_status"
    """The server says that it has nothing for us."""

    GARBLED = "garbled"
    """What comes is in pieces, or not what should come."""

    TOO_LARGE = "too_large"
    """It is larger than it may be, or has more in it."""

    NO_FILE = "no_file"
    """The file that it is in cannot be read."""

    NOT_KEPT = "not_kept"
    """It cannot be written to the disk."""

    NO_CHANNELS = "no_channels"
    """There are no channels in it any more."""

    NO_GUIDE = "no_guide"
    """It is no television guide."""

    DAMAGED = "damaged"
    """It is a television guide, but a broken one."""


class FetchError(ProxyError):
    """What is elsewhere cannot be had; the text says nothing of its address."""

    def __init__(self, text: str, why: Why, *, status: int | None = None) -> None:
        super().__init__(text)
        self.why = why
        """What is the matter."""
        self.status = status
        """The status that the server answered with, if that is it."""

    @property
    def is_silence(self) -> bool:
        """Whether nothing came (in time): the server's other addresses need no asking either."""
        return self.why in (Why.NO_SERVER, Why.UNREACHABLE, Why.TOO_SLOW)


class EngineError(ProxyError):
    """The AceStream engine failed."""


class EngineUnreachableError(EngineError):
    """The engine does not answer, or no engine is set up."""


class EngineTimeoutError(EngineError):
    """The engine took too long to answer."""


class EngineRefusedError(EngineError):
    """The engine answered, and said no."""

    def __init__(self, engine_message: str) -> None:
        super().__init__(f"The engine refused: {engine_message}")
        self.engine_message = engine_message
        """The engine's own words, such as `failed to load content`."""

    @property
    def is_final(self) -> bool:
        """Whether asking again is no use: the engine will not play, whatever is tried."""
        return any(word in self.engine_message for word in ("premium", "mod_detected"))

    @override
    def __reduce__(self) -> tuple[type[EngineRefusedError], tuple[str]]:
        return type(self), (self.engine_message,)


class EngineBusyError(EngineError):
    """The playback session already has its one reader."""


class EngineProtocolError(EngineError):
    """The engine's answer is not what its API promises."""


class StreamError(ProxyError):
    """The engine works, but this stream does not."""


class StreamStartTimeoutError(StreamError):
    """The engine opened a session, but no data came in time."""


class StreamStartingError(StreamError):
    """There is not enough of the stream yet, but there may be in a moment."""


class StreamStalledError(StreamError):
    """Data came, then stopped, with the connection open."""


class StreamEndedError(StreamError):
    """Data came, then the engine ended the connection."""


class RangeError(StreamError):
    """The place asked for is beyond the end of the file."""

    def __init__(self) -> None:
        super().__init__("The film is not that long.")


class UndecodableError(ProxyError):
    """What was asked for is for browsers, and none of them can show this content."""


class NotABroadcastError(ProxyError):
    """The content is a file, and what was asked for is only there for broadcasts."""


class LimitReachedError(ProxyError):
    """As many streams run, or viewers watch, as the proxy is set to allow."""


class UnknownViewerError(ProxyError):
    """The secret or the password is nobody's; says no more than a wrong address does."""


class ViewerDisabledError(ProxyError):
    """The viewer is switched off."""


class GuideError(ProxyError):
    """A file is not a television guide, or one that cannot be read or kept."""

    def __init__(self, text: str, why: Why = Why.DAMAGED) -> None:
        super().__init__(text)
        self.why = why
        """What is the matter."""


class UnknownPlayError(ProxyError):
    """The token of this address was never given out, or has expired."""


class ClosedPlayError(UnknownPlayError):
    """The token of this address was taken back, as its viewer may not or does not watch there."""


class ProxyStoppedError(ProxyError):
    """The proxy is stopping and starts nothing new."""


class UnknownLinkError(ProxyError):
    """The link was never made, has expired or is used up; says no more than a wrong address."""


class ConfigError(ProxyError):
    """The file of the command cannot be used; the text has a line for each thing that is wrong."""
