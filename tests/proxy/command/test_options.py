"""What the command is told: by flags, by variables, and by its file."""

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from custom_components.acestream_proxy.proxy.audience import Viewer
from custom_components.acestream_proxy.proxy.command import (
    config_file,
    make_parser,
    notes,
    read_config,
)
from custom_components.acestream_proxy.proxy.config import OPTIONS, PREFIX, Config
from custom_components.acestream_proxy.proxy.errors import ConfigError

SECRET = "sixteen-or-more_16"

SAMPLES: dict[str, tuple[str, Any]] = {
    "engines": ("h", ("http://h:6878",)),
    "listen": ("h:1", ("h", 1)),
    "trusted_networks": ("10.0.0.0/8", (ip_network("10.0.0.0/8"),)),
    "viewers": (f"A: b:{SECRET}", (Viewer(viewer_id="A: b", name="A: b", secret=SECRET),)),
    "linger": ("1", 1),
    "drop_after": ("6", 6),
    "most_viewers": ("2", 2),
    "most_streams": ("3", 3),
    "most_streams_per_engine": ("4", 4),
    "connect_timeout": ("7", 7),
    "start_timeout": ("8", 8),
    "user_agent": (" Some body ", "Some body"),
    "audio_language": ("SPA", "spa"),
    "low_latency": ("No", False),
    "transcode_video": ("true", True),
    "ffmpeg": ("none", ""),
    "data": ("kept", Path("kept")),
    "drain": ("9", 9),
    "log_level": ("DEBUG", "debug"),
}


def told(*arguments: str, environment: Mapping[str, str] | None = None) -> Config:
    """Return what the command makes of what it is told."""
    return read_config(make_parser().parse_args(arguments), environment or {})


def refused(*arguments: str, environment: Mapping[str, str] | None = None) -> list[str]:
    """Return what is said of that."""
    with pytest.raises(ConfigError) as caught:
        told(*arguments, environment=environment)
    return str(caught.value).split("\n")


def noted(*arguments: str, environment: Mapping[str, str]) -> list[str]:
    """Return what is noted of variables."""
    return list(notes(make_parser().parse_args(arguments), environment))


def test_nothing_is_said() -> None:
    """Then everything is as ever; a variable without a value says nothing."""
    assert told() == Config()
    assert told(environment={f"{PREFIX}LISTEN": "", f"{PREFIX}CONFIG": ""}) == Config()


def test_every_option_has_a_sample() -> None:
    """So that the tests below are of all of them."""
    assert [option.key for option in OPTIONS] == list(SAMPLES)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_option_is_a_variable(option: Any) -> None:
    """Each of them."""
    text, value = SAMPLES[option.key]
    assert told(environment={option.variable: text}) == Config(**{option.key: value})


@pytest.mark.parametrize(
    "option",
    [option for option in OPTIONS if option.kind.placeholder],
    ids=lambda option: option.key,
)
def test_option_is_a_flag(option: Any) -> None:
    """Each of them that is not only yes or no."""
    text, value = SAMPLES[option.key]
    assert told(option.flag, text) == Config(**{option.key: value})


def test_yes_and_no_are_two_flags() -> None:
    """The last one counts."""
    assert told("--no-low-latency") == Config(low_latency=False)
    assert told("--transcode-video") == Config(transcode_video=True)
    assert told("--no-low-latency", "--low-latency") == Config()


def test_several_are_given_one_by_one_or_together() -> None:
    """Each is there once; names of viewers have blanks in them."""
    engines = ("http://a:6878", "http://b:6878")
    assert told("--engine", "a", "--engine", "http://b:6878/", "--engine", "a").engines == engines
    assert told(environment={f"{PREFIX}ENGINE": " a, b  a,"}).engines == engines
    trusted = told("--trust", "10.1.2.3/8,::1").trusted_networks
    assert trusted == (ip_network("10.0.0.0/8"), ip_network("::1"))
    text = f"The kids:{SECRET} , Others:{SECRET}2"
    assert [one.name for one in told(environment={f"{PREFIX}VIEWER": text}).viewers] == [
        "The kids",
        "Others",
    ]


def test_of_what_there_is_one_the_last_counts() -> None:
    """As with all commands."""
    assert told("--linger", "1", "--linger", "2").linger == 2


def test_nobody_may_be_trusted() -> None:
    """By the word for it."""
    assert told("--trust", "none").trusted_networks == ()


