"""What the pictures of a video are like, by their parameter sets."""

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.mpegts import (
    PACKET_SIZE,
    Codec,
    ElementaryStream,
    PictureFormat,
    Scanner,
    picture as picture_module,
)
from custom_components.acestream_proxy.proxy.mpegts.picture import PictureReader
from demo import CHANNELS, Channel
from demo.packets import AAC, AUDIO_PID, H264, HEVC, VIDEO_PID, packet, pat, pes_packets, pmt
from demo.playout import PatternMedia

from ..streams import packets_of
from .parameter_sets import ENCODED, MPEG2_1080I, h264, hevc

# What follows the parameter sets: the beginning of a picture.
PICTURE = {
    Codec.H264: b"\x00\x00\x01\x65" + bytes(range(0x80, 0xFF)),
    Codec.HEVC: b"\x00\x00\x01\x26\x01" + bytes(range(0x80, 0xFF)),
    Codec.MPEG2: b"\x00\x00\x01\x00" + bytes(range(0x80, 0xFF)),
}


def reader(codec: Codec) -> PictureReader:
    """Return a reader that has not seen anything."""
    return PictureReader(ElementaryStream(VIDEO_PID, codec))


def picture(units: bytes) -> bytes:
    """Return the packets of a picture at which decoding may start."""
    return pes_packets(VIDEO_PID, units, pts=90_000, dts=86_400, random_access=True)


def read(codec: Codec, parameter_set: bytes) -> PictureFormat | None:
    """Return what a picture is like that begins with a parameter set, from start code to next."""
    found = reader(codec)
    found.look(picture(parameter_set + PICTURE[codec]), 0)
    return found.format


@pytest.mark.parametrize(("codec", "parameter_set", "expected"), ENCODED)
def test_what_encoders_write(
    codec: Codec, parameter_set: str, expected: tuple[int, int, float | None, bool]
) -> None:
    """Size after cropping, frames per second, and whether frames may be made of fields."""
    assert read(codec, bytes.fromhex(parameter_set)) == PictureFormat(*expected)


# Aspect ratio, overscan, signal and chroma: all there.
VUI_HEAD = "1 u8:255 u32:9 1 0 1 u4:5 1 u24 1 e1 e1"


@pytest.mark.parametrize(
    "parameter_set",
    [
        pytest.param(h264(), id="plain"),
        pytest.param(h264(order="e1 0 s-2 s1 e3 s1 s-1 s0"), id="order of pictures, type 1"),
        pytest.param(h264(order="e2"), id="order of pictures, type 2"),
        pytest.param(h264(high="e1 e0 e0 0 1 1 s-8 0 0 0 0 0 1 s-3 s-5 0"), id="short lists"),
        pytest.param(h264(high=f"e1 e2 e2 0 1 {'0 ' * 7} 1 {'s1 s-1 ' * 32}"), id="whole list"),
        pytest.param(h264(high="e3 1 e0 e0 0 0"), id="planes of colour apart"),
        pytest.param(h264(vui=f"1 {VUI_HEAD} 1 u32:1 u32:50"), id="VUI"),
    ],
)
def test_h264(parameter_set: bytes) -> None:
    """What comes before size and frame rate does not move them."""
    assert read(Codec.H264, parameter_set) == PictureFormat(720, 576, 25.0, interlaced=True)


REFERENCES = (
    "e1 e1 e0 1 e0 1",  # one before and one after
    "1 1 e0 1 01 00",  # by what differs from these and the picture itself: two of the three
    "1 0 e2 1 1 01",  # likewise: all three
    "0 e1 e0 e3 1",  # one before
)
FOUR_LISTS = " ".join(
    f"{'0 e0 ' * (lists - 1)} 1 {'s1 s-1 ' * (size // 2)} {'s8' * extra}"
    for lists, size, extra in ((6, 16, 0), (6, 64, 0), (6, 64, 1), (2, 64, 1))
)


