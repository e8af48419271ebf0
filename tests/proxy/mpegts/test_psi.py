"""Reading PAT and PMT."""

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.mpegts import AudioType, Codec
from custom_components.acestream_proxy.proxy.mpegts.psi import (
    TableReader,
    crc32,
    read_pat,
    read_pmt,
)
from demo import packets
from demo.packets import AAC, AC3, AUDIO_PID, H264, HEVC, PACKET_SIZE, PMT_PID, VIDEO_PID


def with_crc(section: bytes) -> bytes:
    """Return a section with its checksum."""
    return section + packets.crc32(section).to_bytes(4)


def pmt_with(entries: bytes) -> bytes:
    """Return the section of a PMT with these entries, without its checksum."""
    head = b"\x02" + (0xB000 | len(entries) + 13).to_bytes(2)
    return head + bytes.fromhex("0001 c1 00 00 e100 f000") + entries


def spread(section: bytes, *, size: int) -> list[bytes]:
    """Return the packets of a section that takes several, with so much of it in each."""
    payload = b"\x00" + section
    parts = [payload[at : at + size] for at in range(0, len(payload), size)]
    return [
        packets.packet(PMT_PID, part, start=index == 0, counter=index)
        for index, part in enumerate(parts)
    ]


def test_pat_leads_to_the_map() -> None:
    """The PAT says which PID has the PMT."""
    section = TableReader().feed(packets.pat(pmt_pid=0x1ABC))
    assert section is not None
    assert read_pat(section) == 0x1ABC


def test_network_table_is_no_program() -> None:
    """Program number zero leads elsewhere."""
    entries = bytes.fromhex("0000 e010 0005 e123")
    head = b"\x00" + (0xB000 | len(entries) + 9).to_bytes(2) + bytes.fromhex("0001 c1 00 00")
    assert read_pat(head + entries) == 0x123
    assert read_pat(head + entries[:4]) is None


def test_pmt_lists_streams() -> None:
    """Video and audio are told apart by their stream types."""
    section = TableReader().feed(packets.pmt({VIDEO_PID: H264, AUDIO_PID: AAC}))
    assert section is not None
    program = read_pmt(section)
    assert program is not None
    assert [(one.pid, one.codec) for one in program.streams] == [
        (VIDEO_PID, Codec.H264),
        (AUDIO_PID, Codec.AAC),
    ]
    assert program.video == program.streams[0]
    assert program.audio == program.streams[1]


@pytest.mark.parametrize(
    ("entry", "codec"),
    [
        pytest.param("06 e101 f003 6a 01 00", Codec.AC3, id="AC-3 by descriptor"),
        pytest.param("06 e101 f003 7a 01 00", Codec.EAC3, id="E-AC-3 by descriptor"),
        pytest.param("06 e101 f005 0a 01 00 7c 00", Codec.AAC_LATM, id="second descriptor"),
        pytest.param("0f e101 f000", Codec.AAC, id="AAC in ADTS"),
        pytest.param("11 e101 f000", Codec.AAC_LATM, id="AAC in LATM"),
        pytest.param("06 e101 f003 59 01 00", Codec.OTHER, id="subtitles"),
        pytest.param("06 e101 f000", Codec.OTHER, id="private, nothing said"),
        pytest.param("06 e101 fff0 6a", Codec.OTHER, id="descriptors that are not there"),
        pytest.param("24 e101 f000", Codec.HEVC, id="HEVC"),
        pytest.param("99 e101 f000", Codec.OTHER, id="unheard of"),
    ],
)
def test_codecs(entry: str, codec: Codec) -> None:
    """DVB names some codecs in descriptors only."""
    program = read_pmt(pmt_with(bytes.fromhex(entry)))
    assert program is not None
    assert program.streams[0].codec is codec


@pytest.mark.parametrize(
    ("descriptors", "language", "audio_type"),
    [
        pytest.param("0a 04 737061 00", "spa", AudioType.UNDEFINED, id="spa"),
        pytest.param("0a 04 454e47 01", "eng", AudioType.CLEAN_EFFECTS, id="in capitals"),
        pytest.param("0a 04 656e67 02", "eng", AudioType.HEARING_IMPAIRED, id="for the deaf"),
        pytest.param(
            "52 01 10 0a 04 646575 03",
            "deu",
            AudioType.VISUAL_IMPAIRED_COMMENTARY,
            id="for the blind, second descriptor",
        ),
        pytest.param("0a 08 667261 00 656e67 00", "fra", AudioType.UNDEFINED, id="two languages"),
        pytest.param("0a 04 756e64 02", "", AudioType.HEARING_IMPAIRED, id="und"),
        pytest.param("0a 04 000000 00", "", AudioType.UNDEFINED, id="zeros"),
        pytest.param("0a 04 656e67 80", "eng", AudioType.UNDEFINED, id="type of somebody's own"),
        pytest.param("0a 04 e96e67 00", "", AudioType.UNDEFINED, id="not ASCII"),
        pytest.param("0a 00", "", AudioType.UNDEFINED, id="empty"),
        pytest.param("0a 04 656e", "", AudioType.UNDEFINED, id="cut off"),
        pytest.param("0a 03 656e67 0a 04 737061 00", "spa", AudioType.UNDEFINED, id="no type"),
        pytest.param("", "", AudioType.UNDEFINED, id="nothing said"),
    ],
)
def test_languages(descriptors: str, language: str, audio_type: AudioType) -> None:
    """A track has the language that a descriptor of its own says, and says whom it is for."""
    said = bytes.fromhex(descriptors)
    entry = bytes.fromhex("04 e101") + (0xF000 | len(said)).to_bytes(2) + said

    program = read_pmt(pmt_with(bytes.fromhex("1b e100 f000") + entry))

    assert program is not None
    video, audio = program.streams
    assert (video.language, video.audio_type) == ("", AudioType.UNDEFINED)
    assert (audio.language, audio.audio_type) == (language, audio_type)


