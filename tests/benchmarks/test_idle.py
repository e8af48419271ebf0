"""What the command costs before anybody watches."""

import re

import pytest

from benchmarks import idle


def test_it_is_measured(capsys: pytest.CaptureFixture[str], socket_enabled: None) -> None:
    """With nothing but flags, and with a file; all that it is to be held to."""
    idle.main(["--seconds", "0.1", "--repeats", "1"])
    said = capsys.readouterr().out
    rows = re.findall(r"^\| (start|memory|CPU) \| (?:flags|file): ≤ [\d.]+ ", said, re.MULTILINE)
    assert rows == ["start", "start", "memory", "memory", "CPU", "CPU"]
