"""Logos, from a server that counts how often it is asked."""

import asyncio
from collections.abc import AsyncIterator
import gc
import logging
import os
from pathlib import Path

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import logos as module
from custom_components.acestream_proxy.proxy.errors import FetchError, ProxyStoppedError, Why
from custom_components.acestream_proxy.proxy.fetch import Fetched
from custom_components.acestream_proxy.proxy.logos import Logo, Logos

from .waiting import until

PNG = b"\x89PNG\r\n\x1a\n"
DAY = 24 * 3600.0


class Gallery:
    """A server with a picture at each address."""

    def __init__(self) -> None:
        """Have pictures, and show them at once."""
        self.body = PNG + b"one"
        self.status = 200
        self.asked: list[str] = []
        """The paths that were asked for."""
        self.busiest = 0
        """How many it was asked for at once."""
        self._busy = 0
        self.open = asyncio.Event()
        """Whether it answers."""
        self.open.set()
        self.server = TestServer(web.Application())
        self.server.app.router.add_get("/{name:.*}", self._answer)

    def address(self, name: str = "one.png") -> str:
        """Return where a picture is."""
        return str(self.server.make_url(f"/{name}"))

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        await self.open.wait()
        self._busy -= 1
        return web.Response(body=self.body, status=self.status, content_type="text/html")


class Clock:
    """Shows what a test sets."""

    def __init__(self) -> None:
        """Begin on some day."""
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Return the time, in seconds since the epoch."""
        return self.now


def files(folder: Path) -> list[Path]:
    """Return what is in a folder."""
    return list(folder.iterdir())


@pytest.fixture
async def gallery() -> AsyncIterator[Gallery]:
    """Return a server with pictures."""
    gallery = Gallery()
    await gallery.server.start_server()
    yield gallery
    gallery.open.set()
    await gallery.server.close()


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture(params=["folder", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Return where logos are kept; None for in memory."""
    return {"folder": tmp_path / "logos", "memory": None}[request.param]


@pytest.fixture
async def logos(session: ClientSession, folder: Path | None, clock: Clock) -> AsyncIterator[Logos]:
    """Return logos kept in both ways."""
    logos = Logos(session, folder, clock=clock)
    yield logos
    await logos.stop()


async def test_logo_is_fetched_once(logos: Logos, gallery: Gallery, clock: Clock) -> None:
    """And is what its bytes say, not what the server calls it."""
    first = await logos.get(gallery.address())
    clock.now += 6 * DAY
    assert await logos.get(gallery.address()) == first == Logo(gallery.body, "image/png")
    assert gallery.asked == ["/one.png"]


async def test_logos_of_other_addresses_are_others(logos: Logos, gallery: Gallery) -> None:
    """Whatever comes at the end of them."""
    one = await logos.get(gallery.address("a?1"))
    gallery.body = PNG + b"two"
    assert await logos.get(gallery.address("a?2")) != one
    assert await logos.get(gallery.address("a?1")) == one


async def test_everybody_waits_for_the_same_fetch(logos: Logos, gallery: Gallery) -> None:
    """Also when whoever asked first has left."""
    gallery.open.clear()
    waiting = [asyncio.create_task(logos.get(gallery.address())) for _ in range(5)]
    await until(lambda: gallery.asked)
    waiting[0].cancel()
    gallery.open.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert found[1:] == [Logo(gallery.body, "image/png")] * 4
    assert len(gallery.asked) == 1


async def test_four_are_fetched_at_once(logos: Logos, gallery: Gallery) -> None:
    """The others have their turn."""
    gallery.open.clear()
    waiting = [asyncio.create_task(logos.get(gallery.address(f"{n}"))) for n in range(9)]
    await until(lambda: len(gallery.asked) >= 4)
    gallery.open.set()
    await asyncio.gather(*waiting)
    assert len(gallery.asked) == 9
    assert gallery.busiest == 4


async def test_logo_is_asked_for_again_after_a_week(
    logos: Logos, gallery: Gallery, clock: Clock
) -> None:
    """It may be another one by then."""
    await logos.get(gallery.address())
    gallery.body = PNG + b"two"
    clock.now += 8 * DAY
    assert (await logos.get(gallery.address())).body == gallery.body
    clock.now += 6 * DAY
    assert (await logos.get(gallery.address())).body == gallery.body
    assert len(gallery.asked) == 2


