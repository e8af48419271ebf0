"""Lists and guides: fetched, kept, and there again after a restart."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
import threading
from typing import Any
from unittest.mock import Mock

from aiohttp import ClientSession
import pytest

from custom_components.acestream_proxy.proxy.catalog import Channel, Filter
from custom_components.acestream_proxy.proxy.errors import FetchError, GuideError
from custom_components.acestream_proxy.proxy.feeds import (
    Feed,
    GuideFeed,
    ListFeed,
    Origin,
    feed as feed_module,
    forget_others,
    guides as guides_module,
)
from custom_components.acestream_proxy.proxy.guide import build as module_build
from custom_components.acestream_proxy.proxy.lineup import Lineup

from .sources import LIST, ONE, TWO, Source, guide
from .waiting import PATIENCE


@pytest.fixture
def lineup(session: ClientSession, tmp_path: Path) -> Lineup:
    """Return a lineup without channels."""
    return Lineup(session, tmp_path / "kept")


def again(lineup: Lineup) -> Lineup:
    """Return the lineup after a restart."""
    return Lineup(lineup.session, lineup.folder)


def names(lineup: Lineup) -> list[str]:
    """Return what the channels are called."""
    return [entry.channel.name for entry in lineup.catalog.entries()]


async def titles(lineup: Lineup) -> list[str]:
    """Return what is on."""
    channels = [Channel(name="First", sources=(ONE,), guide_id="first.example")]
    on_air = await lineup.on_air(channels, datetime.now(UTC).timestamp())
    return [one.now.title for one in on_air.values() if one.now]


def kept(lineup: Lineup) -> list[Path]:
    """Return the files that are kept."""
    return [path for path in lineup.folder.rglob("*") if path.is_file()]


# Lists --------------------------------------------------------------------------------------------


async def test_list_from_an_address_is_in_the_catalog(lineup: Lineup, source: Source) -> None:
    """With what else it says, and what could not be read."""
    feed = ListFeed(lineup, "mine", "My list", source.origin)
    await feed.refresh()
    assert names(lineup) == ["First", "Second"]
    assert feed.playlist.guides == ("http://guides.example/one.xml",)
    assert [problem.line for problem in feed.playlist.problems] == [6]
    assert feed.playlist.channels == ()
    assert feed.updated
    listing = lineup.catalog.get("mine")
    assert listing
    assert listing.title == "My list"


async def test_only_wanted_channels_are_taken(lineup: Lineup, source: Source) -> None:
    """By group and name."""
    wanted = Filter(exclude_groups=("news",))
    await ListFeed(lineup, "mine", "", source.origin, wanted=wanted).refresh()
    assert names(lineup) == ["Second"]


async def test_list_is_there_again_after_a_restart(lineup: Lineup, source: Source) -> None:
    """Before its source was asked, which then says that it is still the same."""
    first = ListFeed(lineup, "mine", "", source.origin)
    await first.refresh()
    after = again(lineup)
    feed = ListFeed(after, "mine", "", source.origin)
    await feed.load()
    assert names(after) == ["First", "Second"]
    assert feed.updated == first.updated
    await feed.refresh()
    assert source.answered == [200, 304]
    assert names(after) == ["First", "Second"]


async def test_list_is_kept_while_its_source_is_down(lineup: Lineup, source: Source) -> None:
    """Whoever refreshed it is told, and the next time all is well."""
    feed = ListFeed(lineup, "mine", "", source.origin)
    await feed.refresh()
    updated = feed.updated
    source.body, source.status = b"Service unavailable", 503
    with pytest.raises(FetchError, match="503"):
        await feed.refresh()
    assert names(lineup) == ["First", "Second"]
    assert feed.updated == updated
    source.body, source.status = LIST.replace(b"Second", b"Third"), 200
    await feed.refresh()
    assert names(lineup) == ["First", "Third"]


async def test_page_without_channels_is_no_list(lineup: Lineup, source: Source) -> None:
    """What says that the source has closed does not empty the list; a new list may be empty."""
    feed = ListFeed(lineup, "mine", "", source.origin)
    await feed.refresh()
    source.body = b"<html>Gone</html>"
    for _ in range(2):  # that it is still the same does not make it one
        with pytest.raises(FetchError, match="no channels in it any more"):
            await feed.refresh()
    assert names(lineup) == ["First", "Second"]
    other = again(lineup)
    await ListFeed(other, "another", "", source.origin).refresh()
    assert names(other) == []


async def test_list_of_which_nothing_is_wanted_any_more_is_empty(
    lineup: Lineup, source: Source
) -> None:
    """Unlike one whose source has closed: the user said so."""
    old = ListFeed(lineup, "mine", "", source.origin)
    await old.refresh()
    old.retire()
    wanted = Filter(include_names=("None",))
    feed = ListFeed(lineup, "mine", "", source.origin, wanted=wanted)
    await feed.load()
    assert names(lineup) == []
    await feed.refresh()
    assert names(lineup) == []


async def test_what_was_kept_of_another_origin_is_not_taken(lineup: Lineup, source: Source) -> None:
    """The user changed where the list comes from."""
    await ListFeed(lineup, "mine", "", source.origin).refresh()
    feed = ListFeed(again(lineup), "mine", "", Origin(text="#EXTM3U\n"))
    await feed.load()
    assert feed.updated is None


@pytest.mark.parametrize("damage", [b"", b"[]", b"\xff{"])
async def test_damaged_facts_are_none(lineup: Lineup, source: Source, damage: bytes) -> None:
    """The power went while they were written, or somebody looked into them."""
    await ListFeed(lineup, "mine", "", source.origin).refresh()
    (facts,) = [path for path in kept(lineup) if path.suffix == ".json"]
    facts.write_bytes(damage)
    feed = ListFeed(again(lineup), "mine", "", source.origin)
    await feed.load()
    assert feed.updated is None


async def test_list_whose_file_is_gone_is_fetched_again(lineup: Lineup, source: Source) -> None:
    """Its source is not asked whether it is still the same."""
    await ListFeed(lineup, "mine", "", source.origin).refresh()
    (body,) = [path for path in kept(lineup) if path.suffix != ".json"]
    body.unlink()
    after = again(lineup)
    feed = ListFeed(after, "mine", "", source.origin)
    await feed.load()
    await feed.refresh()
    assert source.answered == [200, 200]
    assert names(after) == ["First", "Second"]


async def test_list_from_a_file_follows_the_file(lineup: Lineup, tmp_path: Path) -> None:
    """A file that is gone is a sentence."""
    path = tmp_path / "list.m3u"
    path.write_bytes(LIST)
    feed = ListFeed(lineup, "mine", "", Origin(path=str(path)))
    await feed.refresh()
    path.write_bytes(LIST.replace(b"Second", b"Third"))
    await feed.refresh()
    assert names(lineup) == ["First", "Third"]
    path.unlink()
    with pytest.raises(FetchError, match="cannot be read"):
        await feed.refresh()


async def test_list_of_a_text(lineup: Lineup) -> None:
    """As it was pasted."""
    await ListFeed(lineup, "mine", "", Origin(text=LIST.decode())).refresh()
    assert names(lineup) == ["First", "Second"]


async def test_list_that_is_still_the_same_is_not_read_again(lineup: Lineup) -> None:
    """Whoever has its channels keeps them, also after a restart."""
    origin = Origin(text=LIST.decode())
    feed = ListFeed(lineup, "mine", "", origin)
    await feed.refresh()
    listing = feed.listing
    await feed.refresh()
    assert feed.listing is listing

    lineup = again(lineup)
    feed = ListFeed(lineup, "mine", "", origin)
    await feed.load()
    listing = feed.listing
    assert listing
    await feed.refresh()
    assert feed.listing is listing


async def test_list_of_a_search_keeps_what_was_found(lineup: Lineup) -> None:
    """Also for the next start; mirrors are one channel."""
    asked: list[str] = []

    async def search(text: str) -> Sequence[Channel]:
        asked.append(text)
        return [
            Channel(name="Match", sources=(ONE,), groups=("sport",)),
            Channel(name="Match HD", sources=(TWO,), groups=("sport",)),
        ]

    origin = Origin(query="match")
    await ListFeed(lineup, "mine", "", origin, search=search).refresh()
    after = again(lineup)
    await ListFeed(after, "mine", "", origin, search=search).load()
    assert asked == ["match"]
    (entry,) = after.catalog.entries()
    assert entry.channel.sources == (ONE, TWO)
    assert entry.channel.groups == ("sport",)


async def test_forgotten_list_leaves_nothing(lineup: Lineup, source: Source) -> None:
    """In the catalog and on disk; to forget what is not there is nothing."""
    feed = ListFeed(lineup, "mine", "", source.origin)
    await feed.refresh()
    await feed.forget()
    await feed.forget()
    assert names(lineup) == []
    assert kept(lineup) == []


async def test_list_that_cannot_be_kept_says_so(
    lineup: Lineup, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The channels are there all the same."""
    full = Mock(side_effect=OSError(28, "No space left on device"))
    monkeypatch.setattr(feed_module, "WholeFile", full)
    with pytest.raises(FetchError, match="No space left"):
        await ListFeed(lineup, "mine", "", source.origin).refresh()
    assert names(lineup) == ["First", "Second"]


