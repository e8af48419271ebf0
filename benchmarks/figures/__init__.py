"""One function for each group of figures; each takes a lab and returns what it measured."""

from collections.abc import Callable
from typing import Final

from ..lab import Lab
from ..report import Figure
from .cost import cost, unpaced
from .hls import hls
from .memory import memory
from .sessions import churn, first_requests, recovery, zapping
from .viewers import join, never_reads, start_burst

FIGURES: Final[dict[str, Callable[[Lab], list[Figure]]]] = {
    "cost": cost,
    "unpaced": unpaced,
    "memory": memory,
    "never-reads": never_reads,
    "start-burst": start_burst,
    "join": join,
    "first-requests": first_requests,
    "zapping": zapping,
    "churn": churn,
    "recovery": recovery,
    "hls": hls,
}

__all__ = ["FIGURES"]
