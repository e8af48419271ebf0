"""Follows a transport stream as it passes: its tables, and where a decoder may start.

This runs over every byte of every stream, so it must cost next to nothing. Packets of interest
are rare (tables, the first packet of each picture), and are found without a Python loop over all
the others: the second and third byte of every packet are taken out with two strided slices,
translated into "could be one of these" by PID, and combined as two large integers. What remains
is a loop over some tens of packets a second.
"""

import re
from typing import Final

from .chunk import Chunk
from .clock import presentation_time
from .packet import PACKET_SIZE, has_random_access_indicator, payload_of, pid_of
from .picture import PictureFormat, PictureReader
from .psi import PAT_PID, Codec, ElementaryStream, Program, TableReader, read_pat, read_pmt
from .random_access import is_random_access_point

# What a packet may be of interest for; the filters combine them as bits.
_PMT: Final = 1
_PAT: Final = 2
_PICTURE: Final = 4

_PAYLOAD_UNIT_START: Final = 0x40
# A stream that sets the random access indicator is believed until so many pictures passed without:
# some ten seconds, after which somebody else may be encoding it.
_UNINDICATED: Final = 300

_INTERESTING: Final = re.compile(rb"[^\x00]")


class Scanner:
    """Turns runs of whole packets into chunks that begin at random access points."""

    def __init__(self) -> None:
        self.program: Program | None = None
        """What the stream carries, once a PMT was seen."""
        self._pat = TableReader()
        self._pmt = TableReader()
        self._pmt_pid: int | None = None
        self._guide: ElementaryStream | None = None
        self._pictures: PictureReader | None = None
        self._unindicated = _UNINDICATED  # pictures since one had the random access indicator
        self._set_filters()

    @property
    def tables(self) -> bytes:
        """The packets of the last PAT and PMT; empty until both were seen."""
        return self._pat.packets + self._pmt.packets if self._pmt.packets else b""

    @property
    def picture(self) -> PictureFormat | None:
        """What the pictures of the video are like, once a random access point said so."""
        return self._pictures.format if self._pictures else None

    def feed(self, packets: bytes) -> list[Chunk]:
        """Return the packets as chunks, in order, cut before each random access point."""
        cuts = [(0, Chunk(packets))]
        position = 0
        while position < len(packets):
            position = self._scan(packets, position, cuts)
        begin, last = cuts[-1]
        if self._pictures and last.random_access:
            self._pictures.look(packets, begin)
        ends = [begin for begin, _ in cuts[1:]] + [len(packets)]
        for (begin, chunk), end in zip(cuts, ends, strict=True):
            chunk.data = packets[begin:end]
        return [chunk for _, chunk in cuts if chunk.data]

    def _scan(self, packets: bytes, position: int, cuts: list[tuple[int, Chunk]]) -> int:
        """Note the random access points from a position on; return where to look on from.

        That is before the end only where a new table changed what has to be looked for.
        """
        high = packets[position + 1 :: PACKET_SIZE].translate(self._high_filter)
        low = packets[position + 2 :: PACKET_SIZE].translate(self._low_filter)
        both = int.from_bytes(high) & int.from_bytes(low)
        for found in _INTERESTING.finditer(both.to_bytes(len(high))):
            begin = position + found.start() * PACKET_SIZE
            packet = packets[begin : begin + PACKET_SIZE]
            if self._guide and pid_of(packet) == self._guide.pid:
                if self._is_random_access_point(packet, self._guide.codec):
                    cuts.append((begin, self._random_access(packet)))
                cut, chunk = cuts[-1]
                chunk.units.append(begin - cut)
            elif self._read_table(packet):
                return begin + PACKET_SIZE
        return len(packets)

    def _is_random_access_point(self, packet: bytes, codec: Codec) -> bool:
        """Return whether a decoder may start at the first packet of a picture.

        In a stream that sets the indicator, what has none need not be looked into.
        """
        if codec.is_video and has_random_access_indicator(packet):
            self._unindicated = 0
            return True
        self._unindicated += 1
        return self._unindicated > _UNINDICATED and is_random_access_point(packet, codec)

    def _random_access(self, packet: bytes) -> Chunk:
        return Chunk(
            b"",
            random_access=True,
            tables=self.tables,
            pts=presentation_time(payload_of(packet)),
        )

    def _read_table(self, packet: bytes) -> bool:
        """Take in a packet of a table; return whether other packets are of interest now."""
        if pid_of(packet) == PAT_PID:
            section = self._pat.feed(packet)
            pmt_pid = read_pat(section) if section else None
            if pmt_pid is None or pmt_pid == self._pmt_pid:
                return False
            self._pmt_pid, self._pmt = pmt_pid, TableReader()
            self.program = self._guide = self._pictures = None
        else:
            section = self._pmt.feed(packet)
            program = read_pmt(section) if section else None
            if program is None or program == self.program:
                return False
            self.program = program
            if program.video is None:
                self._pictures = None
            elif program.video != self._guide:
                self._pictures = PictureReader(program.video)
            self._guide = program.video or program.audio
        self._set_filters()
        return True

    def _set_filters(self) -> None:
        """Prepare to find the packets of the PAT, of the PMT, and those that begin a picture."""
        high, low = bytearray(256), bytearray(256)
        for bit, pid, mask in (
            (_PAT, PAT_PID, 0),
            (_PMT, self._pmt_pid, 0),
            (_PICTURE, self._guide.pid if self._guide else None, _PAYLOAD_UNIT_START),
        ):
            if pid is None:
                continue
            low[pid & 0xFF] |= bit
            for flags in range(0, 256, 0x20):
                if flags & mask == mask:
                    high[flags | pid >> 8] |= bit
        self._high_filter, self._low_filter = bytes(high), bytes(low)
