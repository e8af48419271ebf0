"""Lists and guides of the file: which there are, and what of them stays as it changes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from custom_components.acestream_proxy.proxy.catalog import Channel, Filter, Listing
from custom_components.acestream_proxy.proxy.config import GuideConfig, PlaylistConfig
from custom_components.acestream_proxy.proxy.feeds import GuideFeed, ListFeed
from custom_components.acestream_proxy.proxy.lineup import Lineup
from custom_components.acestream_proxy.proxy.station import feeds as module
from custom_components.acestream_proxy.proxy.station.feeds import Feeds

from ..sources import LIST, ONE, PLAIN, Source, guide
from ..waiting import until

FIRST = Channel(name="First", sources=(ONE,), guide_id="first.example")


async def search(text: str) -> Sequence[Channel]:
    """Find a channel that is called as what is looked for."""
    return [Channel(name=text, sources=(ONE,))]


@pytest.fixture
async def feeds(lineup: Lineup) -> AsyncIterator[Feeds]:
    """Return lists and guides, of which there are none."""
    feeds = Feeds(lineup, search=search)
    yield feeds
    await feeds.stop()


@pytest.fixture
async def other() -> AsyncIterator[Source]:
    """Return another server, with a guide."""
    source = Source()
    source.body = guide("News at ten")
    await source.server.start_server()
    yield source
    await source.server.close()


@pytest.fixture
def mine(source: Source) -> PlaylistConfig:
    """Return a list of the first server, which names no guide."""
    source.body = PLAIN
    return PlaylistConfig(name="Mine", url=source.origin.address)


def names(lineup: Lineup) -> list[str]:
    """Return what the channels are called."""
    return [entry.channel.name for entry in lineup.catalog.entries()]


async def on_air(lineup: Lineup) -> list[str]:
    """Return what is on."""
    found = await lineup.on_air([FIRST], datetime.now(UTC).timestamp())
    return [one.now.title for one in found.values() if one.now]


def kept(lineup: Lineup, folder: str) -> list[Path]:
    """Return the files of lists or guides that are kept for the next start."""
    return list((lineup.folder / folder).glob("*.json"))


def looks(feeds: Feeds) -> set[asyncio.Task[None]]:
    """Return what is under way."""
    return set(feeds._tasks)


async def test_lists_come_from_wherever_the_file_says(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, tmp_path: Path
) -> None:
    """In its order, behind the favourites; the paths are anywhere."""
    path = tmp_path / "list.m3u"
    path.write_bytes(PLAIN.replace(b"First", b"Third"))
    await feeds.follow(
        [
            PlaylistConfig(name="Found", search="Match"),
            PlaylistConfig(name="File", file=path, filter=Filter(include_names=("Third",))),
            PlaylistConfig(name="Text", text=PLAIN.decode(), filter=Filter(include_groups=("S*",))),
            mine,
        ],
        [],
    )
    lineup.catalog.set(Listing("favourites", "", {"x": Channel(name="Favourite", sources=(ONE,))}))
    await until(lambda: len(names(lineup)) == 6)
    assert names(lineup) == ["Favourite", "Match", "Third", "Second", "First", "Second"]


async def test_guides_come_from_wherever_the_file_says(
    lineup: Lineup, feeds: Feeds, other: Source, tmp_path: Path
) -> None:
    """The first of the file is the one that is asked; a list may be called the same."""
    path = tmp_path / "guide.xml"
    path.write_bytes(guide("Of the file"))
    guides = [
        GuideConfig(name="Address", url=other.origin.address),
        GuideConfig(name="File", file=path),
    ]
    await feeds.follow([PlaylistConfig(name="File", search="Match")], guides[1:])
    await until(lambda: len(kept(lineup, "guides")) == 1)
    assert await on_air(lineup) == ["Of the file"]
    await feeds.follow([PlaylistConfig(name="File", search="Match")], guides)
    await until(lambda: len(kept(lineup, "guides")) == 2)
    assert await on_air(lineup) == ["News at ten"]
    await feeds.follow([], guides[1:])
    assert await on_air(lineup) == ["Of the file"]


async def test_what_is_as_before_is_left_alone(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, source: Source
) -> None:
    """It is not fetched again, and goes on being looked at."""
    await feeds.follow([mine], [])
    await until(lambda: names(lineup))
    before = looks(feeds)
    await feeds.follow([mine, PlaylistConfig(name="Found", search="Match")], [])
    await until(lambda: "Match" in names(lineup))
    assert source.answered == [200]
    assert len(before) == 1
    assert before < looks(feeds)


async def test_list_that_changed_replaces_what_it_was(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, source: Source
) -> None:
    """Of what was kept, at once; the old one is not looked at any more."""
    await feeds.follow([mine], [])
    await until(lambda: kept(lineup, "lists"))
    changed = PlaylistConfig(name=mine.name, url=mine.url, filter=Filter(include_names=("First",)))
    await feeds.follow([changed], [])
    assert names(lineup) == ["First"]
    await until(lambda: source.answered == [200, 304])
    await until(lambda: len(looks(feeds)) == 1)


async def test_what_is_gone_is_forgotten(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, other: Source
) -> None:
    """At once for whoever asks, and then on disk."""
    await feeds.follow([mine], [GuideConfig(name="Guide", url=other.origin.address)])
    await until(lambda: kept(lineup, "lists") and kept(lineup, "guides"))
    await feeds.follow([], [])
    assert names(lineup) == []
    assert await on_air(lineup) == []
    await until(lambda: not looks(feeds))
    assert [path for path in lineup.folder.rglob("*") if path.is_file()] == []


async def test_what_was_kept_is_there_at_the_next_start(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, source: Source, other: Source
) -> None:
    """Also the guides that lists name, and while their servers are down."""
    source.body = LIST.replace(b"http://guides.example/one.xml", other.origin.address.encode())
    await feeds.follow([mine], [])
    await until(lambda: kept(lineup, "guides"))
    await feeds.stop()
    await source.server.close()
    await other.server.close()
    after = Lineup(lineup.session, lineup.folder)
    feeds_after = Feeds(after, search=search)
    await feeds_after.follow([mine], [])
    assert names(after) == ["First", "Second"]
    assert await on_air(after) == ["News at ten"]
    await feeds_after.stop()


async def test_what_went_from_the_file_before_a_start_is_forgotten(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, source: Source, other: Source
) -> None:
    """But not the guides that lists name."""
    source.body = LIST.replace(b"http://guides.example/one.xml", other.origin.address.encode())
    await feeds.follow([mine], [GuideConfig(name="Guide", url=f"{other.origin.address}?mine")])
    await until(lambda: len(kept(lineup, "guides")) == 2)
    await feeds.stop()
    after = Lineup(lineup.session, lineup.folder)
    feeds_after = Feeds(after, search=search)
    await feeds_after.follow([mine], [])
    assert len(kept(lineup, "guides")) == len(kept(lineup, "lists")) == 1
    assert await on_air(after) == ["News at ten"]
    await feeds_after.stop()


async def test_each_is_looked_at_as_often_as_the_file_says(
    lineup: Lineup,
    feeds: Feeds,
    mine: PlaylistConfig,
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In hours."""
    monkeypatch.setattr(module, "_HOUR", 0.0001)
    await feeds.follow([mine], [])
    await until(lambda: len(source.answered) >= 3)
    assert [one.feed.interval for one in feeds._lookouts.values()] == [24 * 0.0001]