@pytest.mark.parametrize(
    ("status", "body"), [(500, b""), (200, b"<html>This domain is for sale.</html>")]
)
async def test_old_logo_is_better_than_none(
    logos: Logos, gallery: Gallery, clock: Clock, status: int, body: bytes
) -> None:
    """Its source is asked again after an hour."""
    first = await logos.get(gallery.address())
    gallery.status, gallery.body = status, body
    clock.now += 8 * DAY
    assert await logos.get(gallery.address()) == first
    assert await logos.get(gallery.address()) == first
    assert len(gallery.asked) == 2
    clock.now += 3601
    assert await logos.get(gallery.address()) == first
    assert len(gallery.asked) == 3


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        pytest.param(404, PNG, "status 404", id="not there"),
        pytest.param(200, b"<html></html>", "no picture", id="a page"),
        pytest.param(200, b"", "no picture", id="nothing"),
        pytest.param(200, PNG + bytes(module.MAX_LOGO), r"than 0\.5 MiB", id="too large"),
    ],
)
async def test_failure_is_remembered_for_an_hour(
    logos: Logos, gallery: Gallery, clock: Clock, status: int, body: bytes, words: str
) -> None:
    """And said again without asking; the same server has others."""
    good = gallery.body
    gallery.status, gallery.body = status, body
    for _ in range(2):
        with pytest.raises(FetchError, match=words):
            await logos.get(gallery.address())
    assert len(gallery.asked) == 1

    gallery.status, gallery.body = 200, good
    assert await logos.get(gallery.address("other.png"))
    with pytest.raises(FetchError, match=words):
        await logos.get(gallery.address())
    clock.now += 3601
    assert await logos.get(gallery.address())


