"""What viewers get: beside one who never reads, in a start burst, and when they join."""

import time
from typing import Final

from ..lab import Lab
from ..report import Figure, Goal

# One tick of the proxy's, and the 15 ms a fan-out may take on top.
_TICK_AND_MORE: Final = 50 + 15


def never_reads(lab: Lab) -> list[Figure]:
    """Ten viewers of a stream of 20 Mbit/s, of whom one never reads."""
    goals = (Goal("proxy", _TICK_AND_MORE), Goal("hass", _TICK_AND_MORE))
    gap = Figure("one never reads: longest gap of the nine others", "ms", goals)
    late = Figure("one never reads: latency p99 of the nine others", "ms")
    lost = Figure("one never reads: bytes the nine others lost", "B", (Goal("proxy", 0),))
    for _ in range(lab.repeats):
        for target in lab.chosen("limit", "proxy", "baseline"):
            with lab.running(target, rate=2_500_000) as (source, running):
                sample = lab.measure(
                    source, running, viewers=10, stalled=1, warm_ms=1500, run_ms=12_000
                )
            gap.add(target, sample.result["gap_max_ms"])
            late.add(target, sample.result["latency_p99_ms"])
            lost.add(target, sample.result["lost_bytes"])
            lab.say(f"  {target}: {sample.result['gap_max_ms']:.1f} ms")
    return [gap, late, lost]


def start_burst(lab: Lab) -> list[Figure]:
    """20 MB at line speed when a stream starts; half of ten viewers read at 40 Mbit/s."""
    lost = Figure("start burst: bytes lost, viewers at 40 Mbit/s", "B", (Goal("proxy", 0),))
    lost_fast = Figure("start burst: bytes lost, viewers at full speed", "B", (Goal("proxy", 0),))
    kept = Figure("start burst: viewers still there", "", (Goal("proxy", 10, at_least=True),))
    got = Figure("start burst: least bytes of a viewer", "MB", (Goal("proxy", 27, at_least=True),))
    for _ in range(lab.repeats):
        for target in lab.chosen("limit", "proxy", "baseline"):
            with lab.running(target, burst=20e6) as (source, running):
                sample = lab.measure(
                    source,
                    running,
                    viewers=10,
                    slow=5,
                    slow_rate=5e6,
                    warm_ms=1,
                    run_ms=8000,
                )
            result = sample.result
            lost.add(target, result["slow_lost_bytes"])
            lost_fast.add(target, result["lost_bytes"] - result["slow_lost_bytes"])
            kept.add(target, result["open"])
            got.add(target, result["least_bytes"] / 1e6)
    return [lost, lost_fast, kept, got]


def join(lab: Lab) -> list[Figure]:
    """Twenty viewers who come to a running stream one by one, at no moment in particular."""
    figures = []
    for keyframe in (2, 10):
        name = f"join, a keyframe every {keyframe} s"
        byte = Figure(f"{name}: first byte, median", "ms")
        last_byte = Figure(f"{name}: first byte, worst", "ms", (Goal("proxy", 20),))
        picture = Figure(f"{name}: first picture, median", "ms")
        last_picture = Figure(f"{name}: first picture, worst", "ms", (Goal("proxy", 60),))
        others = lab.chosen("limit", "baseline")
        for target in others + lab.chosen("proxy") * lab.repeats:
            with (
                lab.running(target, keyframe=keyframe) as (source, running),
                lab.load(running, run_ms=600_000) as watcher,
            ):
                watcher.wait_for_begin()
                time.sleep(keyframe + 1)
                sample = lab.measure(
                    source,
                    running,
                    viewers=20,
                    stagger_ms=537,
                    hold_ms=1,
                    warm_ms=1,
                    run_ms=20 * 537 + 1000 * keyframe + 500,
                )
                watcher.finish()
            byte.add(target, sample.result["first_byte_p50_ms"])
            last_byte.add(target, sample.result["first_byte_max_ms"])
            picture.add(target, sample.result["first_picture_p50_ms"])
            last_picture.add(target, sample.result["first_picture_max_ms"])
            lab.say(f"  {target}: {sample.result['first_picture_max_ms']:.1f} ms")
        figures += [byte, last_byte, picture, last_picture]
    return figures
