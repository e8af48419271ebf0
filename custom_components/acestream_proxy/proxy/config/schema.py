"""What the file may say, and what is made of it."""

from pathlib import Path
import re
from typing import Any, Final

import voluptuous as vol

from ..audience import Viewer
from ..catalog import Channel, Filter
from ..catalog.channel import MAX_TEXT, tidy
from ..catalog.source import is_http
from ..content import ContentKey
from ..engine.client import normalize_engine_url
from ..transcode import ChannelOptions, is_language
from .checks import Check, each, fitting, parsed, section, text, whole_number
from .config import ChannelConfig, Config, GuideConfig, PlaylistConfig

# What an address can hold as it is. Sixteen of them are 96 bits, which nobody guesses.
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")

_LISTEN: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]*)):([0-9]{1,5})")
_MAX_PORT: Final = 65535

# As in lists of channels.
_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,4})?")

# Nobody's list changes every minute, and after a month none is what it was.
_MOST_HOURS: Final = 30 * 24

# As many as may watch at all.
_MOST_STREAMS: Final = 250

_YES: Final = ("true", "yes", "on")
_NO: Final = ("false", "no", "off")

_PATTERNS: Final = ("include_groups", "exclude_groups", "include_names", "exclude_names")


def config_schema(folder: Path) -> vol.Schema:
    """Return what makes a `Config` of a file's value; its paths are relative to a folder."""
    path = text(lambda written: folder / written if written else None, "a path")
    keys: dict[str, Check] = {
        "engines": vol.All(
            each(parsed(normalize_engine_url)),
            vol.Length(min=1, msg="expected at least one engine"),
            lambda urls: tuple(dict.fromkeys(urls)),
        ),
        "listen": text(parse_listen, "HOST:PORT, such as 0.0.0.0:8080 or [::1]:8080"),
        "data": path,
        "audio_language": _LANGUAGE,
        "low_latency": _BOOLEAN,
        "anonymous": _BOOLEAN,
        "channels": each(_CHANNEL),
        "playlists": each(_playlist(path), unique=("name",)),
        "guides": each(_guide(path), unique=("name",)),
        "viewers": each(_VIEWER, unique=("name", "secret")),
    }
    return vol.Schema(section(Config, optional=keys))


def parse_listen(written: str) -> tuple[str, int] | None:
    """Return a host and a port, or None if it is not `HOST:PORT`.

    Without a host it is this machine alone.
    """
    found = _LISTEN.fullmatch(written)
    if found is None or int(found[3]) > _MAX_PORT:
        return None
    return found[1] or found[2] or "127.0.0.1", int(found[3])


def _read_boolean(written: str) -> bool | None:
    word = written.lower()
    return word in _YES if word in (*_YES, *_NO) else None


_BOOLEAN: Final = text(_read_boolean, "true or false")
_LANGUAGE: Final = text(
    lambda written: written.lower() if is_language(written) else None,
    "a code of three letters (ISO 639-2), such as spa",
)
_NAME: Final = text(
    lambda written: tidy(written) or None if len(written) <= MAX_TEXT else None,
    f"a text of 1 to {MAX_TEXT} characters",
)
_ADDRESS: Final = fitting(is_http, "an address with http:// or https://")
_HOURS: Final = whole_number(1, _MOST_HOURS)
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
        "audio_language": _LANGUAGE,
        "transcode_video": _BOOLEAN,
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
        "secret": fitting(_SECRET.fullmatch, "16 to 256 letters (A to Z), digits, - or _"),
    },
    optional={
        "password": fitting(
            lambda written: written.isprintable() and 0 < len(written) <= MAX_TEXT,
            f"1 to {MAX_TEXT} characters that can be typed",
        ),
        "groups": _GLOBS,
        "most_streams": whole_number(1, _MOST_STREAMS),
        "enabled": _BOOLEAN,
    },
)
