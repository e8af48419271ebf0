"""The file of the command: YAML in, what is to be set up out, or errors that name their lines.

path ──▶ load_config ──bytes──▶ Document ──text with lines──▶ schema ──▶ Config

Only here PyYAML and voluptuous are imported: within Home Assistant there are forms instead, and
nothing else needs either of them.
"""

from .config import ChannelConfig, Config, GuideConfig, PlaylistConfig
from .load import load_config
from .schema import parse_listen

__all__ = [
    "ChannelConfig",
    "Config",
    "GuideConfig",
    "PlaylistConfig",
    "load_config",
    "parse_listen",
]
