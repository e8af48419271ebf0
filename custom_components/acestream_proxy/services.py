"""The actions of the proxy: what they take, and who does them.

They are registered once, whether there is an entry or not; each finds the entry when it is called.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import DOMAIN
from .coordinator import AceStreamProxyConfigEntry
from .lineup_actions import (
    ATTR_END,
    ATTR_NAME,
    ATTR_START,
    DEFAULT_HOURS,
    async_get_programmes,
    async_refresh,
)
from .proxy.catalog.channel import MAX_TEXT
from .stream_actions import (
    ATTR_CHANNEL,
    ATTR_FOR_BROWSERS,
    ATTR_FORMAT,
    ATTR_HOURS,
    ATTR_OPENS,
    ATTR_SEARCH,
    ATTR_VIEWER,
    FORMS,
    async_create_link,
    async_get_streams,
    async_play,
    async_start_stream,
    async_stop_stream,
)

type _Do = Callable[[AceStreamProxyConfigEntry, ServiceCall], Awaitable[ServiceResponse]]

# What a link lives for if nobody says: an evening.
_LINK_HOURS: Final = 4.0

# Links and questions for a guide reach a month ahead at most: nobody has a longer guide, and who
# wants more than a month is a viewer.
_MOST_HOURS: Final = 31 * 24.0

# More openings than that are as good as any number of them.
_MOST_OPENS: Final = 1000


def _text(most: int = MAX_TEXT) -> Any:
    return vol.All(cv.string, str.strip, vol.Length(min=1, max=most))


_HOURS: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=_MOST_HOURS, min_included=False))

# A magnet link may be longer than a name.
_CHANNEL: Final = _text(4096)
_FINDS: Final[dict[Any, Any]] = {
    vol.Required(ATTR_CHANNEL): _CHANNEL,
    vol.Optional(ATTR_SEARCH, default=False): cv.boolean,
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something that the proxy does if asked to."""

    do: _Do
    schema: Any
    response: SupportsResponse


ACTIONS: Final = {
    "get_streams": Action(async_get_streams, vol.Schema({}), SupportsResponse.ONLY),
    "start_stream": Action(
        async_start_stream,
        vol.Schema({**_FINDS, vol.Optional(ATTR_FOR_BROWSERS, default=False): cv.boolean}),
        SupportsResponse.OPTIONAL,
    ),
    "stop_stream": Action(
        async_stop_stream,
        vol.Schema({vol.Optional(ATTR_CHANNEL): _CHANNEL}),
        SupportsResponse.OPTIONAL,
    ),
    "play": Action(async_play, cv.make_entity_service_schema(_FINDS), SupportsResponse.OPTIONAL),
    "create_link": Action(
        async_create_link,
        vol.Schema(
            {
                **_FINDS,
                vol.Optional(ATTR_HOURS, default=_LINK_HOURS): _HOURS,
                vol.Optional(ATTR_OPENS): vol.All(
                    vol.Coerce(int), vol.Range(min=1, max=_MOST_OPENS)
                ),
                vol.Optional(ATTR_VIEWER): _text(),
                vol.Optional(ATTR_FORMAT, default="hls"): vol.In(tuple(FORMS)),
            }
        ),
        SupportsResponse.ONLY,
    ),
    "refresh": Action(
        async_refresh,
        vol.Schema({vol.Optional(ATTR_NAME): _text(), **cv.ENTITY_SERVICE_FIELDS}),
        SupportsResponse.OPTIONAL,
    ),
    "get_programmes": Action(
        async_get_programmes,
        vol.Schema(
            {
                vol.Required(ATTR_CHANNEL): _CHANNEL,
                vol.Optional(ATTR_HOURS, default=DEFAULT_HOURS): _HOURS,
                vol.Optional(ATTR_START): cv.datetime,
                vol.Optional(ATTR_END): cv.datetime,
            }
        ),
        SupportsResponse.ONLY,
    ),
}
"""What there is, by name."""


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action in ACTIONS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            partial(_async_do, action.do),
            schema=action.schema,
            supports_response=action.response,
        )


async def _async_do(do: _Do, call: ServiceCall) -> ServiceResponse:
    """Do something with the proxy.

    Raises:
        ServiceValidationError: It is not set up.
    """
    entry: AceStreamProxyConfigEntry
    for entry in call.hass.config_entries.async_loaded_entries(DOMAIN):
        return await do(entry, call)
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_loaded")
