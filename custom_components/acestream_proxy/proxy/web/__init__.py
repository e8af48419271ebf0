"""Answers to players and IPTV apps, the same in Home Assistant's HTTP server and in the command's.

Each takes a request and the proxy, and the lineup where it is about channels, and returns the
response. Who may ask is decided before, but for viewers: those are known by what they ask for.
"""

from .addresses import FORM, NUMBER, Addresses, Paths, addresses_by_secret
from .answers import refuse
from .app import make_app
from .guests import open_play
from .hls import serve_part, serve_playlist, serve_segment
from .httpace import serve_httpace
from .iptv import serve_channels, serve_guide, serve_live, serve_logo, serve_viewer_logo
from .mpegts import serve_mpegts
from .sound import serve_sound
from .status import serve_status
from .xtream import (
    serve_list,
    serve_login_live,
    serve_login_logo,
    serve_nothing,
    serve_panel_api,
    serve_player_api,
    serve_xmltv,
)

__all__ = [
    "FORM",
    "NUMBER",
    "Addresses",
    "Paths",
    "addresses_by_secret",
    "make_app",
    "open_play",
    "refuse",
    "serve_channels",
    "serve_guide",
    "serve_httpace",
    "serve_list",
    "serve_live",
    "serve_login_live",
    "serve_login_logo",
    "serve_logo",
    "serve_mpegts",
    "serve_nothing",
    "serve_panel_api",
    "serve_part",
    "serve_player_api",
    "serve_playlist",
    "serve_segment",
    "serve_sound",
    "serve_status",
    "serve_viewer_logo",
    "serve_xmltv",
]
