"""What a picture is, told from its first bytes.

Servers say what they like of what they send, and browsers believe them: a page that is called a
picture must not become one of ours. So what is not plainly one of the kinds of picture that
browsers show is none.
"""

import re
from typing import Final

_MARKS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)

# RIFF, its size, and what is in it.
_WEBP: Final = re.compile(rb"RIFF.{4}WEBP", re.DOTALL)

# A box `ftyp`, and its brands, of which there are a few (ISO/IEC 14496-12 section 4.3).
_AVIF: Final = re.compile(rb"\0{3}[\x10-\x80]ftyp(?:.{4}){0,8}?avi[fs]", re.DOTALL)

# Some number of icons, and of the first one: its size, colours, and nothing.
_ICO: Final = re.compile(rb"\0\0\x01\0[\x01-\xff]\0.{3}\0", re.DOTALL)

# Size, nothing, where the pixels begin, and the size of one of several heads.
_BMP: Final = re.compile(rb"BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0{3}", re.DOTALL)

# XML whose first element is `svg`, whatever stands before it.
_COMMENT: Final = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_ELEMENT: Final = re.compile(rb"<(?:[\w.-]+:)?([a-zA-Z][\w.-]*)")
_FIRST: Final = 8 * 1024


def picture_type(data: bytes) -> str:
    """Return what a picture is, such as `image/png`, from its first bytes; empty if it is none."""
    for mark, kind in _MARKS:
        if data.startswith(mark):
            return kind
    for pattern, kind in (
        (_WEBP, "image/webp"),
        (_AVIF, "image/avif"),
        (_ICO, "image/x-icon"),
        (_BMP, "image/bmp"),
    ):
        if pattern.match(data):
            return kind
    text = _COMMENT.sub(b"", data[:_FIRST].removeprefix(b"\xef\xbb\xbf").lstrip())
    element = _ELEMENT.search(text) if text.lstrip().startswith(b"<") else None
    return "image/svg+xml" if element and element[1] == b"svg" else ""
