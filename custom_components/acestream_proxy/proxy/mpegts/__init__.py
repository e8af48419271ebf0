"""MPEG transport streams: bytes in, facts out. No I/O, no clock of its own.

bytes ──PacketAligner──▶ whole packets ──Scanner──▶ chunks, cut at random access points
"""

from .chunk import Chunk
from .clock import TICKS_PER_SECOND, ticks_between
from .packet import NULL_PACKET, PACKET_SIZE, PacketAligner, elementary_stream
from .picture import PictureFormat
from .psi import AudioType, Codec, ElementaryStream, Program
from .scanner import Scanner

__all__ = [
    "NULL_PACKET",
    "PACKET_SIZE",
    "TICKS_PER_SECOND",
    "AudioType",
    "Chunk",
    "Codec",
    "ElementaryStream",
    "PacketAligner",
    "PictureFormat",
    "Program",
    "Scanner",
    "elementary_stream",
    "ticks_between",
]
