"""A reader of packets just big enough to tell whether a broadcast goes on without a gap."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from demo.packets import NULL_PID, PACKET_SIZE, read_pcr, read_timestamp


@dataclass
class Timeline:
    """What a run of packets says of its time."""

    counter_errors: int = 0
    """Packets whose continuity counter is not one more than that of the one before."""

    pcrs: list[int] = field(default_factory=list)
    """In ticks of 27 MHz."""

    dts: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By PID, in ticks of 90 kHz; the PTS where there is no DTS."""

    pts: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def timeline_of(stream: bytes) -> Timeline:
    """Return the timeline of whole packets."""
    timeline = Timeline()
    counters: dict[int, int] = {}
    for begin in range(0, len(stream), PACKET_SIZE):
        packet = stream[begin : begin + PACKET_SIZE]
        pid = int.from_bytes(packet[1:3]) & 0x1FFF
        counter = packet[3] & 0x0F
        if packet[3] & 0x10 and pid != NULL_PID:
            timeline.counter_errors += counters.get(pid, counter - 1 & 0x0F) != counter - 1 & 0x0F
            counters[pid] = counter
        has_field = packet[3] & 0x20 and packet[4] > 0
        if has_field and packet[5] & 0x10:
            timeline.pcrs.append(read_pcr(packet[6:12]))
        pes = packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]
        if packet[1] & 0x40 and pes[:3] == b"\x00\x00\x01" and pes[7] & 0x80:
            at = 14 if pes[7] & 0x40 else 9
            timeline.pts[pid].append(read_timestamp(pes[9:14]))
            timeline.dts[pid].append(read_timestamp(pes[at : at + 5]))
    return timeline


def steps(values: list[int]) -> list[int]:
    """Return the differences between neighbours."""
    return [later - earlier for earlier, later in pairwise(values)]