def test_who_says_it_nearest_counts(tmp_path: Path) -> None:
    """The command line, the environment, acexy's, the file, and then the defaults."""
    path = tmp_path / "proxy.yaml"
    path.write_text("{engines: [file], listen: 'file:1', linger: 1, drain: 1, start_timeout: 9}")
    environment = {
        f"{PREFIX}CONFIG": str(path),
        f"{PREFIX}ENGINE": "ours",
        f"{PREFIX}LINGER": "2",
        "ACEXY_HOST": "theirs",
        "ACEXY_LISTEN_ADDR": "theirs:2",
    }
    assert told("--linger", "3", environment=environment) == Config(
        engines=("http://ours:6878",), listen=("theirs", 2), linger=3, drain=1, start_timeout=9
    )


def test_file_is_that_of_the_flag_or_of_the_variable() -> None:
    """There need be none."""
    environment = {f"{PREFIX}CONFIG": "two"}
    parse = make_parser().parse_args
    assert config_file(parse(["--config", "one"]), environment) == Path("one")
    assert config_file(parse([]), environment) == Path("two")
    assert config_file(parse([]), {}) is None


@pytest.mark.parametrize(
    ("flag", "text", "expected"),
    [
        ("--engine", "ftp://x", "the address of an engine, such as http://192.168.1.20:6878"),
        ("--engine", "", "the address of an engine, such as http://192.168.1.20:6878"),
        ("--listen", "nowhere", "HOST:PORT, such as"),
        ("--listen", "0.0.0.0:99999", "HOST:PORT, such as"),
        ("--trust", "nowhere", "a network such as 192.168.1.0/24, or none alone"),
        ("--trust", "none,10.0.0.0/8", "a network such as"),
        ("--trust", "", "a network such as"),
        ("--viewer", SECRET, "NAME:SECRET, with a secret of 16 to 256 letters"),
        ("--viewer", "Kids:short", "NAME:SECRET, with a secret of"),
        ("--viewer", f"\t:{SECRET}", "NAME:SECRET, with a secret of"),
        ("--viewer", f"A:{SECRET},A:{SECRET}2", "NAME:SECRET, with a secret of"),
        ("--viewer", f"A:{SECRET},B:{SECRET}", "NAME:SECRET, with a secret of"),
        ("--linger", "1.5", "a whole number from 0 to 300"),
        ("--drop-after", "4", "a whole number from 5 to 300"),
        ("--most-viewers", "9" * 5000, "a whole number from 1 to 1000"),
        ("--user-agent", "x\ny", "1 to 256 letters"),
        ("--audio-language", "es", "a code of three letters"),
        ("--ffmpeg", "/nowhere/ffmpeg", "a program that is there, or none"),
        ("--ffmpeg", "", "a program that is there, or none"),
        ("--data", "", "a path"),
        ("--log-level", "loud", "one of debug, info, warning, error"),
    ],
)
def test_what_cannot_be_used_is_said(flag: str, text: str, expected: str) -> None:
    """By the name that was written, and without what was written, which may be a secret."""
    (line,) = refused(flag, text)
    assert line.startswith(f"{flag}: expected {expected}")
    assert SECRET not in line


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Of the file, of acexy's variables, of ours, and of the command line."""
    path = tmp_path / "proxy.yaml"
    path.write_text("\nlinger: long\nport: 80\n")
    environment = {f"{PREFIX}LOW_LATENCY": "maybe", "ACEXY_PORT": "many"}
    lines = refused("--config", str(path), "--drain", "-1", environment=environment)
    assert [line.partition(": expected")[0] for line in lines] == [
        "proxy.yaml, line 2: linger",
        lines[1],
        "ACEXY_PORT",
        f"{PREFIX}LOW_LATENCY",
        "--drain",
    ]
    assert lines[1].startswith("proxy.yaml, line 3: port: there is no such key")


def test_misspelt_variables_are_noted() -> None:
    """Kubernetes sets some for services of this name, which are nobody's mistake."""
    environment = {
        f"{PREFIX}ENGIN": "x",
        f"{PREFIX}CONFIG": "x",
        f"{PREFIX}LINGER": "1",
        f"{PREFIX}PORT": "tcp://10.0.0.1:8080",
        f"{PREFIX}PORT_8080_TCP_ADDR": "10.0.0.1",
        f"{PREFIX}SERVICE_HOST": "10.0.0.1",
        "ACESTREAM_LINGE": "1",
    }
    assert noted(environment=environment) == [
        f"{PREFIX}ENGIN: there is no such variable; did you mean {PREFIX}ENGINE?"
    ]


def test_variables_of_acexy_that_do_not_count_are_noted() -> None:
    """With who counts more."""
    environment = {"ACEXY_PORT": "1", "ACEXY_LISTEN_ADDR": ":1", f"{PREFIX}LISTEN": ":2"}
    assert noted("--engine", "h", environment=environment) == [
        "ACEXY_PORT: not used, as there is --engine",
        f"ACEXY_LISTEN_ADDR: not used, as there is {PREFIX}LISTEN",
    ]
