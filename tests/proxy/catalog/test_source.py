"""Where channels come from, in all the forms that lists have."""

from contextlib import suppress
from urllib.parse import quote

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, ContentKind, InvalidContentError
from custom_components.acestream_proxy.proxy.catalog import StreamAddress
from custom_components.acestream_proxy.proxy.catalog.channel import tidy
from custom_components.acestream_proxy.proxy.catalog.source import name_of, read_source

HASH = "94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209"
FILE = "http://example.org/files/Demo%20One.acelive"
QUOTED = quote(FILE, safe="")

CONTENT = ContentKey(ContentKind.CONTENT_ID, HASH)
INFOHASH = ContentKey(ContentKind.INFOHASH, HASH)
TRANSPORT_FILE = ContentKey(ContentKind.URL, FILE)
THIRD_FILE = ContentKey(ContentKind.CONTENT_ID, HASH, (("_idx", "2"),))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param(HASH, CONTENT, id="bare"),
        pytest.param(f" {HASH.upper()} ", CONTENT, id="bare, upper case"),
        pytest.param(f"acestream://{HASH}", CONTENT, id="link"),
        pytest.param(f"acestream:?infohash={HASH}", INFOHASH, id="link with a query"),
        pytest.param(f"ACE://{HASH}/", CONTENT, id="short link"),
        pytest.param(f"infohash://{HASH}", INFOHASH, id="link by infohash"),
        pytest.param(f"infohash:{HASH}", INFOHASH, id="infohash"),
        pytest.param(f"magnet:?xt=urn:btih:{HASH}&dn=a|b", INFOHASH, id="magnet"),
        pytest.param(f"http://127.0.0.1:6878/ace/getstream?id={HASH}", CONTENT, id="engine"),
        pytest.param(
            f"https://h/x/ace/manifest.m3u8?content_id={HASH}&pid=1", CONTENT, id="behind a prefix"
        ),
        pytest.param(f"http://h/ace/getstream/?infohash={HASH}&.mp4", INFOHASH, id="slash"),
        pytest.param(f"http://h/ace/getstream?id={HASH}&_idx=2", THIRD_FILE, id="third file"),
        pytest.param(
            f"http://h/ace/getstream?url={QUOTED}", TRANSPORT_FILE, id="file at an engine"
        ),
        pytest.param(f"http://h:8000/getstream?id={HASH}", CONTENT, id="short path"),
        pytest.param(f"http://h/proxy/acestream/stream?id={HASH}", CONTENT, id="mediaflow"),
        pytest.param(f"http://h/play.ts?content_id={HASH}", CONTENT, id="proxy"),
        pytest.param(f"http://h/?infohash={HASH.upper()}", INFOHASH, id="proxy by infohash"),
        pytest.param(f"http://h:8000/content_id/{HASH}/One.ts", CONTENT, id="path"),
        pytest.param(f"http://h:8000/pid/{HASH.upper()}/stream.mp4", CONTENT, id="path, older"),
        pytest.param(f"http://h/x/infohash/{HASH}/0/0/0/0/0/a.ts", INFOHASH, id="path of numbers"),
        pytest.param(f"http://h/content_id/{HASH}/2/One.ts", THIRD_FILE, id="path to third file"),
        pytest.param(f"http://h/content_id/{HASH}", CONTENT, id="path without a name"),
        pytest.param(f"http://h/url/{QUOTED}/One.ts", TRANSPORT_FILE, id="path with an address"),
        pytest.param(f"http://h/torrent/{QUOTED}/0/One.ts", TRANSPORT_FILE, id="the same, older"),
        pytest.param(
            f"http://h/url/magnet%3A%3Fxt%3Durn:btih:{HASH}/One.ts", INFOHASH, id="path, magnet"
        ),
        pytest.param(FILE, TRANSPORT_FILE, id="transport file"),
        pytest.param(
            "https://h/A.TORRENT?x=1",
            ContentKey(ContentKind.URL, "https://h/A.TORRENT?x=1"),
            id="torrent",
        ),
        pytest.param(
            "http://h/a.acestream", ContentKey(ContentKind.URL, "http://h/a.acestream"), id="other"
        ),
    ],
)
def test_ways_to_name_content(text: str, key: ContentKey) -> None:
    """Whoever the list was written for, the content is found in it."""
    assert read_source(text) == key


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/live/one.m3u8?token=x",
        "https://user:password@example.org:8443/1",
        pytest.param(f"http://example.org/one.ts?id={HASH}", id="a hash of its own"),
        pytest.param("http://example.org/one.ts?content_id=7", id="an id of its own"),
        pytest.param("http://example.org/pid/7/one.ts", id="a path of its own"),
        pytest.param("http://example.org/url/one/two.ts", id="another path"),
        pytest.param(f"http://example.org/ace/m/{HASH}/{HASH}.m3u8", id="a playing session"),
    ],
)
def test_other_addresses_are_streams(address: str) -> None:
    """They are kept as they are."""
    assert read_source(address) == StreamAddress(address)


def test_headers_for_kodi_are_no_part_of_an_address() -> None:
    """Other players would ask the server for them."""
    assert read_source("http://h/1.ts|User-Agent=A B&Referer=x") == StreamAddress("http://h/1.ts")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "can be played"),
        ("One", "can be played"),
        ("rtmp://example.org/one", "can be played"),
        (r"C:\one.ts", "can be played"),
        ("plugin://video/?id=1", "can be played"),
        ("live/one.ts", "can be played"),
        ("http://", "incomplete"),
        ("http://[::1", "incomplete"),
        ("http://h/a b", "incomplete"),
        ("http://h/\x00", "incomplete"),
        ("http://h/" + "a" * 5000, "too long"),
        ("acestream://one", "40 hex digits"),
        ("infohash://one", "40 hex digits"),
        ("magnet:?dn=one", "magnet"),
        ("http://h/ace/getstream?id=one", "40 hex digits"),
        ("http://h/ace/getstream", "Missing id"),
        ("http://h/url/http%3A%2F%2F/one.ts", "transport file"),
        ("http://h/url/magnet:x/one.ts", "magnet"),
    ],
)
def test_what_cannot_be_played_is_refused_with_a_sentence(text: str, words: str) -> None:
    """The text says what would do."""
    with pytest.raises(InvalidContentError, match=words):
        read_source(text)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (CONTENT, "94c2fd8f"),
        (TRANSPORT_FILE, "Demo One"),
        (StreamAddress("http://h/live/user/password/7.ts?token=x"), "7"),
        (StreamAddress("http://h/live/One/"), "One"),
        (StreamAddress("http://h/.ts"), ".ts"),
        (StreamAddress("http://h/%20%0A"), "h"),
        (StreamAddress("http://user:password@h:80"), "h"),
        (StreamAddress("http://\x81/"), "?"),
    ],
)
def test_name_of_what_has_none(source: ContentKey | StreamAddress, name: str) -> None:
    """It says something, and no secret."""
    assert name_of(source) == name


prefixes = st.sampled_from(
    [
        "",
        "http://",
        "http://h/",
        "http://h/url/",
        "magnet:",
        "acestream:",
        "http://h/ace/getstream?",
    ]
)


@given(prefixes, st.text(st.characters(exclude_categories=())))
def test_hostile_text_gives_a_source_with_a_name_or_an_error(prefix: str, text: str) -> None:
    """Nothing else comes out, whatever goes in."""
    with suppress(InvalidContentError):
        name = name_of(read_source(prefix + text))
        assert name == tidy(name) != ""
