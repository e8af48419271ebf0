"""What the user has set on the app's page, as the Supervisor hands it over."""

from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any, Final

from .errors import AppError

# More than any options are.
_MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options; what is left out is as it is here, and as in the app's `config.yaml`."""

    engine: bool = True
    """Whether the engine of the app is to run."""

    engines: tuple[str, ...] = ()
    """Addresses of engines elsewhere."""

    cache_size: int = 256
    """MiB of memory that the engine may keep of what it plays."""

    debug: bool = False
    """Whether both programs are to log details."""


def read_options(path: Path) -> Options:
    """Read the file that the Supervisor writes; one that is not there has the defaults.

    Raises:
        AppError: It cannot be used.
    """
    try:
        with path.open("rb") as file:
            written = json.loads(file.read(_MAX_BYTES))
    except FileNotFoundError:
        return Options()
    except OSError as error:
        raise AppError(f"The options cannot be read ({error.strerror}).") from error
    except ValueError, RecursionError:
        raise AppError("The options are not JSON; save them again on the app's page.") from None
    if not isinstance(written, dict):
        raise AppError("The options are not as expected; save them again on the app's page.")
    default = Options()
    return Options(
        engine=_read(written, "engine", bool, default.engine),
        engines=tuple(str(one) for one in _read(written, "engines", list, [])),
        cache_size=_read(written, "cache_size", int, default.cache_size),
        debug=_read(written, "log_level", str, "info") == "debug",
    )


def _read[T](written: dict[str, Any], name: str, kind: type[T], default: T) -> T:
    value = written.get(name, default)
    if not isinstance(value, kind):
        raise AppError(f"The option {name} is not as expected; set it again on the app's page.")
    return value
