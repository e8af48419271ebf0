"""Television guides: what is on, on which channel. Files in, answers out; no networking, no clock.

XMLTV ──build──▶ a file for each guide ◀──ask── Guides ──▶ channels, programmes, XMLTV

A guide may have hundreds of megabytes, so that it is never in memory: it is read as a stream, and
kept in SQLite. Reading and asking block, and are for threads.
"""

from .build import build
from .guides import Guides
from .programme import GuideChannel, GuideFacts, Limits, OnAir, Programme, Wanted

__all__ = [
    "GuideChannel",
    "GuideFacts",
    "Guides",
    "Limits",
    "OnAir",
    "Programme",
    "Wanted",
    "build",
]
