"""A broadcast made of arithmetic: valid packets, no encoder, each one different.

    group g     PAT PMT | keyframe | frame | frame …       g begins at g * keyframe_interval
    packet      TS header … filler … [stamp, 16 hex digits] [number, 16 hex digits]

A group is a template in which only times, the counters of the two tables and the packet
numbers change. It has as many packets of video as sixteen divides, so the counters of
video are the same in each. Numbers are written as hex digits because binary ones would
look like start codes. In table packets, where nothing may follow the section, the same
32 digits are private data of the adaptation field.

The pictures cannot be decoded; their parameter sets are real (640x360, 25 frames).
"""

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .channels import Channel
from .packets import (
    H264,
    PACKET_SIZE,
    PAT_PID,
    PCR_CLOCK,
    PCR_WRAP,
    PMT_PID,
    TIMESTAMP_WRAP,
    VIDEO_PID,
    adaptation_field,
    packet,
    pat_section,
    pes_header,
    pmt_section,
)

type Rows = NDArray[np.uint8]

_FPS: Final = 25
_AUD: Final = bytes.fromhex("0000000109f0")
_SPS: Final = bytes.fromhex("000000016742c01eda0280bfe584000003000400000300c83c58ba80")
_PPS: Final = bytes.fromhex("0000000168ce0fc8")
_IDR: Final = bytes.fromhex("0000000165b804")
_SLICE: Final = bytes.fromhex("00000001419a02")

_DIGITS: Final = 16
_NO_STAMP: Final = b"-" * _DIGITS
# Where the digits are in a table packet: behind header, length, flags and private length.
_TABLE_STAMP: Final = 7
_STAMP: Final = PACKET_SIZE - 2 * _DIGITS
_PCR: Final = 6
_PTS: Final = 4 + 8 + 9
_DTS: Final = _PTS + 5

# Pictures are decoded this long after their clock, and shown a frame later.
_DECODE_DELAY: Final = 45_000
_FRAME: Final = 90_000 // _FPS

_HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_NIBBLES: Final = np.arange(60, -1, -4, dtype=np.uint64)

# Engine and tests read the last seconds again and again.
_KEPT_GROUPS: Final = 4


class SyntheticMedia:
    """Every channel, made of numbered packets."""

    def __init__(
        self,
        *,
        bitrate: int = 1_000_000,
        keyframe_interval: float = 1.0,
        packet_stamp: bool = False,
    ) -> None:
        """Take bits per second, and seconds between keyframes (a multiple of 0.04).

        With `packet_stamp` each packet says when it was read, in ns of the monotonic clock.
        """
        self.bitrate = bitrate
        self.keyframe_interval = keyframe_interval
        self.packet_stamp = packet_stamp
        self._templates: dict[Channel, _Template] = {}

    def open(self, channel: Channel, now: float) -> SyntheticSource:
        """Join a broadcast."""
        if channel not in self._templates:
            self._templates[channel] = _Template(channel, self)
        return SyntheticSource(self, self._templates[channel], now)

    def file(self, channel: Channel) -> bytes:
        """Return the ten seconds every VOD channel is."""
        return self.open(channel, 0.0).read(10.0)


class SyntheticSource:
    """One reading of a synthetic broadcast."""

    def __init__(self, media: SyntheticMedia, template: _Template, now: float) -> None:
        """Join at a wall-clock time."""
        self._interval = media.keyframe_interval
        self._template = template
        self._stamped = media.packet_stamp
        self._groups: dict[int, Rows] = {}
        self._next = self._number_at(now)

    def read(self, until: float) -> bytes:
        """Return the packets of the span since the last read."""
        pieces = []
        end = self._number_at(until)
        size = self._template.size
        while self._next < end:
            group, first = divmod(self._next, size)
            last = min(end - group * size, size)
            rows = self._group(group)[first:last]
            if self._stamped:
                rows = self._template.stamp(rows, first)
            pieces.append(rows.tobytes())
            self._next = group * size + last
        return b"".join(pieces)

    def _number_at(self, when: float) -> int:
        return int(when / self._interval * self._template.size)

    def _group(self, group: int) -> Rows:
        if group not in self._groups:
            if len(self._groups) == _KEPT_GROUPS:
                del self._groups[min(self._groups)]
            self._groups[group] = self._template.render(group)
        return self._groups[group]


