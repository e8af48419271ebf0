"""The segments that a playlist lists, and the playlist."""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
import math
from typing import Final

from .segment import Part, Place, Segment

# Three target durations is what RFC 8216 section 6.3.3 has players keep behind the live edge; the
# rest is for those that hesitate.
SEGMENTS: Final = 6

# Segments that no playlist lists any more, for players that read an older one (section 6.2.2).
_GRACE: Final = 3

_BEGINNING: Final = Place()

# Parts are listed for this many target durations (RFC 8216bis section 4.4.4.9).
_PARTS_FOR: Final = 3

# How many parts players keep behind the live edge. Three is the least (section 4.4.3.8); one more
# rides out what peers do.
_HOLD_BACK: Final = 4


class Window:
    """The newest segments of a live stream, and the parts of the one to come."""

    def __init__(
        self,
        *,
        target_duration: float,
        segments: int = SEGMENTS,
        part_duration: float | None = None,
        place: Place = _BEGINNING,
        epoch: float = 0.0,
    ) -> None:
        """List so many segments from a place on, and parts if there is a duration for them.

        `epoch` is the Unix time at zero of the clock that segments are dated by.
        """
        self._segments: deque[Segment] = deque(maxlen=segments + _GRACE)
        self._listed = segments
        self._target_duration = math.ceil(target_duration)
        self._part_target = part_duration
        self._epoch = epoch
        self._first_number = place.number
        # Tags that left the playlist, section 4.3.3.3.
        self._discontinuities = place.discontinuities

    def __len__(self) -> int:
        """Return how many segments the playlist lists."""
        return min(len(self._segments), self._listed)

    @property
    def target_duration(self) -> int:
        """Seconds that no segment is longer than, rounded."""
        return self._target_duration

    @property
    def next_number(self) -> int:
        """The media sequence number of the segment to come."""
        return self._segments[-1].number + 1 if self._segments else self._first_number

    @property
    def place(self) -> Place:
        """Where whatever follows goes on."""
        listed = sum(segment.discontinuity for segment in self._shown())
        return Place(self.next_number, self._discontinuities + listed)

    def append(self, segment: Segment) -> None:
        """Add the newest segment; the oldest may leave."""
        if len(self._segments) >= self._listed:
            leaving = self._segments[-self._listed]
            self._discontinuities += leaving.discontinuity
        self._segments.append(segment)
        # The target duration must not change (section 6.2.1) but has to cover every segment
        # (4.3.3.1): where keyframes are rarer than was hoped, covering wins.
        # Half a second counts as a whole one, which round() would only do for odd numbers.
        nearest = math.floor(segment.duration + 0.5)
        self._target_duration = max(self._target_duration, nearest)

    def segment(self, number: int) -> Segment | None:
        """Return a segment that is listed, or was until a moment ago."""
        return next((one for one in self._segments if one.number == number), None)

    def playlist(self, coming: Sequence[Part] = (), *, discontinuity: bool = False) -> str:
        """Return the media playlist; its addresses are relative to its own.

        `coming` are the parts of the segment to come, `discontinuity` is whether that begins with
        one.
        """
        listed = self._shown()
        lines = ["#EXTM3U", "#EXT-X-VERSION:6", f"#EXT-X-TARGETDURATION:{self._target_duration}"]
        if self._part_target is not None:
            lines += self._low_latency(self._part_target, listed, coming)
        lines += [
            f"#EXT-X-MEDIA-SEQUENCE:{listed[0].number if listed else self.next_number}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{self._discontinuities}",
        ]
        if all(segment.independent for segment in listed):
            lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
        old = sum(segment.duration for segment in listed) - _PARTS_FOR * self._target_duration
        for segment in listed:
            if segment.discontinuity:
                lines.append("#EXT-X-DISCONTINUITY")
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{self._date(segment.date)}")
            old -= segment.duration
            if self._part_target is not None and old < 0:
                lines += _parts(segment.number, segment.parts)
            lines += [f"#EXTINF:{segment.duration:.5f},", f"{segment.number}.ts"]
        if self._part_target is not None:
            number = self.next_number
            if discontinuity:
                lines.append("#EXT-X-DISCONTINUITY")
            lines += _parts(number, coming)
            lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{number}.{len(coming)}.ts"')
        return "\n".join([*lines, ""])

    def _shown(self) -> list[Segment]:
        return list(self._segments)[-self._listed :]

    def _low_latency(
        self, target: float, listed: Sequence[Segment], coming: Sequence[Part]
    ) -> list[str]:
        """Return what players of parts have to know.

        As with segments, a target that covers every part wins over one that does not change.
        """
        parts = [part for segment in listed for part in segment.parts] + list(coming)
        self._part_target = max([target, *(part.duration for part in parts)])
        hold_back = _HOLD_BACK * self._part_target
        return [
            f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={hold_back:.5f}",
            f"#EXT-X-PART-INF:PART-TARGET={self._part_target:.5f}",
        ]

    def _date(self, date: float) -> str:
        """Return a time as ISO 8601 has it, to the millisecond."""
        moment = datetime.fromtimestamp(self._epoch + date, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parts(number: int, parts: Sequence[Part]) -> list[str]:
    return [
        f'#EXT-X-PART:DURATION={part.duration:.5f},URI="{number}.{index}.ts"'
        + (",INDEPENDENT=YES" if part.independent else "")
        for index, part in enumerate(parts)
    ]
