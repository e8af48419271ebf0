"""The table of options, and what is written of it elsewhere."""

import re
from typing import Any

import pytest

from custom_components.acestream_proxy.proxy.config import OPTIONS, PREFIX, Config, Option
from custom_components.acestream_proxy.proxy.config.document import read_document
from custom_components.acestream_proxy.proxy.config.load import load_config
from custom_components.acestream_proxy.proxy.config.values import write_listen

from ..alone import REPOSITORY

DOCS = REPOSITORY / "docs"


def test_names_of_an_option_follow_from_its_key() -> None:
    """Of several, flag and variable are for one of them."""
    names = {option.key: (option.flag, option.variable) for option in OPTIONS}
    assert names["low_latency"] == ("--low-latency", "ACESTREAM_PROXY_LOW_LATENCY")
    assert names["engines"] == ("--engine", "ACESTREAM_PROXY_ENGINE")
    assert names["trusted_networks"] == ("--trust", "ACESTREAM_PROXY_TRUST")


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_default_is_a_text_of_its_kind_or_said_in_words(option: Option) -> None:
    """What nobody says anything of is as `Config` has it."""
    default = getattr(Config(), option.key)
    by_name = {"ffmpeg": option.default == default}  # which need not be here
    read: Any = option.otherwise or by_name.get(option.key) or option.read(option.default)
    assert read in (default, option.otherwise, True)


def test_page_has_the_table() -> None:
    """Row by row, in this order."""
    page = (DOCS / "alone.md").read_text()
    rows = [
        f"| `{f'{option.flag} {option.kind.placeholder}'.strip()}` "
        f"| `{option.variable.removeprefix(PREFIX)}` | `{option.key}` "
        f"| {option.default} | {option.text} |"
        for option in OPTIONS
    ]
    assert re.findall(r"^\| `--(?!config).*", page, re.MULTILINE) == rows


def test_page_names_the_networks_that_are_trusted() -> None:
    """All of them."""
    page = (DOCS / "alone.md").read_text()
    networks = [str(one).removesuffix("/128") for one in Config().trusted_networks]
    assert [one for one in networks if one not in page] == []


def test_page_names_those_that_need_a_restart() -> None:
    """And no others."""
    fixed = [f"`{option.key}`" for option in OPTIONS if not option.live]
    page = (DOCS / "alone.md").read_text()
    assert f"{' and '.join(fixed)} count from the next start" in re.sub(r"\s+", " ", page)


def test_example_has_all_options() -> None:
    """Some of them with a value of their own, the others as they are anyway."""
    path = DOCS / "proxy.example.yaml"
    config = load_config(path)
    written = read_document(path.read_bytes()).value.keys() | {"ffmpeg"}  # as a comment
    assert "\n# ffmpeg: " in path.read_text()
    assert [option.key for option in OPTIONS if option.key not in written] == []
    differ = {o.key for o in OPTIONS if getattr(config, o.key) != getattr(Config(), o.key)}
    assert differ == {
        *("engines", "trusted_networks", "viewers", "audio_language", "data"),
        "most_streams_per_engine",
    }


@pytest.mark.parametrize("text", ["127.0.0.1:8080", "*:80", "[::1]:0", "host:65535"])
def test_place_to_listen_is_written_as_it_is_read(text: str) -> None:
    """Both ways."""
    (option,) = (option for option in OPTIONS if option.key == "listen")
    listen: Any = option.read(text)
    assert write_listen(listen) == text
