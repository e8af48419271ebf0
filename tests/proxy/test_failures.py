"""Streams that failed a moment ago."""

import pytest

from custom_components.acestream_proxy.proxy import ContentKey, ProxyError, failures as module
from custom_components.acestream_proxy.proxy.failures import Failures
from custom_components.acestream_proxy.proxy.stats import StreamStats, never_started

from .waiting import until

CONTENT = ContentKey.parse("a" * 40)


def failed(reason: str) -> StreamStats:
    """Return a stream that failed."""
    return never_started(CONTENT, ProxyError(reason))


async def test_the_last_failure_of_some_content_is_in_sight() -> None:
    """Until it starts again; each change is told."""
    changes: list[None] = []
    failures = Failures(lambda: changes.append(None))
    assert failures.reason(CONTENT) is None
    failures.show(failed("Once."))
    failures.show(failed("Twice."))
    assert [stream.broadcast.error for stream in failures] == ["Twice."]
    assert failures.reason(CONTENT) == "Twice."
    told = len(changes)
    failures.forget(CONTENT)
    failures.forget(CONTENT)
    assert list(failures) == []
    assert len(changes) == told + 1


async def test_a_failure_is_out_of_sight_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to do anything for it."""
    monkeypatch.setattr(module, "_SHOWN", 0.02)
    failures = Failures(lambda: None)
    failures.show(failed("No."))
    await until(lambda: failures.reason(CONTENT) is None)
    assert list(failures) == []


async def test_nothing_is_in_sight_after_the_end() -> None:
    """Nor does anything wait for its time."""
    failures = Failures(lambda: None)
    failures.show(failed("No."))
    failures.clear()
    assert list(failures) == []