@pytest.mark.parametrize(
    "parameter_set",
    [
        pytest.param(hevc(), id="plain"),
        pytest.param(
            hevc(
                layers="u3:2 1",
                sub_layers="1 1 0 1 u12 u88 u8:90 u8:60",
                ordering="1 e4 e2 e0 e4 e2 e0 e4 e2 e0",
            ),
            id="sub-layers, each with its own",
        ),
        pytest.param(
            hevc(layers="u3:1 0", sub_layers="0 0 u14", ordering="0 e4 e2 e0"),
            id="sub-layers, all the same",
        ),
        pytest.param(hevc(size="e3 0 e720 e576 0"), id="4:4:4"),
        pytest.param(hevc(scaling="1 0"), id="scaling lists of the standard"),
        pytest.param(hevc(scaling=f"1 1 {FOUR_LISTS}"), id="scaling lists of its own"),
        pytest.param(hevc(pcm="1 u4:7 u4:7 e0 e2 1"), id="PCM"),
        pytest.param(
            hevc(references=f"e4 {' '.join(REFERENCES)}"),
            id="pictures referred to",
        ),
        pytest.param(hevc(long_term="1 e2 u8:7 1 u8:9 0"), id="pictures referred to for long"),
        pytest.param(
            hevc(vui=f"1 {VUI_HEAD} 0 0 1 1 e1 e1 e1 e1 1 u32:1 u32:25"),
            id="VUI",
        ),
    ],
)
def test_hevc(parameter_set: bytes) -> None:
    """What comes before size and frame rate does not move them."""
    assert read(Codec.HEVC, parameter_set) == PictureFormat(720, 576, 25.0, interlaced=False)


@pytest.mark.parametrize(
    ("source", "interlaced"), [("1 0", False), ("0 1", True), ("1 1", False), ("0 0", False)]
)
def test_hevc_of_an_interlaced_source(source: str, interlaced: bool) -> None:
    """Frames that were filmed as fields, and coded whole."""
    assert read(Codec.HEVC, hevc(source=source)) == PictureFormat(720, 576, 25.0, interlaced)


def test_hevc_with_a_field_for_a_picture() -> None:
    """Two pictures make a frame: twice as high, half as often."""
    parameter_set = hevc(
        source="0 1", size="e1 e1920 e544 1 e0 e0 e0 e2", vui="1 0 0 0 0 0 1 1 0 1 u32:1 u32:50"
    )
    assert read(Codec.HEVC, parameter_set) == PictureFormat(1920, 1080, 25.0, interlaced=True)


@pytest.mark.parametrize(
    ("codec", "parameter_set"),
    [
        pytest.param(Codec.H264, h264(vui="0"), id="H.264, no VUI"),
        pytest.param(Codec.H264, h264(vui="1 0 0 0 0 0"), id="H.264, no timing"),
        pytest.param(Codec.H264, h264(vui="1 0 0 0 0 1 u32:0 u32:50"), id="no time at all"),
        pytest.param(Codec.H264, h264(vui="1 0 0 0 0 1 u32:1 u32:0"), id="for ever"),
        pytest.param(Codec.H264, h264(vui="1 0 0 0 0 1 u32:1 u32:90000"), id="too fast"),
        pytest.param(Codec.HEVC, hevc(vui="0"), id="HEVC, no VUI"),
        pytest.param(Codec.HEVC, hevc(vui="1 0 0 0 0 0 0 0 0 0"), id="HEVC, no timing"),
        pytest.param(Codec.MPEG2, bytes.fromhex("000001b3 2d0240 2f ffffe0a0 000001"), id="MPEG-1"),
    ],
)
def test_frame_rate_that_is_not_said(codec: Codec, parameter_set: bytes) -> None:
    """The size is known all the same."""
    found = read(codec, parameter_set)
    assert found is not None
    assert (found.width, found.height, found.frame_rate) == (720, 576, None)


@pytest.mark.parametrize(
    ("codec", "parameter_set"),
    [
        pytest.param(Codec.H264, b"", id="nothing"),
        pytest.param(Codec.H264, h264(size="e0 e0 1 1 1 1 e5 e5"), id="cropped to nothing"),
        pytest.param(Codec.H264, h264(size="e5000 e17"), id="too wide"),
        pytest.param(Codec.HEVC, hevc(size="e1 e720 e99999 0"), id="too high"),
        pytest.param(Codec.H264, h264()[:12] + h264()[-3:], id="cut off"),
        pytest.param(Codec.HEVC, hevc(references="e9999999"), id="counts beyond its end"),
        pytest.param(Codec.H264, h264(order=f"e1 0 s0 s0 e9000 {'s0 ' * 9000}"), id="endless"),
        pytest.param(Codec.MPEG2, bytes.fromhex("000001b3 2d02 000001"), id="short header"),
    ],
)
def test_what_makes_no_sense(codec: Codec, parameter_set: bytes) -> None:
    """Nothing is said of it."""
    assert read(codec, parameter_set) is None


def test_mpeg2_is_not_taken_for_mpeg1_where_it_is_cut_off() -> None:
    """The extension tells them apart, and may be in the part of the picture still to come."""
    whole = picture(MPEG2_1080I + PICTURE[Codec.MPEG2])
    found = reader(Codec.MPEG2)

    for length in range(12, len(MPEG2_1080I)):
        found.look(picture(MPEG2_1080I[:length]), 0)
        assert found.format is None

    found.look(whole, 0)
    assert found.format == PictureFormat(1920, 1080, 25.0, interlaced=True)


