"""Where a decoder may start.

Most broadcasters set the random access indicator on the packet that begins a keyframe. Some do
not; so the beginning of the picture is looked at as well: an encoder that repeats its parameter
sets does so where decoding may start.
"""

from typing import Final

from .packet import has_random_access_indicator, payload_of
from .psi import Codec

_START_CODE: Final = b"\x00\x00\x01"
# H.264 table 7-1: a picture that refers to no other (IDR), and the sequence parameter set.
_H264_TYPES: Final = frozenset((5, 7))
# H.265 table 7-1: the pictures at which decoding may start (IRAP), and the parameter sets.
_HEVC_TYPES: Final = frozenset((*range(16, 22), 32, 33))
# H.262 section 6.2.2.1: the code that begins a sequence header.
_MPEG2_SEQUENCE_HEADER: Final = 0xB3


def is_random_access_point(packet: bytes, codec: Codec) -> bool:
    """Return whether a decoder may start at this packet, the first one of a PES packet.

    Without video every access unit of the audio will do.
    """
    if not codec.is_video or has_random_access_indicator(packet):
        return True
    payload = payload_of(packet)
    # The PES header ends where its ninth byte says; a start code inside it means nothing.
    at = payload.find(_START_CODE, 9 + payload[8]) if len(payload) > 9 else -1
    while 0 <= at < len(payload) - 3:
        if _begins_decoding(payload[at + 3], codec):
            return True
        at = payload.find(_START_CODE, at + 3)
    return False


def _begins_decoding(unit: int, codec: Codec) -> bool:
    """Return whether the unit after a start code is one that decoding may begin with."""
    match codec:
        case Codec.H264:
            return unit & 0x1F in _H264_TYPES
        case Codec.HEVC:
            return unit >> 1 & 0x3F in _HEVC_TYPES
        case _:
            return unit == _MPEG2_SEQUENCE_HEADER
