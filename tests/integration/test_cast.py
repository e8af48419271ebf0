"""Channels on a Chromecast: a real Cast platform, with the device's library in between."""

from typing import Any, cast

from homeassistant.components.cast import CastProtocol
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from pychromecast import Chromecast
from pychromecast.controllers import BaseController
import pytest

from custom_components.acestream_proxy import cast as cast_platform

from .test_media_source import HLS, resolve

pytestmark = pytest.mark.usefixtures("media_source")


class Device:
    """A Chromecast that plays whatever it is asked to, and remembers that."""

    def __init__(self) -> None:
        """Start with nothing loaded."""
        self.loaded: list[dict[str, Any]] = []

    def register_handler(self, controller: BaseController) -> None:
        """Take the controller's messages."""

        def send(message: dict[str, Any], **options: Any) -> None:
            self.loaded.append(message)
            options["callback_function"](True, {})

        controller.send_message = send  # type: ignore[assignment, method-assign]

    def unregister_handler(self, controller: BaseController) -> None:
        """Take no more."""


async def play(hass: HomeAssistant, device: Device, media_id: str) -> bool:
    """Ask the platform to play something."""
    return await cast_platform.async_play_media(
        hass, "media_player.tv", cast("Chromecast", device), HLS, media_id
    )


async def test_channel_is_cast_as_a_live_stream_of_mpegts(hass: HomeAssistant) -> None:
    """At an address that the device can reach, with all that it has to know."""
    await async_process_ha_core_config(hass, {"internal_url": "http://192.168.1.5:8123"})
    device = Device()
    found = await resolve(hass, platform="cast")

    assert await play(hass, device, found.url)

    (message,) = device.loaded
    assert message["type"] == "LOAD"
    media = message["media"]
    assert media["contentId"].startswith(f"http://192.168.1.5:8123{found.url}")
    assert media["contentType"] == HLS
    assert media["streamType"] == "LIVE"
    assert media["hlsSegmentFormat"] == "ts"
    assert media["hlsVideoSegmentFormat"] == "mpeg2_ts"


async def test_what_is_not_ours_is_left_to_others(hass: HomeAssistant) -> None:
    """Such as a song of another media source."""
    device = Device()
    assert not await play(hass, device, "http://192.168.1.5:8123/media/local/song.mp3")
    assert not device.loaded


async def test_platform_is_what_cast_expects(hass: HomeAssistant) -> None:
    """All of its functions are there, and browsing is left to the media source."""
    platform: CastProtocol = cast_platform
    assert await platform.async_get_media_browser_root_object(hass, "cast") == []
    assert await platform.async_browse_media(hass, "video", "", "cast") is None
