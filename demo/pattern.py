"""Encodes a channel's test pattern: one loop that can be played without end.

For the seam to be inaudible and invisible, picture and sound have to end at the same
moment, and the first packet of the loop has to follow from the last: closed groups of
pictures, a number of audio frames without remainder, and a tone of whole cycles, cut out
of a longer one so that the encoder is warm.
"""

from collections.abc import Iterator
from fractions import Fraction
import io
from typing import Final, cast

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
import numpy as np

from .channels import Channel
from .picture import Pattern

type Packet = av.Packet[VideoStream | AudioStream]

LOOP_SECONDS: Final = 24
"""As long as a whole number of frames of each audio codec: 1125, 1000 and 750."""

KEYFRAME_SECONDS: Final = 2

_SAMPLE_RATE: Final = 48_000
_FRAME_SAMPLES: Final = {"aac": 1024, "mp2": 1152, "ac3": 1536}
_AUDIO_BITRATE: Final = 96_000

# Frames encoded before the loop begins and after it ends, then thrown away.
_WARM_UP: Final = 8

# What tables and packet headers take of the bitrate, about.
_OVERHEAD: Final = 60_000


def encode_loop(channel: Channel) -> bytes:
    """Return the loop as MPEG-TS; takes a second or two."""
    output = io.BytesIO()
    with av.open(
        output, "w", format="mpegts", container_options={"max_delay": "500000"}
    ) as container:
        container.metadata["service_name"] = channel.name
        container.metadata["service_provider"] = "Demo"
        packets: list[Packet] = []
        if channel.video is not None:
            packets += _video(container, channel)
        for track in range(len(channel.languages)):
            packets += _audio(container, channel, track)
        packets.sort(key=_decoding_time)
        for packet in packets:
            container.mux(packet)
    return output.getvalue()


def _video(container: OutputContainer, channel: Channel) -> Iterator[Packet]:
    """Encode the pictures, at a constant bitrate as broadcasts have it."""
    sound = len(channel.languages) * _AUDIO_BITRATE
    kilobits = (channel.bitrate - sound - _OVERHEAD) // 1000
    gop = channel.fps * KEYFRAME_SECONDS
    settings: dict[str, int | str] = {
        "keyint": gop,
        "min-keyint": gop,
        "scenecut": 0,
        "open-gop": 0,
        "repeat-headers": 1,
        "bitrate": kilobits,
        "vbv-maxrate": kilobits,
        "vbv-bufsize": kilobits,
    }
    if channel.video == "libx264":
        settings |= {"nal-hrd": "cbr"}
    else:
        settings |= {"log-level": "none", "bframes": 2}
    written = ":".join(f"{name}={value}" for name, value in settings.items())
    name = cast("str", channel.video)
    stream = cast("VideoStream", container.add_stream(name, rate=channel.fps))
    stream.width, stream.height, stream.pix_fmt = channel.width, channel.height, "yuv420p"
    stream.options = {"preset": "ultrafast", f"{name.removeprefix('lib')}-params": written}
    pattern = Pattern(channel)
    for index in range(LOOP_SECONDS * channel.fps):
        frame = av.VideoFrame.from_ndarray(pattern.frame(index), format="yuv420p")
        frame.pts = index
        frame.time_base = Fraction(1, channel.fps)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _audio(container: OutputContainer, channel: Channel, track: int) -> list[Packet]:
    """Encode the tone of a track, and keep as many packets as the loop is long."""
    stream = container.add_stream(channel.audio, rate=_SAMPLE_RATE)
    stream.bit_rate = _AUDIO_BITRATE
    stream.layout = "stereo"
    if language := channel.languages[track]:
        stream.metadata["language"] = language
    sample_format = stream.codec_context.format.name
    size = _FRAME_SAMPLES[channel.audio]
    count = LOOP_SECONDS * _SAMPLE_RATE // size
    packets: list[Packet] = []
    for index in range(count + 2 * _WARM_UP):
        samples = _tone(channel.frequency << track, first=index * size, count=size)
        if sample_format.startswith("s16"):
            samples = (samples * 32767).astype(np.int16)
        if not sample_format.endswith("p"):
            samples = samples.T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format=sample_format, layout="stereo")
        frame.sample_rate = _SAMPLE_RATE
        frame.pts = index * size
        frame.time_base = Fraction(1, _SAMPLE_RATE)
        packets += stream.encode(frame)
    packets += stream.encode(None)
    kept = packets[_WARM_UP : _WARM_UP + count]
    for index, packet in enumerate(kept):
        packet.pts = packet.dts = index * size
        packet.time_base = Fraction(1, _SAMPLE_RATE)
    return kept


def _tone(frequency: int, *, first: int, count: int) -> np.ndarray:
    """Return a quiet sine on both channels."""
    times = np.arange(first, first + count) / _SAMPLE_RATE
    sine = (0.1 * np.sin(2 * np.pi * frequency * times)).astype(np.float32)
    return np.ascontiguousarray(np.stack([sine, sine]))


def _decoding_time(packet: Packet) -> Fraction:
    return packet.dts * packet.time_base if packet.dts is not None else Fraction(0)
