"""The tables that say what a transport stream carries: PAT and PMT.

ISO/IEC 13818-1 section 2.4.4: a table comes in sections, a section in one or more packets of one
PID, and ends in a CRC. The PAT (PID 0) names the PID of each program's PMT, the PMT the program's
elementary streams.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .packet import payload_of

PAT_PID: Final = 0

_PAT_ID: Final = 0x00
_PMT_ID: Final = 0x02
# A section may say it is 4,096 bytes long; no table id and length of ours goes beyond.
_MAX_SECTION: Final = 4096


class Codec(StrEnum):
    """What an elementary stream is coded in, named as ffmpeg names it."""

    H264 = "h264"
    HEVC = "hevc"
    MPEG2 = "mpeg2video"
    AAC = "aac"
    """In ADTS, its own framing."""
    AAC_LATM = "aac_latm"
    """In LATM, which browsers do not take out of a transport stream."""
    MP2 = "mp2"
    AC3 = "ac3"
    EAC3 = "eac3"
    OTHER = "other"

    @property
    def is_video(self) -> bool:
        """Whether it shows pictures."""
        return self in (Codec.H264, Codec.HEVC, Codec.MPEG2)

    @property
    def is_audio(self) -> bool:
        """Whether it makes sound."""
        return self in (Codec.AAC, Codec.AAC_LATM, Codec.MP2, Codec.AC3, Codec.EAC3)


# ISO/IEC 13818-1 table 2-34; 0x81 and 0x87 are ATSC's (A/53 part 3).
_CODEC_OF_STREAM_TYPE: Final = {
    0x01: Codec.MPEG2,
    0x02: Codec.MPEG2,
    0x03: Codec.MP2,
    0x04: Codec.MP2,
    0x0F: Codec.AAC,
    0x11: Codec.AAC_LATM,
    0x1B: Codec.H264,
    0x24: Codec.HEVC,
    0x81: Codec.AC3,
    0x87: Codec.EAC3,
}

# DVB carries these as private data (stream type 0x06), told apart by a descriptor: ETSI EN 300 468.
_PRIVATE_DATA: Final = 0x06
_CODEC_OF_DESCRIPTOR: Final = {0x6A: Codec.AC3, 0x7A: Codec.EAC3, 0x7C: Codec.AAC_LATM}

# ISO 639 language descriptor, ISO/IEC 13818-1 section 2.6.18: three letters and an audio type.
_LANGUAGE_DESCRIPTOR: Final = 0x0A
_UNDETERMINED: Final = "und"


class AudioType(StrEnum):
    """Whom a track of sound is for (ISO/IEC 13818-1 section 2.6.19)."""

    UNDEFINED = "undefined"
    CLEAN_EFFECTS = "clean_effects"
    HEARING_IMPAIRED = "hearing_impaired"
    VISUAL_IMPAIRED_COMMENTARY = "visual_impaired_commentary"


_AUDIO_TYPES: Final = tuple(AudioType)


@dataclass(frozen=True, slots=True)
class ElementaryStream:
    """One audio, video or other track."""

    pid: int
    codec: Codec
    language: str = ""
    """Three lower-case letters of ISO 639-2; empty where unknown."""
    audio_type: AudioType = AudioType.UNDEFINED


@dataclass(frozen=True, slots=True)
class Program:
    """What one PMT describes: the tracks that belong together."""

    streams: tuple[ElementaryStream, ...]

    @property
    def video(self) -> ElementaryStream | None:
        """The first video track."""
        return next((stream for stream in self.streams if stream.codec.is_video), None)

    @property
    def audio(self) -> ElementaryStream | None:
        """The first audio track."""
        return next((stream for stream in self.streams if stream.codec.is_audio), None)

    @property
    def is_sound_alone(self) -> bool:
        """Whether there is something to hear and nothing to see: radio."""
        return self.audio is not None and self.video is None


class TableReader:
    """Puts the sections of one PID together, and keeps the packets that carried the last one."""

    def __init__(self) -> None:
        self.packets = b""
        """The packets of the last whole section, to be sent to whoever joins."""
        self._arriving = b""
        self._section = b""
        self._sound = b""  # the last whole section

    def feed(self, packet: bytes) -> bytes | None:
        """Return the section that this packet completes, without its CRC, if it is a sound one."""
        payload = payload_of(packet)
        if packet[1] & 0x40:  # payload unit start: a pointer leads to where the section begins
            if not payload:
                return None
            self._section = payload[1 + payload[0] :]
            self._arriving = packet
        elif self._section and payload:  # none adds nothing, and may come without end
            self._section += payload
            self._arriving += packet
        if len(self._section) < 3:
            return None
        length = 3 + ((self._section[1] & 0x0F) << 8 | self._section[2])
        if len(self._section) < length <= _MAX_SECTION:
            return None
        section, self._section = self._section[:length], b""
        if length > _MAX_SECTION:
            return None
        # Tables repeat ten times a second: what was sound the last time still is.
        if section != self._sound:
            if crc32(section) != 0:
                return None
            self._sound = section
        self.packets = self._arriving
        return section[:-4]


def read_pat(section: bytes) -> int | None:
    """Return the PID of the first program's PMT."""
    if section[0] != _PAT_ID:
        return None
    for at in range(8, len(section) - 3, 4):
        program_number = section[at] << 8 | section[at + 1]
        if program_number:  # zero leads to the network information table
            return (section[at + 2] & 0x1F) << 8 | section[at + 3]
    return None