def test_another_language_is_another_program() -> None:
    """So that whoever compares programs notices."""
    spanish, english = (
        read_pmt(pmt_with(bytes.fromhex("04 e101 f006 0a 04") + language + b"\0"))
        for language in (b"spa", b"eng")
    )
    assert spanish != english


def test_radio_has_no_video() -> None:
    """Every kind of track may be missing."""
    program = read_pmt(packets.pmt_section({AUDIO_PID: AC3})[:-4])
    assert program is not None
    assert program.video is None
    assert program.audio is not None
    assert read_pmt(packets.pmt_section({VIDEO_PID: HEVC})[:-4]).audio is None  # type: ignore[union-attr]


def test_tables_are_told_apart() -> None:
    """A section of another table is not read as this one."""
    assert read_pat(packets.pmt_section({VIDEO_PID: H264})[:-4]) is None
    assert read_pmt(packets.pat_section()[:-4]) is None
    assert read_pmt(b"\x02\xb0\x05") is None


def test_damaged_section_is_refused() -> None:
    """A checksum that does not fit means another table is waited for."""
    reader = TableReader()
    packet = bytearray(packets.pat())
    packet[12] ^= 1

    assert reader.feed(bytes(packet)) is None
    assert reader.packets == b""
    assert reader.feed(packets.pat()) is not None


def test_section_is_refused_or_taken_whatever_came_before() -> None:
    """One that repeats is taken again, a damaged one in between is not."""
    reader = TableReader()
    damaged = bytearray(packets.pat(counter=1))
    damaged[12] ^= 1

    first = reader.feed(packets.pat())
    assert reader.feed(bytes(damaged)) is None
    assert reader.feed(packets.pat(counter=2)) == first
    assert reader.packets == packets.pat(counter=2)
    assert reader.feed(packets.pat(version=1)) not in (None, first)


@pytest.mark.parametrize("size", [2, 3, 50, 184])
def test_section_across_packets(size: int) -> None:
    """A section is put together from the packets it is spread over, and all of them are kept."""
    entries = b"".join(bytes.fromhex(f"1b e1{number:02x} f000") for number in range(60))
    section = with_crc(pmt_with(entries))
    reader = TableReader()
    carriers = spread(section, size=size)

    results = [reader.feed(packet) for packet in carriers]

    assert results[:-1] == [None] * (len(carriers) - 1)
    assert results[-1] == section[:-4]
    assert reader.packets == b"".join(carriers)


def test_continuation_of_nothing_is_ignored() -> None:
    """Joining in the middle of a section waits for the next one."""
    reader = TableReader()
    assert reader.feed(packets.packet(PMT_PID, bytes(184))) is None
    assert reader.feed(packets.pmt({VIDEO_PID: H264})) is not None


def test_unit_start_without_payload_is_ignored() -> None:
    """A packet that says a section begins, and has no room for one, does no harm."""
    reader = TableReader()
    assert reader.feed(bytes.fromhex("47 50 00 20 b7").ljust(PACKET_SIZE, b"\xff")) is None


def test_section_longer_than_any_is_refused() -> None:
    """A length beyond the standard's is not waited for."""
    reader = TableReader()
    section = b"\x02\xbf\xff" + bytes(150)
    reader.feed(packets.packet(PMT_PID, b"\x00" + section, start=True))
    reader.feed(packets.packet(PMT_PID, bytes(184)))
    assert len(reader._section) == 0


def test_packets_without_payload_are_not_collected() -> None:
    """A section that never ends costs no more memory than a section may have."""
    reader = TableReader()
    reader.feed(spread(with_crc(pmt_with(bytes(500))), size=100)[0])
    empty = bytes.fromhex("47 10 00 20 b7").ljust(PACKET_SIZE, b"\xff")

    for _ in range(1000):
        reader.feed(empty)

    assert len(reader._arriving) == PACKET_SIZE


@given(st.binary(max_size=300))
def test_crc_agrees_with_the_slow_way(section: bytes) -> None:
    """The table gives what shifting bit by bit gives, and zero over all with its checksum."""
    assert crc32(section) == packets.crc32(section)
    assert crc32(with_crc(section)) == 0


@given(st.lists(st.binary(min_size=186, max_size=186), max_size=8), st.sampled_from([0x40, 0x00]))
def test_hostile_packets_never_raise(rests: list[bytes], flags: int) -> None:
    """Whatever a table's packets hold, it is read or ignored."""
    reader = TableReader()
    for rest in rests:
        reader.feed(bytes([0x47, flags]) + rest)


@given(st.binary(min_size=1, max_size=200))
def test_hostile_sections_never_raise(section: bytes) -> None:
    """Whatever a section with a sound checksum holds, it is read or ignored."""
    for table_id in (b"\x00", b"\x02"):
        read_pat(table_id + section)
        read_pmt(table_id + section)
