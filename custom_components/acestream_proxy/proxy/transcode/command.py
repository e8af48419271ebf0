"""What ffmpeg is told: which tracks to take, what to make of them, and how to write them."""

from .need import Recipe

# Quick to begin, as the input starts with tables and a keyframe. Not with `nobuffer`: that throws
# away what was looked at, and with it the first group of pictures.
_INPUT = (
    *("-analyzeduration", "1000000", "-probesize", "5000000"),
    *("-f", "mpegts", "-i", "pipe:0"),
)

_AAC = ("-c:a", "aac", "-b:a", "160k", "-ac", "2")

# Tables before every keyframe, and nothing held back.
_OUTPUT = (
    *("-f", "mpegts", "-mpegts_flags", "+resend_headers+pat_pmt_at_frames"),
    *("-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1", "pipe:1"),
)


def arguments(recipe: Recipe) -> list[str]:
    """Return the arguments for a recipe: MPEG-TS on stdin becomes MPEG-TS on stdout."""
    tracks = [track for track in (recipe.video, recipe.audio) if track]
    return [
        *("-hide_banner", "-nostdin", "-loglevel", "warning", "-filter_threads", "1"),
        *("-threads", "1", *_INPUT),
        # By PID, as ffmpeg numbers tracks in an order of its own.
        *(word for track in tracks for word in ("-map", f"0:i:{track.pid}")),
        *("-threads", "1", "-c:v", "copy"),
        *(_AAC if recipe.encode_audio else ("-c:a", "copy")),
        *_OUTPUT,
    ]
