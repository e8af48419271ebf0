"""What a user adds to the proxy: engines, channels, lists, guides and viewers."""

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME, CONF_PASSWORD, CONF_URL
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from .addresses import addresses_of
from .const import (
    CONF_ALTERNATIVES,
    CONF_CONTENT,
    CONF_FILE,
    CONF_GUIDE_ID,
    CONF_KEEP_WARM,
    CONF_LOGO,
    CONF_NUMBER,
    CONF_SEARCH,
    CONF_SECRET,
    CONF_TEXT,
    FAVOURITES,
)
from .feeds import filter_of, origin_of
from .forms import (
    CHANNEL_SCHEMA,
    ENGINE_SCHEMA,
    GUIDE_SCHEMA,
    LISTED_SCHEMA,
    PLACEHOLDERS,
    PLAYLIST_SCHEMA,
    VIEWER_SCHEMA,
    check_language,
    check_name,
    check_origin,
    engine_title,
    not_there,
    tidy,
    try_engine,
)
from .lineup import make_lineup
from .proxy import Channel, ContentKey, FetchError, InvalidContentError, ListFeed
from .proxy.audience.viewers import make_password, make_secret, plain_username
from .proxy.catalog import Catalog, Entry
from .proxy.feeds import read_channels
from .proxy.fetch import probe

# As many as one can look through; who sees too many types more of the name.
_MOST_FOUND: Final = 100

# Whether there is a guide shows at once; what it is, once it was read.
_PROBE_TIMEOUT: Final = 20.0

_CHANNEL: Final = "channel"


@dataclass(frozen=True, slots=True)
class _Subentry:
    """What a form came to."""

    title: str
    unique_id: str | None
    data: dict[str, Any]


class _SubentryFlow(ConfigSubentryFlow):
    """Adds something to the proxy, or changes it: one form for both.

    Home Assistant itself lets no unique ID be there twice.
    """

    schema: ClassVar[vol.Schema]

    @abstractmethod
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return what was filled in, or what to tell the user instead."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for something new."""
        errors: dict[str, str] = {}
        if user_input is not None:
            new, errors = await self.read(user_input)
            if new:
                return await self.async_create(new)
        return self._form("user", user_input, errors)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for what should be different."""
        entry, old = self._get_entry(), self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            new, errors = await self.read(user_input)
            if new:
                return self.async_update_and_abort(
                    entry, old, title=new.title, data=new.data, unique_id=new.unique_id
                )
        return self._form("reconfigure", user_input or dict(old.data), errors)

    async def async_create(self, new: _Subentry) -> SubentryFlowResult:
        """Add what the form came to."""
        return self.async_create_entry(title=new.title, data=new.data, unique_id=new.unique_id)

    def placeholders(self) -> dict[str, str]:
        """Return what the texts of the form are filled in with."""
        return PLACEHOLDERS

    def _old(self) -> ConfigSubentry | None:
        """Return what is changed, if this is not something new."""
        return self._get_reconfigure_subentry() if self.source == "reconfigure" else None

    def _form(
        self, step: str, values: dict[str, Any] | None, errors: dict[str, str]
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(self.schema, values),
            errors=errors,
            description_placeholders=self.placeholders(),
        )


class EngineSubentryFlow(_SubentryFlow):
    """Adds an engine, or changes the address of one."""

    schema = ENGINE_SCHEMA

    @override
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return the engine that answers at the address."""
        client, errors = await try_engine(self.hass, user_input[CONF_URL])
        if client is None:
            return None, errors
        return _Subentry(engine_title(client), client.url, {CONF_URL: client.url}), {}