class _Template:
    """A group of pictures with everything but what changes from group to group."""

    def __init__(self, channel: Channel, media: SyntheticMedia) -> None:
        frames = max(1, round(media.keyframe_interval * _FPS))
        wanted = media.bitrate * media.keyframe_interval / 8 / PACKET_SIZE
        # A keyframe counts as four frames; every frame has at least one packet.
        video = 16 * max(round(wanted / 16), -(-(frames + 3) // 16))
        sizes = [video * 4 // (frames + 3)] + [0] * (frames - 1)
        for index in range(frames - 1):
            left = video - sum(sizes)
            sizes[index + 1] = left // (frames - 1 - index)
        sizes[0] += video - sum(sizes)

        self.filler = (channel.name.encode("ascii", "replace") + b" ") * PACKET_SIZE
        packets = [_table_packet(PAT_PID, pat_section())]
        packets.append(_table_packet(PMT_PID, pmt_section({VIDEO_PID: H264})))
        self.starts: list[int] = []
        for index, size in enumerate(sizes):
            self.starts.append(len(packets))
            packets += self._frame(size, counter=len(packets) - 2, keyframe=index == 0)
        self.size = len(packets)
        self._rows = np.frombuffer(b"".join(packets), np.uint8).reshape(-1, PACKET_SIZE)
        self._interval_pcr = round(media.keyframe_interval * PCR_CLOCK)

    def render(self, group: int) -> Rows:
        """Return a group's packets."""
        rows = self._rows.copy()
        rows[:2, 3] = rows[:2, 3] & 0xF0 | group & 0x0F
        _write_digits(rows, group * self.size + np.arange(self.size), offset=_DIGITS, first=0)

        starts = np.array(self.starts)
        begin = group * self._interval_pcr
        pcr = (begin + starts * self._interval_pcr // self.size) % PCR_WRAP
        rows[starts, _PCR : _PCR + 6] = _pcr_fields(pcr)
        dts = begin // 300 + np.arange(len(starts)) * _FRAME + _DECODE_DELAY
        rows[starts, _DTS : _DTS + 5] = _timestamp_fields(0x1, dts)
        rows[starts, _PTS : _PTS + 5] = _timestamp_fields(0x3, dts + _FRAME)
        return rows

    def stamp(self, rows: Rows, first: int) -> Rows:
        """Return the packets, of which the first has this index, with the time of now."""
        stamped = rows.copy()
        times = np.full(len(rows), time.monotonic_ns())
        _write_digits(stamped, times, offset=0, first=first)
        return stamped

    def _frame(self, size: int, *, counter: int, keyframe: bool) -> list[bytes]:
        field = adaptation_field(pcr=0, random_access=keyframe)
        picture = _AUD + _SPS + _PPS + _IDR if keyframe else _AUD + _SLICE
        head = pes_header(pts=0, dts=0) + picture
        frame = [
            packet(
                VIDEO_PID,
                self._filled(head, room=PACKET_SIZE - 4 - len(field)),
                start=True,
                counter=counter,
                pcr=0,
                random_access=keyframe,
            )
        ]
        for index in range(1, size):
            payload = self._filled(b"", room=PACKET_SIZE - 4)
            frame.append(packet(VIDEO_PID, payload, counter=counter + index))
        return frame

    def _filled(self, head: bytes, *, room: int) -> bytes:
        filler = self.filler[: room - len(head) - 2 * _DIGITS]
        return head + filler + _NO_STAMP + b"0" * _DIGITS


def packet_number(packet: bytes) -> int:
    """Return the number of a synthetic packet: one more than that of the one before it."""
    return int(_digits(packet)[_DIGITS:], 16)


def packet_stamp(packet: bytes) -> int:
    """Return when a stamped packet was read, in ns of the monotonic clock."""
    return int(_digits(packet)[:_DIGITS], 16)


def packet_numbers(stream: bytes) -> list[int]:
    """Return the numbers of a run of synthetic packets."""
    return [
        packet_number(stream[begin : begin + PACKET_SIZE])
        for begin in range(0, len(stream), PACKET_SIZE)
    ]


def _digits(packet: bytes) -> bytes:
    is_table = packet[3] & 0x20 and packet[5] & 0x02
    begin = _TABLE_STAMP if is_table else _STAMP
    return packet[begin : begin + 2 * _DIGITS]


def _table_packet(pid: int, section: bytes) -> bytes:
    """Return a packet with private data for the digits, stuffing, then the section."""
    payload = b"\x00" + section
    length = PACKET_SIZE - 4 - 1 - len(payload)
    private = bytes([2 * _DIGITS]) + _NO_STAMP + b"0" * _DIGITS
    field = (bytes([length, 0x02]) + private).ljust(length + 1, b"\xff")
    return bytes([0x47, 0x40 | pid >> 8, pid & 0xFF, 0x30]) + field + payload


def _write_digits(rows: Rows, values: NDArray[np.int64], *, offset: int, first: int) -> None:
    """Write one value into each packet, as the stamp (offset 0) or the number (16)."""
    digits = _HEX[values.astype(np.uint64)[:, None] >> _NIBBLES & np.uint64(15)]
    tables = max(0, 2 - first)
    rows[:tables, _TABLE_STAMP + offset :][:, :_DIGITS] = digits[:tables]
    rows[tables:, _STAMP + offset :][:, :_DIGITS] = digits[tables:]


def _timestamp_fields(prefix: int, values: NDArray[np.int64]) -> Rows:
    """Return one row of five bytes for each time; see `packets.timestamp_field`."""
    times = values % TIMESTAMP_WRAP
    columns = (
        prefix << 4 | times >> 29 & 0x0E | 1,
        times >> 22 & 0xFF,
        times >> 14 & 0xFE | 1,
        times >> 7 & 0xFF,
        times << 1 & 0xFE | 1,
    )
    return np.stack(columns, axis=1).astype(np.uint8)


def _pcr_fields(values: NDArray[np.int64]) -> Rows:
    """Return one row of six bytes for each PCR; see `packets.pcr_field`."""
    fields = values // 300 << 15 | 0x7E00 | values % 300
    return fields.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:]
