"""What browsers cannot decode, made into what they can: ffmpeg, as an upstream of its own.

Broadcast ──chunks──▶ stdin │ ffmpeg │ stdout ──bytes──▶ another Broadcast
"""

from .ffmpeg import Transcoder
from .need import needs_audio, unplayable_video

__all__ = ["Transcoder", "needs_audio", "unplayable_video"]
