"""The demo: an emulated AceStream engine, and test patterns for it to play.

Tests and benchmarks talk to it as `scripts/demo` does, over a real socket:

    async with EmulatedEngine(media=SyntheticMedia()) as engine:
        ...engine.url, engine.faults, engine.sessions...

It knows nothing of the proxy.
"""

from .channels import CHANNELS, Channel
from .engine import EmulatedEngine
from .faults import Faults
from .sessions import Session
from .synthetic import SyntheticMedia, packet_number, packet_numbers, packet_stamp

__all__ = [
    "CHANNELS",
    "Channel",
    "EmulatedEngine",
    "Faults",
    "Session",
    "SyntheticMedia",
    "packet_number",
    "packet_numbers",
    "packet_stamp",
]
