"""Who watches, and how many may."""

import asyncio
from dataclasses import replace
from time import monotonic

import pytest

from custom_components.acestream_proxy.proxy import ContentKey
from custom_components.acestream_proxy.proxy.audience import (
    Audience,
    DropReason,
    Guest,
    Limits,
    Ticket,
    Viewer,
    audience as module,
)
from custom_components.acestream_proxy.proxy.catalog import Channel
from custom_components.acestream_proxy.proxy.errors import (
    LimitReachedError,
    ProxyStoppedError,
    UnknownViewerError,
)

from ..waiting import until

CONTENT = ContentKey.parse("a" * 40)
NEWS = Channel(name="News", sources=(CONTENT,), groups=("News",))
CARTOONS = Channel(name="Cartoons", sources=(CONTENT,), groups=("Kids",))
KIDS = Viewer(viewer_id="kids", name="Kids", secret="secret", most_streams=2)


class Scene:
    """An audience with one viewer, and who was made to leave."""

    def __init__(self) -> None:
        """Have the viewer."""
        self.ended: list[str] = []
        self.changes = 0
        self.story: list[str] = []
        self.audience = Audience(Limits(), on_change=self._change, witness=self)
        self.audience.set_viewer(KIDS)

    def _change(self) -> None:
        self.changes += 1

    def entered(self, guest: Guest) -> None:
        """Remember who came."""
        self.story.append(f"{guest.device} entered")

    def left(self, guest: Guest) -> None:
        """Remember who left."""
        self.story.append(f"{guest.device} left")

    def dropped(self, guest: Guest) -> None:
        """Remember who was closed."""
        self.story.append(f"{guest.device} dropped")

    def guest(self, name: str, channel: Channel = NEWS, *, asks: bool = False) -> Guest:
        """Return the viewer on a device."""
        return Guest(
            address="home",
            device=name,
            ticket=Ticket(sources=(CONTENT,), viewer=KIDS, channel=channel),
            asks=asks,
            end=lambda: self.ended.append(name),
        )

    @property
    def titles(self) -> list[str]:
        """What the viewer watches."""
        return [one.title for one in self.audience.watching("kids")]


