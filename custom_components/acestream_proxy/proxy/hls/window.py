"""The segments that a playlist lists, and the playlist."""

from collections import deque
import math
from typing import Final

from .segmenter import Segment

# Three target durations is what RFC 8216 section 6.3.3 has players keep behind the live edge; the
# rest is for those that hesitate.
SEGMENTS: Final = 6

# Segments that no playlist lists any more, for players that read an older one (section 6.2.2).
_GRACE: Final = 3


class Window:
    """The newest segments of a live stream."""

    def __init__(self, *, target_duration: float, segments: int = SEGMENTS) -> None:
        self._segments: deque[Segment] = deque(maxlen=segments + _GRACE)
        self._listed = segments
        self._target_duration = math.ceil(target_duration)
        self._discontinuities = 0  # tags that left the playlist, section 4.3.3.3

    def __len__(self) -> int:
        """Return how many segments the playlist lists."""
        return min(len(self._segments), self._listed)

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

    def playlist(self) -> str:
        """Return the media playlist; its addresses are relative to its own."""
        listed = list(self._segments)[-self._listed :]
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:3",
            f"#EXT-X-TARGETDURATION:{self._target_duration}",
            f"#EXT-X-MEDIA-SEQUENCE:{listed[0].number if listed else 0}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{self._discontinuities}",
            "#EXT-X-INDEPENDENT-SEGMENTS",
        ]
        for segment in listed:
            if segment.discontinuity:
                lines.append("#EXT-X-DISCONTINUITY")
            lines += [f"#EXTINF:{segment.duration:.5f},", f"{segment.number}.ts"]
        return "\n".join([*lines, ""])
