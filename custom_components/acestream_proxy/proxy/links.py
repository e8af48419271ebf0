"""Addresses that are given away: each plays one channel, without a login, for a while.

Nobody guesses the token in such an address. It is good until a moment, and for so many openings if
there is a limit; then it is like one that never was. What it opened ends at that moment, too. So
only what engines play has links: whoever was told a web stream's own address would keep it. Links
are in memory only: none outlives the proxy.

An opening is counted before anything is waited for, so that of several who come for the last one
at the same time only one is let in. A player of HLS that comes again goes on with what it opened.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from .audience import Ticket, Viewer
from .audience.viewers import make_secret
from .catalog import Channel
from .content import ContentKey
from .errors import InvalidContentError, LimitReachedError, UnknownLinkError

# More than anybody gives away, and a bound for an automation that makes them in a loop.
_MOST_LINKS: Final = 2000


@dataclass(slots=True)
class Link:
    """What the token of a link stands for."""

    ticket: Ticket
    """What is played, for whom, and until when."""

    openings: int | None
    """How often it may be opened yet; None for any number of times."""

    players: set[str] = field(default_factory=set)
    """What describes the players that opened it and may come again."""

    def opens(self, player: str) -> bool:
        """Return whether a player, described as for `open`, may open it."""
        return self.openings != 0 or player in self.players

    def open(self, player: str) -> None:
        """Count an opening.

        `player` describes one that may come again and goes on with what it opened; it is empty for
        one whose every request is another opening.
        """
        if self.openings is None or player in self.players:
            return
        self.openings -= 1
        if player:
            self.players.add(player)

    def give_back(self) -> None:
        """Take back an opening: nothing came of it."""
        if self.openings is not None:
            self.openings += 1


class Links:
    """The links that are good."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}

    def make(
        self,
        channel: Channel,
        now: float,
        *,
        lifetime: float,
        openings: int | None = None,
        viewer: Viewer | None = None,
    ) -> str:
        """Return the token of a new link; `lifetime` is in seconds.

        Raises:
            InvalidContentError: The channel is nothing that an engine plays.
            LimitReachedError: There are as many as there may be.
        """
        sources = tuple(one for one in channel.sources if isinstance(one, ContentKey))
        if not sources:
            raise InvalidContentError("This is a web stream: nothing limits who may watch that.")
        self._links = {key: one for key, one in self._links.items() if not one.ticket.is_over(now)}
        if len(self._links) >= _MOST_LINKS:
            raise LimitReachedError("There are as many links as this proxy allows.")
        channel = replace(channel, sources=sources)
        ticket = Ticket(sources=sources, viewer=viewer, channel=channel, until=now + lifetime)
        token = make_secret()
        self._links[token] = Link(ticket, openings)
        return token

    def get(self, token: str, now: float, player: str = "") -> Link:
        """Return what a link stands for that `player`, as in `Link.open`, may open.

        Raises:
            UnknownLinkError: It was never made, has expired or is used up.
        """
        link = self._links.get(token)
        if link is None or link.ticket.is_over(now) or not link.opens(player):
            raise UnknownLinkError("There is nothing at this address.")
        return link
