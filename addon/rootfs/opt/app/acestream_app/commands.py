"""The command lines of both programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import sys
from typing import Final

from .options import Options
from .place import Place, User, find_user

_MIB: Final = 1024 * 1024

# Seconds. The proxy takes up to five to let go of players and engines, mostly none; the engine has
# nothing to save.
_PROXY_GRACE: Final = 5.0
_ENGINE_GRACE: Final = 3.0

# What opens the Supervisor's API. Programs that face the network have no use for it.
_TOKENS: Final = ("SUPERVISOR_TOKEN", "HASSIO_TOKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How a program is started."""

    arguments: tuple[str, ...]
    """The program, and what it is told."""

    environment: Mapping[str, str] = field(repr=False)
    """All variables that it is given."""

    user: User | None
    """Whom it runs as; None for whoever starts it."""

    grace: float
    """Seconds from being told to end to being killed; the Supervisor has ten for all."""


def engine_command(place: Place, options: Options, environment: Mapping[str, str]) -> Command:
    """Return how the engine is started.

    It keeps everything in memory: on a disk the cache grows by gigabytes within hours, and where
    Home Assistant runs the disk often is a card that wears out. Without the option that lets in
    everybody it answers private networks alone, and its port is not mapped. An option that it
    does not know ends it at once, so each of these is in its own `--help`.
    """
    state = str(place.kept("engine"))
    cache = str(options.cache_size * _MIB)
    arguments = (
        *(str(place.engine), "--client-console"),
        *("--http-port", str(place.engine_port)),
        *("--state-dir", state),
        *("--live-cache-type", "memory", "--live-mem-cache-size", cache),
        *("--vod-cache-type", "memory", "--memory-cache-limit", cache),
        # It tells Sentry of itself otherwise.
        "--disable-sentry",
        *("--log-stdout", "--log-stdout-level", "debug" if options.debug else "error"),
    )
    # Unpacks parts of itself below its home.
    given = {**_without_tokens(environment), "HOME": state}
    return Command(
        arguments=arguments, environment=given, user=find_user("engine"), grace=_ENGINE_GRACE
    )


def proxy_command(
    place: Place, options: Options, environment: Mapping[str, str], *, has_engine: bool
) -> Command:
    """Return how the proxy is started, with the engine of the app or without.

    Without any engine those of its own file count.
    """
    data = str(place.kept("proxy"))
    engines = (*((place.engine_url,) if has_engine else ()), *options.engines)
    arguments = (
        *(sys.executable, "-P", "-m", "acestream_proxy"),
        *("--config", str(place.proxy_file)),
        *("--data", data),
        *("--listen", f"{place.host}:{place.port}"),
        *(word for engine in engines for word in ("--engine", engine)),
    )
    given = {
        **_without_tokens(environment),
        "HOME": data,
        # The Supervisor gives nobody the time to watch to the end.
        "ACESTREAM_PROXY_DRAIN": "0",
        **({"ACESTREAM_PROXY_LOG_LEVEL": "debug"} if options.debug else {}),
    }
    return Command(
        arguments=arguments, environment=given, user=find_user("proxy"), grace=_PROXY_GRACE
    )


def _without_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in _TOKENS}
