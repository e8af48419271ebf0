"""Who watches, how many do, and how many may."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic, time
from typing import Final, Protocol

from ..catalog import Channel
from ..content import ContentKey
from ..errors import LimitReachedError, ProxyStoppedError, UnknownViewerError
from .viewers import Viewer, Viewers

# How long a viewer who watches all that they may waits for a stream of theirs to end: whoever
# zaps leaves one channel for the next, and a router may pass that on in the wrong order.
_ZAP: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the proxy takes on at most."""

    streams: int = 32
    """Streams at once: each costs an engine, and up to 32 MB of memory."""

    streams_per_engine: int | None = None
    """Streams at once that each engine plays; None for no limit but that of all streams."""

    viewers: int = 250
    """Viewers at once, over all streams. Home Assistant stops when it is out of descriptors, of
    which it has 2,048."""

    viewers_per_address: int | None = None
    """Viewers at once from one network address; None for no limit, as behind a reverse proxy all
    have the same."""


def _nothing() -> None:
    """Do nothing."""


def _no_lag() -> int:
    """Return how far behind somebody is who fetches what they want by themselves."""
    return 0


class DropReason(StrEnum):
    """Why a guest was made to leave."""

    TOOK_NOTHING = "took_nothing"
    """Nothing was taken from its connection for long."""

    NOT_ALLOWED = "not_allowed"
    """Its viewer may not watch this any more, or its ticket is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What is to be played, and for whom."""

    sources: tuple[ContentKey, ...]
    """Where it can be had, the one to try first in front."""

    viewer: Viewer | None = None
    """Who was let in; None for somebody whom Home Assistant knows."""

    channel: Channel | None = None
    """What they asked for; None where that was the content itself."""

    until: float | None = None
    """When it is good no more, in the time of the event loop; None for ever."""

    def is_over(self, now: float) -> bool:
        """Return whether it is good no more."""
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Whoever wants to watch something."""

    address: str
    """Where they are on the network."""

    device: str = ""
    """What tells devices at one address apart, such as the name of the app."""

    ticket: Ticket = Ticket(sources=())
    """What they were let in for."""

    content: ContentKey | None = None
    """What they watch, of the sources of their ticket; None before it is known which."""

    asks: bool = False
    """Whether they are only heard of when they ask for something, as players of HLS are."""

    end: Callable[[], None] = field(default=_nothing, repr=False, compare=False)
    """What makes them leave."""

    asked_at: float = field(default_factory=monotonic, repr=False, compare=False)
    """When they asked, by the monotonic clock."""

    def is_viewer(self, viewer_id: str) -> bool:
        """Return whether this is a certain viewer."""
        return self.ticket.viewer is not None and self.ticket.viewer.viewer_id == viewer_id

    def is_at_device_of(self, other: Guest) -> bool:
        """Return whether two guests are the same viewer on the same device."""
        here, there = (self.address, self.device), (other.address, other.device)
        viewer = other.ticket.viewer
        return here == there and viewer is not None and self.is_viewer(viewer.viewer_id)


@dataclass(slots=True, eq=False)
class Seat:
    """The place of a guest who was let in."""

    guest: Guest
    """Who has it."""

    since: float = field(default_factory=time)
    """When they were let in, in Unix time."""

    lag: Callable[[], int] = _no_lag
    """Returns how many bytes they are behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """One stream of a viewer."""

    title: str
    """The name of the channel; empty where the content itself was asked for."""

    device: str
    """The name of the app, as it says."""

    since: float
    """When they began, in Unix time."""

    viewer: str = ""
    """The viewer's name; empty for somebody whom Home Assistant knows."""


class Witness(Protocol):
    """Whoever is told of each guest that comes and goes."""

    def entered(self, guest: Guest) -> None:
        """Note that a guest was let in."""

    def left(self, guest: Guest) -> None:
        """Note that a guest left, or was asked to."""

    def dropped(self, guest: Guest) -> None:
        """Note that a guest was closed because it took nothing for long."""


