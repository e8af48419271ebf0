"""What the pictures of a video track are like: size, frame rate, interlacing.

The encoder says so in a parameter set, in front of the pictures at which decoding may start:

    H.264     sequence parameter set   ITU-T H.264 sections 7.3.2.1.1 and E.1.1
    HEVC      sequence parameter set   ITU-T H.265 sections 7.3.2.2 and E.2.1
    MPEG-2    sequence header          ITU-T H.262 sections 6.2.2.1 and 6.2.2.3

It is the same one time after time, so that comparing it with the last one nearly always does. In
the readers below the comment at a field is its name in the standard.
"""

from collections.abc import Callable
from dataclasses import dataclass
import re
from typing import Final, NamedTuple

from .bits import BitReader
from .packet import PACKET_SIZE, payload_of, pid_of
from .psi import Codec, ElementaryStream

# How much of a picture is looked into, in packets: parameter sets are at its beginning, with
# nothing but short messages in front.
_PACKETS: Final = 16

# How much of a parameter set is read, in bytes. One with all its scaling lists has some hundred;
# more would only be there to keep us busy.
_LONGEST: Final = 1024

# What no broadcast goes beyond: in pixels the levels of H.265, in frames per second good sense.
_SIZES: Final = range(16, 16_385)
_MAX_FRAME_RATE: Final = 300.0

# H.264 section 7.3.2.1.1: the profiles that say how chroma is coded.
_H264_HIGH_PROFILES: Final = frozenset(
    (44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244)
)
# chroma_format_idc, H.264 and H.265 table 6-1, and how many pixels a sample is across and down.
_CHROMA_420: Final = 1
_CHROMA_444: Final = 3
_CHROMA_SAMPLE: Final = {_CHROMA_420: (2, 2), 2: (2, 1)}
# aspect_ratio_idc, H.264 and H.265 table E-1: none of those in the table.
_EXTENDED_SAR: Final = 255

# frame_rate_code, H.262 table 6-4: so many frames in so many seconds.
_MPEG2_FRAME_RATES: Final = {
    1: (24_000, 1001),
    2: (24, 1),
    3: (25, 1),
    4: (30_000, 1001),
    5: (30, 1),
    6: (50, 1),
    7: (60_000, 1001),
    8: (60, 1),
}
_MPEG2_EXTENSION: Final = b"\x00\x00\x01\xb5"
_MPEG2_SEQUENCE_EXTENSION: Final = 1


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """What the pictures of a video track are like."""

    width: int
    """In pixels, after cropping."""

    height: int
    """In pixels, after cropping, of whole frames."""

    frame_rate: float | None
    """In frames per second, to three decimals; None where the encoder does not say."""

    interlaced: bool
    """Whether frames may be made of two fields; some broadcasters say so of all that they send."""


class PictureReader:
    """Follows what the pictures of a video track are like."""

    def __init__(self, stream: ElementaryStream) -> None:
        self.format: PictureFormat | None = None
        """What the last parameter set said that made sense."""
        self._pid = stream.pid
        self._syntax = _SYNTAX[stream.codec]
        self._parameter_set = b""  # the last one, with the start codes around it

    def look(self, packets: bytes, begin: int) -> None:
        """Look into a picture, of which the first packet is at a place in whole packets.

        A parameter set that goes on beyond these packets is left: the same comes again soon.
        """
        # Nearly always it is in the first packet, and says nothing new.
        if self._parameter_set and self._parameter_set in packets[begin : begin + PACKET_SIZE]:
            return
        found = self._syntax.parameter_set.search(self._beginning(packets, begin))
        if found is None or found[0] == self._parameter_set:
            return
        self._parameter_set = found[0]
        try:
            read = self._syntax.read(found[1][:_LONGEST])
        except EOFError:
            return
        if read.width in _SIZES and read.height in _SIZES:
            self.format = read

    def _beginning(self, packets: bytes, begin: int) -> bytes:
        """Return what the first packets of a picture carry, less the header of the PES packet."""
        payloads: list[bytes] = []
        for at in range(begin, len(packets), PACKET_SIZE):
            packet = packets[at : at + PACKET_SIZE]
            if pid_of(packet) != self._pid:
                continue
            begins_another = payloads and packet[1] & 0x40  # payload unit start
            if begins_another or len(payloads) == _PACKETS:
                break
            payloads.append(payload_of(packet))
        pes = b"".join(payloads)
        return pes[9 + pes[8] :] if len(pes) > 8 else b""


