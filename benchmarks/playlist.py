"""What a viewer has to know of a media playlist; nothing is checked."""

from dataclasses import dataclass
import re
from typing import Final, Self

_TARGET: Final = re.compile(r"#EXT-X-TARGETDURATION:(\d+)")
_HOLD_BACK: Final = re.compile(r"PART-HOLD-BACK=([\d.]+)")
_PART: Final = re.compile(r'#EXT-X-PART:DURATION=([\d.]+),URI="([^"]+)"(,INDEPENDENT=YES)?')
_SEGMENT: Final = re.compile(r"#EXTINF:([\d.]+),\n(\S+)")
_HINT: Final = re.compile(r'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="(\d+)\.(\d+)\.ts"')

# Target durations that players of whole segments stay behind (RFC 8216 section 6.3.3).
_SEGMENTS_BEHIND: Final = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment, or a part of one."""

    name: str
    """Its address, relative to the playlist's."""

    duration: float
    """Seconds."""

    independent: bool
    """Whether a player can begin with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """A playlist, as a player of parts or of whole segments sees it."""

    pieces: list[Piece]
    """What can be fetched, oldest first."""

    target_duration: float
    """Seconds."""

    hold_back: float
    """How many seconds before its end a player begins."""

    next: tuple[int, int]
    """The numbers of the part to come: of its segment, and of itself in that. (0, 0) for
    whole segments."""

    @classmethod
    def parse(cls, text: str, *, parts: bool) -> Self:
        """Return what a text says."""
        target = float(_value(_TARGET, text))
        if parts:
            hint = _HINT.search(text)
            assert hint is not None  # noqa: S101 - low latency is what the proxy does
            return cls(
                pieces=[Piece(one[2], float(one[1]), bool(one[3])) for one in _PART.finditer(text)],
                target_duration=target,
                hold_back=float(_value(_HOLD_BACK, text)),
                next=(int(hint[1]), int(hint[2])),
            )
        return cls(
            pieces=[Piece(one[2], float(one[1]), True) for one in _SEGMENT.finditer(text)],
            target_duration=target,
            hold_back=_SEGMENTS_BEHIND * target,
            next=(0, 0),
        )

    @property
    def start(self) -> int:
        """The index of the piece a newcomer begins with."""
        behind = 0.0
        for index in reversed(range(len(self.pieces))):
            behind += self.pieces[index].duration
            if behind >= self.hold_back and self.pieces[index].independent:
                return index
        return 0


def _value(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    assert found is not None  # noqa: S101 - every playlist of the proxy's has it
    return found[1]
