"""The command lines, in full."""

from pathlib import Path
import sys

import pytest

from acestream_app.commands import Command, engine_command, proxy_command
from acestream_app.options import Options
from acestream_app.place import Place

PLACE = Place.below(Path("/"))

# What the engine's own `--help` and its makers' documentation name (engine 3.2).
KNOWN = {
    "--client-console", "--http-port", "--state-dir", "--live-cache-type", "--live-mem-cache-size",
    "--vod-cache-type", "--memory-cache-limit", "--disable-sentry", "--log-stdout",
    "--log-stdout-level",
}  # fmt: skip


def options_of(command: Command) -> list[str]:
    """Return what begins with two dashes."""
    return [word for word in command.arguments if word.startswith("--")]


def test_the_engine_is_told_nothing_that_it_does_not_know() -> None:
    """It would end at once."""
    command = engine_command(PLACE, Options(), {})
    assert command.arguments[0] == "/opt/engine/start-engine"
    assert set(options_of(command)) == KNOWN


@pytest.mark.parametrize(("debug", "level"), [(False, "error"), (True, "debug")])
def test_the_log_level_reaches_both(debug: bool, level: str) -> None:
    """In the words of each."""
    options = Options(debug=debug)
    assert engine_command(PLACE, options, {}).arguments[-1] == level
    proxy = proxy_command(PLACE, options, {}, has_engine=True)
    assert ("ACESTREAM_PROXY_LOG_LEVEL" in proxy.environment) is debug


def test_the_proxy_uses_the_engine_beside_it_and_the_others() -> None:
    """Without any, those of its file count."""
    options = Options(engines=("http://a:1", "http://b:2"))
    command = proxy_command(PLACE, options, {}, has_engine=True)
    assert command.arguments == (
        *(sys.executable, "-P", "-m", "acestream_proxy", "--config", "/config/proxy.yaml"),
        *("--data", "/data/proxy", "--listen", "0.0.0.0:8080"),
        *("--engine", "http://127.0.0.1:6878"),
        *("--engine", "http://a:1", "--engine", "http://b:2"),
    )
    assert "--engine" not in proxy_command(PLACE, Options(), {}, has_engine=False).arguments


def test_no_program_is_given_the_token() -> None:
    """Of either name; everything else is passed on, and a home."""
    given = {"TZ": "Europe/Madrid", "SUPERVISOR_TOKEN": "s", "HASSIO_TOKEN": "s"}
    engine = engine_command(PLACE, Options(), given)
    proxy = proxy_command(PLACE, Options(), given, has_engine=True)
    assert engine.environment == {"TZ": "Europe/Madrid", "HOME": "/data/engine"}
    assert proxy.environment == {
        "TZ": "Europe/Madrid",
        "HOME": "/data/proxy",
        "ACESTREAM_PROXY_DRAIN": "0",
    }


def test_both_have_ended_before_the_supervisor_loses_patience() -> None:
    """It kills after ten seconds."""
    engine = engine_command(PLACE, Options(), {})
    proxy = proxy_command(PLACE, Options(), {}, has_engine=True)
    assert engine.grace + proxy.grace < 10
