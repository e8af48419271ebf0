"""What delivering costs, how late it makes the stream, and how much one core can deliver."""

from typing import Final

from ..lab import Lab
from ..report import Figure, Goal

_LOADS: Final = {
    "1 viewer": (1, 1),
    "10 viewers": (10, 1),
    "100 viewers": (100, 1),
    "20 streams x 5": (100, 20),
}

_CPU_GOALS: Final = {
    "1 viewer": (Goal("proxy", 0.55, "limit"), Goal("hass", 1.15, "proxy")),
    "10 viewers": (Goal("proxy", 0.65, "limit"), Goal("hass", 1.15, "proxy")),
    "100 viewers": (
        Goal("proxy", 0.42, "limit"),
        Goal("proxy", 1 / 12, "baseline"),
        Goal("proxy", 1 / 12, "baseline-timeout"),
        Goal("hass", 1.15, "proxy"),
    ),
    "20 streams x 5": (Goal("proxy", 0.7, "limit"), Goal("hass", 1.15, "proxy")),
}

_MEDIAN_GOALS: Final = (Goal("proxy", 30), Goal("hass", 30))
_LATE_GOALS: Final = (Goal("proxy", 60), Goal("hass", 60))
_ALL_SERVED: Final = (Goal("proxy", 100, at_least=True), Goal("hass", 100, at_least=True))


def cost(lab: Lab) -> list[Figure]:
    """CPU per delivered GB, latency and gaps of a stream of 8 Mbit/s, for several loads.

    The loads follow each other in one process, and watch the same content, so that a stream that
    lingers is one that is watched. The latency is from the engine's write to the viewer's read.
    What `hass` uses while nobody watches is taken off.
    """
    names = lab.chosen("limit", "limit-50ms", "proxy", "hass", "baseline", "baseline-timeout")
    idle_share = Figure("hass while nobody watches", "% of a core")
    cpu = {name: Figure(f"CPU, {name}", "s/GB", _CPU_GOALS[name], ratios=True) for name in _LOADS}
    middle = {name: Figure(f"latency p50, {name}", "ms", _MEDIAN_GOALS) for name in _LOADS}
    late = {name: Figure(f"latency p99, {name}", "ms", _LATE_GOALS) for name in _LOADS}
    latest = {name: Figure(f"latency max, {name}", "ms") for name in _LOADS}
    gap = {name: Figure(f"longest gap, {name}", "ms") for name in _LOADS}
    served = Figure("viewers served, 20 streams x 5", "", _ALL_SERVED)
    lost = Figure("bytes lost, 20 streams x 5", "B")
    run_ms = 2500 if lab.quick else 4000
    for _ in range(lab.repeats):
        for target in names:
            with lab.running(target) as (source, running):
                idle = lab.idle_cpu(running) if target == "hass" else 0.0
                if idle:
                    idle_share.add(target, idle * 100)
                for name, (viewers, contents) in _LOADS.items():
                    sample = lab.measure(
                        source,
                        running,
                        viewers=viewers,
                        contents=contents,
                        warm_ms=1500,
                        run_ms=run_ms,
                    )
                    used = sample.target_cpu - idle * sample.seconds
                    cpu[name].add(target, used / sample.delivered)
                    middle[name].add(target, sample.result["latency_p50_ms"])
                    late[name].add(target, sample.result["latency_p99_ms"])
                    latest[name].add(target, sample.result["latency_max_ms"])
                    gap[name].add(target, sample.result["gap_max_ms"])
                served.add(target, sample.result["open"])
                lost.add(target, sample.result["lost_bytes"])
                lab.say(
                    f"  {target}: " + ", ".join(f"{cpu[n].runs[target][-1]:.3f}" for n in _LOADS)
                )
    tables = (cpu, middle, late, latest, gap)
    return [figure for table in tables for figure in table.values()] + [served, lost, idle_share]


def unpaced(lab: Lab) -> list[Figure]:
    """What one core delivers to 100 viewers who take all they can get."""
    goals = (Goal("proxy", 1.0, "limit", at_least=True),)
    rate = Figure("unpaced, 100 viewers", "GB/s", goals, ratios=True)
    cpu = Figure("unpaced, CPU", "s/GB", ratios=True)
    share = Figure("unpaced, target's share of its core")
    busy = Figure("unpaced, generators' share of theirs")
    left = Figure("unpaced, viewers still there", "", (Goal("proxy", 100, at_least=True),))
    fair = Figure("unpaced, least / most bytes of a viewer")
    for _ in range(lab.repeats):
        for target in lab.chosen("limit", "limit-50ms", "proxy", "baseline"):
            with lab.running(target, unpaced=1) as (source, running):
                sample = lab.measure(
                    source, running, viewers=100, discard=1, warm_ms=2000, run_ms=3000
                )
            rate.add(target, sample.gigabytes_per_second)
            cpu.add(target, sample.cpu_per_gigabyte)
            share.add(target, sample.target_cpu / sample.seconds)
            busy.add(target, (sample.load_cpu + sample.source_cpu) / sample.seconds)
            left.add(target, sample.result["open"])
            fair.add(target, sample.result["least_bytes"] / max(1, sample.result["most_bytes"]))
            lab.say(f"  {target}: {sample.gigabytes_per_second:.2f} GB/s")
    return [rate, cpu, share, busy, left, fair]
