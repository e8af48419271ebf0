"""The options of the command, in one table.

    OPTIONS ─┬─▶ flags and --help    --most-viewers 250
             ├─▶ variables           ACESTREAM_PROXY_MOST_VIEWERS=250
             ├─▶ keys of the file    most_viewers: 250
             └─▶ docs/alone.md, which a test compares

An option is called as in `Config`, and as in Home Assistant's form where that has it. Of what there
may be several of, the file has a list, and a flag is given once for each.
"""

from dataclasses import dataclass
import re
from typing import Any, Final

from .config import Config
from .values import (
    BOOLEAN,
    ENGINE,
    FOLDER,
    HEADER,
    LANGUAGE,
    LEVEL,
    LISTEN,
    NETWORK,
    NOTHING,
    PROGRAM,
    VIEWER,
    Kind,
    seconds,
    whole_number,
)

PREFIX: Final = "ACESTREAM_PROXY_"
"""What the names of variables begin with."""

_DEFAULTS: Final = Config()

# Between several in one text. Names of viewers have blanks in them.
_COMMAS: Final = re.compile(r"\s*,\s*")
_COMMAS_AND_BLANKS: Final = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something that the command can be told."""

    key: str
    """What it is called in the file and in `Config`."""

    kind: Kind
    """What each text for it stands for."""

    text: str
    """What it does, for --help and docs/alone.md."""

    group: str
    """What it has to do with: a heading of --help."""

    one: str = ""
    """What one of them is called where there may be several; empty where there is one at most."""

    several: re.Pattern[str] = _COMMAS_AND_BLANKS
    """What is between several in one text."""

    unique: tuple[str, ...] = ()
    """Attributes in which several have to differ."""

    may_be_none: bool = False
    """Whether `none` stands for not a single one of several."""

    otherwise: str = ""
    """What is so where nothing is said, if that is no text of its kind."""

    live: bool = True
    """Whether it can change while the command runs, and nobody's stream is cut."""

    @property
    def flag(self) -> str:
        """What it is called on the command line."""
        return f"--{(self.one or self.key).replace('_', '-')}"

    @property
    def variable(self) -> str:
        """What it is called among the environment variables."""
        return f"{PREFIX}{(self.one or self.key).upper()}"

    @property
    def default(self) -> str:
        """What is so where nothing is said, in words."""
        if self.otherwise:
            return self.otherwise
        return self.write(getattr(_DEFAULTS, self.key))

    def read(self, *texts: str) -> object:
        """Return the value that texts stand for, or None if they are not as expected.

        The last one counts, where there is no more than one of it.
        """
        if not self.one:
            return self.kind.read(texts[-1])
        parts = [part for text in texts for part in self.several.split(text) if part]
        if self.may_be_none and parts == [NOTHING]:
            return ()
        values = [self.kind.read(part) for part in parts]
        if not values or None in values or any(_has_twins(values, name) for name in self.unique):
            return None
        return tuple(dict.fromkeys(values))

    def write(self, value: Any) -> str:
        """Return a text that stands for a value."""
        return ", ".join(map(self.kind.write, value if self.one else (value,)))

    @property
    def expected(self) -> str:
        """What texts for it have to be."""
        differ = f", each with its own {' and '.join(self.unique)}" if self.unique else ""
        return f"expected {self.kind.expected}{differ}"


def _has_twins(values: list[object], attribute: str) -> bool:
    return len({getattr(one, attribute) for one in values}) < len(values)


_SERVING: Final = "where it serves, and whom"
_STREAMS: Final = "streams"
_BROWSERS: Final = "browsers and players of HLS"
_RUNNING: Final = "running"

# The bounds are those of Home Assistant's form.
OPTIONS: Final = (
    Option(
        key="engines",
        one="engine",
        kind=ENGINE,
        group=_SERVING,
        text="an AceStream engine; may be given several times: each new stream goes to the "
        "healthiest that plays the fewest",
    ),
    Option(
        key="listen",
        kind=LISTEN,
        group=_SERVING,
        text="where to serve players: 127.0.0.1 is for programs on this machine, 0.0.0.0 for all "
        "networks, * for those of IPv6, too",
        live=False,
    ),
    Option(
        key="trusted_networks",
        one="trust",
        kind=NETWORK,
        group=_SERVING,
        text="a network whose callers watch by content ID and see what runs without being a "
        f"viewer; may be given several times, and replaces the default; {NOTHING} for nobody",
        may_be_none=True,
        otherwise="this machine and private networks",
    ),
    Option(
        key="viewers",
        one="viewer",
        kind=VIEWER,
        group=_SERVING,
        text="who watches from anywhere, at addresses with the secret in them; may be given "
        "several times. Others on this machine see flags, so rather use the variable or the file",
        several=_COMMAS,
        unique=("name", "secret"),
        otherwise="nobody",
    ),
    Option(
        key="linger",
        kind=seconds(0, 300),
        group=_STREAMS,
        text="how long a stream is kept after its last viewer: who comes back meanwhile sees it "
        "at once",
    ),
    Option(
        key="drop_after",
        kind=seconds(5, 300),
        group=_STREAMS,
        text="how long a player may take nothing, being paused or without a network, before it is "
        "given up",
    ),
    Option(
        key="most_viewers",
        kind=whole_number(1, 1000),
        group=_STREAMS,
        text="viewers at once, over all streams",
    ),
    Option(
        key="most_streams",
        kind=whole_number(1, 100),
        group=_STREAMS,
        text="streams at once; each takes up to 32 MB of memory",
    ),
    Option(
        key="most_streams_per_engine",
        kind=whole_number(1, 100),
        group=_STREAMS,
        text="streams at once in each engine; what is more goes to another one",
        otherwise="no limit",
    ),
    Option(
        key="connect_timeout",
        kind=seconds(1, 30),
        group=_STREAMS,
        text="how long to wait for a connection to an engine",
    ),
    Option(
        key="start_timeout",
        kind=seconds(5, 60),
        group=_STREAMS,
        text="how long to wait for an engine to start a stream",
    ),
    Option(
        key="user_agent",
        kind=HEADER,
        group=_STREAMS,
        text="what engines are told that reads from them; some look at it",
    ),
    Option(
        key="audio_language",
        kind=LANGUAGE,
        group=_BROWSERS,
        text="the language to hear channels in that have several (ISO 639-2)",
        otherwise="the first of each",
    ),
    Option(
        key="low_latency",
        kind=BOOLEAN,
        group=_BROWSERS,
        text="keep players of HLS close to the live edge; without it they stay three segments "
        "behind, as all of them know how to",
    ),
    Option(
        key="transcode_video",
        kind=BOOLEAN,
        group=_BROWSERS,
        text="make pictures that browsers do not show (HEVC, MPEG-2, interlaced) into H.264, in "
        "all channels",
    ),
    Option(
        key="ffmpeg",
        kind=PROGRAM,
        group=_BROWSERS,
        text=f"the ffmpeg to transcode with, or {NOTHING}",
    ),
    Option(
        key="data",
        kind=FOLDER,
        group=_RUNNING,
        text="the folder to keep lists, guides and logos in for the next start",
        otherwise="a temporary one",
        live=False,
    ),
    Option(
        key="drain",
        kind=seconds(0, 600),
        group=_RUNNING,
        text="when told to stop, how long streams go on for those who watch, while nobody new is "
        "let in",
    ),
    Option(
        key="log_level",
        kind=LEVEL,
        group=_RUNNING,
        text="how much to log: debug, info, warning or error. Requests are in no log, as their "
        "addresses have secrets in them",
    ),
)
