"""Plays a loop without end, in step with the wall clock.

    wall clock ──▶ iteration, position ──▶ rows of the loop ──▶ times and counters moved on

Where times and counters are is found out once. Iteration i adds i loop lengths to every
PCR, PTS and DTS, and to every counter i times the packets its PID has in a loop, so the
seam cannot be told from any other place. The iteration number comes from the wall clock
as well: everyone who joins sees the same broadcast.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .channels import Channel
from .loops import DEFAULT_FOLDER, LoopFolder
from .packets import (
    CLOCK,
    PACKET_SIZE,
    PCR_CLOCK,
    PCR_WRAP,
    pcr_field,
    read_pcr,
    read_timestamp,
    timestamp_field,
)
from .pattern import LOOP_SECONDS

type Rows = NDArray[np.uint8]

_VOD_LOOPS: Final = 5


class PatternMedia:
    """Every channel as its test pattern."""

    def __init__(self, folder: Path = DEFAULT_FOLDER) -> None:
        """Keep encoded loops in a folder."""
        self._folder = LoopFolder(folder)
        self._loops: dict[Channel, Loop] = {}
        self._preparing = threading.Lock()

    def is_prepared(self, channel: Channel) -> bool:
        """Return whether the channel's loop is in memory."""
        return channel in self._loops

    def prepare(self, channel: Channel) -> None:
        """Load the channel's loop, encoding it if nobody did before."""
        with self._preparing:
            if channel not in self._loops:
                self._loops[channel] = Loop(self._folder.read(channel), LOOP_SECONDS)

    def encode(self, channel: Channel) -> None:
        """Encode the channel's loop into the folder, if it is not there; any thread may."""
        self._folder.fill(channel)

    def open(self, channel: Channel, now: float) -> LoopSource:
        """Join a broadcast, most likely in the middle of a group of pictures."""
        self.prepare(channel)
        return LoopSource(self._loops[channel], now)

    def file(self, channel: Channel) -> bytes:
        """Return a film of two minutes: some loops in a row."""
        self.prepare(channel)
        loop = self._loops[channel]
        return b"".join(loop.packets(i, 0, loop.size) for i in range(_VOD_LOOPS))


class Loop:
    """A loop's packets, and where in them the times and counters are."""

    def __init__(self, stream: bytes, seconds: int) -> None:
        """Take whole packets that follow on themselves every so many seconds."""
        self.seconds = seconds
        rows = np.frombuffer(stream, np.uint8).reshape(-1, PACKET_SIZE)
        self._rows = rows
        self.size = len(rows)
        pids = (rows[:, 1].astype(np.uint16) & 0x1F) << 8 | rows[:, 2]
        has_payload = rows[:, 3] & 0x10 != 0
        counts = np.bincount(pids[has_payload], minlength=0x2000)
        self._counter_steps = (counts[pids] & 0x0F).astype(np.uint8)
        self._counters = rows[:, 3] & 0x0F
        self._stamps = sorted(self._clocks() + self._times(), key=lambda stamp: stamp[0])
        self._stamp_rows = np.array([row for row, *_ in self._stamps])
        self.begins = self._sending_times()

    def packets(self, iteration: int, first: int, last: int) -> bytes:
        """Return some packets of one iteration."""
        rows = self._rows[first:last].copy()
        steps = self._counter_steps[first:last] * np.uint8(iteration & 0x0F)
        rows[:, 3] = rows[:, 3] & 0xF0 | (self._counters[first:last] + steps) & 0x0F
        content = bytearray(rows.tobytes())
        begin, end = np.searchsorted(self._stamp_rows, (first, last))
        moved = iteration * self.seconds
        for row, offset, field in self._stamps[begin:end]:
            written = field(moved)
            place = (row - first) * PACKET_SIZE + offset
            content[place : place + len(written)] = written
        return bytes(content)

    def _clocks(self) -> list[_Stamp]:
        """Return the place of every PCR."""
        rows = self._rows
        has_clock = (rows[:, 3] & 0x20 != 0) & (rows[:, 4] > 0) & (rows[:, 5] & 0x10 != 0)
        self._pcr_rows = np.flatnonzero(has_clock)
        self._pcrs = [read_pcr(rows[row, 6:12].tobytes()) for row in self._pcr_rows]
        return [
            (int(row), 6, partial(_moved_clock, pcr))
            for row, pcr in zip(self._pcr_rows, self._pcrs, strict=True)
        ]

    def _times(self) -> list[_Stamp]:
        """Return the place of every PTS and DTS."""
        stamps: list[_Stamp] = []
        for row in np.flatnonzero(self._rows[:, 1] & 0x40):
            packet = self._rows[row].tobytes()
            pes = 5 + packet[4] if packet[3] & 0x20 else 4
            if packet[pes : pes + 3] != b"\x00\x00\x01":
                continue
            flags = packet[pes + 7] >> 6
            for offset in (pes + 9, pes + 14)[: (0, 0, 1, 2)[flags]]:
                field = packet[offset : offset + 5]
                moved = partial(_moved_time, field[0] >> 4, read_timestamp(field))
                stamps.append((int(row), offset, moved))
        return stamps

    def _sending_times(self) -> NDArray[np.float64]:
        """Return when each packet is sent, in seconds from the loop's first clock."""
        first = self._pcrs[0]
        known = [(pcr - first) / PCR_CLOCK for pcr in self._pcrs] + [float(self.seconds)]
        if any(later < earlier for earlier, later in pairwise(known)):
            raise ValueError("The clock of a loop goes backwards")
        places = np.append(self._pcr_rows, self.size)
        times: NDArray[np.float64] = np.interp(np.arange(self.size), places, known)
        return times


class LoopSource:
    """One reading of a loop's broadcast."""

    def __init__(self, loop: Loop, now: float) -> None:
        """Join at a wall-clock time."""
        self._loop = loop
        self._next = self._number_at(now)

    def read(self, until: float) -> bytes:
        """Return the packets of the span since the last read."""
        pieces = []
        end = self._number_at(until)
        size = self._loop.size
        while self._next < end:
            iteration, first = divmod(self._next, size)
            last = min(end - iteration * size, size)
            pieces.append(self._loop.packets(iteration, first, last))
            self._next = iteration * size + last
        return b"".join(pieces)

    def _number_at(self, when: float) -> int:
        """Return how many packets were ever sent before a time."""
        iteration, position = divmod(when, self._loop.seconds)
        place = int(np.searchsorted(self._loop.begins, position))
        return int(iteration) * self._loop.size + place


type _Stamp = tuple[int, int, Callable[[int], bytes]]
"""A row, an offset in it, and what is written there when it is moved by some seconds."""


def _moved_clock(pcr: int, seconds: int) -> bytes:
    return pcr_field((pcr + seconds * PCR_CLOCK) % PCR_WRAP)


def _moved_time(prefix: int, value: int, seconds: int) -> bytes:
    return timestamp_field(prefix, value + seconds * CLOCK)
