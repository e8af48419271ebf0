"""What the engine's endpoints share."""

import asyncio
from dataclasses import dataclass, field
import secrets
import time

from .catalogue import Catalogue
from .channels import Channel
from .connection import Connection
from .faults import Faults
from .http import Request
from .media import Media, PreparedMedia
from .replies import is_prebuffering
from .sessions import Session, Sessions

# How often a waiting handler looks whether its wait is over.
_LOOK_INTERVAL = 0.02


@dataclass(kw_only=True)
class Core:
    """The engine behind its endpoints."""

    catalogue: Catalogue
    faults: Faults
    sessions: Sessions
    media: Media
    version: str
    access_token: str = field(default_factory=lambda: secrets.token_hex(32))

    cuts: int = 0
    """How often readers were cut; a reader that began before the last one ends."""

    cut_resets: bool = False
    """Whether the last cut is a TCP reset, not a clean end."""

    def base_url(self, request: Request) -> str:
        """Return scheme, host and port of the URLs a client is given."""
        return f"http://{self.faults.foreign_host or request.host}"

    async def prepare(self, channel: Channel) -> None:
        """Have a channel's media made, the first time somebody wants it."""
        media = self.media
        if isinstance(media, PreparedMedia) and not media.is_prepared(channel):
            await asyncio.to_thread(media.prepare, channel)

    async def until_ready(
        self, connection: Connection, session: Session, *, delay: float = 0.0
    ) -> bool:
        """Wait until a session has something to read; return False if it ends instead."""
        begin = time.monotonic()
        while is_prebuffering(session, self.faults) or time.monotonic() - begin < delay:
            if not session.is_open:
                return False
            session.active_at = time.monotonic()
            await connection.sleep(_LOOK_INTERVAL)
        return session.is_open
