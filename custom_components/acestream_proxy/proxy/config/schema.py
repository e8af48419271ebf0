"""What the file may say, and what is made of it."""

from pathlib import Path
import re
from typing import Any, Final

import voluptuous as vol

from ..audience import Viewer
from ..catalog import Channel, Filter
from ..catalog.channel import MAX_TEXT
from ..catalog.source import is_http
from ..content import ContentKey
from ..transcode import ChannelOptions
from .checks import Check, each, fitting, of_kind, parsed, section, text
from .config import ChannelConfig, Config, GuideConfig, PlaylistConfig
from .table import OPTIONS, Option
from .values import BOOLEAN, FOLDER, LANGUAGE, NOTHING, SECRET, read_name, whole_number

# As in lists of channels.
_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,4})?")

# Nobody's list changes every minute, and after a month none is what it was.
_MOST_HOURS: Final = 30 * 24

# As many as may watch at all.
_MOST_STREAMS: Final = 250

_PATTERNS: Final = ("include_groups", "exclude_groups", "include_names", "exclude_names")


def config_schema(folder: Path) -> vol.Schema:
    """Return what makes a `Config` of a file's value; its paths are relative to a folder."""

    def read_path(written: str) -> Path | None:
        path: Path | None = FOLDER.read(written)
        return folder / path if path else None

    path = text(read_path, FOLDER.expected)
    keys: dict[str, Check] = {
        **{option.key: _value_of(option) for option in OPTIONS},
        "data": path,
        "viewers": each(_VIEWER, unique=("name", "secret")),
        "channels": each(_CHANNEL),
        "playlists": each(_playlist(path), unique=("name",)),
        "guides": each(_guide(path), unique=("name",)),
    }
    return vol.Schema(section(Config, optional=keys))


def _value_of(option: Option) -> Check:
    """Return the check for what an option is set to."""
    if not option.one:
        return of_kind(option.kind)
    check_each = each(of_kind(option.kind))

    def check(value: Any) -> tuple[Any, ...]:
        if option.may_be_none and value == NOTHING:
            return ()
        values = tuple(dict.fromkeys(check_each(value)))
        if not values and not option.may_be_none:
            raise vol.Invalid(f"expected at least one {option.one}")
        return values

    return check


_NAME: Final = text(read_name, f"a text of 1 to {MAX_TEXT} characters")
_ADDRESS: Final = fitting(is_http, "an address with http:// or https://")
_HOURS: Final = of_kind(whole_number(1, _MOST_HOURS))
_CONTENT: Final = parsed(ContentKey.parse)

# One that is empty is for channels without a group.
_GLOBS: Final = each(
    fitting(lambda written: len(written) <= MAX_TEXT, f"a pattern of at most {MAX_TEXT} characters")
)


def _build_channel(
    *,
    name: str,
    content: ContentKey,
    alternatives: tuple[ContentKey, ...] = (),
    audio_language: str = "",
    transcode_video: bool = False,
    **more: Any,
) -> ChannelConfig:
    sources = tuple(dict.fromkeys((content, *alternatives)))
    return ChannelConfig(
        channel=Channel(name=name, sources=sources, **more),
        options=ChannelOptions(audio_language=audio_language, transcode_video=transcode_video),
    )


_CHANNEL: Final = section(
    _build_channel,
    required={"name": _NAME, "content": _CONTENT},
    optional={
        "alternatives": each(_CONTENT),
        "logo": _ADDRESS,
        "number": fitting(_NUMBER.fullmatch, "a number, such as 5 or 101.1"),
        "groups": each(_NAME),
        "guide_id": _NAME,
        "audio_language": of_kind(LANGUAGE),
        "transcode_video": of_kind(BOOLEAN),
    },
)


def _build_playlist(**given: Any) -> PlaylistConfig:
    patterns = {key: given.pop(key) for key in _PATTERNS if key in given}
    return PlaylistConfig(filter=Filter(**patterns), **given)


def _playlist(path: Check) -> Check:
    origins = {
        "url": _ADDRESS,
        "file": path,
        "text": fitting(len, "the text of a list"),
        "search": _NAME,
    }
    return section(
        _build_playlist,
        required={"name": _NAME},
        optional={**origins, "refresh_hours": _HOURS, **dict.fromkeys(_PATTERNS, _GLOBS)},
        one_of=tuple(origins),
    )


def _guide(path: Check) -> Check:
    origins = {"url": _ADDRESS, "file": path}
    return section(
        GuideConfig,
        required={"name": _NAME},
        optional={**origins, "refresh_hours": _HOURS},
        one_of=tuple(origins),
    )


def _build_viewer(*, name: str, **more: Any) -> Viewer:
    return Viewer(viewer_id=name, name=name, **more)


_VIEWER: Final = section(
    _build_viewer,
    required={
        "name": _NAME,
        "secret": fitting(SECRET.fullmatch, "16 to 256 letters (A to Z), digits, - or _"),
    },
    optional={
        "password": fitting(
            lambda written: written.isprintable() and 0 < len(written) <= MAX_TEXT,
            f"1 to {MAX_TEXT} characters that can be typed",
        ),
        "groups": _GLOBS,
        "most_streams": of_kind(whole_number(1, _MOST_STREAMS)),
        "enabled": of_kind(BOOLEAN),
    },
)
