"""What the page shows: what runs, who watches, and how the engines are."""

from dataclasses import asdict
from hashlib import blake2b
from time import time
from typing import Any, Final

from ...audience import Seat
from ...content import ContentKey, ContentKind
from ...engine import EngineStats
from ...runtime import Proxy
from ...stats import ProxyStats, StreamStats
from ..readiness import EngineState, Readiness, state_of
from ..version import VERSION

# More than names and sentences have; what engines and broadcasters say has no end of its own.
_MAX_WORDS: Final = 300


def describe(proxy: Proxy, stats: ProxyStats, readiness: Readiness) -> dict[str, Any]:
    """Return what is so now, as JSON has it; times are in seconds, sizes in bytes."""
    seats = tuple(proxy.audience)
    running = {stream.content for stream in stats.streams}
    others = [seat for seat in seats if seat.guest.content not in running]
    return {
        "version": VERSION,
        "ready": readiness.ready,
        "reason": readiness.reason,
        "viewers": len(seats),
        "rate_in": stats.rate_in,
        "rate_out": stats.rate_out,
        "received": stats.traffic.received,
        "sent": stats.traffic.sent,
        "engines": [_engine(engine, stats) for engine in stats.engines],
        "streams": [_stream(stream, stats, seats) for stream in stats.streams],
        "failed": [_failure(stream) for stream in stats.failed],
        # Films, and whatever has not begun.
        "others": [_watching(seat) for seat in others],
        "has_viewers": any(True for _ in proxy.audience.viewers),
    }


def _engine(engine: EngineStats, stats: ProxyStats) -> dict[str, Any]:
    state = state_of(engine, stats)
    version = engine.version
    return {
        "address": engine.url,
        "version": _short(version.version) if version else "",
        "platform": _short(version.platform) if version else "",
        "state": state,
        "sessions": engine.sessions,
        "words": _words(engine, state),
    }


def _words(engine: EngineStats, state: EngineState) -> str:
    """Return what is wrong with an engine, as a sentence; empty if nothing is."""
    match state:
        case EngineState.UNREACHABLE:
            return f"No engine answers at {engine.url}. Is it running?"
        case EngineState.FAILING:
            return (
                "It answers, but nothing came of the last channels that it was asked for. "
                "Restarting it may help."
            )
        case EngineState.RESTING:
            return "It failed several times in a row, so others are asked first for a while."
    if engine.refusal:
        return f"It lately refused to play something: “{_short(engine.refusal)}”."
    return ""


def _stream(stream: StreamStats, stats: ProxyStats, seats: tuple[Seat, ...]) -> dict[str, Any]:
    program = stream.program
    engine = stats.engine(stream.engine_id) if stream.engine_id else None
    here = [seat for seat in seats if seat.guest.content == stream.content]
    return {
        "key": _key(stream.content),
        "title": _title(stream, here),
        "content": _content(stream.content),
        "state": stream.broadcast.state,
        "error": _short(stream.broadcast.error or "") if stream.is_in_trouble else "",
        "age": _age(stream.since),
        "video": program.video.codec if program and program.video else "",
        "picture": asdict(stream.picture) if stream.picture else None,
        "audio": [
            {"codec": track.codec, "language": track.language}
            for track in (program.streams if program else ())
            if track.codec.is_audio
        ],
        "viewers": stream.broadcast.viewers,
        "watching": [_watching(seat) for seat in here],
        "rate_in": stream.rate_in,
        "rate_out": stream.rate_out,
        "received": stream.broadcast.bytes_in,
        "peers": stream.session.peers,
        "reconnects": stream.broadcast.reconnects,
        "engine": engine.url if engine else "",
    }


def _failure(stream: StreamStats) -> dict[str, Any]:
    return {
        "key": _key(stream.content),
        "title": _title(stream, []),
        "error": _short(stream.broadcast.error or ""),
    }


def _watching(seat: Seat) -> dict[str, Any]:
    ticket = seat.guest.ticket
    return {
        "viewer": ticket.viewer.name if ticket.viewer else "",
        "channel": ticket.channel.name if ticket.channel else "",
        "device": seat.guest.device,
        "form": "hls" if seat.guest.asks else "ts",
        "age": _age(seat.since),
        "lag": seat.lag(),
    }


def _title(stream: StreamStats, watching: list[Seat]) -> str:
    """Return what a stream is called: by a list, or else by its broadcaster; empty if by nobody."""
    channels = (seat.guest.ticket.channel for seat in watching)
    names = (channel.name for channel in channels if channel)
    return _short(next(names, "") or stream.title)


def _key(content: ContentKey) -> str:
    """Return what tells content from other content, and nothing else."""
    return blake2b(content.slug.encode(), digest_size=8).hexdigest()


def _content(content: ContentKey) -> str:
    """Return what names content; nothing of an address, which may have a password in it."""
    return "" if content.kind is ContentKind.URL else content.value


def _age(since: float | None) -> float:
    return max(time() - since, 0.0) if since is not None else 0.0


def _short(words: str) -> str:
    return words[:_MAX_WORDS]
