"""Streams that failed a moment ago: they are gone before anybody could look."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

from .content import ContentKey
from .stats import StreamStats

# How long a stream that failed stays in sight, unless it starts again: long enough for sensors
# and whoever looks at them.
_SHOWN: Final = 60.0


class Failures:
    """The streams that failed, as they last were."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        """Start without any; `on_change` is called when one comes or goes."""
        self._on_change = on_change
        self._shown: dict[ContentKey, tuple[StreamStats, asyncio.TimerHandle]] = {}

    def __iter__(self) -> Iterator[StreamStats]:
        """Go through them."""
        return iter([stream for stream, _ in self._shown.values()])

    def reason(self, content: ContentKey) -> str | None:
        """Return why some content failed a moment ago; None if it did not."""
        found = self._shown.get(content)
        return found[0].broadcast.error if found else None

    def show(self, stream: StreamStats) -> None:
        """Keep a failed stream in sight for a while."""
        self.forget(stream.content)
        loop = asyncio.get_running_loop()
        forget = loop.call_later(_SHOWN, self.forget, stream.content)
        self._shown[stream.content] = stream, forget
        self._on_change()

    def forget(self, content: ContentKey) -> None:
        """Show a stream no more: it starts again, or was shown long enough."""
        if found := self._shown.pop(content, None):
            found[1].cancel()
            self._on_change()

    def clear(self) -> None:
        """Show none any more."""
        for content in list(self._shown):
            self.forget(content)
