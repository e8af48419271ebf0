"""YAML that is broken, or made to do harm."""

import pytest

from custom_components.acestream_proxy.proxy.config.document import (
    MAX_BYTES,
    Problem,
    read_document,
)

from .conftest import Refusal


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("a: 1\nb: [1", 2, "while parsing a flow sequence from line 2"),
        ("a: 'x\n\nb: 1", 3, "scalar from line 1, found unexpected end of stream"),
        (
            "a: 1\nb\nc: 1",
            3,
            "while scanning a simple key from line 2, could not find expected ':'",
        ),
        ("a: b: c", 1, "mapping values are not allowed here"),
        ("a: @b", 1, "found character '@'"),
        ("a: *b", 1, "found undefined alias"),
        ("a: 1\n---\nb: 1", 2, "another document"),
        ("a: !x!y z", 1, "found undefined tag handle"),
        ("%YAML 2.0\n--- a", 1, "incompatible YAML document"),
    ],
)
def test_what_is_not_yaml(refusal: Refusal, content: str, line: int, words: str) -> None:
    """The line, and what was being read when it went wrong."""
    (said,) = refusal(content)
    assert said.startswith(f"proxy.yaml, line {line}: this is not YAML: ")
    assert words in said


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        pytest.param(b"a: 1\nb: \xff", 2, "not in UTF-8", id="Latin"),
        pytest.param("a: 1".encode("utf-16"), 1, "not in UTF-8", id="UTF-16"),
        pytest.param(b"a: 1\n\nb: \x00", 3, "a control character", id="control character"),
        pytest.param(b'a: 1\nb: "\\UFFFFFFFF"', 2, "no such character", id="escape"),
        pytest.param(
            b"%YAML 1." + b"9" * 5000 + b"\n--- a", 1, "no such character or number", id="number"
        ),
        pytest.param(
            b"#\n" * (MAX_BYTES // 2) + b"#",
            MAX_BYTES // 2 + 1,
            "longer than 1048576 bytes",
            id="length",
        ),
        pytest.param(b"[" * MAX_BYTES, 1, "more than 16 levels", id="depth in brackets"),
        pytest.param(b"a:\n" + b"- " * 20, 2, "more than 16 levels", id="depth in dashes"),
        pytest.param(b"a: 1\nb: &b [*b]", 2, "more than 16 levels", id="endless list"),
        pytest.param(b"b: &b {c: *b}", 1, "more than 16 levels", id="endless mapping"),
        pytest.param(b"- a\n" * 60_000, 50_000, "more than 50000 values", id="values"),
    ],
)
def test_what_nobody_would_write(refusal: Refusal, content: bytes, line: int, words: str) -> None:
    """A sentence, with the line at which reading ended."""
    (said,) = refusal(content)
    assert said.startswith(f"proxy.yaml, line {line}: ")
    assert words in said


def test_a_bomb_ends_in_a_sentence(refusal: Refusal) -> None:
    """A billion laughs in ten lines."""
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (said,) = refusal("\n".join(lines))
    assert "more than 50000 values, counting those of aliases" in said


def test_as_many_and_as_deep_as_may_be() -> None:
    """The bounds themselves are fine."""
    assert read_document(b"[" * 16 + b"]" * 16).problems == ()
    assert read_document(b"- a\n" * 49_999).problems == ()
    assert read_document(b"#" * MAX_BYTES).problems == ()


def test_values_are_what_was_written() -> None:
    """Whatever YAML would make of them; nothing is what it takes for nothing."""
    content = b"a: 0123\nb: 1:30\nno: yes\n1.10: 2026-01-01\n'null': 'null'\nc:\nd: ~\n<<: x\n=: 1"
    document = read_document(content)
    assert document.problems == ()
    assert document.value == {
        "a": "0123",
        "b": "1:30",
        "no": "yes",
        "1.10": "2026-01-01",
        "null": "null",
        "c": None,
        "d": None,
        "<<": "x",
        "=": "1",
    }


@pytest.mark.parametrize(
    "value", ["!!python/object/apply:os.system [ls]", "!!set {a}", "!secret a", "!!binary YQ=="]
)
def test_tags_construct_nothing(value: str) -> None:
    """They are a problem, and the rest is read."""
    document = read_document(f"a: 1\nb: {value}\nc: 2".encode())
    assert [problem.line for problem in document.problems] == [2]
    assert (document.value["a"], document.value["c"]) == ("1", "2")


@pytest.mark.parametrize("content", ["? [a]\n: b", "{{a: 1}: b}", "? {a: b}"])
def test_keys_are_texts(content: str) -> None:
    """Others are left out."""
    document = read_document(content.encode())
    assert document.value == {}
    assert document.problems == (Problem(1, "a key has to be a text"),)


def test_first_of_two_keys_counts() -> None:
    """The second one is a problem, wherever the mapping is, and however it is written."""
    document = read_document(b"a:\n- b: 1\n  c: 2\n  'b': 3")
    assert document.value == {"a": [{"b": "1", "c": "2"}]}
    assert document.problems == (Problem(4, "this key is there twice, first in line 2"),)


@pytest.mark.parametrize("text", ["\\0", "\\ud800"])
def test_escapes_of_no_character(text: str) -> None:
    """No file and no path could hold them."""
    assert [one.line for one in read_document(f'a: 1\nb: "{text}"'.encode()).problems] == [2]
    assert [one.line for one in read_document(f'a: 1\n"{text}": b'.encode()).problems] == [2]


def test_lines_of_values() -> None:
    """That of the key, and of what it would be in if there is no such value."""
    document = read_document(b"# one\na:\n  - b:\n      long\n    c: |\n      x\n  - d\n")
    assert document.line(()) == 2
    assert document.line(("a",)) == 2
    assert document.line(("a", 0)) == 3
    assert document.line(("a", 0, "c")) == 5
    assert document.line(("a", 0, "missing", 5)) == 3
    assert document.line(("a", 1)) == 7
    assert document.line(("missing",)) == 2
    assert read_document(b"").line(("missing",)) == 1