@pytest.fixture
def scene() -> Scene:
    """Return an audience with one viewer."""
    return Scene()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long."""
    monkeypatch.setattr(module, "_ZAP", 0.02)


def test_guests_are_limited_and_leaving_makes_room() -> None:
    """One too many is refused, and counted."""
    audience = Audience(Limits(viewers=2))
    leave = audience.enter(Guest(address="a"))
    audience.enter(Guest(address="b"))
    with pytest.raises(LimitReachedError, match="Try again later"):
        audience.enter(Guest(address="c"))
    assert audience.refused == 1
    leave()
    leave()
    audience.enter(Guest(address="c"))


def test_guests_of_one_address_are_limited_apart() -> None:
    """Others are not told that they are too many."""
    audience = Audience(Limits(viewers_per_address=1))
    leave = audience.enter(Guest(address="a"))
    with pytest.raises(LimitReachedError, match="from your address"):
        audience.enter(Guest(address="a"))
    audience.enter(Guest(address="b"))
    leave()
    audience.enter(Guest(address="a"))


def test_streams_of_a_viewer_are_limited(scene: Scene) -> None:
    """Others, and those that Home Assistant knows, go on."""
    leave = scene.audience.enter(scene.guest("tv"))
    scene.audience.enter(scene.guest("tablet", CARTOONS))
    with pytest.raises(LimitReachedError, match="as many devices as you may"):
        scene.audience.enter(scene.guest("phone"))
    scene.audience.enter(Guest(address="home"))
    assert scene.audience.refused == 0
    leave()
    assert scene.titles == ["Cartoons"]
    scene.audience.enter(scene.guest("phone"))
    assert scene.titles == ["Cartoons", "News"]


@pytest.mark.parametrize("change", [replace(KIDS, enabled=False), replace(KIDS, secret="new")])
def test_whoever_waited_while_their_ticket_was_taken_back_is_not_let_in(
    scene: Scene, change: Viewer
) -> None:
    """An engine may take seconds to say what there is, and nobody was there to be ended."""
    guest = scene.guest("tv")
    scene.audience.set_viewer(change)
    with pytest.raises(UnknownViewerError, match="nothing at this address"):
        scene.audience.enter(guest)
    assert scene.audience.refused == 0


def test_how_many_streams_a_viewer_may_watch_is_told() -> None:
    """As many as all may where nobody said otherwise, and never more than that."""
    audience = Audience(Limits(viewers=5))
    assert audience.most_streams(KIDS) == 2
    assert audience.most_streams(replace(KIDS, most_streams=None)) == 5
    assert audience.most_streams(replace(KIDS, most_streams=50)) == 5


def test_what_a_viewer_watches_is_told(scene: Scene) -> None:
    """On which device, and since when; whoever listens hears of each change."""
    before = scene.changes
    leave = scene.audience.enter(scene.guest("tv"))
    (watching,) = scene.audience.watching("kids")
    assert (watching.title, watching.device) == ("News", "tv")
    assert watching.since > 1_700_000_000
    leave()
    assert scene.audience.watching("kids") == ()
    assert scene.changes == before + 2


def test_content_without_a_channel_has_no_title() -> None:
    """It was asked for by its hash."""
    audience = Audience(Limits())
    audience.set_viewer(KIDS)
    audience.enter(Guest(address="home", ticket=Ticket(sources=(CONTENT,), viewer=KIDS)))
    assert [one.title for one in audience.watching("kids")] == [""]


async def test_racing_requests_keep_the_limit(scene: Scene, impatient: None) -> None:
    """Of ten at once two are let in, however often that is tried."""
    inside = 0
    most = 0

    async def watch(name: str) -> None:
        nonlocal inside, most
        async with scene.audience.visit(scene.guest(name)):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.1)
            inside -= 1

    results = await asyncio.gather(*(watch(f"{n}") for n in range(10)), return_exceptions=True)
    assert most == 2
    assert sum(isinstance(result, LimitReachedError) for result in results) == 8


async def test_zapping_waits_for_the_channel_before_to_end(scene: Scene) -> None:
    """A router may pass on the new request before the end of the old one."""
    leave = scene.audience.enter(scene.guest("tv"))
    scene.audience.enter(scene.guest("tablet"))
    asyncio.get_running_loop().call_later(0.02, leave)
    async with scene.audience.visit(scene.guest("tv", CARTOONS)):
        assert scene.titles == ["News", "Cartoons"]


async def test_player_of_hls_replaces_what_it_played(scene: Scene) -> None:
    """It never says that it leaves; what others play, or is a stream, stays."""
    scene.audience.enter(scene.guest("tablet", asks=True))
    leave = scene.audience.enter(scene.guest("tv", asks=True))
    await scene.audience.wait_for_room(scene.guest("tv", CARTOONS, asks=True))
    scene.audience.enter(scene.guest("tv", CARTOONS, asks=True))
    leave()
    assert scene.ended == ["tv"]
    assert scene.titles == ["News", "Cartoons"]
    assert scene.story == ["tablet entered", "tv entered", "tv left", "tv entered"]


def test_guest_that_was_dropped_has_not_left_besides(scene: Scene) -> None:
    """There is room at once; whoever looks the same stays."""
    dropped, other = scene.guest("tv"), scene.guest("tv")
    leave = scene.audience.enter(dropped)
    scene.audience.enter(other)
    changes = scene.changes
    scene.audience.drop(dropped)
    leave()
    assert scene.story == ["tv entered", "tv entered", "tv dropped"]
    assert scene.titles == ["News"]
    assert scene.changes == changes + 1


async def test_player_of_hls_on_another_device_is_refused(scene: Scene, impatient: None) -> None:
    """Nobody's channel ends for it."""
    scene.audience.enter(scene.guest("tv", asks=True))
    scene.audience.enter(scene.guest("tablet"))
    for name in ("phone", "tablet"):
        await scene.audience.wait_for_room(scene.guest(name, asks=True))
        with pytest.raises(LimitReachedError):
            scene.audience.enter(scene.guest(name, asks=True))
    assert scene.ended == []


@pytest.mark.parametrize(
    "change",
    [{"enabled": False}, {"secret": "rotated"}, {"password": "new"}],
    ids=["switched off", "secret", "password"],
)
def test_streams_of_a_viewer_that_is_not_let_in_any_more_end(
    scene: Scene, change: dict[str, object]
) -> None:
    """Those of others do not."""
    scene.audience.enter(scene.guest("tv"))
    scene.audience.enter(Guest(address="home", end=lambda: scene.ended.append("somebody")))
    scene.audience.set_viewer(replace(KIDS, **change))  # type: ignore[arg-type]
    assert scene.ended == ["tv"]
    assert not scene.audience.allows(scene.guest("tv").ticket)


def test_streams_of_a_viewer_that_was_removed_end(scene: Scene) -> None:
    """As if it never was."""
    scene.audience.enter(scene.guest("tv"))
    scene.audience.remove_viewer("kids")
    assert scene.ended == ["tv"]


