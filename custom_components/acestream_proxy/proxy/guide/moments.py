"""Points in time, as XMLTV writes them.

    20261121080000 +0100    20261121080000    202611210800    20261121

The DTD of XMLTV has it: "YYYYMMDDhhmmss or some initial substring", and a zone, or else UTC. Names
of zones are ambiguous, so that none but those of UTC are known here.
"""

from datetime import UTC, datetime
import re
from time import gmtime, strftime
from typing import Final

_MOMENT: Final = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)?)?)?"
    r"(?: ?(?:([+-]\d\d):?(\d\d)|Z|UTC|GMT))?",
    re.ASCII,
)


def read_moment(text: str) -> int:
    """Return the Unix time, in seconds, that a text means.

    Raises:
        ValueError: It means none.
    """
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        raise ValueError("No moment in XMLTV's form.")
    year, month, day, hour, minute, second, hours, minutes = found.groups("0")
    utc = datetime(
        int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC
    ).timestamp()
    # The minutes have the sign of the hours, which may be -00.
    offset = abs(int(hours)) * 3600 + int(minutes) * 60
    return int(utc) + (offset if hours.startswith("-") else -offset)


def write_moment(moment: int) -> str:
    """Return a Unix time in XMLTV's form."""
    return strftime("%Y%m%d%H%M%S +0000", gmtime(moment))