class ChannelSubentryFlow(_SubentryFlow):
    """Adds a channel, of its content or as a favourite of a list, or changes one."""

    schema = CHANNEL_SCHEMA

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask where it comes from, if there are lists, and else for its content."""
        if user_input is None and any(one.key != FAVOURITES for one in self._catalog()):
            return self.async_show_menu(step_id="user", menu_options=["content", "listed"])
        return await super().async_step_user(user_input)

    async def async_step_content(self, _: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for its content; what is filled in comes back to the step above."""
        return self._form("user", None, {})

    async def async_step_listed(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for a part of its name, and have those that were found chosen from."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._found = self._search(user_input[CONF_SEARCH])
            if self._found:
                return await self.async_step_pick()
            errors = {CONF_SEARCH: "nothing_found"}
        return self.async_show_form(
            step_id="listed",
            data_schema=self.add_suggested_values_to_schema(LISTED_SCHEMA, user_input),
            errors=errors,
        )

    async def async_step_pick(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add the channel that was chosen."""
        if user_input is not None:
            return await self.async_create(_favourite(self._found[user_input[_CHANNEL]]))
        options = [
            SelectOptionDict(value=number, label=_label(entry))
            for number, entry in self._found.items()
        ]
        selector = SelectSelector(
            SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST)
        )
        schema = vol.Schema({vol.Required(_CHANNEL): selector})
        return self.async_show_form(step_id="pick", data_schema=schema)

    @override
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return the channel with the content that was named."""
        data = tidy(user_input)
        try:
            content = ContentKey.parse(data.get(CONF_CONTENT, ""))
        except InvalidContentError:
            return None, {CONF_CONTENT: "invalid_content"}
        if not all(map(_is_content, data.get(CONF_ALTERNATIVES, ()))):
            return None, {CONF_ALTERNATIVES: "invalid_content"}
        if errors := check_name(data) or check_language(data):
            return None, errors
        old = self._old()
        if old and CONF_KEEP_WARM in old.data:  # it is switched elsewhere, and stays as it is
            data[CONF_KEEP_WARM] = old.data[CONF_KEEP_WARM]
        return _Subentry(data[CONF_NAME], content.slug, data), {}

    def _catalog(self) -> Catalog:
        """Return the channels that there are; none while the proxy is not set up."""
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return Catalog()
        catalog: Catalog = entry.runtime_data.lineup.catalog
        return catalog

    def _search(self, text: str) -> dict[str, Entry]:
        """Return the channels of lists with a text in their name that an engine plays."""
        catalog = self._catalog()
        keys = [one.key for one in catalog if one.key != FAVOURITES]
        found = catalog.search(text, _MOST_FOUND, keys)
        return {str(one.number): one for one in found if _contents(one.channel)}


class PlaylistSubentryFlow(_SubentryFlow):
    """Adds a list of channels, or changes one."""

    schema = PLAYLIST_SCHEMA

    @override
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return the list that was given, if there are channels in it."""
        data = tidy(user_input)
        origins = (CONF_URL, CONF_FILE, CONF_TEXT, CONF_SEARCH)
        if errors := check_name(data) or check_origin(self.hass, data, origins):
            return None, errors
        origin = origin_of(self.hass, data)
        if not origin.query:
            feed = ListFeed(make_lineup(self.hass), "", "", origin)
            try:
                body = await feed.fetch()
            except FetchError as error:
                return None, not_there(error)
            wanted = filter_of(data)
            _, channels = await self.hass.async_add_executor_job(read_channels, body or b"", wanted)
            if not channels:
                return None, {CONF_URL: "no_channels"}
        return _Subentry(data[CONF_NAME], origin.mark, data), {}


class GuideSubentryFlow(_SubentryFlow):
    """Adds a guide, or changes one."""

    schema = GUIDE_SCHEMA

    @override
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return the guide that was given, if there is something where it should be."""
        data = tidy(user_input)
        if errors := check_name(data) or check_origin(self.hass, data, (CONF_URL, CONF_FILE)):
            return None, errors
        origin = origin_of(self.hass, data)
        try:
            if origin.address:
                session = make_lineup(self.hass).session
                await probe(session, origin.address, timeout=_PROBE_TIMEOUT)
            elif not await self.hass.async_add_executor_job(_is_file, origin.path):
                return None, {CONF_FILE: "no_file"}
        except FetchError as error:
            return None, not_there(error)
        return _Subentry(data[CONF_NAME], origin.mark, data), {}


class ViewerSubentryFlow(_SubentryFlow):
    """Adds a viewer, or changes one; its address is shown in the end, and whenever it changes."""

    schema = VIEWER_SCHEMA

    @override
    async def async_create(self, new: _Subentry) -> SubentryFlowResult:
        """Show the addresses first: this is where they are copied from."""
        self._new = new
        return await self.async_step_addresses()

    async def async_step_addresses(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add the viewer once its addresses were seen."""
        if user_input is not None:
            return await super().async_create(self._new)
        return self.async_show_form(
            step_id="addresses",
            data_schema=vol.Schema({}),
            description_placeholders=addresses_of(self.hass, self._new.title, self._new.data),
        )

    @override
    def placeholders(self) -> dict[str, str]:
        """Return the addresses of the viewer that is changed."""
        if old := self._old():
            return addresses_of(self.hass, old.title, old.data)
        return PLACEHOLDERS

    @override
    async def read(self, user_input: dict[str, Any]) -> tuple[_Subentry | None, dict[str, str]]:
        """Return the viewer, with the secret it has, or a new one."""
        data, old = tidy(user_input), self._old()
        if errors := check_name(data):
            return None, errors
        username = plain_username(data[CONF_NAME])
        secrets = old.data if old else {CONF_SECRET: make_secret(), CONF_PASSWORD: make_password()}
        data |= {key: secrets[key] for key in (CONF_SECRET, CONF_PASSWORD)}
        return _Subentry(data[CONF_NAME], f"viewer {username}", data), {}


def _is_content(text: str) -> bool:
    try:
        ContentKey.parse(text)
    except InvalidContentError:
        return False
    return True


def _is_file(path: str) -> bool:
    return Path(path).is_file()


def _contents(channel: Channel) -> list[ContentKey]:
    """Return those sources of a channel that an engine plays."""
    return [source for source in channel.sources if isinstance(source, ContentKey)]


def _label(entry: Entry) -> str:
    """Return what a channel of a list is called where several lists are looked through."""
    where = ", ".join((entry.listing.title, *entry.channel.groups))
    return f"{entry.channel.name} ({where})"


def _favourite(entry: Entry) -> _Subentry:
    """Return a channel of a list as one of the user's own."""
    channel = entry.channel
    content, *alternatives = _contents(channel)
    data = {
        CONF_NAME: channel.name,
        CONF_CONTENT: content.link,
        CONF_ALTERNATIVES: [one.link for one in alternatives],
        CONF_LOGO: channel.logo,
        CONF_NUMBER: channel.number,
        CONF_GUIDE_ID: channel.guide_id or channel.guide_name,
    }
    return _Subentry(channel.name, content.slug, tidy(data))
