"""Which encoder is used, with a real ffmpeg and with scripts in its place."""

import asyncio
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest

from custom_components.acestream_proxy.proxy.transcode import encoders as module
from custom_components.acestream_proxy.proxy.transcode.encoders import HARDWARE, SOFTWARE, Encoders

from ..waiting import until
from .watching import children, script

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()

WORKS = replace(SOFTWARE, options=())
"""What works everywhere, in the place of hardware."""

BROKEN = replace(WORKS, options=("-no_such_option", "1"))
UNKNOWN = replace(WORKS, name="h264_unknown")


async def test_without_hardware_the_processor_encodes() -> None:
    """What is listed does not count, only what works: here is no graphics hardware at all."""
    assert await Encoders(FFMPEG).best() is SOFTWARE
    assert not children()


async def test_first_one_that_works_is_used() -> None:
    """Those before it are not there, or fail."""
    assert await Encoders(FFMPEG, [UNKNOWN, BROKEN, WORKS, SOFTWARE]).best() is WORKS


async def test_it_is_looked_for_once(tmp_path: Path) -> None:
    """However many want to know, and when."""
    binary = script(tmp_path, f"echo x >> {tmp_path}/calls; echo h264_qsv")
    encoders = Encoders(binary)

    assert set(await asyncio.gather(encoders.best(), encoders.best())) == {SOFTWARE}
    assert await encoders.best() is SOFTWARE

    listing, trial = (tmp_path / "calls").read_text().splitlines()
    assert listing == trial == "x"


async def test_keyframes_without_their_parameters_do_not_do(tmp_path: Path) -> None:
    """A player that joins would never know what it decodes."""
    first_only = r"printf '\000\000\001\147\000\000\001\145\000\000\001\145'"
    each = r"printf '\000\000\001\147\000\000\001\145\000\000\001\147\000\000\001\145'"
    listing = 'case "$*" in *-encoders*) echo h264_qsv; exit;; esac\n'

    (tmp_path / "one").mkdir()
    assert await Encoders(script(tmp_path / "one", listing + first_only)).best() is SOFTWARE
    (tmp_path / "two").mkdir()
    assert (await Encoders(script(tmp_path / "two", listing + each)).best()).name == "h264_qsv"


async def test_driver_that_hangs_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its process killed."""
    monkeypatch.setattr(module, "_TRIAL_TIMEOUT", 0.3)
    listing = 'case "$*" in *-encoders*) echo h264_qsv; exit;; esac\nexec sleep 60'

    assert await Encoders(script(tmp_path, listing)).best() is SOFTWARE

    assert not children()


async def test_trial_that_is_cancelled_leaves_no_process(tmp_path: Path) -> None:
    """Whoever wanted to watch has left."""
    task = asyncio.create_task(Encoders(script(tmp_path, "exec sleep 60")).best())
    await until(children)

    task.cancel()
    await asyncio.wait({task})

    assert not children()


async def test_ffmpeg_that_is_gone_has_no_hardware() -> None:
    """What then fails says why by itself."""
    assert await Encoders("/nowhere/ffmpeg").best() is SOFTWARE


async def test_encoder_that_is_distrusted_is_not_used_again() -> None:
    """The next one is; the processor is always trusted."""
    encoders = Encoders(FFMPEG, [WORKS])
    assert await encoders.best() is WORKS

    encoders.distrust(WORKS)
    encoders.distrust(SOFTWARE)

    assert await encoders.best() is SOFTWARE


def test_hardware_takes_pictures_in_its_own_format() -> None:
    """None of it does what the processor's default is."""
    assert all(encoder.filters[0] == "format=nv12" for encoder in HARDWARE)
