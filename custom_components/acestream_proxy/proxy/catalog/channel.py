"""A channel of a list, and where it comes from."""

from dataclasses import dataclass
import re
from typing import Final

from ..content import ContentKey

# Longer than any name. What is longer is there to do harm.
MAX_TEXT: Final = 256

# Neither XML nor a line of a list can carry these.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """A stream that needs no engine: whoever fetches the address has it."""

    address: str
    """An http or https address, as the list has it."""


type Source = ContentKey | StreamAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel, as lists describe it.

    Its texts are tidy, and its addresses have no blanks.
    """

    name: str
    """For people; never empty."""

    sources: tuple[Source, ...]
    """Where it can be had, the one to try first in front.

    One in a list as it was read; as many as there are mirrors once these are merged.
    """

    is_named: bool = True
    """Whether the list names it; if not, `name` was made of its source and may not be its own."""

    logo: str = ""
    """An http or https address; empty if the list has none."""

    groups: tuple[str, ...] = ()
    """The groups it is in, in the list's order."""

    number: str = ""
    """Its place on the remote control, such as `5` or `101.1`; empty if the list has none."""

    guide_id: str = ""
    """What guides call it (XMLTV's `channel id`); empty if the list does not say."""

    guide_name: str = ""
    """What else guides may call it (`tvg-name`); empty if the list does not say."""


def tidy(text: str) -> str:
    """Return a text for people on one line: printable, single blanks, 256 characters at most."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:MAX_TEXT].rstrip()
