"""Builds MPEG-TS packets by hand, as ISO/IEC 13818-1 lays them out.

Everything here is bytes from arguments: tests use it to make exactly the packet they need.
"""

from collections.abc import Mapping
from typing import Final

PACKET_SIZE: Final = 188
NULL_PID: Final = 0x1FFF
PAT_PID: Final = 0x0000
PMT_PID: Final = 0x1000
VIDEO_PID: Final = 0x0100
AUDIO_PID: Final = 0x0101

# Values of stream_type in a PMT.
MPEG_AUDIO: Final = 0x03
AAC: Final = 0x0F
H264: Final = 0x1B
HEVC: Final = 0x24
AC3: Final = 0x81

CLOCK: Final = 90_000
"""Ticks per second of PTS and DTS."""

PCR_CLOCK: Final = 27_000_000
"""Ticks per second of the PCR."""

TIMESTAMP_WRAP: Final = 1 << 33
PCR_WRAP: Final = TIMESTAMP_WRAP * 300


def crc32(section: bytes) -> int:
    """Return the checksum of a section (polynomial 0x04C11DB7, not reflected)."""
    crc = 0xFFFFFFFF
    for byte in section:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


def pat_section(*, program: int = 1, pmt_pid: int = PMT_PID, version: int = 0) -> bytes:
    """Return the section that says where the one program's map is."""
    return _section(
        0x00,
        identifier=1,
        version=version,
        body=program.to_bytes(2) + (0xE000 | pmt_pid).to_bytes(2),
    )


def pmt_section(
    streams: Mapping[int, int], *, pcr_pid: int | None = None, program: int = 1, version: int = 0
) -> bytes:
    """Return the section that lists a program's streams, PID to stream type."""
    clock_pid = next(iter(streams), NULL_PID) if pcr_pid is None else pcr_pid
    body = (0xE000 | clock_pid).to_bytes(2) + b"\xf0\x00"
    for pid, stream_type in streams.items():
        body += bytes([stream_type]) + (0xE000 | pid).to_bytes(2) + b"\xf0\x00"
    return _section(0x02, identifier=program, version=version, body=body)


def pat(*, program: int = 1, pmt_pid: int = PMT_PID, version: int = 0, counter: int = 0) -> bytes:
    """Return one packet with the program association table."""
    section = pat_section(program=program, pmt_pid=pmt_pid, version=version)
    return section_packet(PAT_PID, section, counter=counter)


def pmt(
    streams: Mapping[int, int],
    *,
    pid: int = PMT_PID,
    pcr_pid: int | None = None,
    program: int = 1,
    version: int = 0,
    counter: int = 0,
) -> bytes:
    """Return one packet with a program map: `pmt({VIDEO_PID: H264, AUDIO_PID: AAC})`.

    Without `pcr_pid` the first stream carries the clock.
    """
    section = pmt_section(streams, pcr_pid=pcr_pid, program=program, version=version)
    return section_packet(pid, section, counter=counter)


def section_packet(pid: int, section: bytes, *, counter: int = 0) -> bytes:
    """Return the one packet that holds a short section; the rest is 0xFF as it must be."""
    payload = b"\x00" + section
    if len(payload) > PACKET_SIZE - 4:
        raise ValueError("Section too long for one packet")
    return _header(pid, start=True, counter=counter) + payload.ljust(PACKET_SIZE - 4, b"\xff")


def null_packet() -> bytes:
    """Return a packet of padding."""
    return _header(NULL_PID).ljust(PACKET_SIZE, b"\xff")


def packet(
    pid: int,
    payload: bytes = b"",
    *,
    start: bool = False,
    counter: int = 0,
    pcr: int | None = None,
    random_access: bool = False,
    discontinuity: bool = False,
) -> bytes:
    """Return one packet; what the payload leaves free is stuffing in the adaptation field.

    `pcr` is in ticks of 27 MHz. Without payload the packet is an adaptation field alone.
    """
    field = adaptation_field(pcr=pcr, random_access=random_access, discontinuity=discontinuity)
    free = PACKET_SIZE - 4 - len(payload)
    if field == b"\x01\x00" and free < len(field):
        field = b"\x00" if free else b""
    if len(field) > free:
        raise ValueError("Payload too long for one packet")
    if free > len(field):
        field = bytes([free - 1]) + (field[1:] or b"\x00").ljust(free - 1, b"\xff")
    header = _header(
        pid, start=start, counter=counter, adaptation=bool(field), payload=bool(payload)
    )
    return header + field + payload


