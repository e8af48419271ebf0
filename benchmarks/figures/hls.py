"""HLS: what its viewers cost, what they get when they come, and what sound for browsers costs."""

import time
from typing import Final

from ..demo_engine import CHANNEL
from ..generators import DemoEngine
from ..lab import Lab, Sample
from ..machine import resident_bytes, socket_bytes
from ..report import Figure, Goal
from ..targets import Running, started

_MANY: Final = 10

# The first one starts the channel, and a playlist has its full length after 12 s.
_WARM_MS: Final = {1: 14_000, _MANY: 4000}

# As players of parts, and as players that know nothing of them.
_KINDS: Final = {"parts": 1, "segments": 0}

# Until the window has its full length and what a start needs is over.
_FILL: Final = 30.0

# The window grows and shrinks by a segment: memory is the mean over some of them, in seconds.
_LOOKS: Final = 40
_LOOK_INTERVAL: Final = 0.2


def hls(lab: Lab) -> list[Figure]:
    """All figures of HLS, which only the proxy has."""
    if not lab.chosen("proxy"):
        return []
    return [*_cost(lab), *_memory(lab), *_newcomers(lab), *_sound(lab)]


def _cost(lab: Lab) -> list[Figure]:
    """CPU with one viewer and then with ten, in one process, of a channel of 8 Mbit/s."""
    figures = []
    for kind, parts in _KINDS.items():
        cpu = {
            viewers: Figure(f"HLS by {kind}, CPU, {_viewers(viewers)}", "% of a core")
            for viewers in (1, _MANY)
        }
        more = Figure(f"HLS by {kind}, CPU, ten viewers beyond one", "% of a core")
        more.goals = (Goal("proxy", 4),)
        served = Figure(f"HLS by {kind}, viewers served of 10")
        served.goals = (Goal("proxy", _MANY, at_least=True),)
        wrong = Figure(f"HLS by {kind}, refused or missed", "", (Goal("proxy", 0),))
        least = Figure(f"HLS by {kind}, least of the ten viewers", "Mbit/s")
        busy = Figure(f"HLS by {kind}, ten viewers' share of their core")
        for _ in range(lab.repeats):
            with lab.running("proxy") as (source, running):
                shares = []
                for viewers, figure in cpu.items():
                    with lab.hls_load(
                        running,
                        viewers=viewers,
                        parts=parts,
                        warm_ms=_WARM_MS[viewers],
                        run_ms=6000 if lab.quick else 12_000,
                    ) as load:
                        sample = lab.sample(source, running, load)
                    shares.append(_share(sample.target_cpu, sample))
                    figure.add("proxy", shares[-1])
            more.add("proxy", shares[1] - shares[0])
            served.add("proxy", sample.result["served"])
            wrong.add("proxy", sample.result["refused"] + sample.result["missed"])
            least.add("proxy", sample.result["least_bytes"] * 8e-6 / sample.seconds)
            busy.add("proxy", sample.load_cpu / sample.seconds)
            lab.say(f"  {kind}: {shares[0]:.2f} %, {shares[1]:.2f} % of a core")
        figures += [*cpu.values(), more, served, wrong, least, busy]
    return figures


