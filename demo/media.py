"""What makes a channel's bytes: the seam between the engine and test patterns or numbers."""

from typing import Protocol, runtime_checkable

from .channels import Channel


class Source(Protocol):
    """A broadcast, from the moment it was joined on.

    What is on at a given time does not depend on who watches: two sources of one channel
    give the same packets for the same span.
    """

    def read(self, until: float) -> bytes:
        """Return the packets broadcast since the last read, up to a wall-clock time."""
        ...


class Media(Protocol):
    """Makes the bytes of channels."""

    def open(self, channel: Channel, now: float) -> Source:
        """Join a channel's broadcast at a wall-clock time."""
        ...

    def file(self, channel: Channel) -> bytes:
        """Return a VOD channel's whole file."""
        ...


@runtime_checkable
class PreparedMedia(Media, Protocol):
    """Media that has work to do before a channel can be opened."""

    def is_prepared(self, channel: Channel) -> bool:
        """Return whether the work is done."""
        ...

    def prepare(self, channel: Channel) -> None:
        """Do the work, in seconds; the engine calls it in a thread."""
        ...
