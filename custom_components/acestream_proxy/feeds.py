"""Lists of channels and guides that a user added: looked at now and then.

What they are, and how they are kept, is the proxy's; here is when they are asked for, and what of
it the log and the entities hear.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_URL
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from yarl import URL

from .const import (
    CONF_EXCLUDE_GROUPS,
    CONF_EXCLUDE_NAMES,
    CONF_FILE,
    CONF_INCLUDE_GROUPS,
    CONF_INCLUDE_NAMES,
    CONF_REFRESH_HOURS,
    CONF_SEARCH,
    CONF_TEXT,
    DOMAIN,
    FAVOURITES,
    LOGGER,
    SubentryType,
)
from .proxy import Feed, Filter, GuideFeed, Lineup, ListFeed, Origin, Proxy, ProxyError
from .proxy.catalog import Channel, channels_of
from .proxy.feeds import forget_others, named_guides, pause_after
from .reasons import reason_of_feed
from .subentries import SubentryChanges

DEFAULT_HOURS: Final = 24


class FeedCoordinator(DataUpdateCoordinator[float | None]):
    """Looks at one list or guide when it is due; its data is when that last went well."""

    config_entry: ConfigEntry

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, feed: Feed) -> None:
        """Prepare; there is what was kept before the first look."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{type(feed).kind} {feed.title}",
            update_interval=timedelta(seconds=feed.interval),
        )
        self.feed = feed
        self.data = feed.updated
        self._failures = 0

    async def async_look(self) -> HomeAssistantError | None:
        """Look now, for somebody who waits for it; return what they are to be told if it failed."""
        await self.async_refresh()
        if self.last_update_success:
            return None
        if isinstance(self.last_exception, UpdateFailed):
            return self.last_exception
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="not_refreshed",
            translation_placeholders={"name": self.feed.title},
        )

    @override
    async def _async_update_data(self) -> float | None:
        """Look now; what there is stays if the source is down, which is soon asked again."""
        try:
            await self.feed.refresh()
        except ProxyError as error:
            self._failures += 1
            reason = reason_of_feed(error, self.feed.title)
            raise UpdateFailed(
                str(error),  # for the log
                translation_domain=DOMAIN,
                translation_key=reason.key,
                translation_placeholders=reason.words,
            ) from error
        else:
            self._failures = 0
        finally:
            pause = pause_after(self._failures, self.feed.interval)
            self.update_interval = timedelta(seconds=pause)
        return self.feed.updated


