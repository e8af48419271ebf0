"""Something that is fetched now and then, and kept."""

from abc import ABC, abstractmethod
import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
import json
from pathlib import Path
from time import time
from typing import Any, ClassVar, Final

from ..fetch import Validators, WholeFile, keeping, remove
from ..lineup import Lineup

DAY: Final = 24 * 3600.0

# Seconds until what failed is tried again; twice as many each time, up to the interval. Most
# servers are back within minutes, and those that are not should not be asked for ever.
_FIRST_RETRY: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a list or a guide comes from: one of these is not empty."""

    address: str = ""
    """An http or https address."""

    path: str = ""
    """A file on this machine; that it may be read is for others to check."""

    text: str = ""
    """The list itself."""

    query: str = ""
    """What to have an engine search for."""

    @property
    def mark(self) -> str:
        """What tells origins apart without giving away what is in them, such as a password."""
        return blake2b(json.dumps(asdict(self)).encode(), digest_size=16).hexdigest()


class Feed(ABC):
    """Something that is fetched now and then, and kept."""

    kind: ClassVar[str]
    """What it is, in words."""

    folder: ClassVar[str]
    """Where in the lineup's folder it is kept."""

    def __init__(
        self, lineup: Lineup, key: str, title: str, origin: Origin, *, interval: float = DAY
    ) -> None:
        """Prepare; nothing is there before something was loaded or fetched."""
        self.key = key
        """What tells it from others as long as it is there."""
        self.title = title
        """What the user calls it."""
        self.interval = interval
        """Seconds from one look to the next."""
        self.updated: float | None = None
        """When it was last fetched, or found to be still the same, in Unix time."""
        self._lineup = lineup
        self.origin = origin
        """Where it comes from."""
        self._validators: Validators | None = None
        self._is_retired = False
        name = blake2b(key.encode(), digest_size=16).hexdigest()  # a key may be any text
        self.kept = lineup.folder / self.folder / name
        """The file that it is kept in; others beside it are called the same, with an ending."""
        self._facts = self.kept.with_suffix(".json")

    async def load(self) -> None:
        """Take what was kept, unless it comes from elsewhere or is damaged."""
        await asyncio.to_thread(WholeFile.clear, self.kept)
        facts = await asyncio.to_thread(self._read_facts)
        if facts.get("origin") != self.origin.mark or not await self._take_kept():
            return
        self._validators = Validators(
            etag=str(facts.get("etag", "")), modified=str(facts.get("modified", ""))
        )
        self.updated = float(facts.get("updated", 0))

    async def refresh(self) -> None:
        """Fetch it if it has changed.

        Raises:
            ProxyError: It cannot be had; what there is stays.
        """
        # One after the other: what is there and the one that replaces it have the same files.
        async with self._lineup.lock(self.key):
            if not self._is_retired:
                await self._refresh()
            if not self._is_retired:
                self.updated = time()
                await asyncio.to_thread(self._write_facts)

    def retire(self) -> None:
        """Have nothing more of it: another one takes its place, or none."""
        self._is_retired = True

    async def forget(self) -> None:
        """Retire, and keep nothing."""
        self.retire()
        async with self._lineup.lock(self.key):
            for path in (self._facts, self.kept):
                await asyncio.to_thread(remove, path)

    @abstractmethod
    async def _take_kept(self) -> bool:
        """Have what was kept; return whether there is anything."""

    @abstractmethod
    async def _refresh(self) -> None:
        """Have what is there now, and keep it."""

    def _write_facts(self) -> None:
        validators = self._validators or Validators()
        facts = {"origin": self.origin.mark, "updated": self.updated, **asdict(validators)}
        write_whole(self._facts, json.dumps(facts).encode())

    def _read_facts(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            facts = json.loads(self._facts.read_bytes())
            if isinstance(facts, dict):
                return facts
        return {}


def pause_after(failures: int, interval: float) -> float:
    """Return the seconds until the next look, after some failures in a row."""
    if not failures:
        return interval
    # More doublings than this would be numbers without end; the interval comes long before.
    return min(_FIRST_RETRY * 2.0 ** min(failures - 1, 20), interval)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there as a whole or not at all.

    Raises:
        FetchError: It cannot be.
    """
    with keeping(path.parent):
        file = WholeFile(path)
        try:
            file.write(data)
            file.keep()
        finally:
            file.discard()
