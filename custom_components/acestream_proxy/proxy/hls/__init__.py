"""HTTP Live Streaming (RFC 8216), cut from the same chunks that players of MPEG-TS get.

    chunks ──Segmenter──▶ segments and parts ──Window──▶ playlist text

No I/O, and time is an argument.
"""

from .output import HlsOptions, HlsOutput
from .plays import Play, Plays
from .segment import Part, Place, Segment
from .segmenter import Segmenter
from .window import Window

__all__ = [
    "HlsOptions",
    "HlsOutput",
    "Part",
    "Place",
    "Play",
    "Plays",
    "Segment",
    "Segmenter",
    "Window",
]