class Feeds:
    """The lists and guides that there are: those of subentries, and the guides that lists name."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, proxy: Proxy, lineup: Lineup
    ) -> None:
        """Start without any."""
        self._hass = hass
        self._entry = entry
        self._proxy = proxy
        self._lineup = lineup
        self._feeds: dict[str, FeedCoordinator] = {}
        self._listeners: defaultdict[str, list[CALLBACK_TYPE]] = defaultdict(list)

    def __iter__(self) -> Iterator[FeedCoordinator]:
        """Go through them."""
        return iter(tuple(self._feeds.values()))

    def get(self, key: str) -> FeedCoordinator | None:
        """Return the list or the guide of a subentry, if it is there."""
        return self._feeds.get(key)

    @callback
    def async_on_look(self, key: str, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener after each look at a list or a guide, until the returned call."""
        self._listeners[key].append(listener)
        return lambda: self._listeners[key].remove(listener)

    async def async_add(self, subentry: ConfigSubentry) -> None:
        """Have a list or a guide, kept up to date; anew if it has changed."""
        # The order is that of the user, whichever is there first.
        self._lineup.catalog.arrange([FAVOURITES, *self._entry.subentries])
        self._lineup.guides.arrange(self._entry.subentries)
        if feed := self._make(subentry):
            await self._async_have(feed)
        if subentry.subentry_type == SubentryType.GUIDE:
            for one in self:  # it may be one that lists name, too
                if isinstance(one.feed, ListFeed):
                    await self._async_follow_guides(one.feed)

    async def async_clean(self) -> None:
        """Keep nothing of lists and guides that went while their files could not go."""
        feeds = [coordinator.feed for coordinator in self]
        await self._hass.async_add_executor_job(forget_others, self._lineup.folder, feeds)

    async def async_follow(self, changes: SubentryChanges) -> None:
        """Have what there is after some changes, and nothing that was kept of the rest."""
        for subentry in changes.removed:
            await self._async_forget(subentry.subentry_id)
        for subentry in (*changes.added, *changes.changed):
            await self.async_add(subentry)

    async def async_shutdown(self) -> None:
        """Look at nothing any more."""
        while self._feeds:
            await self._feeds.popitem()[1].async_shutdown()

    def _make(self, subentry: ConfigSubentry) -> Feed | None:
        key, title, data = subentry.subentry_id, subentry.title, subentry.data
        interval = data.get(CONF_REFRESH_HOURS, DEFAULT_HOURS) * 3600.0
        origin = origin_of(self._hass, data)
        if subentry.subentry_type == SubentryType.GUIDE:
            return GuideFeed(self._lineup, key, title, origin, interval=interval)
        if subentry.subentry_type == SubentryType.PLAYLIST:
            return ListFeed(
                self._lineup,
                key,
                title,
                origin,
                wanted=filter_of(data),
                search=self._async_search,
                interval=interval,
            )
        return None

    async def _async_search(self, text: str) -> list[Channel]:
        return channels_of(await self._proxy.engines.search(text))

    async def _async_have(self, feed: Feed) -> None:
        """Take what was kept of a list or guide, and look at it."""
        if old := self._feeds.pop(feed.key, None):
            old.feed.retire()
            await old.async_shutdown()
        await feed.load()
        coordinator = self._feeds[feed.key] = FeedCoordinator(self._hass, self._entry, feed)
        # Only with a listener it is looked at again.
        coordinator.async_add_listener(partial(self._looked, feed))
        self._entry.async_create_background_task(
            self._hass, coordinator.async_refresh(), f"{DOMAIN} {coordinator.name}"
        )
        if isinstance(feed, ListFeed):
            await self._async_follow_guides(feed)

    @callback
    def _looked(self, feed: Feed) -> None:
        """Tell of a look at a list or a guide."""
        for listener in list(self._listeners[feed.key]):
            listener()
        if isinstance(feed, ListFeed):
            self._entry.async_create_background_task(
                self._hass, self._async_follow_guides(feed), f"{DOMAIN} guides of a list"
            )
        else:
            self._entry.runtime_data.on_air.async_request_look()

    async def _async_follow_guides(self, playlist: ListFeed) -> None:
        """Have the guides that a list names."""
        prefix = _guide_key(playlist.key, "")
        others = [one.feed for one in self if not one.feed.key.startswith(prefix)]
        named = {_guide_key(playlist.key, one): one for one in named_guides(playlist, others)}
        for key in [key for key in self._feeds if key.startswith(prefix) and key not in named]:
            await self._async_forget(key)
        for key, address in named.items():
            if key not in self._feeds:
                origin = Origin(address=address)
                await self._async_have(GuideFeed(self._lineup, key, playlist.title, origin))

    async def _async_forget(self, key: str) -> None:
        """Look at a list or guide no more, and keep nothing of it."""
        if coordinator := self._feeds.pop(key, None):
            await coordinator.async_shutdown()
            # It is over at once, but for its files: a look that is under way may take minutes.
            coordinator.feed.retire()
            self._entry.async_create_background_task(
                self._hass, coordinator.feed.forget(), f"{DOMAIN} forget {coordinator.name}"
            )
        for named in [one for one in self._feeds if one.startswith(_guide_key(key, ""))]:
            await self._async_forget(named)


def _guide_key(playlist: str, address: str) -> str:
    """Return the key of a guide that a list names."""
    return f"{playlist} {address}"


def origin_of(hass: HomeAssistant, data: Mapping[str, Any]) -> Origin:
    """Return where a list or a guide comes from."""
    name = data.get(CONF_FILE, "")
    return Origin(
        address=data.get(CONF_URL, ""),
        path=str(Path(hass.config.path(name))) if name else "",
        text=data.get(CONF_TEXT, ""),
        query=data.get(CONF_SEARCH, ""),
    )


def filter_of(data: Mapping[str, Any]) -> Filter:
    """Return which channels of a list the user wants."""
    return Filter(
        include_groups=tuple(data.get(CONF_INCLUDE_GROUPS, ())),
        exclude_groups=tuple(data.get(CONF_EXCLUDE_GROUPS, ())),
        include_names=tuple(data.get(CONF_INCLUDE_NAMES, ())),
        exclude_names=tuple(data.get(CONF_EXCLUDE_NAMES, ())),
    )


def is_readable(hass: HomeAssistant, name: str) -> bool:
    """Return whether a file may be read: in the configuration folder or a media folder."""
    path = Path(hass.config.path(name)).resolve()
    allowed = (hass.config.config_dir, *hass.config.media_dirs.values())
    return any(path.is_relative_to(Path(folder).resolve()) for folder in allowed)


def is_address(text: str) -> bool:
    """Return whether a text is an address that lists are fetched from."""
    try:
        url = URL(text)
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.host)
