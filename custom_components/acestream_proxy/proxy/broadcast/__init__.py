"""One upstream, many subscribers.

    upstream ──▶ Broadcast ──▶ backlog
                          └──▶ subscriber, subscriber, …

The hub finds or starts the broadcast for a key. Nothing here knows engines or HTTP: an upstream
is anything that gives bytes, a subscriber anything that takes chunks.
"""

from .backlog import Backlog
from .broadcast import Broadcast
from .hub import Hub, Spawn, ended, spawn
from .state import BroadcastOptions, BroadcastStats, StreamState
from .subscriber import Framing, SocketSubscriber, Subscriber, SubscriberStats, reset
from .upstream import OpenUpstream, Sink, Upstream

__all__ = [
    "Backlog",
    "Broadcast",
    "BroadcastOptions",
    "BroadcastStats",
    "Framing",
    "Hub",
    "OpenUpstream",
    "Sink",
    "SocketSubscriber",
    "Spawn",
    "StreamState",
    "Subscriber",
    "SubscriberStats",
    "Upstream",
    "ended",
    "reset",
    "spawn",
]
