"""Which content is meant: one key, however it was written down.

The engine takes content named in four ways (`reference`: ACE Stream HTTP API, "id, infohash,
url, magnet"), and people write them in many more. All end in a `ContentKey`:

    acestream://94c2fd8f…  or bare 40 hex digits   →  content_id
    infohash:94c2fd8f…                             →  infohash
    magnet:?xt=urn:btih:94c2fd8f…                  →  infohash, as that is what it says
    http://…/x.acelive, a transport file           →  url
    http://host:6878/ace/getstream?id=94c2fd8f…    →  what its query says

Input is hostile until parsed here: nothing else builds a key from text.
"""

from base64 import b32decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
import re
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from .errors import InvalidContentError

# Longer addresses than any transport file has; an engine's request line ends at 64 KiB.
_MAX_TEXT: Final = 4096

HASH: Final = re.compile(r"[0-9a-f]{40}")
_BTIH: Final = re.compile(r"urn:btih:([0-9a-z]+)", re.IGNORECASE)
# Half a surrogate pair is text that no encoding takes.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")


class ContentKind(StrEnum):
    """How content is named; each value is the engine's name of the parameter."""

    CONTENT_ID = "content_id"
    INFOHASH = "infohash"
    URL = "url"


@dataclass(frozen=True, slots=True, order=True)
class ContentKey:
    """Which content: equal keys are one broadcast."""

    kind: ContentKind
    value: str
    """40 lower-case hex digits, or for `url` the address of a transport file."""

    variant: tuple[tuple[str, str], ...] = ()
    """Which of several forms of the content: the engine's parameters for that, sorted."""

    @property
    def query(self) -> dict[str, str]:
        """The engine's parameters that select this content.

        A content ID goes under its older name `id`, which every engine knows.
        """
        name = "id" if self.kind is ContentKind.CONTENT_ID else self.kind.value
        return {name: self.value, **dict(self.variant)}

    @property
    def slug(self) -> str:
        """The key as one part of a path; `from_slug` reads it."""
        value = self.value
        if self.kind is ContentKind.URL:
            value = urlsafe_b64encode(value.encode()).decode().rstrip("=")
        return "~".join((f"{self.kind}-{value}", *(f"{name}~{of}" for name, of in self.variant)))

    @property
    def link(self) -> str:
        """The key as people write it; `parse` and lists of channels read it."""
        if self.variant:
            return f"acestream:?{urlencode(self.query)}"
        if self.kind is ContentKind.URL:
            return self.value
        scheme = "acestream://" if self.kind is ContentKind.CONTENT_ID else "infohash:"
        return f"{scheme}{self.value}"

    @classmethod
    def from_slug(cls, slug: str) -> ContentKey:
        """Read what `slug` wrote.

        Raises:
            InvalidContentError: No key has this slug.
        """
        named, *variant = slug.split("~")
        kind, _, value = named.partition("-")
        if kind == ContentKind.URL:
            try:
                value = urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
            except ValueError:
                raise InvalidContentError("This address names no content.") from None
        key = cls.from_parameter(kind, value)
        if len(variant) % 2:
            raise InvalidContentError("This address names no content.")
        return replace(key, variant=_variant(dict(zip(variant[::2], variant[1::2], strict=True))))

    @classmethod
    def from_parameter(cls, kind: str, value: str) -> ContentKey:
        """Make a key from a parameter's name and value, as in the engine's API.

        Raises:
            InvalidContentError: The value is not of that kind.
        """
        value = value.strip()
        match kind:
            case "id" | "content_id":
                return cls(ContentKind.CONTENT_ID, _hash(value, "A content ID"))
            case "infohash":
                return cls(ContentKind.INFOHASH, _hash(value, "An infohash"))
            case "magnet":
                return cls(ContentKind.INFOHASH, _infohash_of_magnet(value))
            case "url":
                return cls(ContentKind.URL, _transport_file(value))
        raise InvalidContentError("This address names no content.")

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> ContentKey:
        """Find the one content that a query string names.

        The wording of the first two errors is what pyacexy answers, which scripts may look for.

        Raises:
            InvalidContentError: It names none, more than one, or something malformed.
        """
        names = [name for name in CONTENT_PARAMETERS if query.get(name)]
        if not names:
            raise InvalidContentError("Missing id or infohash parameter")
        if len(names) > 1:
            raise InvalidContentError("Only one of id or infohash can be specified")
        key = cls.from_parameter(names[0], query[names[0]])
        return replace(key, variant=_variant(query))

    @classmethod
    def parse(cls, text: str) -> ContentKey:
        """Read content as people write it; see the top of this module.

        Raises:
            InvalidContentError: It is none of the forms known.
        """
        text = text.strip()
        scheme, separator, rest = text.partition(":")
        match scheme.lower() if separator else "":
            case "":
                return cls.from_parameter("content_id", text)
            case "acestream":
                return _from_acestream_link(rest)
            case "infohash":
                return cls.from_parameter("infohash", rest)
            case "magnet":
                return cls.from_parameter("magnet", text)
            case "http" | "https":
                return _from_address(text)
        raise InvalidContentError(
            "Give a content ID (40 hex digits), an acestream:// link, a magnet link "
            "or the http address of a transport file."
        )


