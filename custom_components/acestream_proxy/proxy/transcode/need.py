"""What a browser makes of a stream as it is.

Browsers play a transport stream through Media Source Extensions: H.264 pictures, AAC sound. The
player in Home Assistant (hls.js, in its light build) finds nothing else in a transport stream.
"""

from typing import Final

from ..mpegts import Codec, Program

_SOUND: Final = frozenset((Codec.AAC,))
_PICTURE: Final = frozenset((Codec.H264,))

_NAMES: Final = {Codec.HEVC: "HEVC (H.265)", Codec.MPEG2: "MPEG-2"}


def needs_audio(program: Program | None) -> bool:
    """Return whether the sound has to be made into AAC for browsers."""
    return bool(program and program.audio and program.audio.codec not in _SOUND)


def unplayable_video(program: Program | None) -> str | None:
    """Return the name of what the picture is coded in, if browsers cannot decode that."""
    if program is None or program.video is None or program.video.codec in _PICTURE:
        return None
    return _NAMES.get(program.video.codec, program.video.codec.value)
