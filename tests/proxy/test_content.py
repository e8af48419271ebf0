"""Naming content: many ways in, one key out."""

from base64 import b32encode

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, ContentKind, InvalidContentError

HASH = "94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209"
BASE32 = b32encode(bytes.fromhex(HASH)).decode()
FILE = "http://example.org/one.acelive"

CONTENT = ContentKey(ContentKind.CONTENT_ID, HASH)
INFOHASH = ContentKey(ContentKind.INFOHASH, HASH)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param(HASH, CONTENT, id="bare"),
        pytest.param(f"  {HASH.upper()}\n", CONTENT, id="upper case and blanks"),
        pytest.param(f"acestream://{HASH}", CONTENT, id="link"),
        pytest.param(f"ACESTREAM:{HASH}/", CONTENT, id="link of another make"),
        pytest.param(f"acestream:?content_id={HASH}", CONTENT, id="link with a query"),
        pytest.param(f"acestream:?infohash={HASH}", INFOHASH, id="link with an infohash"),
        pytest.param(f"infohash:{HASH}", INFOHASH, id="infohash"),
        pytest.param(f"magnet:?xt=urn:btih:{HASH}&dn=x", INFOHASH, id="magnet"),
        pytest.param(f"magnet:?dn=x&xt=urn:btih:{BASE32}", INFOHASH, id="magnet in base 32"),
        pytest.param(f"MAGNET:?XT=URN:BTIH:{HASH.upper()}", INFOHASH, id="shouted magnet"),
        pytest.param(FILE, ContentKey(ContentKind.URL, FILE), id="transport file"),
        pytest.param(
            f"http://h:6878/ace/getstream?id={HASH}&pid=1", CONTENT, id="engine's address"
        ),
        pytest.param(
            f"https://h/ace/manifest.m3u8?infohash={HASH}", INFOHASH, id="proxy's address"
        ),
    ],
)
def test_ways_to_write_content(text: str, key: ContentKey) -> None:
    """However it is written down, the same content is the same key."""
    assert ContentKey.parse(text) == key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "40 hex digits", id="nothing"),
        pytest.param("Demo One", "40 hex digits", id="a name"),
        pytest.param(HASH[:-1], "40 hex digits", id="too short"),
        pytest.param(HASH + "0", "40 hex digits", id="too long"),
        pytest.param(HASH[:-1] + "g", "40 hex digits", id="no hex digit"),
        pytest.param(HASH[:-1] + "\u0661", "40 hex digits", id="digit of another script"),
        pytest.param(f"{HASH}\r\nX", "40 hex digits", id="line break"),
        pytest.param("acestream:?nothing=1", "Missing id", id="link that names nothing"),
        pytest.param("magnet:?dn=x", "has to name the content", id="magnet that names nothing"),
        pytest.param("magnet:?xt=urn:btih:" + "1" * 32, "btih", id="magnet not in base 32"),
        pytest.param("magnet:?xt=urn:btih:abc", "btih", id="magnet too short"),
        pytest.param("ftp://example.org/x", "Give a content ID", id="another scheme"),
        pytest.param("http://", "http or https address", id="no host"),
        pytest.param("http://[::1", "http or https address", id="broken host"),
        pytest.param("http://example.org/a b", "http or https address", id="blank inside"),
        pytest.param("http://e.org/a\x00", "http or https address", id="control character"),
        pytest.param("http://e.org/\ud800", "http or https address", id="half a character"),
        pytest.param("http://e.org/" + "a" * 5000, "http or https address", id="endless"),
        pytest.param("http://h/ace/getstream?x=1", "Missing id", id="address that names nothing"),
    ],
)
def test_what_names_no_content_is_refused_with_a_sentence(text: str, words: str) -> None:
    """The text says what would do."""
    with pytest.raises(InvalidContentError, match=words):
        ContentKey.parse(text)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "Missing id or infohash parameter"),
        ({"id": ""}, "Missing id or infohash parameter"),
        ({"id": HASH, "infohash": HASH}, "Only one of id or infohash can be specified"),
        ({"id": "x"}, "A content ID is 40 hex digits"),
        ({"infohash": "x"}, "An infohash is 40 hex digits"),
    ],
)
def test_query_has_to_name_one_content(query: dict[str, str], words: str) -> None:
    """None, two, or a malformed one: each is said."""
    with pytest.raises(InvalidContentError, match=words):
        ContentKey.from_query(query)


@pytest.mark.parametrize(
    ("key", "query"),
    [
        (CONTENT, {"id": HASH}),
        (INFOHASH, {"infohash": HASH}),
        (ContentKey(ContentKind.URL, FILE), {"url": FILE}),
    ],
)
def test_query_for_the_engine(key: ContentKey, query: dict[str, str]) -> None:
    """A key becomes the engine's parameter, and reads back from it."""
    assert key.query == query
    assert ContentKey.from_query(query) == key


@pytest.mark.parametrize("slug", ["", "x", "url-", "url-%%", "url-_w", "content_id-x", HASH, "é-é"])
def test_slugs_that_nobody_wrote_are_refused(slug: str) -> None:
    """An address that was made up names no content."""
    with pytest.raises(InvalidContentError):
        ContentKey.from_slug(slug)


@given(st.text(st.characters(exclude_categories=())))
def test_hostile_text_gives_a_usable_key_or_an_error(text: str) -> None:
    """Nothing else comes out, whatever goes in; and a key's slug reads back."""
    for kind in ("id", "infohash", "magnet", "url", text):
        for candidate in (text, f"http://e.org/{text}", f"magnet:?xt=urn:btih:{text}"):
            _read_back(kind, candidate)


def _read_back(kind: str, text: str) -> None:
    for read in (
        ContentKey.parse,
        ContentKey.from_slug,
        lambda one: ContentKey.from_parameter(kind, one),
    ):
        try:
            key = read(text)
        except InvalidContentError as error:
            assert str(error)  # noqa: PT017 - either outcome is right, nothing else is
        else:
            assert ContentKey.from_slug(key.slug) == key
