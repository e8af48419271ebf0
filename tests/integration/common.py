"""What the tests of the face share: what they play, and how."""

import asyncio
from collections.abc import Iterable
import re
import time
from types import MappingProxyType
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.extensions.amber.serializer import Repr
from syrupy.types import PropertyPath

from custom_components.acestream_proxy.const import CONF_CONTENT, DOMAIN, SubentryType
from custom_components.acestream_proxy.proxy import ContentKey
from demo import CHANNELS, SyntheticMedia, packet_number
from tests.proxy.waiting import PATIENCE

PACKET_SIZE = 188

ONE, TWO = CHANNELS[0], CHANNELS[1]
"""The channels that are set up."""

ENGINE_ID, ONE_ID, TWO_ID = "the-engine", "channel-one", "channel-two"
"""Their subentries, and that of the engine."""

PREMIUM = next(channel for channel in CHANNELS if channel.kind == "premium")
"""What the engine refuses to play."""

CONTENT_ONE = ContentKey.parse(ONE.content_id)
CONTENT_TWO = ContentKey.parse(TWO.content_id)

STREAM = f"/api/acestream_proxy/stream/content_id-{ONE.content_id}.ts"
GETSTREAM = f"/ace/getstream?id={ONE.content_id}"
MANIFEST = f"/ace/manifest.m3u8?id={ONE.content_id}"
STATUS = "/ace/status"


_FIGURES = frozenset({"bytes_in", "bytes_out", "rate_in", "rate_out"})
_MOVING = {
    re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?\+00:00"): "<moment>",
    re.compile(r"(?<=/link/)[\w-]{32}"): "<token>",
    re.compile(r"(?<=Python/)\S+ \S+"): "<version>",
}
"""What differs from run to run, and what is shown instead."""

MEDIA = SyntheticMedia(bitrate=2_000_000)
"""What the engine plays."""


def deprecations(messages: Iterable[str]) -> list[str]:
    """Return what Home Assistant says of things that we should not, or not much longer, do."""
    words = ("deprecated", "detected that custom integration", "will stop working")
    return [
        message
        for message in messages
        if DOMAIN in message and any(word in message.casefold() for word in words)
    ]


async def play(client: TestClient[Any, Any], path: str = STREAM) -> ClientResponse:
    """Watch, and return with the first packet received and many more to come."""
    response = await client.get(path)
    assert response.status == 200, await response.text()
    packet = await response.content.readexactly(PACKET_SIZE)
    assert packet[0] == 0x47
    return response


async def catch_up(response: ClientResponse) -> None:
    """Watch up to what is broadcast at this moment: whoever was cut does not get that far."""
    now = time.time()
    live = packet_number(MEDIA.open(ONE, now).read(now + 0.1)[:PACKET_SIZE])
    async with asyncio.timeout(PATIENCE):
        while packet_number(await response.content.readexactly(PACKET_SIZE)) < live:
            pass


def engine_subentry(url: str, *, title: str = "Another engine") -> ConfigSubentry:
    """Return an engine as its flow would add it."""
    return ConfigSubentry(
        data=MappingProxyType({CONF_URL: url}),
        subentry_type=SubentryType.ENGINE,
        title=title,
        unique_id=url,
    )


def channel_subentry(name: str, content: str) -> ConfigSubentry:
    """Return a channel as its flow would add it."""
    return ConfigSubentry(
        data=MappingProxyType({CONF_NAME: name, CONF_CONTENT: content}),
        subentry_type=SubentryType.CHANNEL,
        title=name,
        unique_id=ContentKey.parse(content).slug,
    )


def moving(*, data: Any, path: PropertyPath) -> Any:
    """Write what differs from run to run as what it is; this is a matcher of snapshots."""
    key = path[-1][0] if path else None
    if key in _FIGURES:
        assert isinstance(data, int | float)
        return Repr("<figure>")
    if not isinstance(data, str):
        return data
    for pattern, what in _MOVING.items():
        data = pattern.sub(what, data)
    return data


def state_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return an entity's state; None where there is no such entity."""
    state = hass.states.get(entity_id)
    return state.state if state else None


async def add_subentry(
    hass: HomeAssistant, entry: MockConfigEntry, subentry: ConfigSubentry
) -> str:
    """Add something to the proxy, wait for what follows, and return its ID."""
    hass.config_entries.async_add_subentry(entry, subentry)
    await hass.async_block_till_done()
    return subentry.subentry_id
