"""What browsers make of a stream."""

import pytest

from custom_components.acestream_proxy.proxy.mpegts import (
    AudioType,
    Codec,
    ElementaryStream,
    PictureFormat,
    Program,
)
from custom_components.acestream_proxy.proxy.transcode import (
    ChannelOptions,
    is_language,
    recipe_for,
    unplayable_video,
)

ANY = ChannelOptions()


def program(*codecs: Codec) -> Program:
    """Return a program with one track of each."""
    return Program(tuple(ElementaryStream(pid, codec) for pid, codec in enumerate(codecs, 256)))


def spoken(*tracks: tuple[Codec, str]) -> Program:
    """Return a program with a picture, and with audio tracks in some languages."""
    picture = ElementaryStream(256, Codec.H264)
    audio = (ElementaryStream(pid, *track) for pid, track in enumerate(tracks, 257))
    return Program((picture, *audio))


@pytest.mark.parametrize(
    ("codecs", "needed"),
    [
        pytest.param((Codec.H264, Codec.AAC), False, id="as it should be"),
        pytest.param((Codec.H264, Codec.AAC_LATM), True, id="AAC in another framing"),
        pytest.param((Codec.H264, Codec.MP2), True, id="MP2"),
        pytest.param((Codec.H264, Codec.AC3), True, id="AC-3"),
        pytest.param((Codec.H264, Codec.EAC3, Codec.AAC), True, id="the first track counts"),
        pytest.param((Codec.H264,), False, id="no sound at all"),
        pytest.param((Codec.MP2,), True, id="radio"),
    ],
)
def test_sound_is_made_into_aac_where_it_is_not(codecs: tuple[Codec, ...], needed: bool) -> None:
    """Only then: it costs a process."""
    recipe = recipe_for(program(*codecs), None, ANY)
    assert recipe.encode_audio is recipe.is_needed is needed


@pytest.mark.parametrize(
    ("wish", "pid"),
    [
        pytest.param("", 257, id="no wish"),
        pytest.param("eng", 257, id="the first"),
        pytest.param("spa", 258, id="another"),
        pytest.param("SPA", 258, id="in capitals"),
        pytest.param("deu", 259, id="one of its two codes"),
        pytest.param("ger", 259, id="the other"),
        pytest.param("fra", 257, id="none that it has"),
    ],
)
def test_sound_is_in_the_language_that_is_wished(wish: str, pid: int) -> None:
    """In the first track of that language, else in the first of all."""
    sound = (Codec.AAC, "eng"), (Codec.AAC, "spa"), (Codec.AAC, "ger"), (Codec.AAC, "spa")

    recipe = recipe_for(spoken(*sound), None, ChannelOptions(audio_language=wish))

    assert recipe.audio
    assert recipe.audio.pid == pid
    assert recipe.is_needed is (pid != 257)
    assert not recipe.encode_audio


def test_a_description_of_the_picture_is_not_the_sound_that_is_meant() -> None:
    """Unless there is no other track in that language."""
    described = ElementaryStream(257, Codec.AAC, "spa", AudioType.VISUAL_IMPAIRED_COMMENTARY)
    plain = ElementaryStream(258, Codec.AAC, "spa")
    spanish = ChannelOptions(audio_language="spa")

    assert recipe_for(Program((described, plain)), None, spanish).audio is plain
    assert recipe_for(Program((described,)), None, spanish).audio is described


def test_the_track_that_is_wished_is_encoded_if_it_has_to_be() -> None:
    """Whatever the others are."""
    sound = spoken((Codec.AAC, "eng"), (Codec.AC3, "spa"))
    assert recipe_for(sound, None, ChannelOptions(audio_language="spa")).encode_audio
    assert not recipe_for(sound, None, ANY).is_needed


def test_a_track_without_a_language_is_not_what_is_wished() -> None:
    """Nor is it what no wish means."""
    sound = spoken((Codec.AAC, "eng"), (Codec.AAC, ""))
    assert not recipe_for(sound, None, ANY).is_needed


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("spa", True), ("SPA", True), ("", False), ("es", False), ("español", False), ("e s", False)],
)
def test_what_looks_like_a_language(text: str, verdict: bool) -> None:
    """Three letters, as in the tables of a stream."""
    assert is_language(text) is verdict


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


FIELDS = PictureFormat(1920, 1080, 25.0, interlaced=True)
FRAMES = PictureFormat(1920, 1080, 25.0, interlaced=False)


@pytest.mark.parametrize(
    ("codec", "picture", "needed"),
    [
        pytest.param(Codec.H264, FRAMES, False, id="as it should be"),
        pytest.param(Codec.H264, None, False, id="that says nothing of itself"),
        pytest.param(Codec.H264, FIELDS, True, id="interlaced"),
        pytest.param(Codec.HEVC, FRAMES, True, id="HEVC"),
        pytest.param(Codec.MPEG2, None, True, id="MPEG-2 that says nothing of itself"),
    ],
)
def test_pictures_are_encoded_where_that_is_wished_and_does_good(
    codec: Codec, picture: PictureFormat | None, needed: bool
) -> None:
    """Without the wish they stay as they are, whatever browsers make of them."""
    carried = program(codec, Codec.AAC)

    recipe = recipe_for(carried, picture, ChannelOptions(transcode_video=True))

    assert recipe.encode_video is recipe.is_needed is needed
    assert not recipe_for(carried, picture, ANY).is_needed


def test_a_stream_that_says_nothing_of_itself_is_tried_as_it_is() -> None:
    """Better than refusing it."""
    assert not recipe_for(None, None, ANY).is_needed
    assert unplayable_video(None) is None
