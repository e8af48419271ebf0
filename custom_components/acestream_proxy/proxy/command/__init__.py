"""The command: what it is told, and the server it runs.

command line ─┐
file ─────────┴─▶ read_config ──Config──▶ serve ─┬─▶ Station: makes it so, also when it changes
                                                 └─▶ app: the addresses, on a server of its own
"""

from .app import make_app
from .options import make_parser, read_config
from .serve import serve

__all__ = ["make_app", "make_parser", "read_config", "serve"]