async def test_silent_server_is_left_alone(
    logos: Logos, gallery: Gallery, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has hundreds of logos, and those of others would wait for them all."""
    asked: list[str] = []
    given_up = asyncio.Event()

    async def silence(_: ClientSession, address: str, **__: object) -> Fetched:
        asked.append(address)
        await given_up.wait()
        raise FetchError("Nothing came.", Why.TOO_SLOW)

    with monkeypatch.context() as patch:
        patch.setattr(module, "fetch", silence)
        many = asyncio.gather(
            *(logos.get(gallery.address(f"{n}")) for n in range(50)), return_exceptions=True
        )
        await until(lambda: len(logos._turns._waiters or ()) == 46)
        given_up.set()
        failed = await many
    assert {str(error) for error in failed} == {"Nothing came."}
    assert len(asked) == 4

    with pytest.raises(FetchError, match="Nothing came") as again:
        await logos.get(gallery.address("other.png"))
    assert again.value.why is Why.TOO_SLOW
    clock.now += 301
    assert await logos.get(gallery.address("other.png"))


async def test_known_failure_is_said_at_once(logos: Logos, gallery: Gallery) -> None:
    """Nobody waits in a queue for it."""
    gallery.status = 404
    with pytest.raises(FetchError):
        await logos.get(gallery.address())
    gallery.open.clear()
    waiting = [asyncio.create_task(logos.get(gallery.address(f"{n}"))) for n in range(4)]
    await until(lambda: len(gallery.asked) == 5)
    with pytest.raises(FetchError):
        await logos.get(gallery.address())
    assert not any(task.done() for task in waiting)
    gallery.open.set()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_failure_that_nobody_waits_for_is_no_noise(
    logos: Logos, gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    """Pages are left before all their pictures are there."""
    gallery.status = 404
    gallery.open.clear()
    waiting = asyncio.create_task(logos.get(gallery.address()))
    await until(lambda: gallery.asked)
    waiting.cancel()
    gallery.open.set()
    await until(lambda: not logos._getting)
    gc.collect()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_failures_are_not_remembered_without_end(
    logos: Logos, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest is forgotten."""
    monkeypatch.setattr(module, "_MAX_FAILURES", 2)
    gallery.status = 404
    for name in ("1", "2", "3", "2", "1"):
        with pytest.raises(FetchError):
            await logos.get(gallery.address(name))
    assert gallery.asked == ["/1", "/2", "/3", "/1"]


@pytest.mark.parametrize(
    "address",
    ["", "one.png", "data:image/png;base64,x", "http://[::1", "http://127.0.0.1:1/\ud800\0"],
)
async def test_what_is_no_address_has_no_logo(logos: Logos, address: str) -> None:
    """It is said as all else is."""
    with pytest.raises(FetchError):
        await logos.get(address)


@pytest.mark.parametrize("max_kept", [300, 500])
async def test_logos_that_were_not_used_for_longest_go(
    session: ClientSession, folder: Path | None, gallery: Gallery, clock: Clock, max_kept: int
) -> None:
    """Those that were used again stay."""
    gallery.body = PNG.ljust(100, b"x")
    logos = Logos(session, folder, max_kept=max_kept, clock=clock)
    most = max_kept // 100
    names = [f"{number}" for number in range(most + 1)]
    for name in names[:-1]:
        await logos.get(gallery.address(name))
        clock.now += 60
    clock.now += DAY + 1
    await logos.get(gallery.address("0"))
    await logos.get(gallery.address(names[-1]))
    assert len(gallery.asked) == most + 1

    await logos.get(gallery.address("0"))
    await logos.get(gallery.address(names[-1]))
    assert len(gallery.asked) == most + 1
    await logos.get(gallery.address("1"))
    assert len(gallery.asked) == most + 2


async def test_memory_holds_the_newest_of_an_address(
    session: ClientSession, gallery: Gallery, clock: Clock
) -> None:
    """The one before is not counted any more."""
    gallery.body = PNG.ljust(100, b"x")
    logos = Logos(session, None, max_kept=200, clock=clock)
    for _ in range(5):
        await logos.get(gallery.address("1"))
        await logos.get(gallery.address("2"))
        clock.now += 8 * DAY
    assert len(gallery.asked) == 10
    clock.now -= 8 * DAY
    await logos.get(gallery.address("1"))
    await logos.get(gallery.address("2"))
    assert len(gallery.asked) == 10


async def test_nothing_is_fetched_any_more(logos: Logos, gallery: Gallery) -> None:
    """Who waits is told so."""
    gallery.open.clear()
    waiting = asyncio.create_task(logos.get(gallery.address()))
    await until(lambda: gallery.asked)
    await logos.stop()
    with pytest.raises(ProxyStoppedError):
        await waiting


# In a folder --------------------------------------------------------------------------------------


async def test_logos_outlive_a_restart(
    session: ClientSession, tmp_path: Path, gallery: Gallery, clock: Clock
) -> None:
    """Nothing of an address is in the folder."""
    address = gallery.address("s3cret.png")
    first = await Logos(session, tmp_path, clock=clock).get(address)
    assert await Logos(session, tmp_path, clock=clock).get(address) == first
    assert len(gallery.asked) == 1
    (file,) = files(tmp_path)
    assert file.read_bytes() == first.body
    assert file.name == f"{file.stem}.logo"
    assert len(bytes.fromhex(file.stem)) == 20


async def test_file_that_is_no_picture_is_fetched_again(
    session: ClientSession, tmp_path: Path, gallery: Gallery, clock: Clock
) -> None:
    """Such as one that a power failure left empty."""
    logos = Logos(session, tmp_path, clock=clock)
    await logos.get(gallery.address())
    (file,) = files(tmp_path)
    file.write_bytes(b"<html>")
    assert await logos.get(gallery.address()) == Logo(gallery.body, "image/png")


async def test_bound_holds_for_what_was_there_before(
    session: ClientSession, tmp_path: Path, gallery: Gallery, clock: Clock
) -> None:
    """Whatever it is, and some room is made. What others have there stays."""
    for number, name in enumerate((".x.logo.y", "a.logo", "b.logo", "others.png")):
        file = tmp_path / name
        file.write_bytes(bytes(100))
        os.utime(file, (clock.now - 100 + number, clock.now))
    gallery.body = PNG.ljust(100, b"x")
    await Logos(session, tmp_path, max_kept=300, clock=clock).get(gallery.address())
    left = {file.name for file in files(tmp_path)}
    assert left > {"b.logo", "others.png"}
    assert len(left) == 3


async def test_logo_is_shown_where_it_cannot_be_kept(
    session: ClientSession,
    tmp_path: Path,
    gallery: Gallery,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is fetched each time, which is said once; and so is that it is kept again."""
    caplog.set_level(logging.INFO, module.__name__)
    file = tmp_path / "file"
    file.touch()
    logos = Logos(session, file / "logos", clock=clock)
    assert await logos.get(gallery.address()) == await logos.get(gallery.address())
    assert len(gallery.asked) == 2
    file.unlink()
    for _ in range(2):
        await logos.get(gallery.address())
        await logos.get(gallery.address("other.png"))
    assert len(gallery.asked) == 4
    first, second = (one for one in caplog.records if one.name == module.__name__)
    assert first.levelname == "WARNING"
    assert first.message.startswith(f"Logos cannot be kept in {file}/logos (Not a directory): make")
    assert second.message == "Logos can be kept again"


async def test_logo_is_shown_where_it_cannot_be_marked(
    session: ClientSession,
    tmp_path: Path,
    gallery: Gallery,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a folder that was made read-only."""

    def refuse(*_: object) -> None:
        raise PermissionError

    logos = Logos(session, tmp_path, clock=clock)
    first = await logos.get(gallery.address())
    monkeypatch.setattr(os, "utime", refuse)
    clock.now += 2 * DAY
    assert await logos.get(gallery.address()) == first
    assert len(gallery.asked) == 1
