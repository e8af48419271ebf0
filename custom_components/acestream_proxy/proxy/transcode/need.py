"""What has to be done to a stream before a browser can play it.

Browsers play a transport stream through Media Source Extensions: H.264 pictures, AAC sound. The
player in Home Assistant (hls.js, in its light build) finds nothing else in a transport stream, and
of several tracks it plays the first.
"""

from dataclasses import dataclass
import re
from typing import Final

from ..mpegts import AudioType, Codec, ElementaryStream, PictureFormat, Program

# MPEG audio of layer 3, which browsers do decode, has the stream types of layer 2 and cannot be
# told apart from it here: all of it is encoded anew.
_SOUND: Final = frozenset((Codec.AAC,))
_PICTURE: Final = frozenset((Codec.H264,))

_NAMES: Final = {Codec.HEVC: "HEVC (H.265)", Codec.MPEG2: "MPEG-2"}

# ISO 639-2 has two codes for some languages, and broadcasters use either: the bibliographic one,
# and the terminological one.
_TERMINOLOGICAL: Final[dict[str, str]] = dict(
    re.findall(
        r"(\w+)=(\w+)",
        "alb=sqi arm=hye baq=eus bur=mya chi=zho cze=ces dut=nld fre=fra geo=kat ger=deu gre=ell "
        "ice=isl mac=mkd mao=mri may=msa per=fas rum=ron slo=slk tib=bod "
        "wel=cym",  # codespell:ignore wel
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """What is wished of a channel where a browser plays it."""

    audio_language: str = ""
    """The language to hear it in, as an ISO 639-2 code such as `spa`; empty for its first one."""

    transcode_video: bool = False
    """Whether a picture that browsers do not decode, or show with combs, is made into H.264."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a stream is made into what browsers play."""

    video: ElementaryStream | None
    """The track to see, if there is one."""

    audio: ElementaryStream | None
    """The track to hear, if there is one."""

    picture: PictureFormat | None
    """What is seen, where that is known."""

    encode_video: bool
    """Whether the picture is to be made into H.264."""

    encode_audio: bool
    """Whether the sound has to be made into AAC."""

    is_first_audio: bool
    """Whether a player would choose that track by itself."""

    @property
    def is_needed(self) -> bool:
        """Whether a browser would not play the same of the stream as it is."""
        return self.encode_video or self.encode_audio or not self.is_first_audio


def is_language(text: str) -> bool:
    """Return whether a text looks like an ISO 639-2 code, such as `spa`."""
    return len(text) == 3 and text.isascii() and text.isalpha()


def recipe_for(
    program: Program | None, picture: PictureFormat | None, options: ChannelOptions
) -> Recipe:
    """Return how a stream becomes what browsers play.

    A stream of which nothing is known is left as it is.
    """
    streams = program.streams if program else ()
    tracks = [stream for stream in streams if stream.codec.is_audio]
    is_interlaced = picture is not None and picture.interlaced
    is_poor = is_interlaced or unplayable_video(program) is not None
    audio = _in_language(tracks, options.audio_language.lower())
    return Recipe(
        video=program.video if program else None,
        audio=audio,
        picture=picture,
        encode_video=is_poor and options.transcode_video,
        encode_audio=audio is not None and audio.codec not in _SOUND,
        is_first_audio=audio in tracks[:1] or audio is None,
    )


def unplayable_video(program: Program | None) -> str | None:
    """Return the name of what the picture is coded in, if browsers cannot decode that."""
    if program is None or program.video is None or program.video.codec in _PICTURE:
        return None
    return _NAMES.get(program.video.codec, program.video.codec.value)


def _in_language(tracks: list[ElementaryStream], language: str) -> ElementaryStream | None:
    """Return the first track in a language; if there is none, the first of all."""
    wanted = _terminological(language)
    spoken = [track for track in tracks if wanted and _terminological(track.language) == wanted]
    # What describes the picture to those who do not see it is in that language, too.
    spoken.sort(key=lambda track: track.audio_type is AudioType.VISUAL_IMPAIRED_COMMENTARY)
    return next(iter(spoken or tracks), None)


def _terminological(language: str) -> str:
    return _TERMINOLOGICAL.get(language, language)