def read_pmt(section: bytes) -> Program | None:
    """Return the program that a PMT describes."""
    if section[0] != _PMT_ID or len(section) < 12:
        return None
    streams = []
    at = 12 + ((section[10] & 0x0F) << 8 | section[11])
    while at + 5 <= len(section):
        stream_type = section[at]
        pid = (section[at + 1] & 0x1F) << 8 | section[at + 2]
        length = (section[at + 3] & 0x0F) << 8 | section[at + 4]
        descriptors = section[at + 5 : at + 5 + length]
        codec = _codec(stream_type, descriptors)
        streams.append(ElementaryStream(pid, codec, *_language(descriptors)))
        at += 5 + length
    return Program(tuple(streams))


def _codec(stream_type: int, descriptors: bytes) -> Codec:
    if stream_type != _PRIVATE_DATA:
        return _CODEC_OF_STREAM_TYPE.get(stream_type, Codec.OTHER)
    known = (_CODEC_OF_DESCRIPTOR.get(tag) for tag, _ in _split(descriptors))
    return next(filter(None, known), Codec.OTHER)


def _language(descriptors: bytes) -> tuple[str, AudioType]:
    """Return the language of a track, or the first of several, and whom it is for."""
    for tag, body in _split(descriptors):
        if tag == _LANGUAGE_DESCRIPTOR and len(body) >= 4:
            # Some fill the field with zeros or with something else.
            language = body[:3].lower().decode() if body[:3].isalpha() else ""
            kind = _AUDIO_TYPES[body[3]] if body[3] < len(_AUDIO_TYPES) else AudioType.UNDEFINED
            return "" if language == _UNDETERMINED else language, kind
    return "", AudioType.UNDEFINED


def _split(descriptors: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the descriptors in a loop of them, each with its tag."""
    at = 0
    while at + 2 <= len(descriptors):
        end = at + 2 + descriptors[at + 1]
        yield descriptors[at], descriptors[at + 2 : end]
        at = end


def crc32(section: bytes) -> int:
    """Return the CRC of annex A; over a whole section, its own CRC included, that is zero."""
    register = 0xFFFFFFFF
    for byte in section:
        register = (register << 8 & 0xFFFFFFFF) ^ _CRC_TABLE[register >> 24 ^ byte]
    return register


def _crc_of_byte(byte: int) -> int:
    register = byte << 24
    for _ in range(8):
        register = register << 1 ^ (0x04C11DB7 if register & 0x80000000 else 0)
    return register & 0xFFFFFFFF


_CRC_TABLE: Final = tuple(_crc_of_byte(byte) for byte in range(256))
