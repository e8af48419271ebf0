"""What there is to set up: a table of options, and a file that says more.

OPTIONS ──▶ texts ──Kind──▶ values ─┐
path ──▶ load ──bytes──▶ Document ──text with lines──▶ schema ──▶ Config

Only here PyYAML and voluptuous are imported: within Home Assistant there are forms instead, and
nothing else needs either of them. They are only imported by `load` and what is behind it, which
whoever has a file imports by itself: without one, the command starts sooner and is smaller.
"""

from .config import ChannelConfig, Config, GuideConfig, PlaylistConfig
from .table import OPTIONS, PREFIX, Option
from .values import Network

__all__ = [
    "OPTIONS",
    "PREFIX",
    "ChannelConfig",
    "Config",
    "GuideConfig",
    "Network",
    "Option",
    "PlaylistConfig",
]
