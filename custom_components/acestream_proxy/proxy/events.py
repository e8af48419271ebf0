"""What streams and viewers do, one event for each fact, for whoever acts on it.

    Broadcast ──states──▶ StreamEvents ─┐
                                        ├─▶ Events ──▶ listeners
    Audience ──guests───▶ GuestEvents ──┘

Listeners hear of an event in a turn of the loop of their own, in the order in which things happen:
none of them is in the way of a stream, whatever it does.

A fact is what it means to people. An engine that is tried again and again is one interruption; a
player that opens its connection anew, as for each part of a film, has not left; whoever is refused
what was refused a moment ago is told nothing new.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .audience import Guest
from .broadcast import StreamState
from .content import ContentKey
from .errors import ProxyError

type Names = Callable[[ContentKey], frozenset[ContentKey]]
"""Returns all names that are known for some content."""


class EventKind(StrEnum):
    """What happened; the same words wherever it is told."""

    STARTED = "started"
    """A stream that was asked for starts: it is known by now which engine opened it, or that none
    did."""

    PLAYING = "playing"
    """Its first picture came."""

    STALLED = "stalled"
    """Nothing comes any more."""

    RECONNECTING = "reconnecting"
    """It broke, and is being opened anew."""

    RECOVERED = "recovered"
    """It goes on, with the engine that it had."""

    MOVED = "moved"
    """It goes on, with another engine."""

    FAILED = "failed"
    """It is over, for a reason."""

    ENDED = "ended"
    """It is over: nobody watched any more, or the proxy stopped."""

    VIEWER_JOINED = "viewer_joined"
    """Somebody watches."""

    VIEWER_LEFT = "viewer_left"
    """They watch no more."""

    VIEWER_DROPPED = "viewer_dropped"
    """They took nothing for long, and were closed."""


STREAM_EVENTS: Final = tuple(kind for kind in EventKind if not kind.startswith("viewer_"))
"""What happens to streams."""

VIEWER_EVENTS: Final = tuple(kind for kind in EventKind if kind.startswith("viewer_"))
"""What viewers do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyEvent:
    """One thing that happened."""

    kind: EventKind
    """See `EventKind`."""

    content: ContentKey | None
    """What it happened to; None where a viewer came for nothing in particular."""

    names: frozenset[ContentKey]
    """All the names that are known to lead to it; for a viewer those of all its sources."""

    title: str = ""
    """The name of the channel: the list's for a viewer who came by one, else the broadcaster's.
    Empty where there is none."""

    engine_id: str | None = None
    """The engine that plays the stream, or last did; None if none has opened it."""

    left_engine_id: str | None = None
    """The engine that a stream moved away from."""

    viewer_id: str | None = None
    """Who joined, left or was dropped; None for somebody without an address of their own."""

    device: str = ""
    """The name of their app, as it says."""

    reason: str = ""
    """Why it broke or failed: a sentence, maybe with the engine's words and address in it."""

    seconds: float | None = None
    """How long what is over now has lasted: the start for `playing`, the interruption for
    `recovered` and `moved`, all of the stream for `failed` and `ended`; None for others."""