def _read_h264(unit: bytes) -> PictureFormat:
    """Read a sequence parameter set of H.264, without the header of its NAL unit."""
    bits = BitReader(_without_emulation_prevention(unit))
    profile = bits.number(8)
    bits.skip(16)  # constraint_set flags, level_idc
    bits.skip_codes(1)  # seq_parameter_set_id
    chroma = _read_h264_chroma(bits) if profile in _H264_HIGH_PROFILES else _CHROMA_420
    bits.skip_codes(1)  # log2_max_frame_num_minus4
    _skip_h264_picture_order(bits)
    bits.skip_codes(1)  # max_num_ref_frames
    bits.skip(1)  # gaps_in_frame_num_value_allowed_flag
    width = 16 * (bits.code() + 1)
    height = 16 * (bits.code() + 1)
    fields = 1 if bits.flag() else 2  # frame_mbs_only_flag
    if fields == 2:
        bits.skip(1)  # mb_adaptive_frame_field_flag
    bits.skip(1)  # direct_8x8_inference_flag
    cropped_width, cropped_height = _read_cropping(bits, chroma)
    frame_rate = None
    if bits.flag():  # vui_parameters_present_flag
        _skip_vui_head(bits)
        # A tick is the time of a field, so a frame lasts two, however it is coded (table E-6).
        frame_rate = _read_timing(bits, ticks=2)
    return PictureFormat(
        width - cropped_width,
        fields * (height - cropped_height),
        frame_rate,
        interlaced=fields == 2,
    )


