"""What the Xtream Codes API answers, as apps expect it.

Nobody ever specified this: the software is gone, and apps parse what they have seen of it. So each
field has the type that it had there. Numbers are text in some places (`category_id`, `added`,
`active_cons`) and numbers in others (`stream_id`, `num`, `category_ids`), and titles in a guide
are in base 64. All times are in UTC.

Lists are yielded item by item, since they may be long.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
import json
from typing import Any, Final

from yarl import URL

from ..audience import Viewer
from ..catalog import Channel, number_of_group
from ..guide import Programme
from .addresses import Addresses
from .channels import Shown

# The category of channels that are in no group.
NO_GROUP: Final = "Other"

# When an account ends that does not. Servers say `null`, which clients exist that take for a number
# and fail; some of them have 32 bits for it.
_NEVER: Final = str(2**31 - 1)

# What there is none of here: films and series.
NOTHING: Final[Mapping[str, Any]] = {
    "get_vod_categories": [],
    "get_vod_streams": [],
    "get_vod_info": {"info": {}, "movie_data": {}},
    "get_series_categories": [],
    "get_series": [],
    "get_series_info": {"seasons": [], "info": {}, "episodes": {}},
}


def account(origin: URL, viewer: Viewer, *, watching: int, most: int, now: float) -> dict[str, Any]:
    """Return who is logged in, where, and what they may."""
    return {
        "user_info": {
            "username": viewer.username,
            "password": viewer.password,
            "message": "",
            "auth": 1,
            "status": "Active" if viewer.enabled else "Disabled",
            "exp_date": _NEVER,
            "is_trial": "0",
            "active_cons": str(watching),
            "created_at": "0",
            "max_connections": str(most),
            "allowed_output_formats": ["ts", "m3u8"],
        },
        "server_info": _server(origin, now),
    }


def _server(origin: URL, now: float) -> dict[str, Any]:
    """Return where the server is; apps choose one of the ports by the protocol."""
    port = str(origin.port)
    return {
        "url": origin.host_subcomponent,
        "port": port,
        "https_port": port,
        "server_protocol": origin.scheme,
        "rtmp_port": port,
        "timezone": "UTC",
        "timestamp_now": int(now),
        "time_now": _written(now),
    }


def categories(channels: Iterable[Channel]) -> Iterator[dict[str, Any]]:
    """Yield the groups that channels are in, in the order in which they first come."""
    for name in dict.fromkeys(group for channel in channels for group in _groups(channel)):
        yield {"category_id": str(number_of_group(name)), "category_name": name, "parent_id": 0}


def streams(
    channels: Iterable[Shown], addresses: Addresses, category: str = ""
) -> Iterator[dict[str, Any]]:
    """Yield channels; those of one category, if it is given."""
    for place, one in enumerate(channels, 1):
        ids = [number_of_group(group) for group in _groups(one.channel)]
        if not category or category in map(str, ids):
            yield {
                "num": place,
                "name": one.channel.name,
                "stream_type": "live",
                "stream_id": one.entry.number,
                "stream_icon": one.logo(addresses),
                "epg_channel_id": one.guide_id or None,
                "added": "0",
                "is_adult": "0",
                "category_id": category or str(ids[0]),
                "category_ids": ids,
                "custom_sid": "",
                "tv_archive": 0,
                "direct_source": "",
                "tv_archive_duration": 0,
            }


def listings(
    programmes: Iterable[Programme], guide_id: str, number: int, now: float
) -> Iterator[dict[str, Any]]:
    """Yield what is on a channel."""
    for one in programmes:
        yield {
            "id": str(one.start),
            "epg_id": str(number),
            "title": _base64(one.title),
            "lang": "",
            "start": _written(one.start),
            "end": _written(one.stop),
            "description": _base64(one.description),
            "channel_id": guide_id,
            "start_timestamp": str(one.start),
            "stop_timestamp": str(one.stop),
            "now_playing": int(one.start <= now < one.stop),
            "has_archive": 0,
        }


def written_list(items: Iterable[Any]) -> Iterator[str]:
    """Yield a list as JSON, item by item."""
    yield "["
    yield from _with_commas(map(json.dumps, items))
    yield "]"


def written_guide(listings: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is on as JSON, item by item."""
    yield '{"epg_listings": '
    yield from written_list(listings)
    yield "}"


def written_panel(
    account: Mapping[str, Any],
    categories: Iterable[Mapping[str, Any]],
    streams: Iterable[Mapping[str, Any]],
) -> Iterator[str]:
    """Yield everything at once as JSON, as the API's first version has it, item by item."""
    live = list(categories)
    names = {one["category_id"]: one["category_name"] for one in live}
    head = {**account, "categories": {"live": live, "movie": [], "series": []}}
    yield json.dumps(head).removesuffix("}")
    yield ', "available_channels": {'
    yield from _with_commas(
        f'"{one["stream_id"]}": {json.dumps(_in_panel(one, names))}' for one in streams
    )
    yield "}}"


def _in_panel(stream: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        **stream,
        "type_name": "Live Streams",
        "category_name": names.get(stream["category_id"], ""),
        "series_no": None,
        "live": "1",
        "container_extension": None,
    }


def _with_commas(texts: Iterable[str]) -> Iterator[str]:
    comma = ""
    for text in texts:
        yield comma + text
        comma = ",\n"


def _groups(channel: Channel) -> tuple[str, ...]:
    return channel.groups or (NO_GROUP,)


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _written(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}"