def test_streams_of_groups_that_are_not_shown_any_more_end(scene: Scene) -> None:
    """What is still shown plays on, and so does everything after another name or limit."""
    scene.audience.enter(scene.guest("tv"))
    scene.audience.enter(scene.guest("tablet", CARTOONS))
    scene.audience.set_viewer(replace(KIDS, name="Children", most_streams=1))
    assert scene.ended == []
    scene.audience.set_viewer(replace(KIDS, groups=("Kids",)))
    assert scene.ended == ["tv"]


def test_ticket_of_nobody_in_particular_stays_good(scene: Scene) -> None:
    """Home Assistant has let them in."""
    assert scene.audience.allows(Ticket(sources=(CONTENT,)))


def test_who_watches_some_content_is_known(scene: Scene) -> None:
    """Those with a name of their own, and those without."""
    scene.audience.enter(replace(scene.guest("tv"), content=CONTENT))
    scene.audience.enter(Guest(address="home", device="VLC", content=CONTENT))
    scene.audience.enter(scene.guest("somewhere else"))
    watching = scene.audience.watching_content(CONTENT)
    assert [(one.viewer, one.title, one.device) for one in watching] == [
        ("Kids", "News", "tv"),
        ("", "", "VLC"),
    ]


def test_only_those_who_ask_again_are_made_to_leave(scene: Scene) -> None:
    """The others end with the stream."""
    scene.audience.set_viewer(replace(KIDS, most_streams=None))
    scene.audience.enter(replace(scene.guest("tv"), content=CONTENT))
    scene.audience.enter(replace(scene.guest("phone", asks=True), content=CONTENT))
    scene.audience.enter(scene.guest("elsewhere", asks=True))
    scene.audience.end_asking(CONTENT)
    assert scene.ended == ["phone"]


async def test_guest_is_made_to_leave_when_their_ticket_ends(scene: Scene) -> None:
    """At once if that was while they waited; not if they have left before."""
    now = asyncio.get_running_loop().time()
    tv, phone = (scene.guest(name) for name in ("tv", "phone"))
    async with scene.audience.visit(replace(phone, ticket=replace(phone.ticket, until=now + 0.1))):
        pass
    async with scene.audience.visit(replace(tv, ticket=replace(tv.ticket, until=now + 0.2))):
        await until(lambda: scene.ended)
    assert scene.ended == ["tv"]
    assert asyncio.get_running_loop().time() >= now + 0.2


def test_seats_say_who_came_first_and_how_far_behind_they_are(scene: Scene) -> None:
    """Nobody is behind who fetches by themselves."""
    slow, quick = scene.guest("tv"), scene.guest("phone")
    leave = scene.audience.enter(slow)
    scene.audience.enter(quick)
    scene.audience.follow(slow, lambda: 188)
    assert [(one.guest, one.lag()) for one in scene.audience] == [(slow, 188), (quick, 0)]
    leave()
    assert [one.guest for one in scene.audience] == [quick]


def test_joins_are_told_until_nobody_listens(scene: Scene) -> None:
    """With the seconds since the guest asked."""
    told: list[tuple[str, float]] = []
    guest = replace(scene.guest("tv"), asked_at=monotonic() - 60)
    stop_listening = scene.audience.on_join(
        lambda guest, seconds: told.append((guest.device, seconds // 60))
    )
    scene.audience.joined(guest)
    stop_listening()
    scene.audience.joined(guest)
    assert told == [("tv", 1.0)]


def test_reasons_for_which_guests_had_to_leave_are_counted(scene: Scene) -> None:
    """Not those who left."""
    for name in ("tv", "phone"):
        scene.audience.enter(scene.guest(name))
    leave = scene.audience.enter(Guest(address="elsewhere"))
    leave()
    (tv, *_) = scene.audience
    scene.audience.drop(tv.guest)
    scene.audience.remove_viewer("kids")
    assert scene.audience.drops == {DropReason.TOOK_NOTHING: 1, DropReason.NOT_ALLOWED: 1}


async def test_closed_audience_lets_nobody_in(scene: Scene) -> None:
    """Those who are in stay, until the last has left."""
    leave, leave_too = (scene.audience.enter(scene.guest(name)) for name in ("one", "two"))
    scene.audience.is_closed = True
    with pytest.raises(ProxyStoppedError, match="stopping"):
        scene.audience.enter(scene.guest("three"))
    emptied = asyncio.create_task(scene.audience.emptied())
    leave()
    await asyncio.sleep(0)
    assert not emptied.done()
    leave_too()
    await emptied
    assert scene.audience.refused == 0
