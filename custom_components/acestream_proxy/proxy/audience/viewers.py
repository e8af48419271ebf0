"""Viewers: somebody, or some device, with an address of their own.

Whoever knows the address is the viewer: IPTV apps can neither log in nor send a token. So the
address holds a secret, and can be given up for another one. The Xtream API wants a name and a
password instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hmac import compare_digest
import secrets
from unicodedata import normalize

from ..catalog import Channel, Filter
from ..errors import UnknownViewerError
from .door import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody, or some device, that watches without a login."""

    viewer_id: str
    """What stands for the viewer as long as there is one, whatever else changes."""

    name: str
    """For people."""

    secret: str = field(repr=False)
    """What its addresses contain."""

    password: str = field(default="", repr=False)
    """For apps that log in with the name and a password; empty if none may."""

    groups: tuple[str, ...] = ()
    """The groups whose channels are shown, as patterns of a `Filter`; empty for all."""

    most_streams: int | None = None
    """Streams at once; None for no limit."""

    enabled: bool = True
    """Whether anything is played."""

    @property
    def username(self) -> str:
        """The name as one logs in with it: easy to type with a remote control."""
        return plain_username(self.name)

    def may_watch(self, channel: Channel) -> bool:
        """Return whether a channel is in a group that is shown."""
        return Filter(include_groups=self.groups).allows(channel)

    def is_known_as(self, other: Viewer) -> bool:
        """Return whether whoever was let in as this viewer would be let in as the other one."""
        return other.enabled and (self.secret, self.password) == (other.secret, other.password)


class Viewers:
    """The viewers that there are."""

    def __init__(self, door: Door | None = None) -> None:
        """Start without any; `door` stops those who guess."""
        self._viewers: dict[str, Viewer] = {}
        self._door = door or Door()

    def __iter__(self) -> Iterator[Viewer]:
        """Go through them."""
        return iter(tuple(self._viewers.values()))

    def get(self, viewer_id: str) -> Viewer | None:
        """Return a viewer, if it is there."""
        return self._viewers.get(viewer_id)

    def set(self, viewer: Viewer) -> None:
        """Have a viewer, from now on as it is described here."""
        self._viewers[viewer.viewer_id] = viewer

    def remove(self, viewer_id: str) -> None:
        """Have it no more."""
        self._viewers.pop(viewer_id, None)

    def by_secret(self, secret: str, address: str, now: float) -> Viewer:
        """Return the viewer whose address holds a secret; `address` is where it asks from.

        Raises:
            UnknownViewerError: There is none, or too many guesses came from there.
        """
        known = [one for one in self if _same(one.secret, secret)]
        return self._let_in(known, address, now)

    def by_login(self, username: str, password: str, address: str, now: float) -> Viewer:
        """Return the viewer with a name and a password.

        Raises:
            UnknownViewerError: There is none, or too many guesses came from there.
        """
        plain = plain_username(username)
        known = [
            one
            for one in self
            if one.password and _same(one.username, plain) and _same(one.password, password)
        ]
        return self._let_in(known, address, now)

    def _let_in(self, known: list[Viewer], address: str, now: float) -> Viewer:
        viewer = known[0] if known else None
        if not self._door.opens(address, viewer.viewer_id if viewer else None, now) or not viewer:
            raise UnknownViewerError("There is nothing at this address.")
        return viewer


def make_secret() -> str:
    """Return a secret for an address: nobody guesses 192 bits."""
    return secrets.token_urlsafe(24)


def make_password() -> str:
    """Return a password that can be typed with a remote control; guessing is slowed down."""
    return secrets.token_hex(5)


def plain_username(name: str) -> str:
    """Return a name without case, accents, blanks and signs."""
    folded = normalize("NFKD", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _same(one: str, other: str) -> bool:
    """Return whether two secrets are equal, in a time that does not tell where they differ."""
    return compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))