async def test_list_that_could_not_be_kept_is_kept_later(
    lineup: Lineup, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its source says that it is still the same only once it is."""
    feed = ListFeed(lineup, "mine", "", source.origin)
    await feed.refresh()
    source.body = LIST.replace(b"Second", b"Third")
    with monkeypatch.context() as full:
        full.setattr(feed_module, "WholeFile", Mock(side_effect=OSError(28, "No space left")))
        with pytest.raises(FetchError):
            await feed.refresh()
    await feed.refresh()
    await feed.refresh()
    assert source.answered == [200, 200, 200, 304]
    restarted = again(lineup)
    await ListFeed(restarted, "mine", "", source.origin).load()
    assert names(restarted) == ["First", "Third"]


# Guides -------------------------------------------------------------------------------------------


@pytest.fixture
def guide_source(source: Source) -> Source:
    """Return a server with a guide."""
    source.body = guide("News at ten")
    return source


async def test_guide_from_an_address_says_what_is_on(lineup: Lineup, guide_source: Source) -> None:
    """What was downloaded is not kept beside it."""
    feed = GuideFeed(lineup, "guide", "Guide", guide_source.origin)
    await feed.refresh()
    assert await titles(lineup) == ["News at ten"]
    assert feed.facts
    assert (feed.facts.channels, feed.facts.programmes) == (1, 1)
    assert len(kept(lineup)) == 2


async def test_guide_is_there_again_after_a_restart(lineup: Lineup, guide_source: Source) -> None:
    """Its source says that it is still the same."""
    await GuideFeed(lineup, "guide", "", guide_source.origin).refresh()
    after = again(lineup)
    feed = GuideFeed(after, "guide", "", guide_source.origin)
    await feed.load()
    assert await titles(after) == ["News at ten"]
    await feed.refresh()
    assert guide_source.answered == [200, 304]
    assert await titles(after) == ["News at ten"]


async def test_guide_is_kept_while_its_source_has_something_else(
    lineup: Lineup, guide_source: Source
) -> None:
    """The next time it is asked for anew, and not whether it is still the same."""
    feed = GuideFeed(lineup, "guide", "", guide_source.origin)
    await feed.refresh()
    guide_source.body = b"<html>Gone</html>"
    for _ in range(2):
        with pytest.raises(GuideError):
            await feed.refresh()
    assert guide_source.answered == [200, 200, 200]
    assert await titles(lineup) == ["News at ten"]
    guide_source.body = guide("News at eleven")
    await feed.refresh()
    assert await titles(lineup) == ["News at eleven"]


async def test_guide_from_a_file(lineup: Lineup, tmp_path: Path) -> None:
    """Read where it is, and again when it is refreshed."""
    path = tmp_path / "guide.xml"
    path.write_bytes(guide("Morning"))
    feed = GuideFeed(lineup, "guide", "", Origin(path=str(path)))
    await feed.refresh()
    path.write_bytes(guide("Evening"))
    await feed.refresh()
    assert await titles(lineup) == ["Evening"]


async def test_forgotten_guide_leaves_nothing(lineup: Lineup, guide_source: Source) -> None:
    """Among the guides and on disk."""
    feed = GuideFeed(lineup, "guide", "", guide_source.origin)
    await feed.refresh()
    await feed.forget()
    assert await titles(lineup) == []
    assert kept(lineup) == []


async def test_guide_that_is_gone_from_the_disk_is_fetched_again(
    lineup: Lineup, guide_source: Source
) -> None:
    """Its source is not asked whether it is still the same."""
    await GuideFeed(lineup, "guide", "", guide_source.origin).refresh()
    (database,) = [path for path in kept(lineup) if path.suffix != ".json"]
    database.unlink()
    feed = GuideFeed(again(lineup), "guide", "", guide_source.origin)
    await feed.load()
    assert (feed.facts, feed.updated) == (None, None)
    await feed.refresh()
    assert guide_source.answered == [200, 200]


async def test_guide_that_is_forgotten_while_it_is_read_does_not_come_back(
    lineup: Lineup, guide_source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither among the guides nor on disk."""
    feed = GuideFeed(lineup, "guide", "", guide_source.origin)
    building, go_on = threading.Event(), threading.Event()

    def build(*args: Any, **kwargs: Any) -> None:
        building.set()
        go_on.wait(PATIENCE)
        module_build(*args, **kwargs)

    monkeypatch.setattr(guides_module, "build", build)
    refreshing = asyncio.create_task(feed.refresh())
    await asyncio.to_thread(building.wait, PATIENCE)
    forgetting = asyncio.create_task(feed.forget())
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(refreshing, forgetting)
    assert lineup.guides._paths == {}
    assert kept(lineup) == []


async def test_guide_that_cannot_be_kept_says_so(lineup: Lineup, tmp_path: Path) -> None:
    """As where the folder is a file."""
    path = tmp_path / "guide.xml"
    path.write_bytes(guide("News"))
    lineup.folder.write_bytes(b"")
    with pytest.raises(FetchError, match="cannot be kept"):
        await GuideFeed(lineup, "guide", "", Origin(path=str(path))).refresh()


# Both ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ListFeed, GuideFeed])
async def test_what_was_half_written_goes_at_the_next_start(
    lineup: Lineup, source: Source, kind: type[Feed]
) -> None:
    """As where the power went meanwhile."""
    source.body = LIST if kind is ListFeed else guide("News")
    feed = kind(lineup, "one", "", source.origin)
    await feed.refresh()
    before = kept(lineup)
    feed.kept.with_name(f".{feed.kept.name}.left").touch()
    feed.kept.with_name(f".{feed.kept.name}.json.left").touch()
    await kind(again(lineup), "one", "", source.origin).load()
    assert kept(lineup) == before


@pytest.mark.parametrize("kind", [ListFeed, GuideFeed])
async def test_where_nothing_can_be_removed_all_goes_on(
    lineup: Lineup, source: Source, kind: type[Feed], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a read-only disk not even what is not there can be."""
    source.body = LIST if kind is ListFeed else guide("News")
    feed = kind(lineup, "one", "", source.origin)
    await feed.refresh()
    monkeypatch.setattr(Path, "unlink", Mock(side_effect=OSError(30, "Read-only file system")))
    await feed.refresh()
    await feed.forget()
    assert names(lineup) == []


@pytest.mark.parametrize("kind", [ListFeed, GuideFeed])
async def test_key_of_any_text_is_no_path(lineup: Lineup, source: Source, kind: type[Feed]) -> None:
    """A name with `../` in it keeps to the folder."""
    source.body = LIST if kind is ListFeed else guide("News")
    await kind(lineup, "../../outside", "", source.origin).refresh()
    assert {path.parent.parent for path in kept(lineup)} == {lineup.folder}


async def test_files_of_others_are_forgotten(
    lineup: Lineup, source: Source, tmp_path: Path
) -> None:
    """Those of feeds that are not there any more; whatever else is in the folder stays."""
    path = tmp_path / "guide.xml"
    path.write_bytes(guide("News"))
    stays = ListFeed(lineup, "stays", "", source.origin)
    for feed in (
        stays,
        ListFeed(lineup, "gone", "", source.origin),
        GuideFeed(lineup, "gone", "", Origin(path=str(path))),
    ):
        await feed.refresh()
    before = kept(lineup)
    half_written = stays.kept.with_name(f".{'0' * 32}.tmp")
    photo = stays.kept.with_name("photo.jpg")
    folder = stays.kept.with_name("1" * 32)
    half_written.touch()
    photo.touch()
    folder.mkdir()
    forget_others(lineup.folder, [stays])
    assert len(before) == 6
    assert set(kept(lineup)) == {stays.kept, stays.kept.with_suffix(".json"), photo}
    assert folder.exists()


def test_nothing_is_forgotten_where_nothing_was_kept(tmp_path: Path) -> None:
    """As at the first start."""
    forget_others(tmp_path / "nowhere", [])
    assert list(tmp_path.iterdir()) == []


def test_origin_gives_nothing_away() -> None:
    """Its mark is kept beside the list, and tells origins apart."""
    origin = Origin(address="http://user:password@lists.example/1")
    assert "password" not in origin.mark
    assert origin.mark != Origin(text="http://user:password@lists.example/1").mark


# What is on ---------------------------------------------------------------------------------------


async def test_channel_is_found_by_its_names(lineup: Lineup, guide_source: Source) -> None:
    """By its ID, or as its list calls it, or as it says that guides call it."""
    await GuideFeed(lineup, "guide", "", guide_source.origin).refresh()
    channels = [
        Channel(name="Other", sources=(ONE,), guide_id="FIRST.example"),
        Channel(name="First HD", sources=(ONE,)),
        Channel(name="Other", sources=(ONE,), guide_name="First"),
        Channel(name="First", sources=(ONE,), is_named=False),
        Channel(name="Other", sources=(ONE,)),
    ]
    found = await lineup.guide_channels(channels)
    assert [one in found for one in channels] == [True, True, True, False, False]


async def test_first_guide_in_order_is_asked(lineup: Lineup, tmp_path: Path) -> None:
    """Whichever was there first; those that have no place come last."""
    for key in ("third", "second", "first"):
        path = tmp_path / key
        path.write_bytes(guide(f"The {key}"))
        await GuideFeed(lineup, key, "", Origin(path=str(path))).refresh()
    assert await titles(lineup) == ["The third"]
    lineup.guides.arrange(["first", "second"])
    assert await titles(lineup) == ["The first"]
    lineup.guides.remove("first")
    assert await titles(lineup) == ["The second"]
    await GuideFeed(lineup, "first", "", Origin(path=str(path))).refresh()
    assert await titles(lineup) == ["The first"]


async def test_programmes_of_a_channel(lineup: Lineup, guide_source: Source) -> None:
    """None where no guide has it."""
    await GuideFeed(lineup, "guide", "", guide_source.origin).refresh()
    now = datetime.now(UTC).timestamp()
    first, other = (Channel(name=name, sources=(ONE,)) for name in ("First", "Other"))
    (programme,) = await lineup.programmes(first, now, now + 60, 5)
    assert programme.title == "News at ten"
    assert await lineup.programmes(other, now, now + 60, 5) == ()
