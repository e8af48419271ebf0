"""What helps to find out what is wrong, without anything that is secret or anybody's business.

No address, content, name of a viewer or text of a list is in it: whoever reports a problem attaches
this to a public page.
"""

from dataclasses import asdict
from datetime import UTC, datetime
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import (
    CONF_AUDIO_LANGUAGE,
    CONF_GUIDE_ID,
    CONF_LOGO,
    CONF_TRANSCODE_VIDEO,
    DOMAIN,
    SubentryType,
)
from .coordinator import AceStreamProxyConfigEntry
from .feeds import FeedCoordinator
from .proxy import EngineStats, GuideFeed, ListFeed, StreamStats
from .subentries import sources_of

# What texts of errors may hold: content IDs and infohashes, addresses, hosts with a port, and
# addresses of the network, of version 6 too, also as Python shows those of sockets.
_PRIVATE: Final = re.compile(
    r"[0-9a-fA-F]{40}"
    r"|\w+://\S+"
    r"|\b[\w.-]+:\d{1,5}\b"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b(?:', \d+)?"
    r"|\[?(?:[0-9a-fA-F]{0,4}:){2,}[0-9a-fA-F.]*(?:]:\d{1,5}|]|', \d+)?"
)
_REDACTED: Final = "**REDACTED**"


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
        "ffmpeg": runtime.proxy.ffmpeg is not None,
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


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: AceStreamProxyConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return what is known of what a device stands for; of the proxy itself, all."""
    keys = [key for domain, key in device.identifiers if domain == DOMAIN]
    found = [entry.subentries[key] for key in keys if key in entry.subentries]
    if not found:
        return await async_get_config_entry_diagnostics(hass, entry)
    (subentry,) = found
    known = {"type": subentry.subentry_type}
    match subentry.subentry_type:
        case SubentryType.ENGINE:
            engine = entry.runtime_data.proxy.stats().engine(subentry.subentry_id)
            return known | (_engine(engine) if engine else {})
        case SubentryType.CHANNEL:
            return known | _channel(entry, subentry)
        case SubentryType.VIEWER:
            return known | _viewer(entry, subentry)
        case _:
            feed = entry.runtime_data.feeds.get(subentry.subentry_id)
            return known | (_feed(feed) if feed else {})


def _channel(entry: AceStreamProxyConfigEntry, subentry: ConfigSubentry) -> dict[str, Any]:
    """Return what is known of a favourite, and of the streams of its sources."""
    runtime = entry.runtime_data
    sources = sources_of(subentry)
    stats = runtime.proxy.stats()
    return {
        "sources": [source.kind.value for source in sources],
        "has_logo": CONF_LOGO in subentry.data,
        "has_guide_id": CONF_GUIDE_ID in subentry.data,
        "audio_language": subentry.data.get(CONF_AUDIO_LANGUAGE),
        "transcode_video": subentry.data.get(CONF_TRANSCODE_VIDEO, False),
        "is_in_guide": subentry.subentry_id in runtime.on_air.data,
        "streams": [_stream(stream) for one in sources if (stream := stats.stream(one))],
    }


def _viewer(entry: AceStreamProxyConfigEntry, subentry: ConfigSubentry) -> dict[str, Any]:
    """Return what is known of a viewer; not what they watch."""
    audience = entry.runtime_data.proxy.audience
    viewer = audience.viewers.get(subentry.subentry_id)
    return {
        "enabled": viewer.enabled if viewer else None,
        "most_streams": viewer.most_streams if viewer else None,
        "groups": len(viewer.groups) if viewer else None,
        "watching": len(audience.watching(subentry.subentry_id)),
    }


def _engine(engine: EngineStats) -> dict[str, Any]:
    return {
        "reachable": engine.reachable,
        "version": engine.version.version if engine.version else None,
        "platform": engine.version.platform if engine.version else None,
        "sessions": engine.sessions,
        "failures": engine.failures,
        "resting": engine.resting,
        "error": _plain(engine.error),
        "refusal": _plain(engine.refusal),
    }


def _stream(stream: StreamStats) -> dict[str, Any]:
    return {
        "state": stream.broadcast.state.value,
        "error": _plain(stream.broadcast.error),
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
        "error": _plain(str(coordinator.last_exception)) if coordinator.last_exception else None,
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


def _plain(text: str | None) -> str | None:
    """Return a text without what is private in it."""
    return _PRIVATE.sub(_REDACTED, text) if text else text
