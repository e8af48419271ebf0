"""The clocks of a transport stream: PTS, DTS and PCR.

They count 90,000 ticks a second in 33 bits (the PCR's further 9 bits at 27 MHz are of no use here)
and so start again at zero every 26.5 hours. ISO/IEC 13818-1 sections 2.4.3.4 and 2.4.3.7.
"""

from typing import Final

TICKS_PER_SECOND: Final = 90_000
_MODULUS: Final = 1 << 33


def ticks_between(earlier: int, later: int) -> int:
    """Return the ticks from one time stamp to another, right across the wrap.

    Negative when `later` in truth is the earlier one, by at most half the range of the clock.
    """
    difference = (later - earlier) % _MODULUS
    return difference - _MODULUS if difference >= _MODULUS // 2 else difference


def presentation_time(payload: bytes) -> int | None:
    """Return the PTS in ticks of the PES packet that begins this payload, if it has one."""
    if len(payload) < 14 or payload[:3] != b"\x00\x00\x01" or not payload[7] & 0x80:
        return None
    return _time_stamp(payload, 9)


def decoding_time(payload: bytes) -> int | None:
    """Return the DTS in ticks of the PES packet that begins this payload, if it has a time at all.

    A picture without one is decoded when it is shown. Unlike the PTS it only ever grows, as
    pictures are sent in the order in which they are decoded.
    """
    if len(payload) >= 19 and payload[:3] == b"\x00\x00\x01" and payload[7] & 0xC0 == 0xC0:
        return _time_stamp(payload, 14)
    return presentation_time(payload)


def _time_stamp(payload: bytes, at: int) -> int:
    """Return 33 bits that are spread over five bytes, with marker bits between them."""
    return (
        (payload[at] & 0x0E) << 29
        | payload[at + 1] << 22
        | (payload[at + 2] & 0xFE) << 14
        | payload[at + 3] << 7
        | payload[at + 4] >> 1
    )
