"""The command: what it is told, and the server it runs.

command line ─┐
environment ──┤
file ─────────┴─▶ read_config ──Config──▶ serve ─┬─▶ Station: makes it so, also when it changes
                                                 └─▶ app: the addresses, on a server of its own
"""

from .app import make_app
from .options import config_file, make_parser, notes, read_config
from .serve import serve

__all__ = ["config_file", "make_app", "make_parser", "notes", "read_config", "serve"]
