"""Time stamps."""

import pytest

from custom_components.acestream_proxy.proxy.mpegts import ticks_between
from custom_components.acestream_proxy.proxy.mpegts.clock import decoding_time, presentation_time
from demo.packets import TIMESTAMP_WRAP, pes_header


@pytest.mark.parametrize(
    ("earlier", "later", "ticks"),
    [
        pytest.param(100, 250, 150, id="forwards"),
        pytest.param(250, 100, -150, id="backwards"),
        pytest.param(TIMESTAMP_WRAP - 50, 100, 150, id="across the wrap"),
        pytest.param(100, TIMESTAMP_WRAP - 50, -150, id="back across the wrap"),
        pytest.param(7, 7, 0, id="the same"),
    ],
)
def test_ticks_between(earlier: int, later: int, ticks: int) -> None:
    """The clock starts again at zero every 26.5 hours, and time does not."""
    assert ticks_between(earlier, later) == ticks


@pytest.mark.parametrize("pts", [0, 1, 1 << 15, 1 << 30, 0x1_2345_6789, TIMESTAMP_WRAP - 1])
def test_presentation_time(pts: int) -> None:
    """All 33 bits are read, from between the markers."""
    assert presentation_time(pes_header(pts=pts, dts=0)) == pts


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(pes_header(pts=1)[:13], id="cut off"),
        pytest.param(pes_header() + bytes(20), id="no time stamp"),
        pytest.param(bytes(20), id="no PES packet"),
    ],
)
def test_no_presentation_time(payload: bytes) -> None:
    """What has no time stamp has none."""
    assert presentation_time(payload) is None


@pytest.mark.parametrize("dts", [0, 1 << 15, 0x1_2345_6789, TIMESTAMP_WRAP - 1])
def test_decoding_time(dts: int) -> None:
    """Of its own where there is one, and that of showing it otherwise."""
    assert decoding_time(pes_header(pts=5, dts=dts)) == dts
    assert decoding_time(pes_header(pts=dts)) == dts
    assert decoding_time(pes_header(pts=1, dts=2)[:18]) == 1
    assert decoding_time(pes_header() + bytes(20)) is None
