"""Who may watch, who watches, and how many.

secret, or name and password ──Door──▶ Viewers ──▶ Viewer ─┐
├─▶ Guest ──▶ Audience
somebody that Home Assistant knows ───────────────────────┘
"""

from .audience import Audience, DropReason, Guest, Limits, Seat, Ticket, Watching, Witness
from .door import Door
from .viewers import Viewer, Viewers

__all__ = [
    "Audience",
    "Door",
    "DropReason",
    "Guest",
    "Limits",
    "Seat",
    "Ticket",
    "Viewer",
    "Viewers",
    "Watching",
    "Witness",
]
