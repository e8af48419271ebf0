"""What there is to set up. What nobody says anything of is as it is here."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final

from ..audience import Viewer
from ..catalog import Channel, Filter
from ..options import ProxyOptions
from ..transcode import ChannelOptions

_PROXY: Final = ProxyOptions()

# This machine, and networks that nobody on the internet has an address in: RFC 1122, RFC 1918,
# RFC 3927, RFC 4193, RFC 4291; and those behind a provider's NAT, which VPNs use, too (RFC 6598).
PRIVATE: Final = tuple(
    map(
        ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
            *("169.254.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)


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
    """The host and the port to serve players on; no host is all networks, and a port of 0 any that
    is free."""

    trusted_networks: tuple[IPv4Network | IPv6Network, ...] = PRIVATE
    """Whose callers may use `/ace/…` and the like without being a viewer."""

    data: Path | None = None
    """The folder to keep lists, guides and logos in; None to keep nothing."""

    linger: float = _PROXY.linger
    """Seconds; see `ProxyOptions`."""

    drop_after: float = _PROXY.drop_after
    """Seconds; see `ProxyOptions`."""

    most_viewers: int = _PROXY.limits.viewers
    """Viewers at once."""

    most_streams: int = _PROXY.limits.streams
    """Streams at once."""

    most_streams_per_engine: int | None = _PROXY.limits.streams_per_engine
    """Streams at once in each engine; None for no limit."""

    connect_timeout: float = _PROXY.engine.connect_timeout
    """Seconds; see `EngineOptions`."""

    start_timeout: float = _PROXY.engine.start_timeout
    """Seconds; see `EngineOptions`."""

    user_agent: str = _PROXY.engine.user_agent
    """What engines are told that reads from them."""

    audio_language: str = _PROXY.audio_language
    """The language to hear channels in, as an ISO 639-2 code; empty for the first of each."""

    low_latency: bool = _PROXY.hls.low_latency
    """Whether players of HLS are kept close to the live edge."""

    transcode_video: bool = False
    """Whether pictures are made into what browsers show, in all channels."""

    ffmpeg: str = "ffmpeg"
    """The ffmpeg to transcode with, if it is there; empty for none."""

    drain: float = 0.0
    """Seconds for which streams go on when the command was told to stop."""

    log_level: str = "info"
    """The least that is logged."""

    channels: tuple[ChannelConfig, ...] = ()
    """The favourites, in the file's order."""

    playlists: tuple[PlaylistConfig, ...] = ()
    """The lists of channels, in the file's order."""

    guides: tuple[GuideConfig, ...] = ()
    """The guides, in the file's order."""

    viewers: tuple[Viewer, ...] = ()
    """Who watches without a login. Each goes by its name, also as an ID; no two share a secret."""
