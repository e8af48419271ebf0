"""What a viewer takes of memory, in the process and in the kernel."""

import time
from typing import Final

from ..lab import Lab
from ..machine import resident_bytes, socket_bytes
from ..report import Figure, Goal

_VIEWERS: Final = 100

# Until the past that a proxy keeps has reached its full length.
_FILL: Final = 20.0

_STALL_AFTER: Final = 5.0
_STALLED: Final = 20.0
_CLOSED_BY: Final = 55.0


def memory(lab: Lab) -> list[Figure]:
    """Memory per viewer while it reads, and after it has not read for 20 s.

    One viewer keeps the stream up; a hundred come, read for five seconds, and stop. Whether they
    are gone after 55 s is in the figures as well. Kernel memory is that of the
    target's end of the connections; the viewers' own is theirs.
    """
    goals = (Goal("proxy", 12), Goal("hass", 12))
    streaming = Figure("memory per viewer, streaming", "kB", goals)
    stalled = Figure("memory per viewer, stalled 20 s", "kB", goals)
    kernel = Figure("kernel memory per viewer, stalled 20 s", "kB", (Goal("proxy", 500),))
    closed = Figure("stalled viewers closed", "%", (Goal("proxy", 100, at_least=True),))
    after = Figure("kernel memory per viewer, closed or after 55 s", "kB")
    for target in lab.chosen("limit", "proxy", "baseline"):
        with (
            lab.running(target) as (_, running),
            lab.load(running, run_ms=600_000) as watcher,
        ):
            watcher.wait_for_begin()
            time.sleep(_FILL)
            process_before = resident_bytes(running.pid)
            kernel_before = socket_bytes(running.port)
            run_ms = (_STALL_AFTER + _CLOSED_BY) * 1000
            with lab.load(
                running,
                viewers=_VIEWERS,
                stalled=_VIEWERS,
                stall_after_ms=_STALL_AFTER * 1000,
                warm_ms=1,
                run_ms=run_ms,
            ) as crowd:
                crowd.wait_for_begin()
                time.sleep(_STALL_AFTER - 0.5)
                streaming.add(target, _each(resident_bytes(running.pid) - process_before))
                time.sleep(0.5 + _STALLED)
                stalled.add(target, _each(resident_bytes(running.pid) - process_before))
                kernel.add(target, _each(socket_bytes(running.port) - kernel_before))
                result = crowd.wait_for_result()
                closed.add(target, 100 * result["stalled_closed"] / _VIEWERS)
                after.add(target, _each(socket_bytes(running.port) - kernel_before))
                crowd.finish()
            watcher.finish()
        lab.say(f"  {target}: {kernel.runs[target][-1]:.0f} kB in the kernel")
    return [streaming, stalled, kernel, closed, after]


def _each(total: int) -> float:
    return total / _VIEWERS / 1000
