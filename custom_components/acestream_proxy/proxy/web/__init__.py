"""Answers to players, the same in Home Assistant's HTTP server and in the command's own.

Each takes a request and the proxy, and returns the response; who may ask is decided before.
"""

from .answers import refuse
from .app import make_app
from .guests import open_play
from .hls import serve_part, serve_playlist, serve_segment
from .mpegts import serve_mpegts
from .sound import serve_sound
from .status import serve_status

__all__ = [
    "make_app",
    "open_play",
    "refuse",
    "serve_mpegts",
    "serve_part",
    "serve_playlist",
    "serve_segment",
    "serve_sound",
    "serve_status",
]
