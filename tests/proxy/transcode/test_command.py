"""What ffmpeg is told."""

import os

import pytest

from custom_components.acestream_proxy.proxy.mpegts import (
    Codec,
    ElementaryStream,
    PictureFormat,
    Program,
)
from custom_components.acestream_proxy.proxy.transcode import ChannelOptions, recipe_for
from custom_components.acestream_proxy.proxy.transcode.command import arguments
from custom_components.acestream_proxy.proxy.transcode.encoders import HARDWARE, SOFTWARE

VAAPI = next(encoder for encoder in HARDWARE if encoder.name == "h264_vaapi")

WISHED = ChannelOptions(audio_language="spa", transcode_video=True)


def program(video: Codec, *audio: Codec) -> Program:
    """Return a program with a picture at PID 256, and Spanish sound behind it."""
    tracks = (ElementaryStream(pid, codec, "spa") for pid, codec in enumerate(audio, 257))
    return Program((ElementaryStream(256, video), *tracks))


def told(carried: Program, picture: PictureFormat | None = None) -> str:
    """Return what ffmpeg is told to do with a program, on one line."""
    return " ".join(arguments(recipe_for(carried, picture, WISHED), SOFTWARE))


def test_tracks_are_named_by_their_pid() -> None:
    """Others are left out."""
    line = told(program(Codec.HEVC, Codec.AC3, Codec.MP2))
    assert "-map 0:i:256 -map 0:i:257 -" in line
    assert "0:i:258" not in line


def test_program_without_sound_has_none() -> None:
    """Only the picture is taken."""
    assert told(program(Codec.HEVC)).count("-map") == 1


def test_sound_alone_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many cores there are; the picture is copied."""
    monkeypatch.setattr(os, "process_cpu_count", lambda: 16)
    recipe = recipe_for(program(Codec.H264, Codec.AC3), None, ChannelOptions())

    line = " ".join(arguments(recipe, None))

    assert line.count("threads 1 ") == 3
    assert "-c:v copy -c:a aac" in line


@pytest.mark.parametrize(("cores", "threads"), [(16, 8), (3, 1), (1, 1), (None, 1)])
def test_pictures_have_half_of_the_cores(
    cores: int | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To decode, to filter and to encode them; one at least."""
    monkeypatch.setattr(os, "process_cpu_count", lambda: cores)
    line = told(program(Codec.HEVC))
    assert line.count(f"threads {threads} ") == 3


@pytest.mark.parametrize(
    ("picture", "filters"),
    [
        pytest.param(None, "", id="unknown"),
        pytest.param(PictureFormat(1920, 1080, 50.0, interlaced=False), "", id="HD"),
        pytest.param(
            PictureFormat(720, 576, 25.0, interlaced=True),
            "bwdif=mode=send_frame:deint=interlaced,",
            id="interlaced",
        ),
        pytest.param(PictureFormat(3840, 2160, 50.0, interlaced=False), "scale=-2:1080,", id="UHD"),
    ],
)
def test_pictures_go_through_what_they_need(picture: PictureFormat | None, filters: str) -> None:
    """At last they are as the encoder takes them."""
    assert f"-vf {filters}format=yuv420p -" in told(program(Codec.HEVC), picture)


@pytest.mark.parametrize(("rate", "group"), [(25.0, 50), (59.94, 120), (None, 50)])
def test_keyframe_comes_every_two_seconds(rate: float | None, group: int) -> None:
    """A stream that does not say its rate most likely has that of Europe."""
    picture = PictureFormat(1280, 720, rate, interlaced=False)
    assert f"-g {group} " in told(program(Codec.HEVC), picture)


def test_hardware_is_set_up_before_the_input() -> None:
    """Pictures are brought to it at the end."""
    recipe = recipe_for(program(Codec.HEVC), None, WISHED)

    line = " ".join(arguments(recipe, VAAPI))

    assert line.index("-init_hw_device vaapi=gpu") < line.index("-i pipe:0")
    assert "-vf format=nv12,hwupload -c:v h264_vaapi -g 50 -bf 0 -b:v 4M" in line
