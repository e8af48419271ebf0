"""One upstream, many subscribers.

    upstream ──▶ Broadcast ──▶ backlog
                          └──▶ subscriber, subscriber, …

The hub finds or starts the broadcast for a key. Nothing here knows engines or HTTP: an upstream
is anything that yields bytes, a subscriber anything that takes chunks.
"""

from .backlog import Backlog
from .broadcast import (
    Broadcast,
    BroadcastOptions,
    BroadcastStats,
    OpenUpstream,
    StreamState,
    Subscriber,
)
from .hub import Hub, Spawn

__all__ = [
    "Backlog",
    "Broadcast",
    "BroadcastOptions",
    "BroadcastStats",
    "Hub",
    "OpenUpstream",
    "Spawn",
    "StreamState",
    "Subscriber",
]
