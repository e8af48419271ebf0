"""Which content is which: the same content may be named in several ways.

A content ID and an infohash that mean the same must end in the same broadcast, as a second session
of one content kills the first. So before a session is started the engine is asked what a name
stands for, with a call that opens none, and the answer is remembered: names do not change their
meaning.

Public `acestream://` links often carry an infohash in place of a content ID, which an engine does
not find; so a hash that is unknown in the form it was given is looked for in the other one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
import logging
from typing import Final

from ..content import ContentKey, ContentKind
from ..errors import EngineError, EngineRefusedError, ProxyStoppedError
from .client import CANNOT_LOAD, ContentFacts

_LOGGER = logging.getLogger(__name__)

# Names of everything a household watches, and a bound for whoever makes names up.
_MAX_REMEMBERED: Final = 4096

_OTHER_FORM: Final = {
    ContentKind.CONTENT_ID: ContentKind.INFOHASH,
    ContentKind.INFOHASH: ContentKind.CONTENT_ID,
}


@dataclass(frozen=True, slots=True)
class ResolvedContent:
    """What a name stands for."""

    key: ContentKey
    """The one key that all names of this content lead to: its infohash."""

    asked: ContentKey
    """The name that an engine found it by. It is what to play it by, too: an engine that has not
    loaded the content yet finds a content ID sooner than an infohash."""

    name: str = ""
    """What the broadcaster calls it; empty where the engine did not say."""

    is_live: bool = True
    """Whether it is a broadcast; if not it is a file, in which one can seek."""


class Resolver:
    """Finds out what names stand for, and remembers."""

    def __init__(self, ask: Callable[[ContentKey], Awaitable[ContentFacts]]) -> None:
        """Ask through `ask`, which raises an `EngineError` where there is no answer."""
        self._ask = ask
        self._known: dict[ContentKey, ResolvedContent] = {}
        self._asking: dict[ContentKey, asyncio.Task[ResolvedContent]] = {}

    def known(self, content: ContentKey) -> ResolvedContent | None:
        """Return what a name stands for, if it was resolved before."""
        return self._known.get(content)

    def names(self, key: ContentKey) -> frozenset[ContentKey]:
        """Return all names that are known to lead to a key."""
        return frozenset(name for name, found in self._known.items() if found.key == key) | {key}

    async def resolve(self, content: ContentKey) -> ResolvedContent:
        """Return what a name stands for, asking once for everybody who wants to know.

        An engine that will not say (an old one does not know the call) is no reason not to play:
        the name then stands for itself.

        Raises:
            EngineRefusedError: The engine cannot find it in any form.
            ProxyStoppedError: Nobody is to be asked any more.
        """
        if found := self._known.get(content):
            return found
        asking = self._asking.get(content)
        if asking is None:
            asking = asyncio.create_task(self._look_up(content), name=f"resolve {content.value}")
            self._asking[content] = asking
            asking.add_done_callback(lambda task: self._answered(content, task))
        # Whoever asked first may leave; the others still want to know. A shield would report a
        # failure that nobody waits for any more as an error.
        await asyncio.wait([asking])
        if asking.cancelled():
            raise ProxyStoppedError("The proxy is stopping.")
        return asking.result()

    async def stop(self) -> None:
        """Ask no more."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _answered(self, content: ContentKey, asking: asyncio.Task[ResolvedContent]) -> None:
        self._asking.pop(content, None)
        if not asking.cancelled():
            asking.exception()  # which has been looked at then, if all who asked have left

    async def _look_up(self, content: ContentKey) -> ResolvedContent:
        try:
            asked, facts = await self._ask_in_both_forms(content)
        except EngineRefusedError as error:
            if error.engine_message == CANNOT_LOAD:
                raise
            return ResolvedContent(content, content)
        except EngineError as error:
            _LOGGER.debug("Not resolved: %s (%s)", content.value, error)
            return ResolvedContent(content, content)
        key = replace(content, kind=ContentKind.INFOHASH, value=facts.infohash)
        found = ResolvedContent(key, asked, facts.name, facts.is_live)
        while len(self._known) >= _MAX_REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[content] = found
        self._known.setdefault(key, found)
        return found

    async def _ask_in_both_forms(self, content: ContentKey) -> tuple[ContentKey, ContentFacts]:
        try:
            return content, await self._ask(content)
        except EngineRefusedError as error:
            other = _OTHER_FORM.get(content.kind)
            if other is None or error.engine_message != CANNOT_LOAD:
                raise
            try:
                turned = replace(content, kind=other)
                return turned, await self._ask(turned)
            except EngineError:
                raise error from None
