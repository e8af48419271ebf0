"""One upstream, many subscribers.

    upstream ──▶ Broadcast ──▶ backlog
                          └──▶ subscriber, subscriber, …

The hub finds or starts the broadcast for a key. Nothing here knows engines or HTTP: an upstream
is anything that yields bytes, a subscriber anything that takes chunks.
"""

from .backlog import Backlog
from .broadcast import Broadcast, OpenUpstream
from .hub import Hub, Spawn
from .state import BroadcastOptions, BroadcastStats, StreamState
from .subscriber import Framing, SocketSubscriber, Subscriber, SubscriberStats, reset

__all__ = [
    "Backlog",
    "Broadcast",
    "BroadcastOptions",
    "BroadcastStats",
    "Framing",
    "Hub",
    "OpenUpstream",
    "SocketSubscriber",
    "Spawn",
    "StreamState",
    "Subscriber",
    "SubscriberStats",
    "reset",
]
