"""Why a channel does not play: a sentence for each kind of error, in the user's language."""

from unittest.mock import Mock

import pytest

from custom_components.acestream_proxy.proxy import ProxyError
from custom_components.acestream_proxy.proxy.errors import (
    EngineBusyError,
    EngineProtocolError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    FetchError,
    GuideError,
    LimitReachedError,
    NotABroadcastError,
    ProxyStoppedError,
    StreamEndedError,
    StreamStalledError,
    StreamStartTimeoutError,
    UndecodableError,
    Why,
)
from custom_components.acestream_proxy.reasons import (
    Reason,
    reason_of,
    reason_of_feed,
    reason_of_search,
)

WITH_FFMPEG, WITHOUT_FFMPEG = Mock(ffmpeg="/usr/bin/ffmpeg"), Mock(ffmpeg=None)


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (EngineUnreachableError("The engine does not answer."), "no_engine"),
        (EngineTimeoutError("The engine does not accept connections."), "engine_silent"),
        (EngineProtocolError("The engine's answer is not JSON."), "engine_not_understood"),
        (StreamStartTimeoutError("No data came within 30 seconds."), "nothing_came"),
        (StreamStalledError("No data came for a while."), "stream_broke"),
        (StreamEndedError("The engine ended the stream."), "stream_broke"),
        (LimitReachedError("As many streams run as this proxy allows."), "too_many_streams"),
        (NotABroadcastError("This is a film."), "no_broadcast"),
        (UndecodableError("The picture of this channel is HEVC."), "undecodable"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_kinds_of_errors_have_a_sentence(error: ProxyError, key: str) -> None:
    """Which says all, so nothing in English is left in it."""
    reason = reason_of(error, WITH_FFMPEG)
    assert reason.key == key
    assert reason.words == {}


def test_what_is_to_be_done_about_a_picture_depends_on_ffmpeg() -> None:
    """Without it there is nothing to switch on."""
    reason = reason_of(UndecodableError("The picture is HEVC."), WITHOUT_FFMPEG)
    assert reason.key == "undecodable_without_ffmpeg"


def test_words_of_an_engine_stay_as_they_are() -> None:
    """Users look for them elsewhere."""
    reason = reason_of(EngineRefusedError("failed to load content"), WITH_FFMPEG)
    assert reason.key == "engine_refused"
    assert reason.words == {"words": "failed to load content"}


@pytest.mark.parametrize("kind", [EngineBusyError, ProxyStoppedError])
def test_rare_kinds_keep_their_sentence(kind: type[ProxyError]) -> None:
    """In a frame that is translated."""
    reason = reason_of(kind("It is so."), WITH_FFMPEG)
    assert reason.key == "refused"
    assert reason.words == {"reason": "It is so."}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FetchError("The server is away.", Why.UNREACHABLE), Reason("unreachable", {"name": "A"})),
        (
            FetchError("It says 404.", Why.BAD_STATUS, status=404),
            Reason("bad_status", {"name": "A", "status": "404"}),
        ),
        (GuideError("This is a web page.", Why.NO_GUIDE), Reason("no_guide", {"name": "A"})),
        (GuideError("It ends in the middle."), Reason("damaged", {"name": "A"})),
        (EngineUnreachableError("No engine is set up."), Reason("no_engine")),
        (EngineRefusedError("no token"), Reason("search_refused", {"words": "no token"})),
    ],
    ids=lambda value: value.key if isinstance(value, Reason) else None,
)
def test_list_or_guide_is_named_with_what_is_wrong(error: ProxyError, reason: Reason) -> None:
    """It may be one of many; what is wrong with engines is so for all that search."""
    assert reason_of_feed(error, "A") == reason


def test_search_that_is_refused_is_called_a_search() -> None:
    """It is nothing about the channel that was to be found."""
    reason = reason_of_search(EngineRefusedError("no token"))
    assert reason == Reason("search_refused", {"words": "no token"})
    assert reason_of_search(EngineTimeoutError("Too late.")) == Reason("engine_silent")