# The guides that lists name -----------------------------------------------------------------------


@pytest.fixture
def naming(
    mine: PlaylistConfig, source: Source, other: Source, monkeypatch: pytest.MonkeyPatch
) -> Source:
    """Return the server of the list, which names the guide of the other, and is asked often."""
    source.body = LIST.replace(b"http://guides.example/one.xml", other.origin.address.encode())
    monkeypatch.setattr(module, "_HOUR", 0.0001)
    return source


async def test_guide_that_a_list_names_is_followed(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, naming: Source
) -> None:
    """Until it names it no more."""
    await feeds.follow([mine], [])
    await until(lambda: kept(lineup, "guides"))
    assert await on_air(lineup) == ["News at ten"]
    naming.body = PLAIN
    await until(lambda: not kept(lineup, "guides"))
    assert await on_air(lineup) == []


async def test_guide_goes_with_the_list_that_names_it(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, naming: Source
) -> None:
    """And nothing is looked at any more."""
    await feeds.follow([mine], [])
    await until(lambda: kept(lineup, "guides"))
    await feeds.follow([], [])
    await until(lambda: not looks(feeds))
    assert kept(lineup, "guides") == []
    assert feeds._lookouts == {}


async def test_guide_of_the_file_comes_before_those_of_lists(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, naming: Source, tmp_path: Path
) -> None:
    """The user chose it."""
    await feeds.follow([mine], [])
    await until(lambda: kept(lineup, "guides"))
    path = tmp_path / "guide.xml"
    path.write_bytes(guide("Of the file"))
    await feeds.follow([mine], [GuideConfig(name="File", file=path)])
    await until(lambda: len(kept(lineup, "guides")) == 2)
    assert await on_air(lineup) == ["Of the file"]


