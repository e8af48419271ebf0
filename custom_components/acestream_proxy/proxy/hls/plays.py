"""Who was given which address to play HLS at.

A player of HLS asks for many addresses, and can log in at none of them. So every play gets an
unguessable token in its path, which stands for the content and for the viewer. It outlives the
stream: players pause, hide and come back to the same address hours later.
"""

from dataclasses import dataclass
import secrets
from typing import Final

from ..content import ContentKey
from ..errors import UnknownPlayError

# An evening of pausing; who comes back the next day presses the channel again.
LIFETIME: Final = 12 * 3600.0

# Far more than a household opens in an evening, and a bound for whoever would open them in a loop.
_MAX_PLAYS: Final = 2000


@dataclass(slots=True)
class _Play:
    content: ContentKey
    last_used: float
    player: str | None


class Plays:
    """The tokens that are valid; oldest use first."""

    def __init__(self) -> None:
        self._plays: dict[str, _Play] = {}
        self._tokens: dict[tuple[ContentKey, str], str] = {}

    def open(self, content: ContentKey, now: float, *, player: str | None = None) -> str:
        """Return a token for one play of this content.

        `player` describes a player that asks without a token of its own, such as by its address:
        when it asks again it gets the same one, so that it stays one viewer.
        """
        self._forget_old(now)
        if player and (token := self._tokens.get((content, player))):
            self.content(token, now)
            return token
        token = secrets.token_urlsafe(32)
        self._plays[token] = _Play(content, now, player)
        if player:
            self._tokens[content, player] = token
        return token

    def content(self, token: str, now: float) -> ContentKey:
        """Return the content a token stands for, and keep the token alive.

        Raises:
            UnknownPlayError: It was never given out, or was not used for long.
        """
        play = self._plays.get(token)
        if play is None or play.last_used + LIFETIME < now:
            raise UnknownPlayError("This address is unknown or has expired. Play it again.")
        play.last_used = now
        self._plays[token] = self._plays.pop(token)  # the newest use is at the end
        return play.content

    def _forget_old(self, now: float) -> None:
        while self._plays:
            token, play = next(iter(self._plays.items()))
            if play.last_used + LIFETIME >= now and len(self._plays) < _MAX_PLAYS:
                return
            del self._plays[token]
            if play.player:
                self._tokens.pop((play.content, play.player), None)
