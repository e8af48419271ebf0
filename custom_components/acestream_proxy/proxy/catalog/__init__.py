"""Lists of channels: bytes in, channels out. No I/O, no clock."""

from .channel import Channel, Source, StreamAddress
from .playlist import Playlist, Problem, parse_playlist

__all__ = ["Channel", "Playlist", "Problem", "Source", "StreamAddress", "parse_playlist"]
