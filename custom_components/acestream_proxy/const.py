"""Names that the modules of the integration share."""

from enum import StrEnum
import logging
from typing import Final

DOMAIN: Final = "acestream_proxy"
LOGGER: Final = logging.getLogger(__package__)

CONF_ADVANCED: Final = "advanced"
CONF_ALTERNATIVES: Final = "alternatives"
CONF_APP: Final = "app"
CONF_AUDIO_LANGUAGE: Final = "audio_language"
CONF_CONNECT_TIMEOUT: Final = "connect_timeout"
CONF_CONTENT: Final = "content"
CONF_DROP_AFTER: Final = "drop_after"
CONF_ENABLED: Final = "enabled"
CONF_ENGINE: Final = "engine"
CONF_EXCLUDE_GROUPS: Final = "exclude_groups"
CONF_EXCLUDE_NAMES: Final = "exclude_names"
CONF_FILE: Final = "file"
CONF_GROUPS: Final = "groups"
CONF_GUIDE_ID: Final = "guide_id"
CONF_INCLUDE_GROUPS: Final = "include_groups"
CONF_INCLUDE_NAMES: Final = "include_names"
CONF_KEEP_WARM: Final = "keep_warm"
CONF_LINGER: Final = "linger"
CONF_LOGO: Final = "logo"
CONF_LOW_LATENCY: Final = "low_latency"
CONF_MOST_STREAMS: Final = "most_streams"
CONF_NUMBER: Final = "number"
CONF_REFRESH_HOURS: Final = "refresh_hours"
CONF_SEARCH: Final = "search"
CONF_SECRET: Final = "secret"  # noqa: S105 - the name of the field
CONF_START_TIMEOUT: Final = "start_timeout"
CONF_STREAMS: Final = "streams"
CONF_STREAMS_PER_ENGINE: Final = "streams_per_engine"
CONF_TEXT: Final = "text"
CONF_TRANSCODE_VIDEO: Final = "transcode_video"
CONF_VIEWERS: Final = "viewers"

# The favourites, as a list among the others: no subentry has this ID.
FAVOURITES: Final = "favourites"


class SubentryType(StrEnum):
    """What a user adds to the proxy."""

    ENGINE = "engine"
    CHANNEL = "channel"
    PLAYLIST = "playlist"
    GUIDE = "guide"
    VIEWER = "viewer"
