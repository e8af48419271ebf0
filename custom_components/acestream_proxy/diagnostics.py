"""What helps to find out what is wrong, without anything that is secret or anybody's business.

No address, content, name of a viewer or text of a list is in it: whoever reports a problem attaches
this to a public page.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant

from .coordinator import AceStreamProxyConfigEntry
from .feeds import FeedCoordinator
from .proxy import EngineStats, GuideFeed, ListFeed, StreamStats


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant,  # noqa: ARG001
    entry: AceStreamProxyConfigEntry,
) -> dict[str, Any]:
    """Return what the proxy is doing, and what was wrong with lists and guides."""
    runtime = entry.runtime_data
    stats = runtime.proxy.stats()
    viewers = list(runtime.proxy.audience.viewers)
    return {
        "options": dict(entry.options),
        "engines": [_engine(engine) for engine in stats.engines],
        "streams": [_stream(stream) for stream in (*stats.streams, *stats.failed)],
        "channels": len(runtime.lineup.catalog),
        "feeds": [_feed(coordinator) for coordinator in runtime.feeds],
        "viewers": {
            "all": len(viewers),
            "enabled": sum(viewer.enabled for viewer in viewers),
            "watching": sum(map(len, stats.watching.values())),
            "refused": runtime.proxy.audience.refused,
        },
    }


def _engine(engine: EngineStats) -> dict[str, Any]:
    return {
        "reachable": engine.reachable,
        "version": engine.version.version if engine.version else None,
        "platform": engine.version.platform if engine.version else None,
        "sessions": engine.sessions,
    }


def _stream(stream: StreamStats) -> dict[str, Any]:
    return {
        "state": stream.broadcast.state.value,
        "error": stream.broadcast.error,
        "viewers": stream.broadcast.viewers,
        "bytes_in": stream.broadcast.bytes_in,
        "bytes_out": stream.broadcast.bytes_out,
        "tracks": [track.codec for track in stream.program.streams] if stream.program else [],
        "picture": asdict(stream.picture) if stream.picture else None,
        "peers": stream.session.peers,
    }


def _feed(coordinator: FeedCoordinator) -> dict[str, Any]:
    """Return what is known of a list or a guide; problems of lists with their lines."""
    feed = coordinator.feed
    refreshed = datetime.fromtimestamp(feed.updated, UTC).isoformat() if feed.updated else None
    known: dict[str, Any] = {
        "kind": feed.kind,
        "refreshed": refreshed,
        "error": str(coordinator.last_exception) if coordinator.last_exception else None,
    }
    if isinstance(feed, ListFeed):
        listing = feed.listing
        known |= {
            "channels": len(listing.channels) if listing else None,
            "groups": len(listing.groups) if listing else None,
            "guides": len(feed.playlist.guides),
            "problem_count": feed.playlist.problem_count,
            "problems": [asdict(problem) for problem in feed.playlist.problems],
        }
    elif isinstance(feed, GuideFeed) and (facts := feed.facts):
        known |= asdict(facts)
    return known
