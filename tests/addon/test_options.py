"""What the Supervisor hands over."""

import json
from pathlib import Path

import pytest

from acestream_app.errors import AppError
from acestream_app.options import Options, read_options


def test_options_are_read(tmp_path: Path) -> None:
    """All of them."""
    path = tmp_path / "options.json"
    path.write_text(
        '{"engine": false, "engines": ["http://a:1"], "cache_size": 64, "log_level": "debug"}'
    )
    assert read_options(path) == Options(
        engine=False, engines=("http://a:1",), cache_size=64, debug=True
    )


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    """And so has all where there is no file."""
    path = tmp_path / "options.json"
    assert read_options(path) == Options()
    path.write_text('{"log_level": "info"}')
    assert read_options(path) == Options()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "are not JSON"),
        ("[" * 100_000, "are not JSON"),
        ("[]", "are not as expected"),
        (json.dumps({"engines": "http://a:1"}), "The option engines is not as expected"),
        (json.dumps({"cache_size": "64"}), "The option cache_size is not as expected"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, content: str, words: str) -> None:
    """In a sentence."""
    path = tmp_path / "options.json"
    path.write_text(content)
    with pytest.raises(AppError, match=words):
        read_options(path)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """As when a folder is in its place."""
    with pytest.raises(AppError, match=r"cannot be read \(Is a directory\)"):
        read_options(tmp_path)
