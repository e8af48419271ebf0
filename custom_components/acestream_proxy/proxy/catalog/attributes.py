"""What stands behind `#EXTINF:` and `#EXTM3U`: attributes, a comma, a name.

    -1 tvg-id="one" group-title='News;World' tvg-chno=5,One, two

Nobody ever specified this, so lists leave out blanks, quotes and the comma, put a comma where none
belongs, and have quotes inside of quotes. A comma inside of quotes is part of the value, the first
one outside begins the name, and in the name everything is allowed.

Each line costs time in proportion to its length, whatever is in it.
"""

import re
from typing import Final

# Where a quoted value may end: at the comma, at the end, or before the next attribute.
_END: Final = r"(?=\ ?(?:,|$|[\w-]++=))"

# A quote elsewhere belongs to the value, as in tvg-name="The "Best" One". But one behind `=` opens
# another value: this one was closed earlier, in front of something that is no attribute.
_QUOTED: Final = r"{0}((?:[^{0}]|(?<!=){0}(?!\ ?(?:,|$|[\w-]++=)))*+){0}" + _END

# An attribute, or a word that is none. Nothing is left but a comma.
_TOKEN: Final = re.compile(
    rf"""
    ([\w-]++)=
    (?: {_QUOTED.format('"')} | {_QUOTED.format("'")}
      | "([^"]*+)" | '([^']*+)'
      | (?P<bare>[^,]*?)(?=\ [\w-]++=|,|$)  # without quotes, or with one that nothing closes
    )
    | (?P<word> [^ ,]++ | \ )""",
    re.VERBOSE,
)
_BLANKS_AROUND_EQUALS: Final = re.compile(r""" ?= ?(?=["'])""")

# A name is not like this, so the comma in front of it was one too many.
_MORE: Final = re.compile(r"""[, ]*+(?=\w+-[\w-]+=["'])""")

_DURATION: Final = re.compile(r"^[-+]?[0-9.]+")


def read_attributes(text: str) -> tuple[dict[str, str], str]:
    """Split a line, from behind its tag, into attributes and a name.

    Names of attributes are in lower case, and the first of two counts. Each run of blanks is one
    blank. Where there is no comma, what is no attribute is the name.
    """
    text = _DURATION.sub("", " ".join(text.split()), count=1)
    text = _BLANKS_AROUND_EQUALS.sub("=", text)
    attributes: dict[str, str] = {}
    words: list[str] = []
    at = 0
    while at < len(text):
        if found := _TOKEN.match(text, at):
            if found.lastgroup == "word":
                words.append(found["word"])
            else:
                value = found[found.lastindex or 0]
                around = " \"'" if found.lastgroup == "bare" else None
                attributes.setdefault(found[1].lower(), value.strip(around))
            at = found.end()
        elif more := _MORE.match(text, at):
            at = more.end()
        else:
            return attributes, text[at + 1 :].strip()
    return attributes, "".join(words).strip()
