"""Playback sessions: who plays what, and what ends it.

A player is a client's address and its player ID, if it sent one. It has one session: the
same content again is the same session, other content ends the one before. What happens
when a second player wants the same content is the engine version's (`session_mode`):

    3.2.3    the newcomer takes over: the first reader is cut, its HLS answers 403
    3.2.11   both share one playback: one reader between them, and a stop ends both
"""

from dataclasses import dataclass, field
import hashlib
import random
import secrets
import time
from typing import Any, Final, Literal

from .channels import Channel
from .faults import Faults

type Format = Literal["http", "hls"]
type StoppedBy = Literal["command", "expired", "superseded", "restart"]

# Seconds, from the engine's table of preferences.
_NEVER_READ: Final = 300
_PROGRESSIVE_GONE: Final = 15
_HLS_GONE: Final = 60


@dataclass(eq=False, slots=True)
class Playback:
    """What runs underneath; sessions of several players may share it."""

    session_id: str
    """The `playback_session_id`, renewed when another player joins."""

    reader: Session | None = None
    """The session that is being read: there is one reader, whoever else is there."""


@dataclass(eq=False, slots=True, kw_only=True)
class Session:
    """One player's playback of one channel: the record tests look at."""

    channel: Channel
    player_id: str | None
    """The `pid` it was opened with."""

    token: str
    """Stands for the player in URLs: a hash of its address and player ID."""

    format: Format
    playback: Playback
    has_events: bool = False
    opened_at: float = field(default_factory=time.time)
    """Wall-clock time."""

    reads: int = 0
    """Readers that got at least one byte."""

    reading: bool = False
    """Whether a reader is getting bytes, or waiting for some."""

    bytes_sent: int = 0
    stopped_at: float | None = None
    stopped_by: StoppedBy | None = None
    stat_polls: int = 0
    active_at: float = field(default_factory=time.monotonic)
    """Monotonic time of the last sign of the player."""

    @property
    def infohash(self) -> str:
        """The channel's infohash."""
        return self.channel.infohash

    @property
    def is_open(self) -> bool:
        """Whether nothing has ended it yet."""
        return self.stopped_by is None

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return time.time() - self.opened_at

    def as_json(self) -> dict[str, Any]:
        """Return the record for another process."""
        return {
            "infohash": self.infohash,
            "name": self.channel.name,
            "player_id": self.player_id,
            "token": self.token,
            "format": self.format,
            "opened_at": self.opened_at,
            "reads": self.reads,
            "reading": self.reading,
            "bytes_sent": self.bytes_sent,
            "stopped_at": self.stopped_at,
            "stopped_by": self.stopped_by,
        }


class Sessions:
    """Every session the engine ever had."""

    def __init__(self, faults: Faults) -> None:
        """Start with none."""
        self._faults = faults
        self._all: list[Session] = []
        self._contents: dict[str, Session] = {}

    def all(self) -> list[Session]:
        """Return all sessions, oldest first."""
        self._expire()
        return list(self._all)

    def open_ones(self) -> list[Session]:
        """Return those nothing has ended yet."""
        return [session for session in self.all() if session.is_open]

    def open(
        self,
        channel: Channel,
        *,
        client_ip: str,
        player_id: str | None,
        output: Format,
        has_events: bool,
    ) -> Session:
        """Return the player's session of a channel, ending what it puts an end to."""
        token = token_of(client_ip, player_id)
        playback = Playback(secrets.token_hex(20))
        for other in self.open_ones():
            same_content = other.infohash == channel.infohash
            same_player = other.token == token
            same_format = other.format == output
            if same_content and same_player and same_format:
                other.active_at = time.monotonic()
                other.has_events |= has_events
                return other
            if same_content and same_format and self._faults.session_mode == "3.2.11":
                other.playback.session_id = playback.session_id
                playback = other.playback
            elif same_content or same_player:
                self.end(other, "superseded")
        session = Session(
            channel=channel,
            player_id=player_id,
            token=token,
            format=output,
            playback=playback,
            has_events=has_events,
        )
        self._all.append(session)
        return session

    def find(self, infohash: str, token: str) -> Session | None:
        """Return the open session of a player's URL."""
        latest = self.latest(infohash, token)
        return latest if latest is not None and latest.is_open else None

    def latest(self, infohash: str, token: str) -> Session | None:
        """Return the newest session of a player's URL, ended or not."""
        self._expire()
        for session in reversed(self._all):
            if (session.infohash, session.token) == (infohash, token):
                return session
        return None

    def find_hls(self, infohash: str) -> Session | None:
        """Return the open HLS session whose segments these are: their URLs name no player."""
        for session in self.open_ones():
            if session.infohash == infohash and session.format == "hls":
                return session
        return None

    def new_content_path(self, session: Session) -> str:
        """Return a path of the content itself: another one at every call."""
        path = f"/content/{session.infohash}/{random.random():.12f}"
        self._contents[path] = session
        return path

    def of_content_path(self, path: str) -> Session | None:
        """Return the open session of such a path."""
        session = self._contents.get(path)
        self._expire()
        return session if session is not None and session.is_open else None

    def stop(self, session: Session) -> None:
        """End a session by command, and with it whoever shares its playback."""
        for other in self.open_ones():
            if other.playback is session.playback:
                self.end(other, "command")

    def end(self, session: Session, reason: StoppedBy) -> None:
        """End one session; its reader notices by itself."""
        session.stopped_at = time.time()
        session.stopped_by = reason

    def forget(self) -> None:
        """Forget every session, as a crash does."""
        for session in self.open_ones():
            self.end(session, "restart")
        self._contents.clear()

    def _expire(self) -> None:
        """End what nobody used for too long; looked at whenever somebody asks."""
        now = time.monotonic()
        for session in self._all:
            if session.is_open and not session.reading:
                limit = self._idle_limit(session) * self._faults.expiry_scale
                if now - session.active_at > limit:
                    self.end(session, "expired")

    def _idle_limit(self, session: Session) -> float:
        if session.reads == 0:
            return _NEVER_READ
        return _HLS_GONE if session.format == "hls" else _PROGRESSIVE_GONE


def token_of(client_ip: str, player_id: str | None) -> str:
    """Return the token of a player: no secret, and the same for every content."""
    player = client_ip if player_id is None else f"{client_ip}:{player_id}"
    return hashlib.md5(player.encode(), usedforsecurity=False).hexdigest()
