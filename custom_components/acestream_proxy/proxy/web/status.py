"""What runs, as `/ace/status` says it.

`streams`, and for one stream `clients`, `stream_id` and `stat_url`, are what acexy and pyacexy
answer; the rest is ours.
"""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from ..content import CONTENT_PARAMETERS, ContentKey
from ..errors import InvalidContentError
from ..runtime import Proxy
from ..stats import StreamStats
from .answers import BASE_HEADERS, refuse


async def serve_status(request: web.Request, proxy: Proxy) -> web.StreamResponse:
    """Serve the status of all streams, or of the one that the query names."""
    stats = proxy.stats()
    if not any(name in request.query for name in CONTENT_PARAMETERS):
        body = {
            "streams": len(stats.streams),
            "clients": stats.viewers,
            "running": [_describe(stream) for stream in stats.streams],
        }
        return web.json_response(body, headers=BASE_HEADERS)
    try:
        content = ContentKey.from_query(request.query)
    except InvalidContentError as error:
        return refuse(request, error)
    # One that just failed is known, but does not run: who asks is used to a 404 for that.
    if (stream := stats.stream(content)) in stats.streams and stream:
        return web.json_response(_describe(stream), headers=BASE_HEADERS)
    return web.Response(text="Stream not found\n", status=404, headers=BASE_HEADERS)


def _describe(stream: StreamStats) -> dict[str, Any]:
    tracks = stream.program.streams if stream.program else ()
    return {
        "stream_id": stream.content.value,
        "clients": stream.broadcast.viewers,
        # An engine's address is nobody's business; whoever looks for the key finds it empty.
        "stat_url": "",
        "state": stream.broadcast.state,
        "infohash": stream.infohash,
        "tracks": [track.codec for track in tracks],
        "picture": asdict(stream.picture) if stream.picture else None,
        "audio": [
            {"codec": track.codec, "language": track.language, "type": track.audio_type}
            for track in tracks
            if track.codec.is_audio
        ],
        "bytes_in": stream.broadcast.bytes_in,
        "bytes_out": stream.broadcast.bytes_out,
        "peers": stream.session.peers,
        "speed_down": stream.session.speed_down,
        "speed_up": stream.session.speed_up,
    }
