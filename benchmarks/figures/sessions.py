"""What engines see: sessions that start and stop; and what viewers see when an engine fails."""

from typing import Final

from ..lab import Lab, wait_until_stopped
from ..machine import descriptors
from ..report import Figure, Goal

# A stream outlives its last viewer by ten seconds, and its stop may take three.
_STOPPED_BY: Final = 20.0

# What the engine does, and for how many milliseconds.
_FAULTS: Final = (
    ("stall", 3000),
    ("reset", 0),
    ("restart", 2000),
    ("restart", 5000),
    ("restart", 9000),
)

_NONE: Final = (Goal("proxy", 0),)
_ONE: Final = (Goal("proxy", 1),)


def first_requests(lab: Lab) -> list[Figure]:
    """Twenty first requests of one content at once; a session takes 300 ms to open."""
    starts = Figure("20 first requests at once: sessions started", "", _ONE)
    left = Figure("20 first requests at once: sessions not stopped", "", _NONE)
    reads = Figure("20 first requests at once: sessions read", "", _ONE)
    served = Figure(
        "20 first requests at once: viewers served", "", (Goal("proxy", 20, at_least=True),)
    )
    last = Figure("20 first requests at once: last first byte", "ms")
    for target in lab.chosen("proxy"):
        with lab.running(target, start_ms=300) as (source, running):
            sample = lab.measure(source, running, viewers=20, warm_ms=1, run_ms=2000)
            stats = wait_until_stopped(source, timeout=_STOPPED_BY)
        starts.add(target, stats["starts"])
        left.add(target, stats["starts"] - stats["stops"])
        reads.add(target, stats["reads"])
        served.add(target, sample.result["served"])
        last.add(target, sample.result["first_byte_max_ms"])
    return [starts, left, reads, served, last]


def zapping(lab: Lab) -> list[Figure]:
    """Twenty contents in two seconds, each left again after a tenth, mostly before it plays."""
    starts = Figure("20 contents in 2 s: sessions started")
    left = Figure("20 contents in 2 s: sessions not stopped", "", _NONE)
    most = Figure("20 contents in 2 s: most sessions of one content", "", _ONE)
    for target in lab.chosen("proxy"):
        with lab.running(target, start_ms=150) as (source, running):
            lab.measure(
                source,
                running,
                viewers=20,
                contents=20,
                stagger_ms=100,
                hold_ms=100,
                warm_ms=1,
                run_ms=3000,
            )
            stats = wait_until_stopped(source, timeout=_STOPPED_BY)
        starts.add(target, stats["starts"])
        left.add(target, stats["starts"] - stats["stops"])
        most.add(target, stats["most_per_content"])
    return [starts, left, most]


def churn(lab: Lab) -> list[Figure]:
    """Two hundred viewers who come and, once they have a picture, go: ten times."""
    served = Figure("churn of 200 x 10: viewers served", "", (Goal("proxy", 2000, at_least=True),))
    leaked = Figure("churn of 200 x 10: descriptors left", "", _NONE)
    starts = Figure("churn of 200 x 10: sessions started", "", _ONE)
    left = Figure("churn of 200 x 10: sessions not stopped", "", _NONE)
    cost = Figure("churn of 200 x 10: CPU per viewer", "ms")
    for target in lab.chosen("proxy"):
        with lab.running(target) as (source, running):
            # The first viewer opens what stays open, such as the connection to the engine's API.
            lab.measure(source, running, warm_ms=100, run_ms=100)
            wait_until_stopped(source, timeout=_STOPPED_BY)
            before, stats_before = descriptors(running.pid), source.stats()
            sample = lab.measure(
                source, running, viewers=200, cycles=10, hold_ms=1, warm_ms=1, run_ms=12_000
            )
            stats = wait_until_stopped(source, timeout=_STOPPED_BY)
            leaked.add(target, descriptors(running.pid) - before)
        started = stats["starts"] - stats_before["starts"]
        served.add(target, sample.result["served"])
        starts.add(target, started)
        left.add(target, stats["starts"] - stats["stops"])
        cost.add(target, sample.target_cpu / max(1, sample.result["served"]) * 1000)
    return [served, leaked, starts, left, cost]


def recovery(lab: Lab) -> list[Figure]:
    """Ten viewers while the engine stalls for 3 s, resets the stream, is gone for a while."""
    figures = []
    for kind, ms in _FAULTS:
        name = f"engine's {kind} of {ms / 1000:.0f} s" if ms else f"engine's {kind}"
        lost = Figure(f"{name}: connections lost", "", _NONE)
        back = Figure(f"{name}: from its data to the last viewer", "ms")
        back.goals = (Goal("proxy", 1000),)
        for target in lab.chosen("proxy"):
            with (
                lab.running(target) as (source, running),
                lab.load(running, viewers=10, warm_ms=3000, run_ms=ms + 14_000) as load,
            ):
                load.wait_for_begin()
                source.fault(kind, ms)
                result = load.wait_for_result()
                data_ns = source.stats()["data_ns"]
                load.finish()
            lost.add(target, 10 - result["open"])
            is_back = result["silence_ms"] < 1000 and result["gap_end_ns"] > data_ns
            late = (result["gap_end_ns"] - data_ns) / 1e6
            back.add(target, late if is_back else float("inf"))
            lab.say(f"  {target}: {name}: {back.runs[target][-1]:.0f} ms")
        figures += [lost, back]
    return figures
