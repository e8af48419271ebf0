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
    return (
        (payload[9] & 0x0E) << 29
        | payload[10] << 22
        | (payload[11] & 0xFE) << 14
        | payload[12] << 7
        | payload[13] >> 1
    )
