"""Guides as they are given out."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.guide import GuideChannel, Programme
from custom_components.acestream_proxy.proxy.guide.document import write_document
from custom_components.acestream_proxy.proxy.guide.reader import Reader, Window

from .conftest import Add
from .xmltv import HOUR, NOON, show

ONE, TWO = GuideChannel("guide", "one"), GuideChannel("guide", "two")


def written(
    *channels: tuple[GuideChannel, str, str], programmes: Iterable[Programme] = ()
) -> ET.Element:
    """Return a document, read by somebody else."""
    return ET.fromstring(b"".join(write_document(channels, lambda _: programmes)))  # noqa: S314


def test_document_of_two_guides(add: Add) -> None:
    """Channels first, then what they show, in the order that they were asked for."""
    add("guide", show("B", HOUR), show("A", 0), show("out", 9 * HOUR))
    guides = add("other", show("C", 0, on="two"))
    other = GuideChannel("other", "two")
    pieces = guides.xmltv(
        [(other, "Two & more", "http://h/2.png?a&b"), (ONE, "One", ""), (other, "Again", "")],
        start=NOON,
        stop=NOON + 2 * HOUR,
    )
    assert b"".join(pieces).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'
        "<tv>\n"
        '<channel id="two"><display-name>Two &amp; more</display-name>'
        '<icon src="http://h/2.png?a&amp;b"/></channel>\n'
        '<channel id="one"><display-name>One</display-name></channel>\n'
        '<programme start="20261121120000 +0000" stop="20261121130000 +0000" channel="two">'
        "<title>C</title></programme>\n"
        '<programme start="20261121120000 +0000" stop="20261121130000 +0000" channel="one">'
        "<title>A</title></programme>\n"
        '<programme start="20261121130000 +0000" stop="20261121140000 +0000" channel="one">'
        "<title>B</title></programme>\n"
        "</tv>\n"
    )


def test_everything_of_a_programme_is_written() -> None:
    """In the order that the DTD wants."""
    whole = Programme(NOON, NOON + HOUR, "T", "S", "D", "C", "http://h/i", "E")
    (element,) = written((ONE, "One", ""), programmes=[whole]).iter("programme")
    assert [(child.tag, child.text or child.get("src")) for child in element] == [
        ("title", "T"),
        ("sub-title", "S"),
        ("desc", "D"),
        ("category", "C"),
        ("icon", "http://h/i"),
        ("episode-num", "E"),
    ]


def test_id_is_there_once() -> None:
    """Of several channels with it the first one, whatever guide they are of."""
    same = GuideChannel("other", "ONE")
    document = written((ONE, "One", ""), (same, "Other", ""), (TWO, "Two", ""))
    assert [name.text for name in document.iter("display-name")] == ["One", "Two"]


@pytest.mark.parametrize("logo", ["", "data:image/png;base64,AA", "http://h/a b", "file:///a"])
def test_logo_that_is_no_address_is_left_out(logo: str) -> None:
    """A player would only fail with it."""
    assert not list(written((ONE, "One", logo)).iter("icon"))


def test_channel_has_a_name_whatever_it_is() -> None:
    """The DTD wants one."""
    document = written((ONE, "\x01 \x85", ""), (TWO, "T\x00w\x1bo", ""))
    assert [name.text for name in document.iter("display-name")] == ["one", "T w o"]


def test_pieces_are_about_64_kib() -> None:
    """However much there is, no more than one of them is in memory."""
    programmes = (Programme(NOON, NOON + 1, "x" * 256) for _ in range(1000))
    pieces = list(write_document([(ONE, "One", "")], lambda _: programmes))
    assert len(pieces) > 4
    assert all(2**16 <= len(piece) < 2**16 + 1000 for piece in pieces[:-1])


def test_nothing_is_there_without_channels() -> None:
    """But it is a document."""
    assert list(written()) == []


# As they come out of a guide: on one line, printable for XML, without blanks around.
TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], codec="utf-8")
).map(lambda text: text.replace("\ufffe", "").replace("\uffff", "")[:256])


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_what_is_written_reads_the_same(guide_id: str, title: str, text: str, name: str) -> None:
    """Whatever marks are in it."""
    channel = GuideChannel("guide", f"x{guide_id}"[:256])
    shown = Programme(NOON, NOON + 1, f"x{title}"[:256], text, text, text, "http://h/?a&b", text)
    pieces = write_document([(channel, name, "")], lambda _: [shown])
    listed, found = [one for some in Reader(Window(0, NOON + 1)).read(pieces) for one in some]
    assert listed == (channel.id, (name or channel.id,))
    assert found == (channel.id, NOON, NOON + 1, shown.title, text, text, text, shown.icon, text)
