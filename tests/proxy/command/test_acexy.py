"""acexy's environment variables, and what becomes of them."""

import pytest

from custom_components.acestream_proxy.proxy.command import acexy as module
from custom_components.acestream_proxy.proxy.command.acexy import read_acexy

from ..alone import REPOSITORY


@pytest.mark.parametrize(
    ("environment", "engine"),
    [
        ({"ACEXY_HOST": "engine"}, "http://engine:6878"),
        ({"ACEXY_PORT": "6879"}, "http://localhost:6879"),
        ({"ACEXY_SCHEME": "http"}, "http://localhost:6878"),
        (
            {"ACEXY_SCHEME": "http", "ACEXY_HOST": "10.0.0.1", "ACEXY_PORT": "1"},
            "http://10.0.0.1:1",
        ),
        ({"ACEXY_HOST": "fd00::1"}, "http://[fd00::1]:6878"),
        ({"ACEXY_HOST": "[fd00::1]"}, "http://[fd00::1]:6878"),
    ],
)
def test_engine(environment: dict[str, str], engine: str) -> None:
    """Its parts are one thing; those that are not there are as acexy has them."""
    acexy = read_acexy(environment)
    assert acexy.values == {"engines": (engine,)}
    (note,) = acexy.notes
    assert note.text == f"taken as engines: {engine}"
    assert note.name == " and ".join(environment)


@pytest.mark.parametrize(
    ("text", "listen", "written"),
    [
        (":8080", ("", 8080), "*:8080"),
        ("0.0.0.0:80", ("0.0.0.0", 80), "0.0.0.0:80"),  # noqa: S104 - parsed, not bound
        ("[::1]:80", ("::1", 80), "[::1]:80"),
        ("localhost:80", ("localhost", 80), "localhost:80"),
    ],
)
def test_place_to_listen(text: str, listen: tuple[str, int], written: str) -> None:
    """Without a host it is all networks, not this machine as with us."""
    acexy = read_acexy({"ACEXY_LISTEN_ADDR": text})
    assert acexy.values == {"listen": listen}
    assert acexy.notes[0].text == f"taken as listen: {written}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15s", 15),
        ("1m", 60),
        ("0.25m4s1500ms", 20),
        ("10000000us", 10),
        ("6000000000ns1µs", 6),
        ("20", 20),
        ("1s", 5),
        ("1h30m", 60),
        ("999999999h999999999h", 60),
    ],
)
def test_times(text: str, seconds: int) -> None:
    """As Go writes them, or in bare seconds; as near as may be to what is asked for."""
    assert read_acexy({"ACEXY_NO_RESPONSE_TIMEOUT": text}).values == {"start_timeout": seconds}


def test_player_that_takes_nothing() -> None:
    """It is given up after what pyacexy gives a write, or the least there is."""
    assert read_acexy({"ACEXY_WRITE_TIMEOUT": "1m"}).values == {"drop_after": 60}
    assert read_acexy({"ACEXY_WRITE_TIMEOUT": "0.5s"}).values == {"drop_after": 5}


@pytest.mark.parametrize(
    ("text", "level"), [("DEBUG", "debug"), ("warn", "warning"), ("Error", "error")]
)
def test_levels(text: str, level: str) -> None:
    """Go's names for them."""
    assert read_acexy({"ACEXY_LOG_LEVEL": text}).values == {"log_level": level}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ACEXY_BUFFER_SIZE", "once for all players"),
        ("ACEXY_EMPTY_TIMEOUT", "opened anew"),
        ("ACEXY_M3U8", "/ace/manifest.m3u8"),
        ("ACEXY_M3U8_STREAM_TIMEOUT", "ends by itself"),
        ("ACEXY_WHATEVER", "means nothing here"),
    ],
)
def test_what_is_not_needed_is_said(name: str, words: str) -> None:
    """And why; whatever its value is."""
    acexy = read_acexy({name: "\x00"})
    (note,) = acexy.notes
    assert note.name == name
    assert words in note.text
    assert (acexy.values, acexy.problems) == ({}, [])


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"ACEXY_PORT": "http"}, "ACEXY_PORT: expected the address of an engine"),
        (
            {"ACEXY_SCHEME": "https", "ACEXY_HOST": "h"},
            "ACEXY_SCHEME and ACEXY_HOST: expected the address of an engine",
        ),
        ({"ACEXY_HOST": "h/x"}, "ACEXY_HOST: expected the address of an engine"),
        ({"ACEXY_LISTEN_ADDR": "8080"}, "ACEXY_LISTEN_ADDR: expected HOST:PORT or :PORT"),
        ({"ACEXY_LOG_LEVEL": "loud"}, "ACEXY_LOG_LEVEL: expected debug, info, warn or error"),
        ({"ACEXY_NO_RESPONSE_TIMEOUT": "1d"}, "ACEXY_NO_RESPONSE_TIMEOUT: expected a time"),
        ({"ACEXY_WRITE_TIMEOUT": "-1s"}, "ACEXY_WRITE_TIMEOUT: expected a time"),
        ({"ACEXY_WRITE_TIMEOUT": "1s" * 5000 + "x"}, "ACEXY_WRITE_TIMEOUT: expected a time"),
    ],
)
def test_what_cannot_be_used_is_said(environment: dict[str, str], said: str) -> None:
    """By the names of the variables."""
    acexy = read_acexy(environment)
    (problem,) = acexy.problems
    assert problem.startswith(said)
    assert (acexy.values, acexy.notes) == ({}, [])


def test_others_and_those_without_a_value_say_nothing() -> None:
    """As where they are not there."""
    acexy = read_acexy({"ACEXY_HOST": "", "ACEXY_M3U8": "", "HOME": "/root"})
    assert (acexy.values, acexy.notes, acexy.problems) == ({}, [], [])


def test_page_has_all_of_them() -> None:
    """With the option that each is here, or with the reason why it is none."""
    page = (REPOSITORY / "docs" / "migration.md").read_text()
    rows = [row for row in page.splitlines() if row.startswith("| `ACEXY_")]
    for name, (key, *_) in module._SAME.items():
        assert [row for row in rows if f"`{name}`" in row and f"| `{key}` |" in row]
    for name, reason in module._NOT_NEEDED.items():
        words = reason.split(":")[0]
        assert [row for row in rows if f"`{name}`" in row and words in row]
    (row,) = (row for row in rows if "| `engines` |" in row)
    assert [name for name in module._ENGINE if f"`{name}`" not in row] == []