async def test_guide_of_the_file_is_not_fetched_again_for_a_list_that_names_it(
    feeds: Feeds, mine: PlaylistConfig, source: Source, other: Source
) -> None:
    """One of 300 MB would be there twice."""
    source.body = LIST.replace(b"http://guides.example/one.xml", other.origin.address.encode())
    await feeds.follow([mine], [GuideConfig(name="Guide", url=other.origin.address)])
    await until(lambda: source.answered and other.answered)
    await feeds.follow([mine], [GuideConfig(name="Guide", url=other.origin.address)])
    assert [one.feed.title for one in feeds._lookouts.values()] == ["Guide", "Mine"]


async def test_only_some_of_the_guides_that_a_list_names_are_followed(
    feeds: Feeds, mine: PlaylistConfig, source: Source, other: Source
) -> None:
    """Lists that were put together of others name dozens."""
    addresses = ",".join(f"{other.origin.address}?{number}" for number in range(9))
    source.body = LIST.replace(b"http://guides.example/one.xml", addresses.encode())
    await feeds.follow([mine], [])
    await until(lambda: len(feeds._lookouts) == 5)
    guides = [one.feed for one in feeds._lookouts.values() if isinstance(one.feed, GuideFeed)]
    assert [one.origin.address[-2:] for one in guides] == ["?0", "?1", "?2", "?3"]
    assert {one.title for one in guides} == {"Mine"}


async def test_list_that_went_while_it_was_read_brings_no_guides(
    lineup: Lineup,
    feeds: Feeds,
    mine: PlaylistConfig,
    naming: Source,
) -> None:
    """Though it had them by then."""
    await feeds.follow([mine], [])
    async with feeds._changing:
        (lookout,) = feeds._lookouts.values()
        await until(lambda: naming.answered)
        await until(lambda: names(lineup))
        await until(lambda: feeds._changing._waiters)
        feeds._forget(lookout.feed.key)
    await until(lambda: not looks(feeds))
    assert feeds._lookouts == {}


async def test_stop_cuts_off_what_is_under_way(
    lineup: Lineup, feeds: Feeds, mine: PlaylistConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And to stop what does nothing is nothing."""
    never = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(ListFeed, "fetch", lambda _: never)
    await feeds.stop()
    await feeds.follow([mine], [])
    before = looks(feeds)
    await feeds.stop()
    assert [task.cancelled() for task in before] == [True]
    assert names(lineup) == []
