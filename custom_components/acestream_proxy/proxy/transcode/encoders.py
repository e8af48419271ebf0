"""Which encoder makes H.264 here: graphics hardware where there is some that works.

That ffmpeg lists an encoder says nothing of the machine it runs on. So each one that it lists is
tried with a few pictures, the same way as it will be used, and what works is remembered.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import logging
import re
from typing import Final

from ..errors import StreamEndedError
from .process import PICTURE_MEMORY, kill, start

_LOGGER = logging.getLogger(__name__)

# Starting a graphics driver takes a second at worst; viewers wait meanwhile.
_TRIAL_TIMEOUT: Final = 5.0

# A parameter set, of whatever importance. A player may begin at each keyframe, so it has to be in
# front of each, which not all encoders are agreed upon.
_PARAMETER_SET: Final = re.compile(rb"\x00\x00\x01[\x07\x27\x47\x67]")
_TRIAL_KEYFRAMES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """An encoder of ffmpeg's that makes H.264, and how it is used."""

    name: str

    setup: tuple[str, ...] = ()
    """What ffmpeg is told before its input."""

    filters: tuple[str, ...] = ("format=nv12",)
    """What pictures go through at last: they end as this encoder takes them."""

    options: tuple[str, ...] = ()
    """What the encoder is told: to hold nothing back."""


SOFTWARE: Final = Encoder(
    name="libx264",
    filters=("format=yuv420p",),
    options=(
        *("-preset", "veryfast", "-tune", "zerolatency", "-crf", "23"),
        # Keyframes when they are due, and only then: each of them begins a segment.
        *("-sc_threshold", "0"),
    ),
)

# Those of a vendor before those that wrap another.
HARDWARE: Final = (
    Encoder(name="h264_nvenc", options=("-tune", "ll", "-zerolatency", "1", "-forced-idr", "1")),
    Encoder(name="h264_qsv", options=("-preset", "veryfast", "-async_depth", "1")),
    Encoder(
        name="h264_vaapi",
        setup=("-init_hw_device", "vaapi=gpu", "-filter_hw_device", "gpu"),
        filters=("format=nv12", "hwupload"),
    ),
    Encoder(name="h264_videotoolbox", options=("-realtime", "1")),
    Encoder(name="h264_rkmpp"),
    Encoder(name="h264_v4l2m2m"),
)

# Above what HD needs with good encoders; bounded, as what is watched goes through Wi-Fi.
_RATES: Final = ("-b:v", "4M", "-maxrate", "6M", "-bufsize", "12M")


def encoding(encoder: Encoder, *, group: int) -> tuple[str, ...]:
    """Return what ffmpeg is told of an encoder, with a keyframe every so many pictures."""
    rates = _RATES if encoder is not SOFTWARE else _RATES[2:]
    return ("-c:v", encoder.name, "-g", str(group), "-bf", "0", *rates, *encoder.options)


class Encoders:
    """The encoders of one ffmpeg."""

    def __init__(self, binary: str, candidates: Sequence[Encoder] = HARDWARE) -> None:
        """Look for the candidates, the first of them first."""
        self._binary = binary
        self._candidates = list(candidates)
        self._looking = asyncio.Lock()
        self._best: Encoder | None = None

    async def best(self) -> Encoder:
        """Return the encoder to use, looking for it once for everybody who wants to know."""
        async with self._looking:
            if self._best is None:
                self._best = await self._look()
                _LOGGER.info("Pictures for browsers are encoded by %s", self._best.name)
            return self._best

    def distrust(self, encoder: Encoder) -> None:
        """Use a hardware encoder no more: it made nothing of a real stream."""
        if encoder in self._candidates:
            self._candidates.remove(encoder)
            self._best = None

    async def _look(self) -> Encoder:
        """Return the first candidate that works, or what always does."""
        if not self._candidates:
            return SOFTWARE
        listed = set((await self._run("-encoders")).split())
        for encoder in self._candidates:
            if encoder.name.encode() in listed:
                made = await self._run(*_trial(encoder))
                if len(_PARAMETER_SET.findall(made)) >= _TRIAL_KEYFRAMES:
                    return encoder
                _LOGGER.debug("%s does not work here", encoder.name)
        return SOFTWARE

    async def _run(self, *arguments: str) -> bytes:
        """Return what ffmpeg writes; nothing if it fails."""
        try:
            process = await start(
                self._binary, "-hide_banner", "-nostdin", *arguments, memory=PICTURE_MEMORY
            )
        except StreamEndedError:
            return b""
        try:
            async with asyncio.timeout(_TRIAL_TIMEOUT):
                written, _ = await process.communicate()
        except TimeoutError:
            return b""
        finally:
            kill(process)
            await process.wait()
        return written if process.returncode == 0 else b""


def _trial(encoder: Encoder) -> tuple[str, ...]:
    """Return what makes ffmpeg encode a few pictures, every other one of them a keyframe."""
    return (
        *("-loglevel", "error", *encoder.setup, "-f", "lavfi", "-i", "testsrc=size=640x360"),
        *("-frames:v", str(2 * _TRIAL_KEYFRAMES), "-vf", ",".join(encoder.filters)),
        *(*encoding(encoder, group=2), "-f", "h264", "pipe:1"),
    )