def _read_h264_chroma(bits: BitReader) -> int:
    """Return chroma_format_idc; pass over what high profiles say besides."""
    chroma = bits.code()
    if chroma == _CHROMA_444:
        bits.skip(1)  # separate_colour_plane_flag
    bits.skip_codes(2)  # bit_depth_luma_minus8, bit_depth_chroma_minus8
    bits.skip(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.flag():  # seq_scaling_matrix_present_flag
        for index in range(12 if chroma == _CHROMA_444 else 8):
            if bits.flag():  # seq_scaling_list_present_flag
                _skip_h264_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_h264_scaling_list(bits: BitReader, size: int) -> None:
    """Pass over a list: what follows after a zero is as before, and not sent (7.3.2.1.1.1)."""
    scale = 8
    for _ in range(size):
        scale = (scale + bits.signed_code()) % 256
        if not scale:
            return


def _skip_h264_picture_order(bits: BitReader) -> None:
    """Pass over how pictures are put in order (pic_order_cnt_type and what comes with it)."""
    match bits.code():
        case 0:
            bits.skip_codes(1)  # log2_max_pic_order_cnt_lsb_minus4
        case 1:
            bits.skip(1)  # delta_pic_order_always_zero_flag
            bits.skip_codes(2)  # offset_for_non_ref_pic, offset_for_top_to_bottom_field
            bits.skip_codes(bits.code())  # offset_for_ref_frame


def _read_hevc(unit: bytes) -> PictureFormat:
    """Read a sequence parameter set of HEVC, without the header of its NAL unit."""
    bits = BitReader(_without_emulation_prevention(unit))
    bits.skip(4)  # sps_video_parameter_set_id
    sub_layers = bits.number(3)  # beside the one that is always there
    bits.skip(1)  # sps_temporal_id_nesting_flag
    interlaced = _read_hevc_profile(bits, sub_layers)
    bits.skip_codes(1)  # sps_seq_parameter_set_id
    chroma = bits.code()
    if chroma == _CHROMA_444:
        bits.skip(1)  # separate_colour_plane_flag
    width, height = bits.code(), bits.code()
    cropped_width, cropped_height = _read_cropping(bits, chroma)
    _skip_hevc_coding(bits, sub_layers)
    fields, frame_rate = 1, None
    if bits.flag():  # vui_parameters_present_flag
        _skip_vui_head(bits)
        bits.skip(1)  # neutral_chroma_indication_flag
        # Here a coded picture is a field, so that its size is half a frame's.
        fields = 2 if bits.flag() else 1  # field_seq_flag
        bits.skip(1)  # frame_field_info_present_flag
        if bits.flag():  # default_display_window_flag
            bits.skip_codes(4)
        # Unlike in H.264 a tick is a picture: a frame, or a field where those are coded.
        frame_rate = _read_timing(bits, ticks=fields)
    return PictureFormat(
        width - cropped_width,
        fields * (height - cropped_height),
        frame_rate,
        interlaced=interlaced or fields == 2,
    )


def _read_hevc_profile(bits: BitReader, sub_layers: int) -> bool:
    """Return whether the pictures were interlaced; pass over the rest of profile_tier_level."""
    bits.skip(8 + 32)  # general_profile_space to general_profile_compatibility_flag
    progressive_source, interlaced_source = bits.flag(), bits.flag()
    bits.skip(46)  # general_non_packed_constraint_flag to general_reserved_zero_bit
    bits.skip(8)  # general_level_idc
    present = [(bits.flag(), bits.flag()) for _ in range(sub_layers)]
    if sub_layers:
        bits.skip(2 * (8 - sub_layers))  # reserved_zero_2bits
    for has_profile, has_level in present:
        bits.skip(88 * has_profile + 8 * has_level)
    # With both, each picture says for itself (section 7.4.4).
    return interlaced_source and not progressive_source


def _skip_hevc_coding(bits: BitReader, sub_layers: int) -> None:
    """Pass over how pictures are coded: what is between the cropping and the VUI."""
    bits.skip_codes(2)  # bit_depth_luma_minus8, bit_depth_chroma_minus8
    order_count_size = bits.code() + 4  # log2_max_pic_order_cnt_lsb_minus4
    described = sub_layers + 1 if bits.flag() else 1  # sps_sub_layer_ordering_info_present_flag
    bits.skip_codes(3 * described)
    bits.skip_codes(6)  # log2_min_luma_coding_block_size_minus3 to max_transform_hierarchy_depth
    if bits.flag() and bits.flag():  # scaling_list_enabled_flag, sps_scaling_list_data_present_flag
        _skip_hevc_scaling_lists(bits)
    bits.skip(2)  # amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if bits.flag():  # pcm_enabled_flag
        bits.skip(8)  # pcm_sample_bit_depth_luma_minus1, pcm_sample_bit_depth_chroma_minus1
        bits.skip_codes(2)  # the sizes of blocks
        bits.skip(1)  # pcm_loop_filter_disabled_flag
    pictures = 0
    for index in range(bits.code()):  # num_short_term_ref_pic_sets
        pictures = _skip_reference_pictures(bits, index, pictures)
    if bits.flag():  # long_term_ref_pics_present_flag
        for _ in range(bits.code()):  # num_long_term_ref_pics_sps
            bits.skip(order_count_size + 1)
    bits.skip(2)  # sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag


def _skip_hevc_scaling_lists(bits: BitReader) -> None:
    """Pass over scaling_list_data (section 7.3.4)."""
    for size in range(4):
        for _ in range(2 if size == 3 else 6):
            if not bits.flag():  # scaling_list_pred_mode_flag
                bits.skip_codes(1)  # scaling_list_pred_matrix_id_delta
                continue
            # At most 64 values: of larger blocks every second or fourth, and the first (DC) again.
            bits.skip_codes(min(64, 16 << 2 * size) + (size > 1))


def _skip_reference_pictures(bits: BitReader, index: int, before: int) -> int:
    """Pass over st_ref_pic_set (section 7.3.7); return how many pictures it has.

    One may be told by what differs from the one before, which has `before` pictures.
    """
    if index and bits.flag():  # inter_ref_pic_set_prediction_flag
        bits.skip(1)  # delta_rps_sign
        bits.skip_codes(1)  # abs_delta_rps_minus1
        # used_by_curr_pic_flag, or else use_delta_flag
        return sum(bits.flag() or bits.flag() for _ in range(before + 1))
    pictures = bits.code() + bits.code()  # num_negative_pics, num_positive_pics
    for _ in range(pictures):
        bits.skip_codes(1)  # delta_poc_minus1
        bits.skip(1)  # used_by_curr_pic_flag
    return pictures


def _without_emulation_prevention(unit: bytes) -> bytes:
    """Return a NAL unit without the bytes that keep start codes out of it (H.264, 7.4.1.1)."""
    return unit.replace(b"\x00\x00\x03", b"\x00\x00")


def _read_cropping(bits: BitReader, chroma: int) -> tuple[int, int]:
    """Return by how much pictures are cropped, across and down.

    H.264 and H.265 tell it in samples of chroma, or in pixels where there is one for each.
    """
    if not bits.flag():  # frame_cropping_flag, conformance_window_flag
        return 0, 0
    left, right, top, bottom = (bits.code() for _ in range(4))
    across, down = _CHROMA_SAMPLE.get(chroma, (1, 1))
    return across * (left + right), down * (top + bottom)


def _skip_vui_head(bits: BitReader) -> None:
    """Pass over how pictures are shown: in H.264 and H.265 the same fields begin the VUI."""
    if bits.flag() and bits.number(8) == _EXTENDED_SAR:  # aspect_ratio_info_present_flag
        bits.skip(32)  # sar_width, sar_height
    if bits.flag():  # overscan_info_present_flag
        bits.skip(1)
    if bits.flag():  # video_signal_type_present_flag
        bits.skip(4)  # video_format, video_full_range_flag
        if bits.flag():  # colour_description_present_flag
            bits.skip(24)
    if bits.flag():  # chroma_loc_info_present_flag
        bits.skip_codes(2)


def _read_timing(bits: BitReader, *, ticks: int) -> float | None:
    """Return the frame rate by the timing info in a VUI, with so many ticks to a frame."""
    if not bits.flag():  # timing_info_present_flag
        return None
    num_units_in_tick, time_scale = bits.number(32), bits.number(32)
    return _frame_rate(time_scale, num_units_in_tick * ticks)


def _frame_rate(frames: float, seconds: int) -> float | None:
    """Return so many frames in so many seconds as a rate, if there is such a one."""
    rate = round(frames / seconds, 3) if seconds else 0.0
    return rate if 0 < rate <= _MAX_FRAME_RATE else None


def _read_mpeg2(header: bytes) -> PictureFormat:
    """Read a sequence header, without its start code, and the extension that follows it."""
    header, _, extension = header.partition(_MPEG2_EXTENSION)
    bits = BitReader(header)
    width, height = bits.number(12), bits.number(12)
    bits.skip(4)  # aspect_ratio_information
    frames, seconds = _MPEG2_FRAME_RATES.get(bits.number(4), (0, 1))
    progressive = True  # as is all of MPEG-1, which has no extension
    bits = BitReader(extension)
    if extension and bits.number(4) == _MPEG2_SEQUENCE_EXTENSION:
        bits.skip(8)  # profile_and_level_indication
        progressive = bits.flag()  # progressive_sequence
        bits.skip(2)  # chroma_format
        width += bits.number(2) << 12
        height += bits.number(2) << 12
        bits.skip(12 + 1 + 8 + 1)  # bit_rate_extension to low_delay
        frames *= bits.number(2) + 1
        seconds *= bits.number(5) + 1
    return PictureFormat(width, height, _frame_rate(frames, seconds), interlaced=not progressive)


class _Syntax(NamedTuple):
    """How the parameter sets of a codec are found and read."""

    parameter_set: re.Pattern[bytes]
    """One from its start code to the next, so that none is taken that is not all there."""
    read: Callable[[bytes], PictureFormat]
    """Raises EOFError where fields are missing."""


# After the start code: NAL units of H.264 of type 7, with any nal_ref_idc; those of HEVC of type 33
# in the base layer; the sequence header of MPEG-2 (0xB3) and all extensions (0xB5) of it.
_SYNTAX: Final = {
    Codec.H264: _Syntax(
        re.compile(rb"\x00\x00\x01[\x07\x27\x47\x67](.+?)\x00\x00[\x00\x01]", re.DOTALL),
        _read_h264,
    ),
    Codec.HEVC: _Syntax(
        re.compile(rb"\x00\x00\x01\x42\x01(.+?)\x00\x00[\x00\x01]", re.DOTALL),
        _read_hevc,
    ),
    Codec.MPEG2: _Syntax(
        re.compile(rb"\x00\x00\x01\xb3(.+?)\x00\x00\x01[^\xb5]", re.DOTALL),
        _read_mpeg2,
    ),
}
