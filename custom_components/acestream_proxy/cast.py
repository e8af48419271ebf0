"""Chromecasts, which have to be told that what they play is live, and what it is made of.

Home Assistant's Cast integration says so of its own streams only. But it first asks every other
integration whether that would rather play something itself.
"""

# ruff: noqa: ARG001 - the arguments are those of a protocol

from typing import Any, Final

from homeassistant.components.media_player import (
    BrowseMedia,
    MediaType,
    async_process_play_media_url,
)
from homeassistant.core import HomeAssistant
from pychromecast import Chromecast
from pychromecast.quick_play import quick_play

from .views import HLS_PREFIX

# MediaInformation of the Cast protocol: without it receivers expect fragmented MP4 in some places.
_MEDIA: Final[dict[str, Any]] = {
    "stream_type": "LIVE",
    "media_info": {"hlsSegmentFormat": "ts", "hlsVideoSegmentFormat": "mpeg2_ts"},
}


async def async_get_media_browser_root_object(
    hass: HomeAssistant, cast_type: str
) -> list[BrowseMedia]:
    """Add nothing to what a Chromecast shows: the channels are a media source."""
    return []


async def async_browse_media(
    hass: HomeAssistant, media_content_type: MediaType | str, media_content_id: str, cast_type: str
) -> BrowseMedia | None:
    """Leave browsing to the media source."""
    return None


async def async_play_media(
    hass: HomeAssistant,
    cast_entity_id: str,
    chromecast: Chromecast,
    media_type: MediaType | str,
    media_id: str,
) -> bool:
    """Play a channel as what it is; return False for anything else."""
    if not media_id.startswith(HLS_PREFIX):
        return False
    url = async_process_play_media_url(hass, media_id)
    data = {"media_id": url, "media_type": media_type, **_MEDIA}
    await hass.async_add_executor_job(quick_play, chromecast, "default_media_receiver", data)
    return True
