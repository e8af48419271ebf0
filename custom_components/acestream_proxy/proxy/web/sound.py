"""The sound of a stream alone: radio, for players of sound.

Browsers play AAC in its own framing (ADTS), which is what a transport stream carries, as one
response without end. What is not AAC is made into it first, as for HLS.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, override

from aiohttp import HttpVersion11, hdrs, web

from ..broadcast import Framing
from ..errors import ProxyError, UndecodableError
from ..mpegts import Chunk, Codec, elementary_stream
from ..runtime import Proxy
from .answers import BASE_HEADERS, refuse
from .guests import find_play, guest_of_stream
from .mpegts import end, feed

_HEADERS: Final = {
    **BASE_HEADERS,
    hdrs.CONTENT_TYPE: "audio/aac",
    hdrs.ACCEPT_RANGES: "none",
}


class SoundFraming(Framing):
    """One track of the packets, in HTTP's chunked coding or as it is.

    It is taken out for each listener again: a track of sound is small.
    """

    def __init__(self, pid: int, *, chunked: bool) -> None:
        """Take out the elementary stream with a PID."""
        self._pid = pid
        self._chunked = chunked

    @override
    def whole(self, chunk: Chunk) -> bytes:
        """Return the sound in a chunk, if there is any."""
        return b"".join(self.batch([chunk]))

    @override
    def batch(self, chunks: Sequence[Chunk]) -> list[bytes]:
        """Return the sound in some chunks, as pieces of which none is empty."""
        sounds = [elementary_stream(chunk.data, self._pid) for chunk in chunks]
        sounds = [sound for sound in sounds if sound]
        if not sounds or not self._chunked:
            return sounds
        return [b"%x\r\n" % sum(map(len, sounds)), *sounds, b"\r\n"]


async def serve_sound(request: web.Request, proxy: Proxy, token: str) -> web.StreamResponse:
    """Serve the sound of a play until the player leaves or the stream ends.

    HEAD is answered without asking any engine.
    """
    try:
        play, _ = find_play(request, proxy, token)
        if request.method == hdrs.METH_HEAD:
            return web.Response(headers=_HEADERS)
        key = (await proxy.resolve(play.source)).key
        guest = replace(guest_of_stream(request, play.ticket), content=key)
        async with proxy.listen(key, guest) as broadcast:
            track = broadcast.program.audio if broadcast.program else None
            if track is None or track.codec is not Codec.AAC:
                raise UndecodableError(
                    "This channel has no sound that browsers decode. Is ffmpeg installed?"
                )
            framing = SoundFraming(track.pid, chunked=request.version >= HttpVersion11)
            response = web.StreamResponse(headers=_HEADERS)
            await feed(request, response, broadcast, framing, proxy, guest)
            return await end(request, response)
    except ProxyError as error:
        return refuse(request, error)
