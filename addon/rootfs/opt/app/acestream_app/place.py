"""Where things are: fixed in the image, elsewhere in tests."""

from dataclasses import dataclass
import os
from pathlib import Path
import pwd
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Folders, ports and addresses."""

    data: Path
    """The folder that the Supervisor keeps for the app: its options, and what programs keep."""

    config: Path
    """The folder that the user may edit."""

    engine: Path
    """The program that starts the engine; it is not there where no engine exists."""

    host: str = "0.0.0.0"  # noqa: S104 - a container's own network
    """Where the proxy listens."""

    port: int = 8080
    """The port that the proxy listens on."""

    engine_port: int = 6878
    """The port of the engine's API."""

    supervisor: str = "http://supervisor"
    """The origin of the Supervisor's API."""

    @classmethod
    def below(cls, root: Path) -> Self:
        """Return the place in a file system that begins at a folder."""
        return cls(
            data=root / "data", config=root / "config", engine=root / "opt/engine/start-engine"
        )

    @property
    def proxy_file(self) -> Path:
        """The file of the proxy, which the user may edit."""
        return self.config / "proxy.yaml"

    def kept(self, program: str) -> Path:
        """Return the folder that `engine` or `proxy` keeps things in."""
        return self.data / program

    @property
    def engine_url(self) -> str:
        """The engine's address for the proxy, which is the only one who is to have it."""
        return f"http://127.0.0.1:{self.engine_port}"

    @property
    def proxy_url(self) -> str:
        """The proxy's address for the app."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class User:
    """Whom a program runs as."""

    uid: int
    gid: int


def find_user(program: str) -> User | None:
    """Return whom `engine` or `proxy` runs as, which the image has a user for each of.

    It is None elsewhere, and where nobody else can be run as.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(f"acestream-{program}")
    except KeyError:
        return None
    return User(entry.pw_uid, entry.pw_gid)
