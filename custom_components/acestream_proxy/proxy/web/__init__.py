"""Answers to players and IPTV apps, the same in Home Assistant's HTTP server and in the command's.

Each takes a request, the proxy and the lineup, and returns the response. Who may ask is decided
before, but for viewers: those are known by what they ask for.
"""

from .addresses import Paths
from .answers import BASE_HEADERS, refuse
from .iptv import serve_logo
from .mpegts import serve_mpegts
from .routes import (
    Route,
    Serve,
    routes_as_engine,
    routes_of_engine,
    routes_of_links,
    routes_of_logins,
    routes_of_plays,
    routes_of_viewers,
    short_routes_of_logins,
)
from .trust import Trust

__all__ = [
    "BASE_HEADERS",
    "Paths",
    "Route",
    "Serve",
    "Trust",
    "refuse",
    "routes_as_engine",
    "routes_of_engine",
    "routes_of_links",
    "routes_of_logins",
    "routes_of_plays",
    "routes_of_viewers",
    "serve_logo",
    "serve_mpegts",
    "short_routes_of_logins",
]