CONTENT_PARAMETERS: Final = ("id", "content_id", "infohash", "url", "magnet")

# What the engine plays differs by these, so they are part of the key. Everything else that
# players send along is not passed on: `pid` and `sid` are ours to choose, the rest is about forms
# of output that we do not ask an engine for.
_VARIANT_PARAMETERS: Final = ("_idx", "preferred_audio_language", "quality", "stream_id")
_VARIANT_VALUE: Final = re.compile(r"[A-Za-z0-9_.-]{1,32}")


def _variant(query: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the parameters that choose one of several forms of content."""
    chosen = [(name, query[name]) for name in _VARIANT_PARAMETERS if query.get(name)]
    for name, value in chosen:
        if not _VARIANT_VALUE.fullmatch(value):
            raise InvalidContentError(f"{name} is up to 32 letters, digits, dots or dashes.")
    return tuple(chosen)


def _hash(value: str, what: str) -> str:
    """Return a hash in lower case, refusing what is not one."""
    if not HASH.fullmatch(lowered := value.lower()):
        raise InvalidContentError(f"{what} is 40 hex digits (0-9, a-f).")
    return lowered


def _infohash_of_magnet(magnet: str) -> str:
    """Return the infohash of a magnet link, which may be in base 32 (BEP 9)."""
    if found := _BTIH.search(magnet[:_MAX_TEXT]):
        btih = found.group(1)
        if len(btih) == 32:
            with suppress(ValueError):  # then it is no hash either, and refused as such
                btih = b32decode(btih.upper()).hex()
        return _hash(btih, "The btih of a magnet link")
    raise InvalidContentError("A magnet link has to name the content: magnet:?xt=urn:btih:…")


def _transport_file(address: str) -> str:
    """Return the address of a transport file, refusing what an engine could not fetch."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or len(address) > _MAX_TEXT or _UNPRINTABLE.search(address):
        raise InvalidContentError("A transport file has an http or https address.")
    return address


def _from_acestream_link(rest: str) -> ContentKey:
    """Read what follows `acestream:`: `//hash`, `hash` or `?infohash=hash`."""
    rest = rest.removeprefix("//")
    if rest.startswith("?"):
        return ContentKey.from_query(_first_values(rest[1:]))
    return ContentKey.from_parameter("content_id", rest.rstrip("/"))


def _from_address(address: str) -> ContentKey:
    """Read an http address: of an engine or a proxy, or else of a transport file."""
    _transport_file(address)
    parts = urlsplit(address)
    if parts.path.rstrip("/") in ("/ace/getstream", "/ace/manifest.m3u8"):
        return ContentKey.from_query(_first_values(parts.query))
    return ContentKey.from_parameter("url", address)


def _first_values(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