def adaptation_field(
    *, pcr: int | None = None, random_access: bool = False, discontinuity: bool = False
) -> bytes:
    """Return an adaptation field without stuffing, its length byte included."""
    flags = discontinuity << 7 | random_access << 6 | (pcr is not None) << 4
    body = bytes([flags]) + (b"" if pcr is None else pcr_field(pcr))
    return bytes([len(body)]) + body


def pes_packets(
    pid: int,
    payload: bytes,
    *,
    pts: int | None = None,
    dts: int | None = None,
    stream_id: int = 0xE0,
    counter: int = 0,
    pcr: int | None = None,
    random_access: bool = False,
) -> bytes:
    """Return the packets of one PES packet; times are in ticks of 90 kHz (27 MHz for `pcr`).

    The counter begins at `counter` and goes up by one for each packet.
    """
    pes = pes_header(pts=pts, dts=dts, stream_id=stream_id, payload_size=len(payload)) + payload
    room = PACKET_SIZE - 4
    if pcr is not None or random_access:
        room -= len(adaptation_field(pcr=pcr, random_access=random_access))
    packets = packet(
        pid, pes[:room], start=True, counter=counter, pcr=pcr, random_access=random_access
    )
    for begin in range(room, len(pes), PACKET_SIZE - 4):
        counter += 1
        packets += packet(pid, pes[begin : begin + PACKET_SIZE - 4], counter=counter)
    return packets


def pes_header(
    *,
    pts: int | None = None,
    dts: int | None = None,
    stream_id: int = 0xE0,
    payload_size: int = 0,
) -> bytes:
    """Return the header of a PES packet; video has no length, which only video may."""
    stamps = b""
    if pts is not None and dts is None:
        stamps = timestamp_field(0x2, pts)
    elif pts is not None and dts is not None:
        stamps = timestamp_field(0x3, pts) + timestamp_field(0x1, dts)
    flags = (pts is not None) << 7 | (dts is not None) << 6
    size = 3 + len(stamps) + payload_size
    is_video = 0xE0 <= stream_id <= 0xEF
    length = 0 if is_video or size > 0xFFFF else size
    start = b"\x00\x00\x01" + bytes([stream_id]) + length.to_bytes(2)
    return start + bytes([0x80, flags, len(stamps)]) + stamps


def timestamp_field(prefix: int, value: int) -> bytes:
    """Return a PTS or DTS as five bytes: four bits of prefix, 33 of time, three markers."""
    value %= TIMESTAMP_WRAP
    return bytes(
        [
            prefix << 4 | value >> 29 & 0x0E | 1,
            value >> 22 & 0xFF,
            value >> 14 & 0xFE | 1,
            value >> 7 & 0xFF,
            value << 1 & 0xFE | 1,
        ]
    )


def read_timestamp(field: bytes) -> int:
    """Return the time in a PTS or DTS field."""
    return (
        (field[0] >> 1 & 7) << 30
        | field[1] << 22
        | (field[2] >> 1) << 15
        | field[3] << 7
        | field[4] >> 1
    )


def pcr_field(value: int) -> bytes:
    """Return a PCR as six bytes: 33 bits at 90 kHz, six reserved, nine at 27 MHz."""
    base, extension = divmod(value % PCR_WRAP, 300)
    return (base << 15 | 0x7E00 | extension).to_bytes(6)


def read_pcr(field: bytes) -> int:
    """Return the ticks of 27 MHz in a PCR field."""
    value = int.from_bytes(field[:6])
    return (value >> 15) * 300 + (value & 0x1FF)


def _section(table_id: int, *, identifier: int, version: int, body: bytes) -> bytes:
    section = bytes([table_id]) + (0xB000 | len(body) + 9).to_bytes(2)
    section += identifier.to_bytes(2) + bytes([0xC1 | version << 1, 0, 0]) + body
    return section + crc32(section).to_bytes(4)


def _header(
    pid: int,
    *,
    start: bool = False,
    counter: int = 0,
    adaptation: bool = False,
    payload: bool = True,
) -> bytes:
    return bytes(
        [
            0x47,
            start << 6 | pid >> 8,
            pid & 0xFF,
            adaptation << 5 | payload << 4 | counter & 0x0F,
        ]
    )
