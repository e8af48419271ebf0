"""What browsers cannot decode, made into what they can: ffmpeg, as an upstream of its own.

Broadcast ──chunks──▶ stdin │ ffmpeg │ stdout ──bytes──▶ another Broadcast
"""

from .encoders import Encoders
from .ffmpeg import Transcoder
from .need import ChannelOptions, is_language, recipe_for, unplayable_video

__all__ = [
    "ChannelOptions",
    "Encoders",
    "Transcoder",
    "is_language",
    "recipe_for",
    "unplayable_video",
]
