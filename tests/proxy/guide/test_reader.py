"""Reading XMLTV, well-formed and not."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.errors import GuideError, Why
from custom_components.acestream_proxy.proxy.guide.reader import (
    LONGEST,
    ListedChannel,
    ListedProgramme,
    Reader,
    Window,
)

from .xmltv import HOUR, NOON, at, document, programme

WINDOW = Window(NOON, NOON + 24 * HOUR)
PIECE = 64 * 1024

type Found = ListedChannel | ListedProgramme


def read(*pieces: bytes) -> list[Found]:
    """Return what a document in these pieces has."""
    return [one for found in Reader(WINDOW).read(pieces) for one in found]


def only(inside: str) -> ListedProgramme:
    """Return the one programme that has something inside."""
    (found,) = read(document(programme(inside)))
    assert isinstance(found, ListedProgramme)
    return found


def refusal(*pieces: bytes) -> str:
    """Return the sentence that a document ends in."""
    with pytest.raises(GuideError) as caught:
        read(*pieces)
    return str(caught.value)


def test_everything_a_guide_says() -> None:
    """An example with all of it."""
    assert read(
        b"""<?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE tv SYSTEM "xmltv.dtd">
        <!-- somebody's remark -->
        <tv generator-info-name="any">
          <channel id="One.example">
            <display-name lang="en">One HD</display-name>
            <display-name>1</display-name>
            <icon src="http://h/one.png"/>
            <url>http://h/</url>
          </channel>
          <programme start="20261121130000 +0100" stop="20261121130000 +0000"
              channel="One.example" clumpidx="0/1">
            <title lang="en">News &amp; weather</title>
            <title lang="es">Noticias</title>
            <sub-title>At <i>noon</i></sub-title>
            <desc>
              What happened,
              and what <![CDATA[<will>]]>.
            </desc>
            <credits><presenter>Somebody</presenter></credits>
            <category>Facts</category>
            <category>Talk</category>
            <icon src=" https://h/news.jpg " width="1"/>
            <icon src="https://h/other.jpg"/>
            <episode-num system="xmltv_ns">1.12.0/1</episode-num>
            <episode-num system="onscreen">Season 2, episode 13</episode-num>
          </programme>
        </tv>"""
    ) == [
        ListedChannel("One.example", ("One HD", "1")),
        ListedProgramme(
            channel="One.example",
            start=NOON,
            stop=NOON + HOUR,
            title="News & weather",
            subtitle="At noon",
            description="What happened, and what <will>.",
            category="Facts",
            icon="https://h/news.jpg",
            episode="Season 2, episode 13",
        ),
    ]


def test_programme_with_nothing_but_a_title() -> None:
    """All else is empty, and its channel need not be declared."""
    assert only("<title>News</title>") == ListedProgramme(
        "one", NOON, NOON + HOUR, "News", "", "", "", "", ""
    )


@given(st.integers(1, 200), st.sampled_from(["utf-8", "utf-16"]))
def test_pieces_may_end_anywhere(size: int, encoding: str) -> None:
    """Inside of tags, letters and entities."""
    text = (
        f"<tv><channel id='ö&amp;ß'><display-name>日本</display-name></channel>{programme()}</tv>"
    )
    whole = text.encode(encoding)
    pieces = (whole[at : at + size] for at in range(16, len(whole), size))
    assert read(whole[:16], *pieces) == [
        ListedChannel("ö&ß", ("日本",)),
        ListedProgramme("one", NOON, NOON + HOUR, "News", "", "", "", "", ""),
    ]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("latin-1", "ISO-8859-1"),
        ("cp1252", "windows-1252"),
        ("cp1251", "windows-1251"),
        ("iso8859-15", "ISO-8859-15"),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    """Those with one byte for each letter, and those of Unicode."""
    name = {"cp1251": "Первый"}.get(encoding, "Señal")
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = f"{declaration}<tv><channel id='1'><display-name>{name}</display-name></channel></tv>"
    assert read(text.encode(encoding)) == [ListedChannel("1", (name,))]


@pytest.mark.parametrize("encoding", ["shift_jis", "utf-7", "hex", "idna", "undefined", "nope"])
def test_other_encodings_are_refused(encoding: str) -> None:
    """Also those that Python knows and that are none of text."""
    assert "encoding" in refusal(f'<?xml version="1.0" encoding="{encoding}"?><tv/>'.encode())


@pytest.mark.parametrize("begin", [b"\r\n \t", b"\xef\xbb\xbf\n"])
def test_blanks_in_front_are_left_out(begin: bytes) -> None:
    """XML has none in front of the declaration, but some who write it have."""
    assert read(begin + document('<channel id="1"/>')) == [ListedChannel("1", ())]


@pytest.mark.parametrize("behind", [b"\n", b"\0\0\0", b"<tv>", b"garbage", b"\n<!-- the end -->"])
def test_what_is_behind_the_end_does_not_matter(behind: bytes) -> None:
    """In the same piece, or in others, which are not even asked for."""

    def pieces() -> Iterator[bytes]:
        yield document('<channel id="1"/>')
        raise AssertionError

    assert read(document('<channel id="1"/>') + behind) == [ListedChannel("1", ())]
    assert read(*[document('<channel id="1"/>'), behind]) == [ListedChannel("1", ())]
    assert len(list(Reader(WINDOW).read(pieces()))) == 1


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a&nbsp;b", "a b"),
        ("Espa&ntilde;a&hellip;", "España…"),
        ("a&nosuch;b", "a&nosuch;b"),
        ("a&#233;b", "aéb"),
        ("a&#x85;b&#159;\x7fc", "a b c"),
        ("  a \n\t b\u00a0 ", "a b"),
        ("x" * 300, "x" * 256),
        (" " * 7999 + "xyz", "x"),
    ],
)
def test_text_of_a_title(written: str, text: str) -> None:
    """On one line, tidy, with the entities of HTML that are not declared anywhere."""
    assert only(f"<title>{written}</title>").title == text


def test_entity_outside_of_a_text_is_nothing() -> None:
    """It is not part of the next one."""
    assert only("&nbsp;<title>News</title>&eacute;<desc/>").title == "News"


def test_description_may_be_long() -> None:
    """But has an end."""
    assert len(only(f"<title>a</title><desc>{'x' * 3999}</desc>").description) == 3999
    assert len(only(f"<title>a</title><desc>{'x' * 9999}</desc>").description) == 4000


def test_first_text_that_is_not_empty_counts() -> None:
    """Whatever languages follow."""
    found = only("<title> </title><title>News</title><title>Noticias</title>")
    assert found.title == "News"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//h/a.png", "http://h/a b.png", "data:image/png;base64,AA"]
)
def test_icon_that_is_no_address_is_left_out(address: str) -> None:
    """Somebody might show it."""
    assert only(f'<title>News</title><icon src="{address}"/>').icon == ""


@pytest.mark.parametrize(
    ("element", "episode"),
    [
        ('<episode-num system="onscreen">S02E13</episode-num>', "S02E13"),
        ("<episode-num>13</episode-num>", "13"),
        ('<episode-num system="xmltv_ns">1.12.0/1</episode-num>', "S2 E13"),
        ('<episode-num system="xmltv_ns"> 1 / 3 . 12 / 26 . </episode-num>', "S2 E13"),
        ('<episode-num system="xmltv_ns">.12.</episode-num>', "E13"),
        ('<episode-num system="xmltv_ns">1..</episode-num>', "S2"),
        ('<episode-num system="xmltv_ns">..</episode-num>', ""),
        ('<episode-num system="xmltv_ns">13</episode-num>', ""),
        (f'<episode-num system="xmltv_ns">{"9" * 99}.1.</episode-num>', ""),
    ],
)
def test_episode(element: str, episode: str) -> None:
    """As people write it, or else made of what programs write."""
    assert only(f"<title>News</title>{element}").episode == episode


@pytest.mark.parametrize(
    ("start", "stop", "is_kept"),
    [
        pytest.param(at(-HOUR), at(0), False, id="over"),
        pytest.param(at(-HOUR), at(1), True, id="nearly over"),
        pytest.param(at(24 * HOUR - 1), at(25 * HOUR), True, id="just begins"),
        pytest.param(at(24 * HOUR), at(25 * HOUR), False, id="to come"),
        pytest.param(at(-HOUR), at(48 * HOUR), True, id="endless"),
        pytest.param(at(-LONGEST), None, False, id="over, whenever it stops"),
        pytest.param(at(1 - LONGEST), None, True, id="perhaps not over"),
    ],
)
def test_window(start: str, stop: str | None, is_kept: bool) -> None:
    """What is outside of it is not read, and not broken either."""
    reader = Reader(WINDOW)
    found = list(reader.read([document(programme(start=start, stop=stop))]))
    assert len(found[0]) == is_kept
    assert reader.skipped == 0


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(programme(start=None), id="no start"),
        pytest.param(programme(start="soon"), id="start of no form"),
        pytest.param(programme(start="20261331080000"), id="start that never comes"),
        pytest.param(programme(stop="late"), id="stop of no form"),
        pytest.param(programme(stop=at(0)), id="over at once"),
        pytest.param(programme(stop=at(-1)), id="over before"),
        pytest.param(programme(channel=None), id="no channel"),
        pytest.param(programme(channel="\u0085"), id="channel of nothing"),
        pytest.param(programme(""), id="no title"),
        pytest.param(programme("<title> </title>"), id="empty title"),
        pytest.param("<channel><display-name>One</display-name></channel>", id="no id"),
    ],
)
def test_broken_entry_is_skipped_and_counted(entry: str) -> None:
    """And the rest is read."""
    reader = Reader(WINDOW)
    found = list(reader.read([document(f"{entry}<channel id='two'/>")]))
    assert found[0] == [ListedChannel("two", ())]
    assert reader.skipped == 1


@pytest.mark.parametrize("stop", [None, ""])
def test_stop_may_be_missing(stop: str | None) -> None:
    """That is not broken."""
    (found,) = read(document(programme(stop=stop)))
    assert isinstance(found, ListedProgramme)
    assert found.stop is None


def test_texts_of_elements_that_nobody_knows_are_nothing() -> None:
    """Wherever they are."""
    inside = "<title>News</title>"
    strange = "<x><title>Other</title></x>"
    found = read(document(f"<title>Else</title>{strange}{programme(strange + inside)}"))
    assert found == [only(inside)]


def test_fields_beyond_the_limit_are_left_out() -> None:
    """A channel may have a hundred names, and no million."""
    names = "<display-name>One</display-name>" * 101
    (found,) = read(document(f"<channel id='1'>{names}</channel>"))
    assert found == ListedChannel("1", ("One",) * 100)


@pytest.mark.parametrize(
    ("begin", "sentence"),
    [
        (b"", "The guide is empty."),
        (b" \n" * 99, "The guide is empty."),
        (b"\0" * 99, "This is not a television guide: it is no XML."),
        (b"#EXTM3U\n", "This is not a television guide: it is no XML."),
        (b"PK\x03\x04", "This is not a television guide: it is no XML."),
        (b'{"error": 404}', "This is not a television guide: it is no XML."),
        (b"<!DOCTYPE html><html></html>", "This is a web page, not a television guide."),
        (b"\n<!doctype HTML>", "This is a web page, not a television guide."),
        (b'<html lang="en">', "This is a web page, not a television guide."),
        (b"<rss></rss>", "This is not a television guide in the format XMLTV."),
        (b'<?xml version="1.0"?><TV/>', "This is not a television guide in the format XMLTV."),
        (b"<tv>\0</tv>", "The guide is not well-formed XML in line 1."),
        (b"<tv>\n<a>\n</b></tv>", "The guide is not well-formed XML in line 3."),
        (b"<tv>Tom & Jerry</tv>", "The guide is not well-formed XML in line 1."),
        (b"<tv>\xff</tv>", "The guide is not well-formed XML in line 1."),
        (b"<tv>&#1;</tv>", "The guide is not well-formed XML in line 1."),
        (b"<tv><channel id='1'/>", "The guide ends in the middle."),
        (b"<tv", "The guide ends in the middle."),
        (b"<?xml version='1.0'?>", "The guide ends in the middle."),
    ],
)
def test_what_is_no_guide_ends_in_a_sentence(begin: bytes, sentence: str) -> None:
    """Which says what is wrong, and quotes nothing."""
    assert refusal(begin) == sentence


@pytest.mark.parametrize(
    ("begin", "why"),
    [
        (b"", Why.NO_GUIDE),
        (b"#EXTM3U\n", Why.NO_GUIDE),
        (b"<html>", Why.NO_GUIDE),
        (b"<rss></rss>", Why.NO_GUIDE),
        (b"<tv>Tom & Jerry</tv>", Why.DAMAGED),
        (b"<tv", Why.DAMAGED),
    ],
)
def test_what_is_no_guide_is_told_from_a_broken_one(begin: bytes, why: Why) -> None:
    """One is a mistake in the address, the other may be well the next time."""
    with pytest.raises(GuideError) as caught:
        read(begin)
    assert caught.value.why is why


def bomb(letters: str) -> bytes:
    """Return entities that each stand for ten of the next one."""
    entities = "".join(f'<!ENTITY {one} "{f"&{other};" * 10}">' for one, other in pairwise(letters))
    return (
        f'<!DOCTYPE tv [<!ENTITY {letters[-1]} "boom">{entities}]><tv>&{letters[0]};</tv>'.encode()
    )


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param(bomb("abcdefghijkl"), id="entities of entities"),
        pytest.param(
            b'<!DOCTYPE tv [<!ENTITY a "' + b"x" * 9999 + b'">]><tv>' + b"&a;" * 9999 + b"</tv>",
            id="long entities",
        ),
        pytest.param(
            b'<!DOCTYPE tv [<!ENTITY a SYSTEM "file:///etc/passwd">]><tv>&a;</tv>', id="a file"
        ),
        pytest.param(
            b'<!DOCTYPE tv [<!ENTITY % a SYSTEM "http://h/">%a;]><tv/>', id="another's entities"
        ),
        pytest.param(b'<!DOCTYPE tv [<!ATTLIST a b CDATA "c">]><tv/>', id="attributes"),
    ],
)
def test_a_bomb_ends_in_a_sentence(begin: bytes) -> None:
    """Nobody may declare anything."""
    assert refusal(begin) == "The guide has declarations of its own, which may do harm."


@pytest.mark.parametrize(
    "begin", [b"<tv><!-- ", b"<tv a='", b"<tv ", b"<tv><?a ", b"<tv><", b"<tv>&", b"<!DOCTYPE tv "]
)
def test_what_has_to_be_kept_whole_is_bounded(begin: bytes) -> None:
    """Otherwise it would be kept, up to gigabytes."""
    pieces = iter([begin, *[b"x" * PIECE] * 100])
    assert refusal(*pieces) == "The guide has a tag without an end."


def test_endless_text_is_not_kept() -> None:
    """It may be as long as it wants to be."""
    begin = b"<tv><channel id='1'><display-name>"
    end = b"</display-name></channel></tv>"
    assert read(begin, *[b"x" * PIECE] * 100, end) == [ListedChannel("1", ("x" * 256,))]


def test_endless_kinds_of_elements_are_refused() -> None:
    """Expat remembers the name of each."""
    many = b"".join(b"<a%d/>" % number for number in range(1001))
    assert refusal(b"<tv>", many) == "The guide has too many kinds of elements."


def test_elements_inside_of_each_other_are_refused() -> None:
    """Expat remembers each that is open."""
    assert refusal(b"<tv>" * 33) == "The guide has too many elements inside of each other."
    assert read(b"<tv>" * 32 + b"</tv>" * 32) == []


@pytest.mark.parametrize("markup", [b"<a/>", b"&a;"])
def test_endless_elements_are_refused(markup: bytes) -> None:
    """Two gigabytes of them would take minutes."""
    pieces = [b"<tv>", *[markup * 10] * 10, b"</tv>"]
    with pytest.raises(GuideError, match="too many elements") as caught:
        list(Reader(WINDOW, max_markup=99).read(pieces))
    assert caught.value.why is Why.TOO_LARGE
    assert len(list(Reader(WINDOW, max_markup=102).read(pieces))) == 12


@given(st.lists(st.binary()))
def test_any_bytes_end_in_a_sentence(pieces: list[bytes]) -> None:
    """Or in a guide, but in nothing else."""
    with suppress(GuideError):
        read(*pieces)


SAMPLE = document(
    '<!-- x --><channel id="a&amp;b"><display-name>A</display-name></channel>'
    + programme("<title>a&nbsp;b</title><desc><![CDATA[x]]></desc><icon src='http://h/'/>")
)


@given(st.integers(0, len(SAMPLE)), st.integers(0, 9), st.binary(max_size=9))
def test_any_damage_ends_in_a_sentence(at: int, missing: int, instead: bytes) -> None:
    """Or in a guide that is a little different."""
    with suppress(GuideError):
        read(SAMPLE[:at] + instead + SAMPLE[at + missing :])


TAGS = ["tv", "channel", "programme", "title", "desc", "icon", "display-name", "x"]
ATTRIBUTES = ["id", "channel", "start", "stop", "src", "system"]
VALUES = st.sampled_from(["", "1", "20261121120000", "20261121", "http://h", "xmltv_ns"]) | st.text(
    st.characters(exclude_characters="<&'\"", exclude_categories=["Cc", "Cs"])
)
TEXTS = st.text(st.characters(exclude_characters="<&>", exclude_categories=["Cc", "Cs"]))
ELEMENTS = st.recursive(
    TEXTS,
    lambda inside: st.builds(
        lambda tag, attributes, children: "<{0}{1}>{2}</{0}>".format(
            tag, "".join(f" {key}='{value}'" for key, value in attributes.items()), children
        ),
        st.sampled_from(TAGS),
        st.dictionaries(st.sampled_from(ATTRIBUTES), VALUES),
        st.lists(inside, max_size=4).map("".join),
    ),
)


@given(st.lists(ELEMENTS).map("".join))
def test_any_elements_are_a_guide_or_not(inside: str) -> None:
    """What is found is what it should be, whatever is inside of what."""
    with suppress(GuideError):
        found = read(document(inside))
        texts = [text for one in found for text in one if isinstance(text, str)]
        assert all(text == " ".join(text.split()) and len(text) <= 4000 for text in texts)
