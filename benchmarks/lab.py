"""Starts source, target and load for a measurement, and samples what each of them uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
import sys
import time
from typing import Final

from .generators import Answer, Engine, HlsLoad, Load, Source, Viewers
from .machine import Busy, children, cpu_seconds
from .targets import MANIFEST, Running, started

_LOOK_INTERVAL: Final = 0.1

# Home Assistant counts as idle below this share of a core; it is waited for no longer than
# this many times two seconds.
_SETTLED: Final = 0.03
_SETTLE_WINDOWS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a run showed."""

    result: Answer
    """What the viewers saw; see `c/load.c`."""

    seconds: float
    """How long the run was."""

    target_cpu: float
    load_cpu: float
    source_cpu: float
    """Seconds of CPU that each of them used."""

    children_cpu: float
    """Seconds of CPU that what the target has started used, such as ffmpeg."""

    others_cpu: float
    """Seconds of CPU that the rest of the machine used meanwhile: the noise."""

    @property
    def delivered(self) -> float:
        """What reached all viewers together, in units of 1e9 bytes."""
        return max(1.0, float(self.result["bytes"])) / 1e9

    @property
    def cpu_per_gigabyte(self) -> float:
        """The target's seconds of CPU for each 1e9 bytes that reached viewers."""
        return self.target_cpu / self.delivered

    @property
    def gigabytes_per_second(self) -> float:
        """What reached all viewers together, a second."""
        return self.delivered / self.seconds


class Lab:
    """Where measurements are made: compiled programs, copies of the proxy, logs."""

    def __init__(self, folder: Path, targets: list[str], *, repeats: int, quick: bool) -> None:
        """Work in a folder that has everything in it."""
        self.folder = folder
        self.targets = targets
        self.repeats = repeats
        self.quick = quick
        self.samples: list[Sample] = []
        """Every run so far."""

    def say(self, text: str) -> None:
        """Tell whoever waits what goes on."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201

    def chosen(self, *names: str) -> list[str]:
        """Return those of some targets that are to be measured."""
        return [name for name in names if name in self.targets]

    @contextmanager
    def running(self, name: str, **options: object) -> Iterator[tuple[Source, Running]]:
        """Run a source with options, and a target that reads it."""
        with Source(self.folder, **options) as source, started(name, self.folder, source) as target:
            yield source, target

    @contextmanager
    def load(self, target: Running, **options: object) -> Iterator[Load]:
        """Run viewers of a target; leaving ends them."""
        path, header = target.path, target.header
        with Load(self.folder, target.port, path, header, **options) as load:
            yield load

    @contextmanager
    def hls_load(
        self, target: Running, *, content: str = f"{1:040x}", **options: object
    ) -> Iterator[HlsLoad]:
        """Run viewers of HLS of a target; leaving ends them."""
        path = MANIFEST.format(content=content)
        with HlsLoad(self.folder, target.port, path, **options) as load:
            yield load

    def measure(self, source: Source, target: Running, **options: object) -> Sample:
        """Run viewers and return what they saw and what it took."""
        with self.load(target, **options) as load:
            return self.sample(source, target, load)

    def sample(
        self, source: Engine, target: Running, load: Viewers, *, with_children: bool = False
    ) -> Sample:
        """Let viewers that were just started have their run; return what they saw.

        With children, what the target has started by then has to run until the end.
        """
        load.wait_for_begin()
        helpers = children(target.pid) if with_children else []
        processes = [target.pid, load.pid, source.pid, *helpers]
        busy = Busy.now()
        before = [cpu_seconds(pid) for pid in processes]
        began = time.monotonic()
        result = load.wait_for_result()
        seconds = time.monotonic() - began
        after = [cpu_seconds(pid) for pid in processes]
        all_cpu = Busy.now().all_seconds - busy.all_seconds
        load.finish()
        used = [late - early for late, early in zip(after, before, strict=True)]
        sample = Sample(
            result=result,
            seconds=seconds,
            target_cpu=used[0],
            load_cpu=used[1],
            source_cpu=used[2],
            children_cpu=sum(used[3:]),
            others_cpu=max(0.0, all_cpu - sum(used)),
        )
        self.samples.append(sample)
        return sample

    def idle_cpu(self, target: Running) -> float:
        """Return the share of a core that a target uses while nobody watches.

        It first waits for the end of what a start of Home Assistant leaves to be done.
        """
        for _ in range(_SETTLE_WINDOWS):
            if _share_of_core(target, 2.0) < _SETTLED:
                break
        return _share_of_core(target, 5.0 if self.quick else 10.0)


def _share_of_core(target: Running, seconds: float) -> float:
    before = cpu_seconds(target.pid)
    time.sleep(seconds)
    return (cpu_seconds(target.pid) - before) / seconds


def wait_until_stopped(source: Source, *, timeout: float) -> Answer:
    """Return the source's figures once every session is stopped, or after a while."""
    deadline = time.monotonic() + timeout
    while True:
        stats = source.stats()
        if not stats["open"] or time.monotonic() > deadline:
            return stats
        time.sleep(_LOOK_INTERVAL)
