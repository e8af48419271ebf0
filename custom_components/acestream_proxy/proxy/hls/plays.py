"""Who was given which address to play HLS at.

A player of HLS asks for many addresses, and can log in at none of them. So every play gets an
unguessable token in its path, which stands for what is played and for the viewer. It outlives the
stream: players pause, hide and come back to the same address hours later.
"""

from dataclasses import dataclass
import secrets
from typing import Final

from ..audience import Ticket
from ..content import ContentKey
from ..errors import ClosedPlayError, UnknownPlayError

# An evening of pausing; who comes back the next day presses the channel again.
LIFETIME: Final = 12 * 3600.0

# Far more than a household opens in an evening, and a bound for whoever would open them in a loop.
_MAX_PLAYS: Final = 2000


@dataclass(slots=True)
class Play:
    """What the token of a play stands for."""

    ticket: Ticket
    """What is played, and for whom."""

    last_used: float
    """When it was asked for."""

    player: str | None
    """What describes the player, if it has no token of its own."""

    chosen: int = 0
    """Which of the sources is played."""

    has_begun: bool = False
    """Whether its player was given a playlist; for its owner to set."""

    @property
    def source(self) -> ContentKey:
        """The content that is played."""
        return self.ticket.sources[self.chosen]

    def choose_next(self, failed: ContentKey) -> bool:
        """Go on to the source after one that failed; return whether there is one.

        Whoever asks after the last one begins with the first again.
        """
        if self.source == failed:
            self.chosen = (self.chosen + 1) % len(self.ticket.sources)
        return self.chosen > 0


class Plays:
    """The tokens that are valid; oldest use first."""

    def __init__(self) -> None:
        self._plays: dict[str, Play] = {}
        self._tokens: dict[tuple[Ticket, str], str] = {}
        self._closed: dict[str, None] = {}

    def open(self, ticket: Ticket, now: float, *, player: str | None = None) -> str:
        """Return a token for one play.

        `player` describes a player that asks without a token of its own, such as by its address:
        when it asks again it gets the same one, so that it stays one viewer.
        """
        self._forget_old(now)
        if player and (token := self._tokens.get((ticket, player))):
            self.get(token, now)
            return token
        token = secrets.token_urlsafe(32)
        self._plays[token] = Play(ticket, now, player)
        if player:
            self._tokens[ticket, player] = token
        return token

    def get(self, token: str, now: float) -> Play:
        """Return what a token stands for, and keep it alive.

        Raises:
            ClosedPlayError: It was closed.
            UnknownPlayError: It was never given out, or was not used for long.
        """
        if token in self._closed:
            raise ClosedPlayError("This address is not good any more. Play it again.")
        play = self._plays.get(token)
        if play is None or play.last_used + LIFETIME < now:
            raise UnknownPlayError("This address is unknown or has expired. Play it again.")
        play.last_used = now
        self._plays[token] = self._plays.pop(token)  # the newest use is at the end
        return play

    def close(self, token: str) -> None:
        """Make a token good for nothing, if it was good for anything."""
        if self._forget(token):
            self._closed[token] = None
            if len(self._closed) > _MAX_PLAYS:
                del self._closed[next(iter(self._closed))]

    def _forget_old(self, now: float) -> None:
        while self._plays:
            token, play = next(iter(self._plays.items()))
            if play.last_used + LIFETIME >= now and len(self._plays) < _MAX_PLAYS:
                return
            self._forget(token)

    def _forget(self, token: str) -> bool:
        """Know nothing of a token any more; return whether anything was known."""
        play = self._plays.pop(token, None)
        if play:
            self._tokens.pop((play.ticket, play.player or ""), None)
        return play is not None