def _memory(lab: Lab) -> list[Figure]:
    """Memory of the channel, and of nine viewers of parts who come to one.

    A heap that is cut up grows for a while by itself. What it grew by in as long a time with the
    one viewer alone is taken off what it grew by when the nine came.
    """
    channel = Figure("HLS, memory of a running channel, 1 viewer", "MB", (Goal("proxy", 40),))
    crowded = Figure("HLS, memory of a running channel, 10 viewers", "MB", (Goal("proxy", 40),))
    each = Figure("HLS, memory per viewer beyond the first", "kB", (Goal("proxy", 50),))
    growth = Figure("HLS, memory that 1 viewer's channel grew by meanwhile", "kB")
    kernel = Figure("HLS, kernel memory per viewer beyond the first", "kB")
    for _ in range(lab.repeats):
        with lab.running("proxy") as (_, running):
            idle = resident_bytes(running.pid)
            with lab.hls_load(running, run_ms=600_000) as first:
                first.wait_for_begin()
                time.sleep(_FILL)
                before = _mean_resident(running)
                time.sleep(_FILL)
                one, one_kernel = _mean_resident(running), socket_bytes(running.port)
                with lab.hls_load(running, viewers=_MANY - 1, run_ms=600_000) as others:
                    others.wait_for_begin()
                    time.sleep(_FILL)
                    many, many_kernel = _mean_resident(running), socket_bytes(running.port)
                    others.finish()
                first.finish()
        channel.add("proxy", (one - idle) / 1e6)
        crowded.add("proxy", (many - idle) / 1e6)
        growth.add("proxy", (one - before) / 1e3)
        each.add("proxy", (many - one - (one - before)) / (_MANY - 1) / 1e3)
        kernel.add("proxy", (many_kernel - one_kernel) / (_MANY - 1) / 1e3)
        lab.say(f"  memory: {(one - idle) / 1e6:.1f} MB, {(many - one) / 1e3:.0f} kB for nine more")
    return [channel, crowded, each, growth, kernel]


def _newcomers(lab: Lab) -> list[Figure]:
    """Twenty viewers who come to a running channel one by one, at no moment in particular."""
    figures: list[Figure] = []
    for kind, parts in _KINDS.items():
        name = f"HLS by {kind}, newcomer"
        piece = f"last byte of the first {kind.removesuffix('s')}"
        shown = {
            "playlist_p50_ms": Figure(f"{name}: first playlist, median of 20", "ms"),
            "playlist_max_ms": Figure(f"{name}: first playlist, worst", "ms"),
            "piece_p50_ms": Figure(f"{name}: {piece}, median of 20", "ms"),
            "piece_max_ms": Figure(f"{name}: {piece}, worst", "ms"),
        }
        for _ in range(lab.repeats):
            with (
                lab.running("proxy") as (source, running),
                lab.hls_load(
                    running, parts=parts, newcomers=20, stagger_ms=537, warm_ms=12_000, run_ms=1
                ) as load,
            ):
                sample = lab.sample(source, running, load)
            for key, figure in shown.items():
                figure.add("proxy", sample.result[key])
        figures += shown.values()
    return figures


def _sound(lab: Lab) -> list[Figure]:
    """One viewer of a channel of 8 Mbit/s whose sound is MP2."""
    ffmpeg = Figure("HLS with MP2 made into AAC, CPU of ffmpeg", "% of a core")
    ffmpeg.goals = (Goal("proxy", 10),)
    proxy = Figure("HLS with MP2 made into AAC, CPU of the proxy", "% of a core")
    got = Figure("HLS with MP2 made into AAC, the viewer got", "Mbit/s")
    for _ in range(lab.repeats):
        with (
            DemoEngine(lab.folder) as engine,
            started("proxy", lab.folder, engine) as running,
            lab.hls_load(
                running,
                content=CHANNEL.content_id,
                warm_ms=12_000,
                run_ms=6000 if lab.quick else 16_000,
            ) as load,
        ):
            sample = lab.sample(engine, running, load, with_children=True)
        ffmpeg.add("proxy", _share(sample.children_cpu, sample))
        proxy.add("proxy", _share(sample.target_cpu, sample))
        got.add("proxy", sample.result["bytes"] * 8e-6 / sample.seconds)
        lab.say(f"  sound: {ffmpeg.runs['proxy'][-1]:.1f} % of a core")
    return [ffmpeg, proxy, got]


def _viewers(count: int) -> str:
    return "1 viewer" if count == 1 else f"{count} viewers"


def _share(seconds: float, sample: Sample) -> float:
    """Return seconds of CPU as percent of a core."""
    return 100 * seconds / sample.seconds


def _mean_resident(running: Running) -> float:
    total = 0
    for _ in range(_LOOKS):
        total += resident_bytes(running.pid)
        time.sleep(_LOOK_INTERVAL)
    return total / _LOOKS
