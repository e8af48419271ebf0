"""An hour of a channel, as fast as it goes, read by somebody else's player.

In it: the wrap of the time stamps, a stall that is caught up with, and an engine that restarts.
"""

from dataclasses import dataclass, field
from pathlib import Path
import re
import subprocess
from typing import Final

import imageio_ffmpeg
import m3u8
import pytest

from custom_components.acestream_proxy.proxy.broadcast import Backlog
from custom_components.acestream_proxy.proxy.hls import HlsOptions, HlsOutput
from custom_components.acestream_proxy.proxy.mpegts import PacketAligner, Scanner
from demo import CHANNELS
from demo.packets import TIMESTAMP_WRAP
from demo.playout import LoopSource, PatternMedia

CHANNEL: Final = CHANNELS[0]
HOUR: Final = 3600.0
# The clock is at zero again half an hour later.
BEGIN: Final = TIMESTAMP_WRAP / 90_000 - HOUR / 2
TICK: Final = 0.1

STALL: Final = (600.0, 615.0)
RESTART: Final = (2700.0, 2720.0)


@dataclass
class Recorder:
    """A player that fetches every segment once, as soon as a playlist lists it."""

    output: HlsOutput
    folder: Path
    lines: list[str] = field(default_factory=list)
    """A playlist of everything."""
    durations: list[float] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    """Numbers of the segments with a discontinuity before them."""
    held: int = 0
    """The most bytes that were kept for players at once."""

    async def look(self) -> None:
        """Fetch what is new."""
        if not len(self.output._window):
            return
        playlist = m3u8.loads(await self.output.playlist())
        discontinuities = playlist.discontinuity_sequence
        for place, listed in enumerate(playlist.segments):
            discontinuities += bool(listed.discontinuity)
            number = playlist.media_sequence + place
            if not listed.uri or number < len(self.durations):
                continue
            assert number == len(self.durations), "a segment was missed, or counted twice"
            self._fetch(number, listed)
            assert discontinuities == len(self.breaks)
        kept = self.output._window._segments
        self.held = max(self.held, sum(segment.size for segment in kept))

    def _fetch(self, number: int, listed: m3u8.Segment) -> None:
        segment = self.output.segment(number)
        assert segment is not None
        (self.folder / f"{number}.ts").write_bytes(b"".join(segment.data))
        if listed.discontinuity:
            self.breaks.append(number)
            self.lines.append("#EXT-X-DISCONTINUITY")
        self.lines += [f"#EXTINF:{listed.duration:.5f},", f"{number}.ts"]
        self.durations.append(listed.duration)

    def playlist(self, begin: int = 0, end: int | None = None) -> Path:
        """Write a playlist of segments that are all there, and return where."""
        chosen = self.lines
        if begin or end:
            pairs = zip(self.durations, range(len(self.durations)), strict=True)
            chosen = [f"#EXTINF:{d:.5f},\n{n}.ts" for d, n in list(pairs)[begin:end]]
        path = self.folder / f"{begin}-{end}.m3u8"
        head = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-TARGETDURATION:7"]
        path.write_text("\n".join([*head, *chosen, "#EXT-X-ENDLIST", ""]))
        return path


async def record(folder: Path, media: PatternMedia) -> Recorder:
    """Let an hour pass."""
    output, backlog = HlsOutput(HlsOptions(), 0), Backlog()
    recorder = Recorder(output, folder)
    source: LoopSource | None = None
    aligner, scanner, broke = PacketAligner(), Scanner(), False
    read_to = 0.0
    for tick in range(round(HOUR / TICK)):
        now = tick * TICK
        if RESTART[0] <= now < RESTART[1]:
            source = None
            continue
        if STALL[0] <= now < STALL[1]:
            continue
        if source is None:
            source = media.open(CHANNEL, BEGIN + now)
            broke = now > 0
            aligner, scanner = PacketAligner(), Scanner()
            backlog.clear()
            read_to = now
        # What was missed in a stall comes at ten times the speed.
        read_to = min(read_to + 10 * TICK, now + TICK)
        chunks = scanner.feed(aligner.feed(source.read(BEGIN + read_to)))
        if broke:
            while chunks and not chunks[0].random_access:
                del chunks[0]
            broke = not chunks
            for chunk in chunks[:1]:
                chunk.lead_with_tables()
                chunk.discontinuity = True
        for chunk in chunks:
            backlog.append(chunk, now)
            output.write(chunk)
        await recorder.look()
    return recorder


def play(playlist: Path, *how: str) -> str:
    """Let ffmpeg play a playlist; return what it complains of."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-v", "warning", "-nostdin"]
    command += ["-i", str(playlist), "-map", "0", *how, "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.timeout(300)
async def test_an_hour_of_a_channel(tmp_path: Path) -> None:
    """No number is missed, ffmpeg reads all of it, and what is kept stays as it was."""
    media = PatternMedia()
    media.prepare(CHANNEL)
    recorder = await record(tmp_path, media)

    seconds = HOUR - (RESTART[1] - RESTART[0])
    assert sum(recorder.durations) == pytest.approx(seconds, abs=5)
    assert len(recorder.breaks) == 1
    assert recorder.held < 9 * 7 * CHANNEL.bitrate / 8

    # All of it is demuxed. Only the picture that the restart cut off is noticed, where it says so.
    said = play(recorder.playlist(), "-c", "copy")
    at = recorder.breaks[0]
    cut_off = round((BEGIN + RESTART[0]) * 90_000) % TIMESTAMP_WRAP
    times = [int(found) for found in re.findall(r"dts = (\d+)", said)]
    assert all(abs(time % TIMESTAMP_WRAP - cut_off) < 2 * 90_000 for time in times), said
    assert len(said.splitlines()) <= 4, said
    # Around each event it is decoded as well.
    wrap = round(HOUR / 2 / 2)
    for begin, end in ((290, 320), (wrap - 15, wrap + 15), (at - 15, at), (at, at + 15)):
        assert play(recorder.playlist(begin, end)) == ""
