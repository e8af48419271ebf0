"""What browsers make of a stream."""

import pytest

from custom_components.acestream_proxy.proxy.mpegts import Codec, ElementaryStream, Program
from custom_components.acestream_proxy.proxy.transcode import needs_audio, unplayable_video


def program(*codecs: Codec) -> Program:
    """Return a program with one track of each."""
    return Program(tuple(ElementaryStream(pid, codec) for pid, codec in enumerate(codecs, 256)))


@pytest.mark.parametrize(
    ("codecs", "needed"),
    [
        pytest.param((Codec.H264, Codec.AAC), False, id="as it should be"),
        pytest.param((Codec.H264, Codec.MP2), True, id="MP2"),
        pytest.param((Codec.H264, Codec.AC3), True, id="AC-3"),
        pytest.param((Codec.H264, Codec.EAC3, Codec.AAC), True, id="the first track counts"),
        pytest.param((Codec.H264,), False, id="no sound at all"),
        pytest.param((Codec.MP2,), True, id="radio"),
    ],
)
def test_sound_is_made_into_aac_where_it_is_not(codecs: tuple[Codec, ...], needed: bool) -> None:
    """Only then: it costs a process."""
    assert needs_audio(program(*codecs)) is needed


@pytest.mark.parametrize(
    ("codecs", "name"),
    [
        pytest.param((Codec.H264, Codec.AAC), None, id="H.264"),
        pytest.param((Codec.AAC,), None, id="radio"),
        pytest.param((Codec.HEVC, Codec.AAC), "HEVC (H.265)", id="HEVC"),
        pytest.param((Codec.MPEG2, Codec.MP2), "MPEG-2", id="MPEG-2"),
    ],
)
def test_pictures_that_browsers_cannot_decode_have_a_name(
    codecs: tuple[Codec, ...], name: str | None
) -> None:
    """The name that people know."""
    assert unplayable_video(program(*codecs)) == name


def test_a_stream_that_says_nothing_of_itself_is_tried_as_it_is() -> None:
    """Better than refusing it."""
    assert not needs_audio(None)
    assert unplayable_video(None) is None
