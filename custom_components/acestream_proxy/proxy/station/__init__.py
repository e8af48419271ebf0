"""What the file of the command describes, running.

    Config ──apply──▶ Station ─┬─▶ Proxy: engines, wishes, viewers
                               ├─▶ Lineup: favourites
                               └─▶ Feeds ──one each──▶ Lookout ──when due──▶ Feed ──▶ Lineup

The next `Config` changes what differs and leaves the rest alone, so that nobody's stream is cut.
"""

from .station import Station

__all__ = ["Station"]
