"""Parameter sets, each from its start code to the next.

Those in hex were written by ffmpeg's encoders (libx264, libx265, mpeg2video). What these never
write is put together by hand.
"""

import re

import pytest

from custom_components.acestream_proxy.proxy.mpegts import Codec

# What an encoder was asked for: width, height, frames per second, interlacing.
ENCODED = [
    pytest.param(
        Codec.H264,
        "0000016742c028da01e0089f97011000000300100000030320f1832a000000",
        (1920, 1080, 25.0, False),
        id="H.264, baseline, 1080p25",
    ),
    pytest.param(
        Codec.H264,
        "00000167640028acd940780227e5c044000003000400000300c83c60c658000000",
        (1920, 1080, 25.0, False),
        id="H.264, high, 1080p25",
    ),
    pytest.param(
        Codec.H264,
        "00000167640028acd94078044fde022000000300200000064c90001e848003d09c98601f162d96000000",
        (1920, 1080, 25.0, True),
        id="H.264, 1080i25, constant bitrate",
    ),
    pytest.param(
        Codec.H264,
        "0000016742c020da014016ec0440000003004000001903c60ca8000000",
        (1280, 720, 50.0, False),
        id="H.264, 720p50",
    ),
    pytest.param(
        Codec.H264,
        "0000016764001eacd940b424d80b50501054000003000400000300c87c50a658000000",
        (720, 576, 25.0, True),
        id="H.264, 576i25, wide pixels",
    ),
    pytest.param(
        Codec.H264,
        "0000016742c01fda02c049ea23011000003e90000ea600f1832a000000",
        (702, 562, 29.97, False),
        id="H.264, odd size, 29.97",
    ),
    pytest.param(
        Codec.H264,
        "0000016764001facd940b024f5260329400000fa40003a9807c58b6580000000",
        (702, 564, 29.97, True),
        id="H.264, odd size, interlaced",
    ),
    pytest.param(
        Codec.H264,
        "000001677a003eb6cd94078044fcb8088000000300800000320f8f1ecb000000",
        (1920, 1080, 50.0, True),
        id="H.264, 4:2:2, ten bits, 1080i",
    ),
    pytest.param(
        Codec.H264,
        "00000167f4001f919b280a00b7dde022000003000200000300601e30632c000000",
        (1278, 718, 24.0, False),
        id="H.264, 4:4:4, scaling lists",
    ),
    pytest.param(
        Codec.H264,
        "0000016764001ef3650280bfb8bc05b2000003000200000300601e2c5b2c000000",
        (638, 358, 24.0, False),
        id="H.264, without colour",
    ),
    pytest.param(
        Codec.HEVC,
        "000001420101016000000300900000030000030078a003c0801107cb965654a4c2f01680800000030080"
        "00000c84000000",
        (1920, 1080, 25.0, False),
        id="HEVC, 1080p25",
    ),
    pytest.param(
        Codec.HEVC,
        "000001420101022000000300900000030000030099a001e020021c4d965654a4c2f01680800000030080"
        "00001904000000",
        (3840, 2160, 50.0, False),
        id="HEVC, 2160p50, ten bits",
    ),
    pytest.param(
        Codec.HEVC,
        "00000142010101600000030090000003000003005aa00582008e75265959a49395e02d0100000303e900"
        "00753008000000",
        (702, 562, 29.97, False),
        id="HEVC, odd size, scaling lists",
    ),
    pytest.param(
        Codec.HEVC,
        "000001420101016000000300900000030000030078a00280802d165959a4932bc07940404078b6dc0000"
        "03000400000300c820000000",
        (1280, 720, 50.0, False),
        id="HEVC, 720p50, sub-layers, VUI",
    ),
    pytest.param(
        Codec.HEVC,
        "000001420101016000000300400000030000030078a003c080221f796566924caf016868000003000800"
        "0003019040000000",
        (1920, 1080, 25.0, True),
        id="HEVC, 1080i25",
    ),
    pytest.param(
        Codec.HEVC,
        "0000014201010408000003009d08000003000078b003c08010e75796566924caf0168080000003008000"
        "000c04000000",
        (1918, 1078, 24.0, False),
        id="HEVC, 4:2:2",
    ),
    pytest.param(
        Codec.HEVC,
        "0000014201010408000003009e0800000300007890007810021ceef2cacd24995e02d010000003001000"
        "0003018080000000",
        (1918, 1078, 24.0, False),
        id="HEVC, 4:4:4",
    ),
    pytest.param(
        Codec.MPEG2,
        "000001b378043833ffffe458000001b5144200010000000001",
        (1920, 1080, 25.0, True),
        id="MPEG-2, 1080i25",
    ),
    pytest.param(
        Codec.MPEG2,
        "000001b32d024013ffffe01a102020202020202020202020202020202020202020202020202020202020"
        "202020202020202020202020202020202020202020202020202020202020202020211010101010101010"
        "101010101010101010101010101010101010101010101010101010101010101010101010101010101010"
        "1010101010101010101010101010000001b5148200010000000001",
        (720, 576, 25.0, True),
        id="MPEG-2, 576i25, matrices",
    ),
    pytest.param(
        Codec.MPEG2,
        "000001b35002d036ffffe018000001b5146a00010000000001",
        (1280, 720, 50.0, False),
        id="MPEG-2, 720p50",
    ),
    pytest.param(
        Codec.MPEG2,
        "000001b32d01e014ffffe018000001b5148a00010000000001",
        (720, 480, 29.97, False),
        id="MPEG-2, 480p29.97",
    ),
    pytest.param(
        Codec.MPEG2,
        "000001b32be23213ffffe018000001b5148a00010000000001",
        (702, 562, 25.0, False),
        id="MPEG-2, odd size",
    ),
    pytest.param(
        Codec.MPEG2,
        "000001b316012013ffffe018000001b8",
        (352, 288, 25.0, False),
        id="MPEG-1",
    ),
]
MPEG2_1080I = bytes.fromhex("000001b378043833ffffe458000001b5144200010000000001")


