"""Actions on streams: what runs; starting, stopping and playing a channel; giving one away."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from homeassistant.components.media_player import (
    ATTR_MEDIA_CONTENT_ID,
    ATTR_MEDIA_CONTENT_TYPE,
    DOMAIN as MEDIA_PLAYER_DOMAIN,
    SERVICE_PLAY_MEDIA,
    MediaType,
)
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .addresses import address_of_link
from .browse import title_of
from .const import DOMAIN
from .coordinator import AceStreamProxyConfigEntry
from .find import Found, async_find_channel
from .proxy import (
    ContentKey,
    InvalidContentError,
    Proxy,
    ProxyError,
    StreamState,
    StreamStats,
    Viewer,
)
from .proxy.audience import Watching
from .proxy.audience.viewers import plain_username
from .proxy.errors import LimitReachedError, NotABroadcastError
from .reasons import Reason, reason_of
from .stream_sensors import stream_attributes

ATTR_CHANNEL: Final = "channel"
ATTR_FOR_BROWSERS: Final = "for_browsers"
ATTR_FORMAT: Final = "format"
ATTR_HOURS: Final = "hours"
ATTR_OPENS: Final = "opens"
ATTR_SEARCH: Final = "search"
ATTR_VIEWER: Final = "viewer"

# What a target of an action may be named by.
TARGETS: Final = tuple(map(str, cv.ENTITY_SERVICE_FIELDS))

# The forms of a link, by what the user calls them.
FORMS: Final = {"hls": "m3u8", "ts": "ts"}


async def async_get_streams(
    entry: AceStreamProxyConfigEntry,
    call: ServiceCall,  # noqa: ARG001
) -> ServiceResponse:
    """Say what runs, and who watches."""
    streams = entry.runtime_data.proxy.stats().streams
    return {"streams": [_describe(entry, stream) for stream in streams]}


async def async_start_stream(
    entry: AceStreamProxyConfigEntry, call: ServiceCall
) -> ServiceResponse:
    """Start a channel, from the first of its sources that plays; it lingers for who comes soon."""
    found = await _async_find(entry, call)
    proxy = entry.runtime_data.proxy
    reason = Reason("web_stream_not_started")
    for source in found.channel.sources:
        if not isinstance(source, ContentKey):
            continue
        try:
            stream = await _start(proxy, source, for_browsers=call.data[ATTR_FOR_BROWSERS])
        except ProxyError as error:  # another source may play
            reason = reason_of(error, proxy)
        else:
            return {ATTR_CHANNEL: found.channel.name, "content": source.link, "state": stream}
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=reason.key,
        translation_placeholders=reason.words,
    )


async def async_stop_stream(entry: AceStreamProxyConfigEntry, call: ServiceCall) -> ServiceResponse:
    """End a channel, whichever of its sources plays, or all, for everybody who watches."""
    proxy = entry.runtime_data.proxy
    streams = proxy.stats().streams
    if ATTR_CHANNEL in call.data:
        found = await _async_find(entry, call)
        streams = tuple(one for one in streams if not one.names.isdisjoint(found.channel.sources))
    for stream in streams:
        proxy.end(stream.content)
    return {"stopped": len(streams)}


async def async_play(entry: AceStreamProxyConfigEntry, call: ServiceCall) -> ServiceResponse:
    """Play a channel on media players, each in the form that it takes.

    Home Assistant asks the media source for each of them.
    """
    found = await _async_find(entry, call)
    media = f"media-source://{DOMAIN}/{found.identifier}"
    target = {key: call.data[key] for key in TARGETS if key in call.data}
    await call.hass.services.async_call(
        MEDIA_PLAYER_DOMAIN,
        SERVICE_PLAY_MEDIA,
        {
            **target,
            ATTR_MEDIA_CONTENT_ID: media,
            ATTR_MEDIA_CONTENT_TYPE: MediaType.CHANNEL,
        },
        blocking=True,
        context=call.context,
    )
    return {ATTR_CHANNEL: found.channel.name, ATTR_MEDIA_CONTENT_ID: media}


async def async_create_link(entry: AceStreamProxyConfigEntry, call: ServiceCall) -> ServiceResponse:
    """Make an address that plays a channel without a login, for a while."""
    found = await _async_find(entry, call)
    lifetime = timedelta(hours=call.data[ATTR_HOURS])
    viewer = _viewer(entry, call.data[ATTR_VIEWER]) if ATTR_VIEWER in call.data else None
    if viewer and not (viewer.enabled and viewer.may_watch(found.channel)):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="viewer_may_not",
            translation_placeholders={"viewer": viewer.name, "channel": found.channel.name},
        )
    try:
        token = entry.runtime_data.proxy.links.make(
            found.channel,
            asyncio.get_running_loop().time(),
            lifetime=lifetime.total_seconds(),
            openings=call.data.get(ATTR_OPENS),
            viewer=viewer,
        )
    except InvalidContentError as error:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_link_to_web_stream"
        ) from error
    except LimitReachedError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="too_many_links"
        ) from error
    return {
        ATTR_CHANNEL: found.channel.name,
        "url": address_of_link(call.hass, token, FORMS[call.data[ATTR_FORMAT]]),
        "expires": (dt_util.utcnow() + lifetime).isoformat(timespec="seconds"),
    }


async def _async_find(entry: AceStreamProxyConfigEntry, call: ServiceCall) -> Found:
    """Return the channel that an action is about."""
    search = call.data.get(ATTR_SEARCH, False)
    return await async_find_channel(call.hass, entry, call.data[ATTR_CHANNEL], search=search)


async def _start(proxy: Proxy, source: ContentKey, *, for_browsers: bool) -> str:
    """Start some content; return the state that its stream is in then.

    Raises:
        ProxyError: It does not play.
    """
    resolved = await proxy.resolve(source)
    if not resolved.is_live:
        raise NotABroadcastError
    await proxy.start(resolved.key, for_browsers=for_browsers)
    stream = proxy.stats().stream(resolved.key)
    return (stream.broadcast.state if stream else StreamState.STOPPED).value


def _viewer(entry: AceStreamProxyConfigEntry, name: str) -> Viewer:
    """Return the viewer with a name.

    Raises:
        ServiceValidationError: There is none.
    """
    for viewer in entry.runtime_data.proxy.audience.viewers:
        if viewer.username == plain_username(name):
            return viewer
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_such_viewer",
        translation_placeholders={"viewer": name},
    )


def _describe(entry: AceStreamProxyConfigEntry, stream: StreamStats) -> dict[str, Any]:
    watching = entry.runtime_data.proxy.audience.watching_content(stream.content)
    seen_as = next((one.title for one in watching if one.title), "")
    engine = entry.subentries.get(stream.engine_id or "")
    return {
        ATTR_CHANNEL: title_of(entry, *stream.names, seen_as=seen_as),
        "content": min(stream.names).link,
        "infohash": stream.infohash or None,
        "state": stream.broadcast.state.value,
        "engine": engine.title if engine else None,
        "since": moment(stream.since) if stream.since else None,
        "viewers": stream.broadcast.viewers,
        "watching": [_describe_watching(one) for one in watching],
        "bytes_in": stream.broadcast.bytes_in,
        "bytes_out": stream.broadcast.bytes_out,
        "rate_in": round(stream.rate_in),
        "rate_out": round(stream.rate_out),
        **stream_attributes(stream),
    }


def _describe_watching(watching: Watching) -> dict[str, Any]:
    return {
        "viewer": watching.viewer or None,
        "app": watching.device or None,
        "since": moment(watching.since),
    }


def moment(seconds: float) -> str:
    """Return a Unix time as automations read it."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()
