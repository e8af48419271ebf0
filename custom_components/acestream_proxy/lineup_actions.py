"""Actions on lists and guides: looking at them again, and what is on a channel."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import AceStreamProxyConfigEntry
from .feeds import FeedCoordinator
from .find import async_find_channel
from .proxy import ListFeed
from .proxy.feeds import Feed, GuideFeed
from .proxy.guide import Programme
from .stream_actions import ATTR_CHANNEL, ATTR_HOURS, TARGETS, moment

ATTR_NAME: Final = "name"
ATTR_START: Final = "start"
ATTR_END: Final = "end"

DEFAULT_HOURS: Final = 24.0

# Some ten days of a channel as a rule; more in a response only makes an automation slow.
_MOST_PROGRAMMES: Final = 500


async def async_refresh(entry: AceStreamProxyConfigEntry, call: ServiceCall) -> ServiceResponse:
    """Look at lists and guides now: those that are named, or all."""
    coordinators = _meant(entry, call)
    looks = await asyncio.gather(*(one.async_look() for one in coordinators))
    errors = {one: error for one, error in zip(coordinators, looks, strict=True) if error}
    names = dict.fromkeys(one.feed.title for one in errors)
    if len(names) > 1:  # as only one sentence is translated
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="not_all_refreshed",
            translation_placeholders={"names": ", ".join(names)},
        )
    for error in errors.values():
        raise error
    return {"refreshed": [_describe(one.feed) for one in coordinators]}


async def async_get_programmes(
    entry: AceStreamProxyConfigEntry, call: ServiceCall
) -> ServiceResponse:
    """Say what is on a channel."""
    start = dt_util.as_utc(call.data.get(ATTR_START) or dt_util.utcnow())
    hours = timedelta(hours=call.data[ATTR_HOURS])
    end = dt_util.as_utc(call.data.get(ATTR_END) or start + hours)
    if end <= start:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="ends_before_it_begins"
        )
    found = await async_find_channel(call.hass, entry, call.data[ATTR_CHANNEL])
    programmes = await entry.runtime_data.lineup.programmes(
        found.channel, start.timestamp(), end.timestamp(), _MOST_PROGRAMMES
    )
    return {
        ATTR_CHANNEL: found.channel.name,
        "programmes": [_describe_programme(one) for one in programmes],
    }


def _meant(entry: AceStreamProxyConfigEntry, call: ServiceCall) -> list[FeedCoordinator]:
    """Return the lists and guides that an action is for, by what they are called.

    Raises:
        ServiceValidationError: What is named is none.
    """
    feeds = entry.runtime_data.feeds
    if not any(key in call.data for key in (ATTR_NAME, *TARGETS)):
        return sorted(feeds, key=_title)
    name = call.data.get(ATTR_NAME, "").casefold()
    keys = {key for key, one in entry.subentries.items() if one.title.casefold() == name}
    keys |= set(_subentries_of(call.hass, TargetSelection(dict(call.data))))
    meant = sorted((feed for key in keys if (feed := feeds.get(key))), key=_title)
    if not meant:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_such_feed")
    return meant


def _title(coordinator: FeedCoordinator) -> str:
    return coordinator.feed.title.casefold()


def _subentries_of(hass: HomeAssistant, target: TargetSelection) -> Iterable[str]:
    """Yield what the devices and entities of a target stand for."""
    referenced = async_extract_referenced_entity_ids(hass, target, primary_entities_only=False)
    devices, entities = dr.async_get(hass), er.async_get(hass)
    for device_id in referenced.referenced_devices:
        if device := devices.async_get(device_id):
            yield from (key for domain, key in device.identifiers if domain == DOMAIN)
    for entity_id in referenced.referenced | referenced.indirectly_referenced:
        entity = entities.async_get(entity_id)
        if entity and entity.platform == DOMAIN and entity.config_subentry_id:
            yield entity.config_subentry_id


def _describe(feed: Feed) -> dict[str, Any]:
    """Return what there is in a list or a guide, and how much of it is broken."""
    known: dict[str, Any] = {"name": feed.title, "kind": feed.kind}
    if isinstance(feed, ListFeed):
        channels = len(feed.listing.channels) if feed.listing else 0
        return known | {"channels": channels, "problems": feed.playlist.problem_count}
    facts = feed.facts if isinstance(feed, GuideFeed) else None
    return known | {
        "channels": facts.channels if facts else 0,
        "programmes": facts.programmes if facts else 0,
        "problems": facts.skipped if facts else 0,
    }


def _describe_programme(programme: Programme) -> dict[str, Any]:
    return {
        "title": programme.title,
        "subtitle": programme.subtitle or None,
        "description": programme.description or None,
        "start": moment(programme.start),
        "stop": moment(programme.stop),
        "category": programme.category or None,
        "episode": programme.episode or None,
    }
