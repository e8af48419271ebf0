"""The line of a list that says where a channel comes from.

Lists are written for one player or proxy and passed on for all, so that the same content comes in
many forms. Beside those that `ContentKey.parse` knows there are

    ace://94c2fd8f…, infohash://94c2fd8f…                      links of other makes
    http://any/prefix/ace/getstream?id=…, …/manifest.m3u8?…    engines and proxies, wherever
    http://any/path?content_id=…, ?infohash=…                  proxies of other makes
    http://any/content_id/94c2fd8f…/name.ts                    HTTPAceProxy; also pid, infohash
    http://any/url/http%3A%2F%2Fx%2Fone.acelive/name.ts        HTTPAceProxy; also torrent
    http://any/one.acelive, .acestream, .torrent               transport files

All of these become a `ContentKey`, whose host is ours to choose. Any other http address is a
stream in its own right.
"""

from contextlib import suppress
import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from ..content import HASH, ContentKey, ContentKind
from ..errors import InvalidContentError
from .channel import Source, StreamAddress, tidy

# `/ace/` is the engine's own and that of the proxies that imitate it, `/acestream/` mediaflow's.
# An `id` anywhere else may be any site's.
_ENGINE: Final = re.compile(
    r"(?:/(?:ace|acestream)/(?:stream|manifest\.m3u8)|/getstream)/?$", re.IGNORECASE
)

# HTTPAceProxy: kind, value, which file, four more numbers, and a name for players to look at.
_NUMBERS_AND_NAME: Final = r"(?:/(?P<index>[0-9]{1,4}))?(?:/[0-9]+){0,4}(?:/[^/]*)?"
_BY_HASH: Final = re.compile(
    rf"/(?P<kind>content_id|pid|infohash)/(?P<value>[0-9a-f]{{40}}){_NUMBERS_AND_NAME}$",
    re.IGNORECASE,
)
_BY_ADDRESS: Final = re.compile(
    rf"/(?:url|torrent)/(?P<value>(?:https?|magnet)(?::|%3a)[^/]*){_NUMBERS_AND_NAME}$",
    re.IGNORECASE,
)

_TRANSPORT_FILES: Final = (".acelive", ".acestream", ".torrent")


def read_source(text: str) -> Source:
    """Read the content or the address that a line of a list consists of.

    Raises:
        InvalidContentError: It is neither; the text is a sentence that quotes nothing of it.
    """
    text = text.strip()
    if HASH.fullmatch(text.lower()):
        return ContentKey.parse(text)
    scheme, _, rest = text.partition(":")
    match scheme.lower():
        case "http" | "https":
            # What Kodi takes for headers follows a bar. No address has a bar in it.
            return _read_address(text.partition("|")[0].rstrip())
        case "acestream" | "ace":
            return ContentKey.parse(f"acestream:{rest}")
        case "infohash":
            return ContentKey.from_parameter("infohash", rest.strip("/"))
        case "magnet":
            return ContentKey.parse(text)
    raise InvalidContentError("Only AceStream content and http or https addresses can be played.")


def read_path(path: str) -> ContentKey | None:
    """Read a path of HTTPAceProxy, quoted as it comes, with anything in front; None if it is none.

    Raises:
        InvalidContentError: It is, and what it names is no content.
    """
    if by_hash := _BY_HASH.search(path):
        kind = "infohash" if by_hash["kind"].lower() == "infohash" else "content_id"
        return _indexed(kind, by_hash["value"], by_hash["index"])
    if by_address := _BY_ADDRESS.search(path):
        value = unquote(by_address["value"])
        kind = "magnet" if value[:6].lower() == "magnet" else "url"
        return _indexed(kind, value, by_address["index"])
    return None


def name_of(source: Source) -> str:
    """Return what a source that nobody named may be called.

    Of a hash, its beginning. Of an address, the name of its file, since the rest may contain
    somebody's password; or else its host.
    """
    if isinstance(source, ContentKey) and source.kind is not ContentKind.URL:
        return source.value[:8]
    parts = urlsplit(source.value if isinstance(source, ContentKey) else source.address)
    file = unquote(parts.path.rstrip("/").rpartition("/")[2])
    names = (file.rpartition(".")[0], file, parts.hostname or "")
    return next((name for name in map(tidy, names) if name), "?")


def is_http(address: str) -> bool:
    """Return whether a text is a whole http or https address."""
    with suppress(InvalidContentError):
        return bool(ContentKey.from_parameter("url", address))
    return False


def _read_address(address: str) -> Source:
    """Read an http address: of an engine, a proxy, a transport file, or a stream."""
    if not is_http(address):
        raise InvalidContentError("This address is incomplete, too long or has blanks in it.")
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if _ENGINE.search(parts.path):
        return ContentKey.from_query(query)
    for name in ("content_id", "infohash"):
        if HASH.fullmatch(query.get(name, "").lower()):
            return ContentKey.from_parameter(name, query[name])
    if key := read_path(parts.path):
        return key
    if parts.path.lower().endswith(_TRANSPORT_FILES):
        return ContentKey.from_parameter("url", address)
    return StreamAddress(address)


def _indexed(kind: str, value: str, index: str | None) -> ContentKey:
    """Return the key of one file of some content; the first file needs no saying."""
    number = int(index or 0)
    return ContentKey.from_query({kind: value} | ({"_idx": str(number)} if number else {}))
