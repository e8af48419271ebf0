"""What is asked of a player's socket."""

import asyncio
import socket
from typing import Final

# Without a limit the kernel keeps up to 4 MB for each player that stalls. With twice this, as the
# kernel counts it, 20 Mbit/s get through to a player 100 ms away.
_SEND_BUFFER: Final = 128 * 1024


def bound_send_buffer(transport: asyncio.BaseTransport) -> None:
    """Limit what the kernel keeps for a player, so that a stall shows soon and costs little."""
    if connection := transport.get_extra_info("socket"):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
