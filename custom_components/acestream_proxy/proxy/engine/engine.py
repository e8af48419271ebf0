"""One engine of the pool, and what is known of its health.

Health means that sessions open and bytes arrive, not that `get_version` answers: engines are known
to go on answering that when nothing plays any more. An engine that failed several times in a row
is left alone for a while (a circuit breaker); then one session may try it, and if that plays all
may again.
"""

from collections.abc import Callable
from dataclasses import dataclass
import logging
from typing import Final

from ..errors import EngineError, EngineRefusedError
from .client import EngineClient, EngineVersion

_LOGGER = logging.getLogger(__name__)

# Failures in a row after which an engine is left alone, and for how many seconds.
MAX_FAILURES: Final = 3
FIRST_REST: Final = 10.0
MAX_REST: Final = 300.0

# For how many seconds an engine that did not answer comes last, unless it is known to be back:
# longer than between two looks at it, where somebody looks.
GONE_FOR: Final = 60.0

# For how many seconds others are preferred to an engine that opened a session and gave nothing.
# Mostly nobody broadcasts the content, but it may be the engine that reaches nobody.
FRUITLESS_FOR: Final = 60.0

# For how many seconds it is remembered that an engine refuses for good, unless it plays something:
# a day, as what was bought or exchanged since may not have been tried yet.
REFUSES_FOR: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStats:
    """What is known of an engine at one moment."""

    engine_id: str
    """The name it was added under."""

    url: str
    """Its origin."""

    reachable: bool
    """Whether it answered the last time it was asked for anything."""

    version: EngineVersion | None
    """What it last said it is; None before it ever answered."""

    sessions: int
    """Playback sessions that are open in it."""

    failures: int
    """Sessions that failed in a row."""

    resting: bool
    """Whether it is left alone because of that."""

    error: str | None
    """Why it is not reachable, as a sentence."""

    refusal: str | None
    """Its own words, where it lately refused to play for good and has played nothing since."""


class Engine:
    """One engine of the pool."""

    def __init__(self, engine_id: str, client: EngineClient, clock: Callable[[], float]) -> None:
        """Know nothing yet; `clock` returns seconds."""
        self.engine_id = engine_id
        self.client = client
        self.sessions = 0
        """Playback sessions that are open in it, or are being opened."""
        self._clock = clock
        self._version: EngineVersion | None = None
        self._error: EngineError | None = None
        self._answers = False
        self._failures = 0
        self._rests_until = 0.0
        self._gone_until = 0.0
        self._fruitless_until = 0.0
        self._refusal: str | None = None
        self._refuses_until = 0.0

    @property
    def preference(self) -> tuple[bool, bool, int, bool, int]:
        """What engines are sorted by: the smallest is the best choice.

        What went wrong counts for a while; without another chance an engine that once failed
        would stay idle for as long as any other is well.
        """
        now = self._clock()
        gone = self._error is not None and now < self._gone_until
        failures = self._failures if now < self._rests_until else 0
        return self.resting, gone, failures, now < self._fruitless_until, self.sessions

    @property
    def resting(self) -> bool:
        """Whether it is left alone; after its rest, whether somebody tries it already."""
        if self._failures < MAX_FAILURES:
            return False
        return self._clock() < self._rests_until or self.sessions > 0

    async def check(self) -> None:
        """Ask the engine for its version and remember whether it answered."""
        try:
            self._version = await self.client.version()
        except EngineError as error:
            self.unreachable(error)
        else:
            self.answered()

    def answered(self) -> None:
        """Note that the engine answered."""
        if self._error:
            _LOGGER.info("Engine at %s answers again", self.client.url)
        self._error = None
        self._answers = True

    def unreachable(self, error: EngineError) -> None:
        """Note that the engine did not answer as it should; say so once."""
        if not self._error:
            _LOGGER.warning("%s", error)
        self._error = error
        self._gone_until = self._clock() + GONE_FOR
        self._answers = False

    def played(self) -> None:
        """Note that bytes arrive: it is well."""
        self._failures = 0
        self._fruitless_until = 0.0
        self._refusal = None

    def refused(self, error: EngineRefusedError) -> None:
        """Note that the engine refused to play, if trying again is no use."""
        if error.is_final:
            self._refusal = error.engine_message
            self._refuses_until = self._clock() + REFUSES_FOR

    def gave_nothing(self) -> None:
        """Note that a session opened and nothing came: another engine may do better next time."""
        self._fruitless_until = self._clock() + FRUITLESS_FOR

    def failed(self) -> None:
        """Note that a session failed."""
        self._failures += 1
        too_many = max(self._failures - MAX_FAILURES, 0)
        rest = min(FIRST_REST * (1 << min(too_many, 10)), MAX_REST)
        self._rests_until = self._clock() + rest

    def stats(self) -> EngineStats:
        """Return what is known of the engine now."""
        return EngineStats(
            engine_id=self.engine_id,
            url=self.client.url,
            reachable=self._answers,
            version=self._version,
            sessions=self.sessions,
            failures=self._failures,
            resting=self.resting,
            error=str(self._error) if self._error else None,
            refusal=self._refusal if self._clock() < self._refuses_until else None,
        )
