"""Plays test patterns."""

from .channels import Channel
from .media import Source


class PatternMedia:
    """TODO."""

    def open(self, channel: Channel, now: float) -> Source:
        """TODO."""
        raise NotImplementedError

    def file(self, channel: Channel) -> bytes:
        """TODO."""
        raise NotImplementedError
