"""What ffmpeg is told: which tracks to take, what to make of them, and how to write them."""

import os
from typing import Final

from .encoders import Encoder, encoding
from .need import Recipe

# Quick to begin, as the input starts with tables and a keyframe. Not with `nobuffer`: that throws
# away what was looked at, and with it the first group of pictures.
_INPUT: Final = (
    *("-analyzeduration", "1000000", "-probesize", "5000000"),
    *("-f", "mpegts", "-i", "pipe:0"),
)

_AAC: Final = ("-c:a", "aac", "-b:a", "160k", "-ac", "2")

# Tables before every keyframe, and nothing held back: where the sound ceases, pictures would wait
# for it for ten seconds.
_OUTPUT: Final = (
    *("-f", "mpegts", "-mpegts_flags", "+resend_headers+pat_pmt_at_frames"),
    *("-max_interleave_delta", "1000000", "-muxdelay", "0", "-muxpreload", "0"),
    *("-flush_packets", "1", "pipe:1"),
)

_KEYFRAME_INTERVAL: Final = 2.0

# What most of Europe broadcasts, for a stream that does not say.
_FRAME_RATE: Final = 25.0

# Some streams say that they are interlaced and are not, so each picture is looked at.
_DEINTERLACE: Final = "bwdif=mode=send_frame:deint=interlaced"

# More lines than this are made fewer: nothing that a household has keeps up with encoding them.
_MOST_LINES: Final = 1088


def arguments(recipe: Recipe, encoder: Encoder | None) -> list[str]:
    """Return the arguments for a recipe: MPEG-TS on stdin becomes MPEG-TS on stdout.

    The picture is copied where there is no encoder.
    """
    threads = str(_half_of_the_cores() if encoder else 1)
    tracks = [track for track in (recipe.video, recipe.audio) if track]
    return [
        *("-hide_banner", "-nostdin", "-loglevel", "warning", "-filter_threads", threads),
        *(encoder.setup if encoder else ()),
        *("-threads", threads, *_INPUT),
        # By PID, as ffmpeg numbers tracks in an order of its own.
        *(word for track in tracks for word in ("-map", f"0:i:{track.pid}")),
        *("-threads", threads),
        *(_pictures(recipe, encoder) if encoder else ("-c:v", "copy")),
        *(_AAC if recipe.encode_audio else ("-c:a", "copy")),
        *_OUTPUT,
    ]


def _pictures(recipe: Recipe, encoder: Encoder) -> tuple[str, ...]:
    """Return what ffmpeg is told of pictures that are encoded."""
    filters = list(encoder.filters)
    rate = _FRAME_RATE
    if picture := recipe.picture:
        rate = picture.frame_rate or _FRAME_RATE
        if picture.height > _MOST_LINES:
            filters.insert(0, "scale=-2:1080")
        if picture.interlaced:
            filters.insert(0, _DEINTERLACE)
    group = round(rate * _KEYFRAME_INTERVAL)
    return ("-vf", ",".join(filters), *encoding(encoder, group=group))


def _half_of_the_cores() -> int:
    return max(1, (os.process_cpu_count() or 1) // 2)
