"""What a link plays, for whoever knows its address.

A link that is not, or no longer, good is answered as a wrong address is.
"""

import asyncio

from aiohttp import hdrs, web

from ..errors import UnknownLinkError
from ..runtime import Proxy
from .addresses import Paths
from .answers import refusing
from .channels import HLS, play
from .guests import player_of


@refusing
async def serve_link(
    request: web.Request, proxy: Proxy, paths: Paths, token: str, form: str
) -> web.StreamResponse:
    """Serve the channel of a link, as `ts` or `m3u8`.

    HEAD counts as no opening, and is answered without asking any engine.
    """
    now = asyncio.get_running_loop().time()
    # Players of HLS are sent on to an address of their own, and may ask here again for it.
    player = player_of(request) if form == HLS else ""
    link = proxy.links.get(token, now, player)
    if not proxy.audience.allows(link.ticket):
        raise UnknownLinkError("There is nothing at this address.")
    if request.method == hdrs.METH_HEAD:
        return await play(request, proxy, paths, link.ticket, form)
    link.open(player)
    response = await play(request, proxy, paths, link.ticket, form)
    if response.status >= web.HTTPBadRequest.status_code:
        link.give_back()
    return response
