"""What the file says. What it leaves out is as it is here."""

from dataclasses import dataclass, field
from pathlib import Path

from ..audience import Viewer
from ..catalog import Channel, Filter
from ..transcode import ChannelOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfig:
    """A favourite."""

    channel: Channel
    """The channel; its sources are the content, and then the alternatives."""

    options: ChannelOptions = field(default_factory=ChannelOptions)
    """What is wished of it where a browser plays it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistConfig:
    """A list of channels, which comes from one of `url`, `file`, `text` and `search`."""

    name: str
    """For people; no other list has it."""

    url: str = field(default="", repr=False)
    """An http or https address, which may well have a password in it."""

    file: Path | None = None
    """A file on this machine."""

    text: str = field(default="", repr=False)
    """The list itself."""

    search: str = ""
    """What engines are asked for."""

    refresh_hours: int = 24
    """Hours after which it is looked at again."""

    filter: Filter = field(default_factory=Filter)
    """Which of its channels are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideConfig:
    """A guide, which comes from one of `url` and `file`."""

    name: str
    """For people; no other guide has it."""

    url: str = field(default="", repr=False)
    """An http or https address, which may well have a password in it."""

    file: Path | None = None
    """A file on this machine."""

    refresh_hours: int = 24
    """Hours after which it is looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that there is to set up."""

    engines: tuple[str, ...] = ("http://127.0.0.1:6878",)
    """The engines' origins, at least one; each is there once."""

    listen: tuple[str, int] = ("127.0.0.1", 8080)
    """The host and the port to serve players on; a port of 0 is any that is free."""

    data: Path | None = None
    """The folder to keep lists, guides and logos in; None to keep nothing."""

    audio_language: str = ""
    """The language to hear channels in, as an ISO 639-2 code; empty for the first of each."""

    low_latency: bool = True
    """Whether players of HLS are kept close to the live edge."""

    anonymous: bool = True
    """Whether `/ace/…` and the like are open to whoever reaches the port, or only to viewers."""

    channels: tuple[ChannelConfig, ...] = ()
    """The favourites, in the file's order."""

    playlists: tuple[PlaylistConfig, ...] = ()
    """The lists of channels, in the file's order."""

    guides: tuple[GuideConfig, ...] = ()
    """The guides, in the file's order."""

    viewers: tuple[Viewer, ...] = ()
    """Who watches without a login. Each goes by its name, also as an ID; no two share a secret."""
