"""What is no transport stream is taken for none."""

import random

import pytest

from custom_components.acestream_proxy.proxy.mpegts import PacketAligner

from ..proxy.streams import synthetic


@pytest.mark.parametrize("size", [1000, 65536])
def test_noise_holds_no_packets(size: int) -> None:
    """Also where a read ends just behind what looks like the start of one."""
    noise = random.Random(1)  # noqa: S311 - the same noise each time
    aligner = PacketAligner()
    found = b"".join(aligner.feed(noise.randbytes(size)) for _ in range(4_000_000 // size))
    assert found == b""


def test_packets_are_found_behind_noise() -> None:
    """All of them, once there are enough to be sure."""
    stream = synthetic(0, 1)
    aligner = PacketAligner()
    found = aligner.feed(b"\x47 noise" * 100)
    found += b"".join(aligner.feed(stream[at : at + 500]) for at in range(0, len(stream), 500))
    assert found == stream