def bits_of(field: str) -> str:
    """Return the bits of a field: see `fields`."""
    match field[0], field[1:].partition(":"):
        case "u", (size, _, value):
            return f"{int(value or 0):0{size}b}"
        case "e", (code, _, _):
            coded = f"{int(code) + 1:b}"
            return "0" * (len(coded) - 1) + coded
        case "s", (number, _, _):
            return bits_of(f"e{2 * abs(int(number)) - (int(number) > 0)}")
        case _:
            return field


def fields(text: str) -> bytes:
    """Return fields as the payload of a NAL unit.

    `u4:7` is a 7 in four bits, `u4` a zero in as many, `e7` and `s-7` are Exp-Golomb codes; 0
    and 1 are bits.
    """
    bits = "".join(map(bits_of, text.split())) + "1"
    bits += "0" * (-len(bits) % 8)
    # Emulation prevention, H.264 section 7.4.1.1.
    return re.sub(
        rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", int(bits, 2).to_bytes(len(bits) // 8)
    )


def h264(
    *,
    high: str | None = None,
    order: str = "e0 e4",
    size: str = "e44 e17",
    vui: str = "1 0 0 0 0 1 u32:1 u32:50",
) -> bytes:
    """Return a parameter set of H.264; without a change, of 720 by 576 pixels, interlaced."""
    profile = "u8:77 u16 e0" if high is None else f"u8:100 u16 e0 {high}"
    text = f"{profile} e4 {order} e1 0 {size} 0 1 1 0 {vui}"
    return b"\x00\x00\x01\x67" + fields(text) + b"\x00\x00\x01"


def hevc(
    *,
    layers: str = "u3 1",
    source: str = "1 0",
    sub_layers: str = "",
    size: str = "e1 e720 e576 0",
    ordering: str = "1 e4 e2 e0",
    scaling: str = "0",
    pcm: str = "0",
    references: str = "e0",
    long_term: str = "0",
    vui: str = "1 0 0 0 0 0 0 0 0 1 u32:1 u32:25",
) -> bytes:
    """Return a parameter set of HEVC; without a change, of 720 by 576 pixels, progressive."""
    profile = f"u8:1 u32 {source} u46 u8:93 {sub_layers}"
    coding = f"e0 e0 e4 {ordering} e0 e3 e0 e3 e0 e0 {scaling} 1 1 {pcm} {references} {long_term}"
    text = f"u4 {layers} {profile} e0 {size} {coding} 1 1 {vui}"
    return b"\x00\x00\x01\x42\x01" + fields(text) + b"\x00\x00\x01"
