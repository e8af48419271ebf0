"""What the engine's endpoints say, as data: session URLs, figures, search results."""

from collections.abc import Iterable
import time
from typing import Any, Final

from .channels import Channel
from .faults import Faults
from .sessions import Session

UNKNOWN_SESSION: Final = "unknown playback session id"
FAILED_TO_LOAD: Final = "failed to load content"
PREMIUM: Final = "To continue, you need to activate premium"

# The engine loads in pieces of this size, and so counts.
_PIECE: Final = 16 * 1024

# How long the first two polls may still see a session that only just began.
_EMPTY_AGE: Final = 1.0
_IDLE_AGE: Final = 2.0

_TIMESHIFT: Final = 1800


def response(content: Any) -> dict[str, Any]:
    """Return the envelope of `/ace/*`."""
    return {"response": content, "error": None}


def failure(text: str) -> dict[str, Any]:
    """Return the envelope of an error of `/ace/*`, which goes with status 200."""
    return {"response": None, "error": text}


def playback_path(session: Session) -> str:
    """Return the path of what a player is to read."""
    if session.format == "hls":
        return f"/ace/m/{session.infohash}/{session.token}.m3u8"
    return f"/ace/r/{session.infohash}/{session.token}"


def session_urls(session: Session, base: str) -> dict[str, Any]:
    """Return the answer to a getstream."""
    place = f"{session.infohash}/{session.token}"
    urls = {
        "playback_url": f"{base}{playback_path(session)}",
        "stat_url": f"{base}/ace/stat/{place}",
        "command_url": f"{base}/ace/cmd/{place}",
    }
    if session.has_events:
        urls["event_url"] = f"{base}/ace/event/{place}"
    return urls | {
        "infohash": session.infohash,
        "playback_session_id": session.playback.session_id,
        "is_live": is_live(session.channel),
        "is_encrypted": 0,
        "client_session_id": -1,
    }


def is_live(channel: Channel) -> int:
    """Return the engine's number for live (1) or file (0)."""
    return 0 if channel.kind == "vod" else 1


def is_prebuffering(session: Session, faults: Faults) -> bool:
    """Whether there is nothing to read yet."""
    return session.channel.kind == "dead" or session.age < faults.prebuffer


def session_status(session: Session, faults: Faults) -> dict[str, Any]:
    """Return the figures of a session; counts the poll, for the first ones see less."""
    session.stat_polls += 1
    if session.stat_polls == 1 and session.age < _EMPTY_AGE:
        return {}
    base = {
        "debug_level": 0,
        "network_monitor_status": 0,
        "network_monitor_started": False,
        "selected_stream_index": 0,
        "selected_file_index": -1,
        "stream_status": -1,
        "manifest_access_mode": -1,
        "total_progress": 0,
        "client_session_id": -1,
        "playback_session_id": session.playback.session_id,
        "is_encrypted": 0,
        "is_live": is_live(session.channel),
        "infohash": session.infohash,
    }
    if session.stat_polls == 2 and session.age < _IDLE_AGE:
        return {"status": "idle"} | base
    return base | _figures(session, faults)


def _figures(session: Session, faults: Faults) -> dict[str, Any]:
    if is_prebuffering(session, faults):
        dead = session.channel.kind == "dead"
        progress = 0 if dead else min(99, int(100 * session.age / faults.prebuffer))
        return {
            "status": "prebuf",
            "progress": progress,
            "peers": 0 if dead else 3,
            "speed_down": 0 if dead else _speed(session.channel),
            "speed_up": 0,
            "downloaded": 0,
            "uploaded": 0,
        }
    burst = int(session.channel.bitrate / 8 * faults.burst_seconds)
    downloaded = (burst + session.bytes_sent) // _PIECE * _PIECE
    figures: dict[str, Any] = {
        "status": "dl",
        "peers": 1 if faults.starving else 7,
        "speed_down": 2 if faults.starving else _speed(session.channel),
        "speed_up": 0 if faults.starving else 29,
        "downloaded": downloaded,
        "uploaded": downloaded // 8 // _PIECE * _PIECE,
    }
    if is_live(session.channel):
        figures["livepos"] = _live_position()
    return figures


def _speed(channel: Channel) -> int:
    """Return the speed in KB/s that a channel of this bitrate needs."""
    return max(1, channel.bitrate // 8 // 1024)


def _live_position() -> dict[str, str]:
    """Return the live position: all of it strings."""
    now = int(time.time())
    return {
        "last": str(now),
        "live_first": str(now - _TIMESHIFT),
        "pos": str(now),
        "first_ts": str(now - _TIMESHIFT),
        "last_ts": str(now),
        "is_live": "1",
        "live_last": str(now),
        "buffer_pieces": "15",
    }


def version_of(text: str) -> dict[str, Any]:
    """Return what `get_version` says of a version such as `3.2.11`."""
    major, minor, patch = (int(part) for part in text.split("."))
    return {
        "version": text,
        "code": major * 1_000_000 + minor * 10_000 + patch * 100,
        "platform": "linux",
    }


def media_files(channel: Channel) -> dict[str, Any]:
    """Return what is in a channel's transport file."""
    return {
        "files": [{"index": 0, "filename": channel.name}],
        "name": channel.name,
        "infohash": channel.infohash,
        "transport_type": "bt",
        "type": "vod" if channel.kind == "vod" else "live",
        "transport_file_cache_key": None,
    }


def analysis(channel: Channel) -> dict[str, Any]:
    """Return what the engine finds out about content without playing it."""
    return {
        "is_live": is_live(channel),
        "content_type": "application/x-acestream",
        "transport_type": "bt",
        "title": channel.name,
        "content_id": channel.content_id,
        "infohash": channel.infohash,
        "categories": [channel.group.lower()],
    }


def search_results(channels: Iterable[Channel], query: dict[str, str], base: str) -> dict[str, Any]:
    """Return the page of channels a search asks for."""
    wanted = query.get("query", "").lower()
    category = query.get("category", "").lower()
    found = [
        channel
        for channel in channels
        if wanted in channel.name.lower() and category in ("", channel.group.lower())
    ]
    page = _number(query.get("page", ""), 0)
    size = min(200, _number(query.get("page_size", ""), 10))
    shown = found[page * size : (page + 1) * size]
    results = [_search_result(channel, base) for channel in shown]
    return {"total": len(found), "results": results, "time": 0.01}


def _search_result(channel: Channel, base: str) -> dict[str, Any]:
    item = {
        "name": channel.name,
        "infohash": channel.infohash,
        "status": 1 if channel.kind == "dead" else 2,
        "languages": ["eng"],
        "countries": ["int"],
        "channel_id": channel.number,
        "bitrate": channel.bitrate // 8,
        "availability": 0.0 if channel.kind == "dead" else 1.0,
        "availability_updated_at": int(time.time()),
        "categories": [channel.group.lower()],
    }
    icons = [{"url": f"{base}{channel.logo}", "type": 0}]
    return {"name": channel.name, "icons": icons, "items": [item]}


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() else default