class Audience:
    """Lets guests in and out."""

    def __init__(
        self,
        limits: Limits,
        viewers: Viewers | None = None,
        on_change: Callable[[], None] = _nothing,
        witness: Witness | None = None,
    ) -> None:
        """Start empty; `on_change` is called when a viewer begins or ends to watch something.

        `witness` is told who it was.
        """
        self.limits = limits
        """How many may watch; those who do go on if that is made less."""
        self._on_change = on_change
        self._witness = witness
        self._seats: dict[Seat, None] = {}  # in the order they were taken
        self._on_join: list[Callable[[Guest, float], None]] = []
        self._room = asyncio.Event()  # another one each time somebody leaves
        self.viewers = viewers or Viewers()
        """Those who may watch without a login; changed through `set_viewer`."""
        self.is_closed = False
        """Whether nobody new is let in, as when the proxy is about to stop."""
        self.refused = 0
        """Guests that were one too many for the proxy; not those who may watch no more by
        themselves."""
        self.drops: Counter[DropReason] = Counter()
        """Guests that were made to leave, by the reason; not those whose stream ended."""

    def __iter__(self) -> Iterator[Seat]:
        """Go through the seats that are taken, whoever came first in front."""
        return iter(tuple(self._seats))

    def on_join(self, listener: Callable[[Guest, float], None]) -> Callable[[], None]:
        """Call a listener with each guest whose player is given its first bytes.

        It is also told how many seconds that took since they asked. The returned call ends it.
        """
        self._on_join.append(listener)
        return lambda: self._on_join.remove(listener)

    def enter(self, guest: Guest) -> Callable[[], None]:
        """Let a guest in, until the returned call.

        Raises:
            ProxyStoppedError: Nobody new is let in.
            UnknownViewerError: Their ticket is not good any more.
            LimitReachedError: There are as many as there may be.
        """
        if self.is_closed:
            raise ProxyStoppedError("The proxy is stopping. Try again in a moment.")
        if not self.allows(guest.ticket):  # whoever waited for an engine missed `_review`
            raise UnknownViewerError("There is nothing at this address any more.")
        if refusal := self._refusal(guest):
            self.refused += 1
            self._on_change()
            raise LimitReachedError(refusal)
        if self._is_full(guest.ticket.viewer):
            raise LimitReachedError(
                "You are watching on as many devices as you may. Stop one of them first."
            )
        seat = Seat(guest)
        self._seats[seat] = None
        if self._witness:
            self._witness.entered(guest)
        self._on_change()
        return lambda: self._leave(seat)

    def follow(self, guest: Guest, lag: Callable[[], int]) -> None:
        """Know from now on how far behind a guest is; `lag` is as in `Seat`."""
        for seat in self:
            if seat.guest is guest:
                seat.lag = lag

    def joined(self, guest: Guest) -> None:
        """Note that a guest's player is given its first bytes."""
        for listener in list(self._on_join):
            listener(guest, monotonic() - guest.asked_at)

    def drop(self, guest: Guest) -> None:
        """Let out a guest that was closed because it took nothing for long."""
        for seat in self:
            if seat.guest is guest:
                self._leave(seat, dropped=True)

    @asynccontextmanager
    async def visit(self, guest: Guest) -> AsyncIterator[None]:
        """Let a guest in while inside, until their ticket ends, waiting for room as below.

        Raises:
            ProxyError: They are not let in; see `enter`.
        """
        await self.wait_for_room(guest)
        leave = self.enter(guest)
        loop, until = asyncio.get_running_loop(), guest.ticket.until
        ending = None if until is None else loop.call_at(until, self._end, guest)
        try:
            yield
        finally:
            leave()
            if ending:
                ending.cancel()

    async def wait_for_room(self, guest: Guest) -> None:
        """Give a viewer who watches all that they may a moment to leave something.

        A device that watches by HLS never says that it leaves, so its new channel replaces the old.
        """
        if not self._is_full(guest.ticket.viewer):
            return
        for seat in self:
            if guest.asks and seat.guest.asks and guest.is_at_device_of(seat.guest):
                self._leave(seat)
                seat.guest.end()
                return
        try:
            async with asyncio.timeout(_ZAP):
                while self._is_full(guest.ticket.viewer):
                    await self._room.wait()
        except TimeoutError:
            return

    async def emptied(self) -> None:
        """Return once nobody watches."""
        while self._seats:
            await self._room.wait()

    def watching(self, viewer_id: str) -> tuple[Watching, ...]:
        """Return what a viewer watches, what they began with first."""
        return tuple(_watching(seat) for seat in self if seat.guest.is_viewer(viewer_id))

    def watching_content(self, content: ContentKey) -> tuple[Watching, ...]:
        """Return who watches some content, whoever began first in front."""
        return tuple(_watching(seat) for seat in self if seat.guest.content == content)

    def by_viewer(self) -> dict[str, tuple[Watching, ...]]:
        """Return what each viewer watches."""
        return {one.viewer_id: self.watching(one.viewer_id) for one in self.viewers}

    def most_streams(self, viewer: Viewer) -> int:
        """Return how many streams a viewer may watch at once: all that there may be, if need be."""
        most = self.limits.viewers
        return most if viewer.most_streams is None else min(viewer.most_streams, most)

    def set_viewer(self, viewer: Viewer) -> None:
        """Have a viewer, as described; streams that they may not watch any more end now."""
        self.viewers.set(viewer)
        self._review(viewer.viewer_id)

    def remove_viewer(self, viewer_id: str) -> None:
        """Have a viewer no more; their streams end now."""
        self.viewers.remove(viewer_id)
        self._review(viewer_id)

    def end_asking(self, content: ContentKey) -> None:
        """Make those leave who ask for some content again and again, and would start it anew."""
        for seat in self:
            if seat.guest.asks and seat.guest.content == content:
                seat.guest.end()

    def allows(self, ticket: Ticket) -> bool:
        """Return whether a ticket is still good: its viewer may have changed since."""
        if ticket.viewer is None:
            return True
        now = self.viewers.get(ticket.viewer.viewer_id)
        if now is None or not ticket.viewer.is_known_as(now):
            return False
        return ticket.channel is None or now.may_watch(ticket.channel)

    def _leave(self, seat: Seat, *, dropped: bool = False) -> None:
        """Let out whoever has a seat; nothing if they have left it already."""
        if seat not in self._seats:
            return
        del self._seats[seat]
        self.drops[DropReason.TOOK_NOTHING] += dropped
        self._room.set()
        self._room = asyncio.Event()
        if self._witness:
            (self._witness.dropped if dropped else self._witness.left)(seat.guest)
        self._on_change()

    def _end(self, guest: Guest) -> None:
        """Make a guest leave who may not watch any more."""
        self.drops[DropReason.NOT_ALLOWED] += 1
        guest.end()

    def _review(self, viewer_id: str) -> None:
        """End what a viewer may not watch any more."""
        for seat in self:
            if seat.guest.is_viewer(viewer_id) and not self.allows(seat.guest.ticket):
                self._end(seat.guest)
        self._on_change()

    def _refusal(self, guest: Guest) -> str:
        """Return why a guest is one too many for the proxy; empty if that is not so."""
        if len(self._seats) >= self.limits.viewers:
            return "As many are watching as this proxy allows. Try again later."
        most = self.limits.viewers_per_address
        here = sum(seat.guest.address == guest.address for seat in self)
        if most is not None and here >= most:
            return "As many are watching from your address as this proxy allows."
        return ""

    def _is_full(self, viewer: Viewer | None) -> bool:
        """Return whether a viewer watches all that they may."""
        now = self.viewers.get(viewer.viewer_id) if viewer else None
        if now is None or now.most_streams is None:
            return False
        return len(self.watching(now.viewer_id)) >= now.most_streams


def _watching(seat: Seat) -> Watching:
    guest = seat.guest
    ticket = guest.ticket
    return Watching(
        title=ticket.channel.name if ticket.channel else "",
        device=guest.device,
        since=seat.since,
        viewer=ticket.viewer.name if ticket.viewer else "",
    )
