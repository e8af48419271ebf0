"""Draws the test pattern: colour bars, the channel's name, a clock, a block that moves.

Frames are drawn where the encoder wants them, as planes of luma and chroma (yuv420p),
and only what moves is drawn anew.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .channels import Channel

type Plane = NDArray[np.uint8]

# White, yellow, cyan, green, magenta, red, blue at 75 %, as (Y, U, V) of BT.601.
_BARS: Final = (
    (180, 128, 128),
    (162, 44, 142),
    (131, 156, 44),
    (112, 72, 58),
    (84, 184, 198),
    (65, 100, 212),
    (35, 212, 114),
)
_BLACK: Final = 16
_WHITE: Final = 235

# Seconds the block takes from left to right; the loop is a multiple of it.
_SWEEP: Final = 4


class Pattern:
    """The pictures of one channel's loop."""

    def __init__(self, channel: Channel) -> None:
        """Draw all that does not move."""
        self._width = channel.width
        self._height = channel.height
        self._fps = channel.fps
        self._still = _bars(channel.width, channel.height)
        self._strip = channel.height * 5 // 6
        self._clock_top = channel.height * 5 // 9
        self._text_size = channel.height // 9
        name = _text(channel.name, self._text_size)
        left = max(0, (channel.width - name.shape[1]) // 2)
        self._draw(self._still, name, top=channel.height // 3, left=left)

    def frame(self, index: int) -> Plane:
        """Return a frame: luma, then both chroma planes below it."""
        frame = self._still.copy()
        sweep = self._fps * _SWEEP
        size = self._height // 12
        left = (self._width - size) * (index % sweep) // sweep
        top = self._strip + size // 2
        frame[top : top + size, left : left + size] = _WHITE
        left = self._width * 3 // 8
        for character in clock(index, self._fps):
            glyph = _text(character, self._text_size)
            self._draw(frame, glyph, top=self._clock_top, left=left)
            left += glyph.shape[1]
        return frame

    def _draw(self, frame: Plane, text: Plane, *, top: int, left: int) -> None:
        """Write text, white on black."""
        height, width = text.shape
        width = min(width, self._width - left)
        frame[top : top + height, left : left + width] = text[:, :width]


def clock(index: int, fps: int) -> str:
    """Return the position in the loop as minutes, seconds and tenths."""
    tenths = index * 10 // fps
    return f"{tenths // 600:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def _bars(width: int, height: int) -> Plane:
    """Return bars above a black strip; behind the texts there is no colour."""
    luma = np.full((height, width), _BLACK, np.uint8)
    chroma = np.full((2, height // 2, width // 2), 128, np.uint8)
    strip = height * 5 // 6
    for number, (y, u, v) in enumerate(_BARS):
        left = width * number // len(_BARS) // 2 * 2
        right = width * (number + 1) // len(_BARS) // 2 * 2
        luma[:strip, left:right] = y
        chroma[0, : strip // 2, left // 2 : right // 2] = u
        chroma[1, : strip // 2, left // 2 : right // 2] = v
    top, bottom = height // 3 // 2, (height * 5 // 9 + height // 6) // 2
    luma[2 * top : 2 * bottom, width // 8 : width * 7 // 8] = _BLACK
    chroma[:, top:bottom, width // 16 : width * 7 // 16] = 128
    return np.concatenate([luma.reshape(-1), chroma.reshape(-1)]).reshape(-1, width)


@cache
def _text(text: str, size: int) -> Plane:
    """Return text as luma; digits are all as wide, so that the clock stands still."""
    font = ImageFont.load_default(size)
    measured = "0" if text.isdigit() else text
    left, _, right, _ = font.getbbox(measured)
    image = Image.new("L", (int(right - left) + 4, size * 5 // 4), _BLACK)
    ImageDraw.Draw(image).text((2 - left, 0), text, fill=_WHITE, font=font)
    return np.asarray(image)
