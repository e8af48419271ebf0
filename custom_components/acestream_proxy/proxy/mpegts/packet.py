"""The 188-byte packets a transport stream is made of.

    byte 0    sync byte, 0x47
    byte 1    transport error · payload unit start (0x40) · priority · high five bits of the PID
    byte 2    low eight bits of the PID
    byte 3    scrambling (0xC0) · adaptation field (0x20) · payload (0x10) · continuity counter
    byte 4    with an adaptation field: its length
    byte 5    … and its flags: discontinuity (0x80), random access (0x40), PCR (0x10)

Names are those of the standard, ISO/IEC 13818-1 section 2.4.3, so that they can be looked up.
"""

from collections.abc import Buffer
from typing import Final

PACKET_SIZE: Final = 188
SYNC_BYTE: Final = 0x47

# A packet of PID 0x1FFF, which every decoder throws away (section 2.4.3.3).
NULL_PACKET: Final = b"\x47\x1f\xff\x10".ljust(PACKET_SIZE, b"\xff")

# How many packets in a row have to begin with the sync byte before a place counts as a boundary:
# in random bytes five do so once in 10¹².
_PROOF: Final = 5


def pid_of(packet: bytes) -> int:
    """Return the packet identifier: which table or elementary stream the payload belongs to."""
    return (packet[1] & 0x1F) << 8 | packet[2]


def has_random_access_indicator(packet: bytes) -> bool:
    """Return whether the packet says that a decoder may start at it."""
    # A length of zero is one byte of stuffing: the field is there, its flags are not.
    return bool(packet[3] & 0x20 and packet[4] and packet[5] & 0x40)


def payload_of(packet: bytes) -> bytes:
    """Return the payload, empty where the packet has none or an impossible adaptation field."""
    if not packet[3] & 0x10:
        return b""
    start = 5 + packet[4] if packet[3] & 0x20 else 4
    return packet[start:]


def elementary_stream(packets: bytes, pid: int) -> bytes:
    """Return what one elementary stream is in some packets: their payloads without PES headers.

    A header has to be in one packet, as those of sound and pictures are.
    """
    pieces = []
    for at in range(0, len(packets), PACKET_SIZE):
        packet = packets[at : at + PACKET_SIZE]
        if pid_of(packet) != pid:
            continue
        payload = payload_of(packet)
        if packet[1] & 0x40 and len(payload) > 8:
            payload = payload[9 + payload[8] :]
        pieces.append(payload)
    return b"".join(pieces)


class PacketAligner:
    """Cuts bytes as they were read into whole packets.

    What is between packets (a connection that began in the middle of one, lost bytes) is skipped
    and counted.
    """

    def __init__(self) -> None:
        self._rest = b""
        self.skipped = 0
        """Bytes that belonged to no packet."""

    def feed(self, *pieces: Buffer) -> bytes:
        """Return the whole packets that are complete now, in order; keep what is left over.

        The pieces follow one another, and may be views of a buffer that is used again: they are
        copied, once.
        """
        parts = [memoryview(piece) for piece in (self._rest, *pieces)]
        extra = sum(map(len, parts)) % PACKET_SIZE
        rest = b""
        if 0 < extra <= len(parts[-1]):
            # Cut off before the copy is made: cutting the copy would be a second one.
            rest = bytes(parts[-1][-extra:])
            parts[-1] = parts[-1][:-extra]
            extra = 0
        data = b"".join(parts)
        if extra:
            data, rest = data[:-extra], data[-extra:]
        in_step = data[::PACKET_SIZE].count(SYNC_BYTE) * PACKET_SIZE == len(data)
        # What follows the last whole packet has to be the start of one as well.
        if in_step and (not rest or rest[0] == SYNC_BYTE):
            self._rest = rest
            return data
        return self._resynchronise(data + rest)

    def _resynchronise(self, data: bytes) -> bytes:
        """Keep the runs of packets in data that is out of step somewhere."""
        whole = bytearray()
        position = 0
        in_step = False
        while position < len(data):
            if data[position] != SYNC_BYTE or not _proven(data, position):
                in_step = False
                following = data.find(SYNC_BYTE, position + 1)
                following = len(data) if following < 0 else following
                self.skipped += following - position
                position = following
            elif position + (1 if in_step else _PROOF) * PACKET_SIZE > len(data):
                break  # what is there yet proves too little: noise ends like that as well
            else:
                in_step = True
                whole += data[position : position + PACKET_SIZE]
                position += PACKET_SIZE
        self._rest = data[position:]
        return bytes(whole)


def _proven(data: bytes, position: int) -> bool:
    """Return whether a place is a boundary, by the sync bytes that should follow it."""
    following = data[position : position + _PROOF * PACKET_SIZE : PACKET_SIZE]
    return following.count(SYNC_BYTE) == len(following)
