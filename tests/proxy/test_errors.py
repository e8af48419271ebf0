"""The tree of errors."""

from inspect import isclass
import pickle

import pytest

from custom_components.acestream_proxy.proxy import errors
from custom_components.acestream_proxy.proxy.errors import (
    ConfigError,
    EngineRefusedError,
    FetchError,
    GuideError,
    ProxyError,
    Why,
)
from custom_components.acestream_proxy.proxy.web.answers import STATUS_OF, status_of

KINDS = [kind for kind in vars(errors).values() if isclass(kind) and issubclass(kind, ProxyError)]

# No request of a player builds a guide or reads the command's file, so none is told why it failed.
UNHEARD = (ProxyError, GuideError, ConfigError)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in UNHEARD])
def test_every_error_has_a_status(kind: type[ProxyError]) -> None:
    """No error of ours is an internal one to a player, and the table's order hides none."""
    status = status_of(kind.__new__(kind))
    assert 400 <= status < 600
    assert status != 500
    assert status == STATUS_OF.get(kind, status)


def test_error_of_no_branch_is_internal() -> None:
    """What the table does not know is our fault."""
    assert status_of(ProxyError("Who knows.")) == 500


def test_refusal_keeps_the_engines_words() -> None:
    """Also where it is copied to another process."""
    error = pickle.loads(pickle.dumps(EngineRefusedError("mod_detected")))  # noqa: S301 - ours
    assert error.engine_message == "mod_detected"
    assert str(error) == "The engine refused: mod_detected"


@pytest.mark.parametrize(
    ("words", "is_final"),
    [("mod_detected", True), ("activate premium", True), ("failed to load content", False)],
)
def test_some_refusals_are_final(words: str, is_final: bool) -> None:
    """Asking again is no use."""
    assert EngineRefusedError(words).is_final is is_final


def test_only_a_server_that_gives_nothing_is_silent() -> None:
    """What it says, or what is wrong here, may be otherwise for its other addresses."""
    silent = {why for why in Why if FetchError("It is so.", why).is_silence}
    assert silent == {Why.NO_SERVER, Why.UNREACHABLE, Why.TOO_SLOW}
