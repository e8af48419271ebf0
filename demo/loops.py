"""Keeps encoded loops in a folder, so that each is encoded once."""

from dataclasses import asdict
import hashlib
import json
from pathlib import Path
import tempfile
from typing import Final

from .channels import Channel

DEFAULT_FOLDER: Final = Path(__file__).parents[1] / ".demo" / "media"

# Goes up when the same settings no longer make the same loop.
_FORMAT: Final = 2


class LoopFolder:
    """A folder of loops, one file for each set of settings."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made when the first loop is."""
        self._folder = folder

    def path(self, channel: Channel) -> Path:
        """Return where a channel's loop is, or would be."""
        settings = json.dumps([_FORMAT, asdict(channel)], sort_keys=True)
        key = hashlib.sha256(settings.encode()).hexdigest()[:16]
        return self._folder / f"{channel.number:02}-{key}.ts"

    def read(self, channel: Channel) -> bytes:
        """Return a channel's loop, encoding it first if it is not there."""
        self.fill(channel)
        return self.path(channel).read_bytes()

    def fill(self, channel: Channel) -> None:
        """Encode a channel's loop if it is not there."""
        path = self.path(channel)
        if not path.exists():
            # Only here, so that a folder already full needs no encoder.
            from .pattern import encode_loop

            self._write(path, encode_loop(channel))

    def _write(self, path: Path, loop: bytes) -> None:
        """Write a file that is whole as soon as it has its name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as part:
            part.write(loop)
        Path(part.name).replace(path)