def test_other_extensions_are_not_read_as_the_one() -> None:
    """A sequence display extension where the sequence extension should be says nothing."""
    display = MPEG2_1080I.replace(b"\x00\x00\x01\xb5\x14", b"\x00\x00\x01\xb5\x24")
    assert read(Codec.MPEG2, display) == PictureFormat(1920, 1080, 25.0, interlaced=False)


def test_parameter_set_across_packets() -> None:
    """It is put together, with other tracks' packets in between, from where it began."""
    message = b"\x00\x00\x01\x06" + b"\x05" * 170
    parts = packets_of(picture(message + h264() + PICTURE[Codec.H264]))
    sound = pes_packets(AUDIO_PID, b"\x00\x00\x01\x67" + bytes(90), pts=1, stream_id=0xC0)
    run = sound + sound.join(parts) + sound
    found = reader(Codec.H264)

    found.look(run, len(sound))

    assert h264() not in parts[0]
    assert found.format == PictureFormat(720, 576, 25.0, interlaced=True)


@pytest.mark.parametrize("packets", [1, 2])
def test_what_is_not_all_there_yet_is_left(packets: int) -> None:
    """The next picture of its kind has it."""
    message = b"\x00\x00\x01\x06" + b"\x05" * 330
    whole = picture(message + h264() + PICTURE[Codec.H264])
    found = reader(Codec.H264)

    found.look(whole[: packets * PACKET_SIZE], 0)
    assert found.format is None

    found.look(whole, 0)
    assert found.format is not None


@pytest.mark.parametrize("begin", [16 * 184, 40 * 184])
def test_only_the_beginning_of_a_picture_is_looked_into(begin: int) -> None:
    """What comes late is not searched for."""
    late = b"\x00\x00\x01\x06".ljust(begin, b"\x05") + h264() + PICTURE[Codec.H264]
    found = reader(Codec.H264)
    found.look(picture(late), 0)
    assert found.format is None


def test_next_picture_is_not_looked_into() -> None:
    """It may be one at which decoding does not start."""
    found = reader(Codec.H264)
    found.look(picture(PICTURE[Codec.H264]) + picture(h264() + PICTURE[Codec.H264]), 0)
    assert found.format is None


def test_start_code_inside_the_header_means_nothing() -> None:
    """The header of the PES packet is skipped, whatever its bytes look like, or how short."""
    header = bytes.fromhex("000001e0 0000 8080") + bytes([len(h264())]) + h264()
    found = reader(Codec.H264)
    for payload in (header + b"\xff" * 20, header[:8], b""):
        found.look(packet(VIDEO_PID, payload, start=True), 0)
    assert found.format is None