class Events:
    """Tells listeners what happens."""

    def __init__(self, names: Names, *, may_return: float) -> None:
        """Start without listeners; see `GuestEvents` for `may_return`."""
        self._names = names
        self._listeners: list[Callable[[ProxyEvent], None]] = []
        self.guests = GuestEvents(self.tell, names, may_return=may_return)
        """The witness of an audience."""

    def on_event(self, listener: Callable[[ProxyEvent], None]) -> Callable[[], None]:
        """Call a listener with each event, until the returned call."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def stream(self, content: ContentKey, *, title: str, known_failure: str | None) -> StreamEvents:
        """Return what makes events of a new broadcast; see `StreamEvents`."""
        return StreamEvents(
            self.tell, self._names, content, title=title, known_failure=known_failure
        )

    def refused(self, content: ContentKey, error: ProxyError) -> None:
        """Tell that some content failed before there was a broadcast of it."""
        self.tell(
            ProxyEvent(
                kind=EventKind.FAILED,
                content=content,
                names=frozenset((content,)),
                reason=str(error),
            )
        )

    def tell(self, event: ProxyEvent) -> None:
        """Tell the listeners of an event, in a moment."""
        asyncio.get_running_loop().call_soon(self._tell_all, event)

    def _tell_all(self, event: ProxyEvent) -> None:
        for listener in list(self._listeners):
            listener(event)


class StreamEvents:
    """Makes events of the states of one broadcast."""

    def __init__(
        self,
        tell: Callable[[ProxyEvent], None],
        names: Names,
        content: ContentKey,
        *,
        title: str,
        known_failure: str | None,
    ) -> None:
        """Begin with a broadcast that is starting.

        `known_failure` is why the same content failed a moment ago, if it did.
        """
        self.engine_id: str | None = None
        """The engine that last opened the stream; for its owner to set."""
        self._tell_event = tell
        self._names = names
        self._content = content
        self._title = title
        self._known_failure = known_failure
        self._clock = asyncio.get_running_loop().time
        self._began_at = self._clock()
        self._state = StreamState.STARTING
        self._was_started = False
        self._played_by: str | None = None
        self._broke_at: float | None = None
        self._is_reconnecting = False  # since it last played

    def follow(self, state: StreamState, error: str | None) -> None:
        """Note the state of the broadcast, which may be the one it was in, and why it broke."""
        if state is self._state:
            return
        self._state = state
        reason = error or ""
        if state is StreamState.FAILED and not self._was_started and reason == self._known_failure:
            return
        if not self._was_started:
            self._was_started = True
            self._tell(EventKind.STARTED)
        match state:
            case StreamState.STREAMING:
                self._flows()
            case StreamState.STALLED:
                self._broke_at = self._clock()
                self._tell(EventKind.STALLED)
            case StreamState.RECONNECTING if not self._is_reconnecting:
                self._is_reconnecting = True
                self._broke_at = self._broke_at or self._clock()
                self._tell(EventKind.RECONNECTING, reason=reason)
            case StreamState.FAILED:
                self._tell(EventKind.FAILED, reason=reason, since=self._began_at)
            case StreamState.STOPPED:
                self._tell(EventKind.ENDED, since=self._began_at)

    def _flows(self) -> None:
        before, self._played_by = self._played_by, self.engine_id
        if before is None:
            self._tell(EventKind.PLAYING, since=self._began_at)
        elif before == self.engine_id:
            self._tell(EventKind.RECOVERED, since=self._broke_at)
        else:
            self._tell(EventKind.MOVED, since=self._broke_at, left_engine_id=before)
        self._broke_at = None
        self._is_reconnecting = False

    def _tell(
        self,
        kind: EventKind,
        *,
        reason: str = "",
        since: float | None = None,
        left_engine_id: str | None = None,
    ) -> None:
        self._tell_event(
            ProxyEvent(
                kind=kind,
                content=self._content,
                names=self._names(self._content),
                title=self._title,
                engine_id=self.engine_id,
                left_engine_id=left_engine_id,
                reason=reason,
                seconds=None if since is None else self._clock() - since,
            )
        )


@dataclass(frozen=True, slots=True)
class _Absence:
    """A guest that left, and may be back before anybody is told."""

    guest: Guest
    timer: asyncio.TimerHandle


class GuestEvents:
    """Makes events of the guests of an audience, which come and go with their connections."""

    def __init__(
        self, tell: Callable[[ProxyEvent], None], names: Names, *, may_return: float
    ) -> None:
        """Tell that a guest left once it has not come back for `may_return` seconds."""
        self._tell_event = tell
        self._names = names
        self._may_return = may_return
        self._absent: dict[tuple[str, str, str | None], _Absence] = {}  # by device

    def entered(self, guest: Guest) -> None:
        """Note that a guest watches."""
        absence = self._absent.pop(_device(guest), None)
        if absence:
            absence.timer.cancel()
            if absence.guest.ticket.sources == guest.ticket.sources:
                return
            self._tell(EventKind.VIEWER_LEFT, absence.guest)  # one channel for the next
        self._tell(EventKind.VIEWER_JOINED, guest)

    def left(self, guest: Guest) -> None:
        """Note that a guest watches no more."""
        self._settle(_device(guest))
        timer = asyncio.get_running_loop().call_later(
            self._may_return, self._settle, _device(guest)
        )
        self._absent[_device(guest)] = _Absence(guest, timer)

    def dropped(self, guest: Guest) -> None:
        """Note that a guest was closed."""
        self._tell(EventKind.VIEWER_DROPPED, guest)

    def stop(self) -> None:
        """Tell who has left, and from now on at once."""
        self._may_return = 0.0
        for device in list(self._absent):
            self._settle(device)

    def _settle(self, device: tuple[str, str, str | None]) -> None:
        """Tell that the guest that was last seen on a device has left, if nobody knows yet."""
        if absence := self._absent.pop(device, None):
            absence.timer.cancel()
            self._tell(EventKind.VIEWER_LEFT, absence.guest)

    def _tell(self, kind: EventKind, guest: Guest) -> None:
        ticket = guest.ticket
        self._tell_event(
            ProxyEvent(
                kind=kind,
                content=next(iter(ticket.sources), None),
                names=frozenset[ContentKey]().union(*map(self._names, ticket.sources)),
                title=ticket.channel.name if ticket.channel else "",
                viewer_id=ticket.viewer.viewer_id if ticket.viewer else None,
                device=guest.device,
            )
        )


def _device(guest: Guest) -> tuple[str, str, str | None]:
    """Return what tells a guest's device from others."""
    viewer = guest.ticket.viewer
    return guest.address, guest.device, viewer.viewer_id if viewer else None
