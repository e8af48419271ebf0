"""Tells the Supervisor where Home Assistant finds the proxy.

The Supervisor keeps what it is told, and has Home Assistant offer to set up the integration of the
service's name. The same told again, as at each start, changes nothing.
"""

import asyncio
import logging
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from .backoff import Backoff

_LOGGER = logging.getLogger(__name__)

SERVICE: Final = "acestream_proxy"

_TIMEOUT: Final = ClientTimeout(total=10)

# Asking again is no use: the token is wrong, or the app may not announce this.
_REFUSALS: Final = range(400, 500)


async def announce(
    session: ClientSession, supervisor: str, token: str, *, host: str, port: int
) -> None:
    """Announce the proxy, and try again for as long as the Supervisor is away."""
    backoff, is_said = Backoff(), False
    body = {"service": SERVICE, "config": {"host": host, "port": port}}
    headers = {"Authorization": f"Bearer {token}"}
    while True:
        try:
            async with session.post(
                f"{supervisor}/discovery", json=body, headers=headers, timeout=_TIMEOUT
            ) as response:
                status = response.status
        except (ClientError, TimeoutError) as error:
            problem = str(error) or type(error).__name__
        else:
            if response.ok:
                _LOGGER.info("Home Assistant was told of the proxy at %s:%d", host, port)
                return
            problem = f"status {status}"
            if status in _REFUSALS:
                _LOGGER.warning("Home Assistant is told of no proxy (%s)", problem)
                return
        if not is_said:
            is_said = True
            _LOGGER.warning("The Supervisor does not answer (%s); trying again", problem)
        await asyncio.sleep(backoff.delay())
