"""Reading attributes and name of a line, however it was written."""

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy.catalog.attributes import read_attributes


@pytest.mark.parametrize(
    ("text", "attributes", "name"),
    [
        pytest.param("-1,One", {}, "One", id="name alone"),
        pytest.param("10.5 , One", {}, "One", id="duration of a film"),
        pytest.param(",One", {}, "One", id="no duration"),
        pytest.param("", {}, "", id="nothing"),
        pytest.param('-1 a="1" b-c="2",One', {"a": "1", "b-c": "2"}, "One", id="quotes"),
        pytest.param("-1 a='1' b='2',One", {"a": "1", "b": "2"}, "One", id="other quotes"),
        pytest.param("-1 a=1 b=2,One", {"a": "1", "b": "2"}, "One", id="no quotes"),
        pytest.param("-1 a=One two b=2,One", {"a": "One two", "b": "2"}, "One", id="blanks"),
        pytest.param("-1 a=1", {"a": "1"}, "", id="no name"),
        pytest.param(
            '-1 a="1", One, "two", x="3"', {"a": "1"}, 'One, "two", x="3"', id="free name"
        ),
        pytest.param('-1 a="1, 2",One', {"a": "1, 2"}, "One", id="comma in a value"),
        pytest.param('-1 a="" b="2",One', {"a": "", "b": "2"}, "One", id="empty value"),
        pytest.param('-1 a="1"b="2",One', {"a": "1", "b": "2"}, "One", id="no blank between"),
        pytest.param('-1a="1",One', {"a": "1"}, "One", id="no blank in front"),
        pytest.param('-1 a = "1"  b= "2" ,One', {"a": "1", "b": "2"}, "One", id="blanks around"),
        pytest.param("-1\ta='1'\t,\tOne", {"a": "1"}, "One", id="tabs"),
        pytest.param('-1 TVG-ID="1",One', {"tvg-id": "1"}, "One", id="upper case"),
        pytest.param('-1 a="1" a="2",One', {"a": "1"}, "One", id="twice"),
        pytest.param(
            '-1 a="The "Best" One" b="2",X', {"a": 'The "Best" One', "b": "2"}, "X", id="in"
        ),
        pytest.param("-1 a='L'Équipe' b='2',X", {"a": "L'Équipe", "b": "2"}, "X", id="apostrophe"),
        pytest.param('-1 a="L\'Équipe",X', {"a": "L'Équipe"}, "X", id="apostrophe in quotes"),
        pytest.param('-1 a="\'Allo",X', {"a": "'Allo"}, "X", id="apostrophe in front"),
        pytest.param('-1 a="1" junk b="2",X', {"a": "1", "b": "2"}, "X", id="a word between"),
        pytest.param("-1 a='1' junk b='2',X", {"a": "1", "b": "2"}, "X", id="other word between"),
        pytest.param('-1 a="http://h/?x=" b="2",X', {"a": "http://h/?x=", "b": "2"}, "X", id="a="),
        pytest.param('-1 a="1,X', {"a": "1"}, "X", id="nothing closes it"),
        pytest.param('-1, tvg-id="1", b-c="2",X', {"tvg-id": "1", "b-c": "2"}, "X", id="commas"),
        pytest.param("-1,x=1,2", {}, "x=1,2", id="name like an attribute"),
        pytest.param("-1 The One", {}, "The One", id="no comma"),
        pytest.param('-1 a="1" The One', {"a": "1"}, "The One", id="no comma behind attributes"),
    ],
)
def test_ways_to_write_attributes(text: str, attributes: dict[str, str], name: str) -> None:
    """Quotes, blanks and commas may be missing or too many."""
    assert read_attributes(text) == (attributes, name)


values = st.text(st.characters(exclude_characters="\"'", exclude_categories=["C", "Z"]))


@given(st.dictionaries(st.from_regex(r"[a-z]+-[a-z]+", fullmatch=True), values), values)
def test_what_was_quoted_reads_back(attributes: dict[str, str], name: str) -> None:
    """Whatever is in the values and in the name."""
    quoted = "".join(f' {key}="{value}"' for key, value in attributes.items())
    assert read_attributes(f"-1{quoted},.{name}") == (attributes, f".{name}")


@given(st.text(st.sampled_from("\"'=, -a1\t\u00e9")))
def test_nothing_is_made_up(text: str) -> None:
    """Whatever goes in, what comes out was in it."""
    attributes, name = read_attributes(text)
    assert len(name) + sum(len(key) + len(value) for key, value in attributes.items()) <= len(text)
