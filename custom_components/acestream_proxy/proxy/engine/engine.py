"""One engine of the pool, and what is known of its health.

Health means that sessions open and bytes arrive, not that `get_version` answers: engines are known
to go on answering that when nothing plays any more. An engine that failed several times in a row
is left alone for a while (a circuit breaker); then one session may try it, and if that plays all
may again.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
import logging
from typing import Final

from ..errors import EngineError, EngineRefusedError, EngineUnreachableError, ProxyError
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

# For how many seconds it is remembered what an engine gave nothing of: as long as the longest rest.
# Where nobody asks any more, because it looks ill, it has to look well again some time.
FRUITLESS_COUNTS_FOR: Final = MAX_REST
# How many of them: far more than are needed to judge, and a bound for whoever makes contents up.
_MOST_FRUITLESS: Final = 100


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

    opened: int
    """Playback sessions that it has opened since it was added."""

    closed: int
    """Those of them that have ended."""

    broken: int
    """Sessions that it did not open, that gave nothing or that broke, since it was added."""

    fruitless: int
    """Contents that it lately gave not a byte of, since it last played anything or was not there at
    all. One says little, however often it was tried: mostly nobody broadcasts it."""

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
        self._opened = self._closed = self._broken = 0
        self._fruitless: dict[Hashable, float] = {}  # by content: when it came to nothing
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
        if isinstance(self._error, EngineUnreachableError):
            self._fruitless.clear()  # as far as anybody can tell it was started anew
        self._error = None
        self._answers = True

    def unreachable(self, error: EngineError) -> None:
        """Note that the engine did not answer as it should; say so once."""
        if not self._error:
            _LOGGER.warning("%s", error)
        self._error = error
        self._gone_until = self._clock() + GONE_FOR
        self._answers = False

    def opened(self) -> None:
        """Note that a session opened; the engine answers."""
        self._opened += 1
        self.answered()

    def closed(self) -> None:
        """Note that a session that had opened has ended."""
        self._closed += 1

    def broke(self, content: Hashable, error: ProxyError, *, flowed: bool) -> None:
        """Note that a session of some content ended with an error, or did not open.

        `flowed` says whether anything had come by then.
        """
        self._broken += 1
        if not flowed and not isinstance(error, EngineUnreachableError):
            self._fruitless.pop(content, None)
            self._fruitless[content] = self._clock()
            self._forget_fruitless()

    def played(self) -> None:
        """Note that bytes arrive: it is well."""
        self._fruitless.clear()
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
        self._forget_fruitless()
        return EngineStats(
            engine_id=self.engine_id,
            url=self.client.url,
            reachable=self._answers,
            version=self._version,
            sessions=self.sessions,
            opened=self._opened,
            closed=self._closed,
            broken=self._broken,
            fruitless=len(self._fruitless),
            failures=self._failures,
            resting=self.resting,
            error=str(self._error) if self._error else None,
            refusal=self._refusal if self._clock() < self._refuses_until else None,
        )

    def _forget_fruitless(self) -> None:
        """Forget what came to nothing long ago, and what is too much; the oldest is in front."""
        long_ago = self._clock() - FRUITLESS_COUNTS_FOR
        for content, at in list(self._fruitless.items()):
            if at > long_ago and len(self._fruitless) <= _MOST_FRUITLESS:
                return
            del self._fruitless[content]
