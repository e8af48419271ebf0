"""Keeping one program running, whatever it does."""

import asyncio
from contextlib import suppress
import os
from pathlib import Path
import sys

import psutil
import pytest

from acestream_app import backoff, program
from acestream_app.commands import Command
from acestream_app.place import User
from acestream_app.program import Program
from tests.proxy.waiting import until

from .running import programs


def python(code: str, grace: float = 5.0) -> Command:
    """Return the command that runs some Python, with some time to end."""
    return Command(
        arguments=(sys.executable, "-c", code), environment=dict(os.environ), user=None, grace=grace
    )


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends is started again at once."""
    monkeypatch.setattr(backoff, "FIRST", 0.01)


# A program that nobody asks to leave.
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


async def test_output_is_passed_on_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of both kinds, with the program's name, whatever it is made of."""
    lines: list[str] = []
    monkeypatch.setattr(sys.stderr, "write", lines.append)
    code = (
        r"import sys, time; print('one\ntwo', flush=True); "
        r"sys.stderr.buffer.write(b'\xff three\n'); sys.stderr.flush(); time.sleep(60)"
    )
    async with Program("thing", python(code)):
        await until(lambda: len(lines) == 3)
    assert lines == ["thing | one\n", "thing | two\n", "thing | \N{REPLACEMENT CHARACTER} three\n"]


async def test_a_line_without_an_end_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes in pieces, and what is left at the end comes, too."""
    monkeypatch.setattr(program, "_MAX_LINE", 100)
    lines: list[str] = []
    monkeypatch.setattr(sys.stderr, "write", lines.append)
    async with Program("thing", python("print('x' * 1050, end='')")):
        await until(lambda: "".join(lines).count("x") >= 1050)
    assert max(len(line) for line in lines) <= len("thing | \n") + 200


async def test_what_ends_is_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each time with a line in the log that says how it ended."""
    code = f"open({str(tmp_path / 'runs')!r}, 'a').write('.'); raise SystemExit(3)"
    async with Program("thing", python(code)):
        await until((tmp_path / "runs").exists)
        await until(lambda: (tmp_path / "runs").stat().st_size >= 3)
    assert "The thing ended (status 3); starting it in 0 s" in caplog.text


async def test_what_cannot_be_started_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be there the next time."""
    path = tmp_path / "late"
    command = Command(arguments=(str(path),), environment={}, user=None, grace=5)
    async with Program("thing", command):
        await until(lambda: "The thing cannot be started (No such file" in caplog.text)
        path.write_text(f"#!/bin/sh\necho > {path}.ran\n")
        path.chmod(0o755)
        await until(path.with_name("late.ran").exists)


async def test_what_does_not_end_is_killed() -> None:
    """After a while, in which it could have ended by itself."""
    async with Program("thing", python(STUBBORN, grace=0.05)) as thing:
        await until(lambda: thing.pid)
        await until(programs)
    assert programs() == []


async def test_what_a_program_started_ends_with_it() -> None:
    """Even if it was left behind, and holds the output open."""
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])"
    async with Program("thing", python(code)) as thing:
        await until(lambda: thing.pid)
        await until(lambda: thing.pid is None)
    assert programs() == []


async def test_it_may_be_stopped_while_it_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has left behind ends nevertheless."""
    ended = asyncio.Event()
    end = program._end

    async def slow_end(process: asyncio.subprocess.Process, grace: float) -> None:
        ended.set()
        await asyncio.sleep(0.05)
        await end(process, grace)

    monkeypatch.setattr(program, "_end", slow_end)
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])"
    async with Program("thing", python(code)):
        await ended.wait()
    assert programs() == []


async def test_who_holds_the_output_open_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A process may leave the group of whoever started it; that is no reason to wait for it."""
    monkeypatch.setattr(program, "_LAST_WORDS", 0.01)
    file = tmp_path / "pid"
    code = (
        "import subprocess, sys; "
        f"other = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}], start_new_session=True); "
        f"open({str(file)!r}, 'w').write(str(other.pid))"
    )
    async with Program("thing", python(code)):
        await until(lambda: file.exists() and file.read_text())
    other = psutil.Process(int(file.read_text()))
    assert other.is_running()
    other.kill()


async def test_a_restart_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody wanted it, so there is no reason to back off."""
    monkeypatch.setattr(backoff, "FIRST", 600.0)
    async with Program("thing", python("import time; time.sleep(60)")) as thing:
        await until(lambda: thing.pid)
        first = thing.pid
        await thing.restart()
        await until(lambda: thing.pid)
        assert thing.pid != first


async def test_a_restart_may_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the end of the app, for example: then it is not started again, and still ends kindly."""
    code = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.2), "
        "print('kindly', flush=True), sys.exit())); print('up', flush=True); time.sleep(60)"
    )
    lines: list[str] = []
    monkeypatch.setattr(sys.stderr, "write", lines.append)
    async with Program("thing", python(code)) as thing:
        await until(lambda: "thing | up\n" in lines)
        restarting = asyncio.create_task(thing.restart())
        await asyncio.sleep(0)
        restarting.cancel()
        with suppress(asyncio.CancelledError):
            await restarting
    assert lines == ["thing | up\n", "thing | kindly\n"]
    assert programs() == []


async def test_a_reload_is_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGHUP, as systemd's; to a program that is not there it is nothing."""
    code = (
        "import signal, time; signal.signal(signal.SIGHUP, lambda *_: print('again', flush=True)); "
        "print('up', flush=True); time.sleep(60)"
    )
    lines: list[str] = []
    monkeypatch.setattr(sys.stderr, "write", lines.append)
    thing = Program("thing", python(code))
    thing.reload()
    async with thing:
        await until(lambda: "thing | up\n" in lines)
        thing.reload()
        await until(lambda: "thing | again\n" in lines)
    thing.pid = 2**22 + 1  # more than any process has
    thing.reload()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
async def test_a_program_runs_as_its_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """And in no group of whoever starts it."""
    lines: list[str] = []
    monkeypatch.setattr(sys.stderr, "write", lines.append)
    command = Command(
        arguments=("/usr/bin/env", "id"), environment={}, user=User(12345, 12346), grace=5
    )
    async with Program("thing", command):
        await until(lambda: lines)
    assert lines[0] == "thing | uid=12345 gid=12346 groups=12346\n"