def test_parameter_set_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same one again, in one packet or in two, is only compared."""
    syntax = picture_module._SYNTAX[Codec.H264]
    times = 0

    def count(unit: bytes) -> PictureFormat:
        nonlocal times
        times += 1
        return syntax.read(unit)

    counting = syntax._replace(read=count)
    monkeypatch.setitem(picture_module._SYNTAX, Codec.H264, counting)
    found = reader(Codec.H264)
    for message in (b"", b"\x00\x00\x01\x06" + b"\x05" * 170, b""):
        found.look(picture(message + h264() + PICTURE[Codec.H264]), 0)
    assert times == 1

    found.look(picture(h264(size="e39 e22") + PICTURE[Codec.H264]), 0)
    assert times == 2
    assert found.format == PictureFormat(640, 736, 25.0, interlaced=True)


def test_what_makes_no_sense_changes_nothing() -> None:
    """A damaged parameter set, and a picture without one."""
    found = reader(Codec.H264)
    for units in (h264(), b"\x00\x00\x01\x67\x42\x00\x00\x01", b"", h264(size="e5000 e17")):
        found.look(picture(units + PICTURE[Codec.H264]), 0)
        assert found.format == PictureFormat(720, 576, 25.0, interlaced=True)


def is_plausible(found: PictureFormat | None) -> bool:
    """Return whether there may be such pictures."""
    return found is None or (
        16 <= found.width <= 16_384
        and 16 <= found.height <= 16_384
        and (found.frame_rate is None or 0 < found.frame_rate <= 300)
    )


VIDEO = st.sampled_from(list(PICTURE))
BEGINNINGS = {
    Codec.H264: (b"\x67", b"\x67\x64\x00\x1f\xac", b"\x67\x42\x00\x1e\xf8"),
    Codec.HEVC: (b"\x42\x01", hevc()[3:20], hevc()[3:25]),
    Codec.MPEG2: (b"\xb3", MPEG2_1080I[3:12], MPEG2_1080I[3:17]),
}


@given(VIDEO, st.integers(0, 2), st.binary(max_size=300))
def test_hostile_parameter_sets_never_raise(codec: Codec, beginning: int, rest: bytes) -> None:
    """Whatever they say, it is left alone or plausible."""
    hostile = b"\x00\x00\x01" + BEGINNINGS[codec][beginning] + rest + b"\x00\x00\x01"
    assert is_plausible(read(codec, hostile))


@given(
    VIDEO,
    st.sampled_from([h264(), hevc(), MPEG2_1080I]),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 7)), max_size=8),
)
def test_damaged_parameter_sets_never_raise(
    codec: Codec, parameter_set: bytes, flips: list[tuple[int, int]]
) -> None:
    """Single bits that flipped."""
    damaged = bytearray(parameter_set)
    for at, bit in flips:
        damaged[at % len(damaged)] ^= 1 << bit
    assert is_plausible(read(codec, bytes(damaged)))


@given(VIDEO, st.lists(st.binary(min_size=187, max_size=187), max_size=20), st.integers(0, 25))
def test_hostile_packets_never_raise(codec: Codec, rests: list[bytes], begin: int) -> None:
    """Nor do packets that hold anything."""
    found = reader(codec)
    found.look(b"".join(b"\x47" + rest for rest in rests), begin * PACKET_SIZE)
    assert is_plausible(found.format)


TABLES = pat() + pmt({VIDEO_PID: H264, AUDIO_PID: AAC})
KEYFRAME = picture(h264() + PICTURE[Codec.H264])


def test_scanner_knows_once_a_random_access_point_has_passed() -> None:
    """Not before the tables have said what the video is coded in."""
    scanner = Scanner()
    for run, known in ((KEYFRAME, False), (TABLES, False), (KEYFRAME, True), (TABLES, True)):
        scanner.feed(run)
        assert (scanner.picture is not None) is known


def test_scanner_looks_at_the_last_random_access_point_of_a_run() -> None:
    """In a burst there are many, and the last one is what is shown now."""
    scanner = Scanner()
    other = picture(h264(size="e39 e22") + PICTURE[Codec.H264])

    scanner.feed(TABLES + KEYFRAME + other)

    assert scanner.picture == PictureFormat(640, 736, 25.0, interlaced=True)


def test_scanner_forgets_with_the_video() -> None:
    """What another video is like has to be said anew; another sound changes nothing."""
    scanner = Scanner()
    runs = {
        "first": TABLES + KEYFRAME,
        "other sound": pmt({VIDEO_PID: H264}, version=1),
        "other video": pmt({VIDEO_PID: HEVC}, version=2),
        "its keyframe": picture(hevc() + PICTURE[Codec.HEVC]),
        "radio": pmt({AUDIO_PID: AAC}, version=3),
    }
    known = {}
    for name, run in runs.items():
        scanner.feed(run)
        known[name] = scanner.picture

    assert known == {
        "first": PictureFormat(720, 576, 25.0, interlaced=True),
        "other sound": PictureFormat(720, 576, 25.0, interlaced=True),
        "other video": None,
        "its keyframe": PictureFormat(720, 576, 25.0, interlaced=False),
        "radio": None,
    }


def test_scanner_forgets_with_the_map() -> None:
    """Another PMT has to come first."""
    scanner = Scanner()
    scanner.feed(TABLES + KEYFRAME + pat(pmt_pid=0x200))
    assert scanner.picture is None


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> PatternMedia:
    """Channels, encoded."""
    return PatternMedia(tmp_path_factory.mktemp("media"))


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        pytest.param(CHANNELS[0], PictureFormat(640, 360, 25.0, interlaced=False), id="H.264"),
        pytest.param(
            next(channel for channel in CHANNELS if channel.video == "libx265"),
            PictureFormat(640, 360, 25.0, interlaced=False),
            id="HEVC",
        ),
        pytest.param(
            next(channel for channel in CHANNELS if channel.video is None), None, id="radio"
        ),
    ],
)
def test_channels(media: PatternMedia, channel: Channel, expected: PictureFormat | None) -> None:
    """Whole streams, in gulps, as they come from an engine."""
    stream = media.open(channel, 0).read(5)
    scanner = Scanner()
    for begin in range(0, len(stream), 250 * PACKET_SIZE):
        scanner.feed(stream[begin : begin + 250 * PACKET_SIZE])
    assert scanner.picture == expected
