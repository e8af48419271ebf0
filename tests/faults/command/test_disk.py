"""Nothing can be kept any more."""

from contextlib import suppress
from pathlib import Path
import subprocess
import sys

from aiohttp import ClientSession
import pytest

from ...proxy.command.process import Command, running
from ...proxy.waiting import until
from .disks import Disk, Forbidden, Full, NoSize, ReadOnly, may_mount
from .provider import Provider, Seen, until_seen, version
from .stage import EngineProcess, log_of, watching
from .test_crowd import is_undisturbed

# Lists and guides are looked at all the time.
SOON = """
import acestream_proxy.station.lookout as lookout
lookout.pause_after = lambda failures, interval: 0.3
"""

# What the log says, each once.
SAID = """\
WARNING The list of channels Mine cannot be had; trying again in 0 minutes. It cannot be kept in \
{disk.folder}/lists ({disk.reason}): make room, or let it be written.
WARNING The guide Mine cannot be had; trying again in 0 minutes. It cannot be kept in \
{disk.folder}/guides ({disk.reason}): make room, or let it be written.
WARNING Logos cannot be kept in {disk.folder}/logos ({disk.reason}): make room, or let it be \
written. Until then they are fetched each time
INFO The list of channels Mine can be had again
INFO The guide Mine can be had again
INFO Logos can be kept again
"""

mounted = pytest.mark.skipif(not may_mount(), reason="nothing may be mounted here")


@pytest.mark.parametrize(
    "kind",
    [pytest.param(Full, marks=mounted), pytest.param(ReadOnly, marks=mounted), NoSize, Forbidden],
)
async def test_what_cannot_be_kept_is_said_once_and_kept_later(
    tmp_path: Path,
    folder: Path,
    engine: EngineProcess,
    session: ClientSession,
    provider: Provider,
    kind: type[Disk],
) -> None:
    """Streams go on; new lists and logos are there, guides as they were."""
    config = tmp_path / "proxy.yaml"
    provider.write_config(config, engine)
    disk = kind(tmp_path / "kept")
    disk.folder.mkdir()
    async with running(folder, "--config", str(config), under=disk.under(), prelude=SOON) as run:
        await until_seen(session, run, version(1))
        await until(lambda: keeps(disk, run, "1"))
        async with watching(run) as viewer:
            disk.fail(run)
            provider.version = 2
            await until_seen(session, run, Seen("Channel 2", "Programme 1", "Logo 2"))
            asked = len(provider.asked)
            await until(lambda: len(provider.asked) > asked + 6)
            assert keeps(disk, run, "1")
            assert not keeps(disk, run, "2")
            disk.mend(run)
            await until_seen(session, run, version(2))
            await until(lambda: keeps(disk, run, "2"))
            await until(lambda: len(log_of(run)) == 6)
            assert not list(disk.seen_by(run).rglob(".*"))

    assert is_undisturbed(viewer)
    assert sorted(log_of(run)) == sorted(SAID.format(disk=disk).splitlines())


def test_folder_that_cannot_be_written_is_said_at_the_start(tmp_path: Path, folder: Path) -> None:
    """The command ends with the status of mistakes in its file: no use in starting it again."""
    tmp_path.chmod(0o555)
    under = Forbidden(tmp_path).under()
    command = (*under, sys.executable, "-m", "acestream_proxy", "--data", str(tmp_path / "kept"))
    ended = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    tmp_path.chmod(0o755)

    assert ended.returncode == 2
    assert ended.stderr.decode() == f"Nothing can be kept in {tmp_path}/kept (Permission denied).\n"


def keeps(disk: Disk, command: Command, number: str) -> bool:
    """Return whether one version of each is on disk."""
    content = b"".join(_content(path) for path in disk.seen_by(command).glob("*/*"))
    return all(f"{word} {number}".encode() in content for word in ("Channel", "Programme", "Logo"))


def _content(path: Path) -> bytes:
    with suppress(FileNotFoundError):  # it had another name for a moment
        return path.read_bytes()
    return b""
