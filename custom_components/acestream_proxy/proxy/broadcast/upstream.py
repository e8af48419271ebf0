"""Where a broadcast's bytes come from."""

from collections.abc import Buffer, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

type Sink = Callable[[Sequence[Buffer]], bool]
"""Takes what was read, in pieces that follow one another and are good during the call only.

It returns whether it can take more at once; if not, a tick's pause is asked for, also where more is
waiting already.
"""


class Upstream(Protocol):
    """Where a broadcast's bytes come from, once it is open."""

    async def pump(self, sink: Sink) -> None:
        """Give a sink what comes, until there is no more.

        Raises:
            ProxyError: It broke.
        """


type OpenUpstream = Callable[[], AbstractAsyncContextManager[Upstream]]
"""Opens an upstream: a session on entering, its bytes while inside, and an end on leaving."""
