"""Starting, watching and ending sessions, as the real engine lets one."""

import hashlib

import pytest

from demo import EmulatedEngine, packet_numbers

from .wire import (
    DEAD,
    LIVE,
    OTHER,
    PREMIUM,
    VOD,
    connect,
    content_path,
    fetch,
    fetch_json,
    reading,
    start,
    until,
)


async def test_answer_to_a_getstream(engine: EmulatedEngine) -> None:
    """URLs carry the host of the request and the hash of who asks."""
    answer = await fetch_json(engine, f"/ace/getstream?id={LIVE.content_id}&format=json&pid=me")
    token = hashlib.md5(b"127.0.0.1:me", usedforsecurity=False).hexdigest()
    place = f"{LIVE.infohash}/{token}"
    [session] = engine.sessions
    assert answer == {
        "response": {
            "playback_url": f"http://engine.test:6878/ace/r/{place}",
            "stat_url": f"http://engine.test:6878/ace/stat/{place}",
            "command_url": f"http://engine.test:6878/ace/cmd/{place}",
            "infohash": LIVE.infohash,
            "playback_session_id": session.playback.session_id,
            "is_live": 1,
            "is_encrypted": 0,
            "client_session_id": -1,
        },
        "error": None,
    }
    assert session.player_id == "me"


async def test_token_without_a_player_id(engine: EmulatedEngine) -> None:
    """Then the player is the address alone, as in the engine's documentation."""
    await fetch_json(engine, f"/ace/getstream?id={LIVE.content_id}&format=json")
    assert engine.sessions[0].token == "f528764d624db129b32c21fbca0cb8d6"


async def test_sid_is_the_old_name_of_pid(engine: EmulatedEngine) -> None:
    """Old clients name the player so."""
    await fetch_json(engine, f"/ace/getstream?id={LIVE.content_id}&format=json&sid=old")
    assert engine.sessions[0].player_id == "old"


async def test_urls_can_carry_a_foreign_host(engine: EmulatedEngine) -> None:
    """As from an engine behind something that rewrites the host."""
    engine.faults.foreign_host = "172.17.0.2:6878"
    answer = await fetch_json(engine, f"/ace/getstream?id={LIVE.content_id}&format=json")
    assert answer["response"]["stat_url"].startswith("http://172.17.0.2:6878/ace/stat/")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(f"content_id={LIVE.content_id}&id={OTHER.content_id}", id="content_id"),
        pytest.param(f"id={LIVE.content_id}&infohash={OTHER.infohash}", id="id"),
        pytest.param(f"infohash={LIVE.infohash}&url=x", id="infohash"),
        pytest.param(
            f"url=http://x.test/{LIVE.infohash}.acelive&magnet={OTHER.infohash}", id="url"
        ),
        pytest.param(f"magnet=magnet:?xt=urn:btih:{LIVE.infohash}", id="magnet"),
    ],
)
async def test_first_selector_counts(engine: EmulatedEngine, query: str) -> None:
    """Content ID, infohash, transport file, magnet: the first one present wins."""
    answer = await fetch_json(engine, f"/ace/getstream?format=json&{query}")
    assert answer["response"]["infohash"] == LIVE.infohash


async def test_no_selector_is_a_500(engine: EmulatedEngine) -> None:
    """Even with `format=json`."""
    head, _ = await fetch(engine, "/ace/getstream?format=json")
    assert head[0] == "HTTP/1.1 500 Internal Server Error"


async def test_infohash_is_no_content_id_until_loaded(engine: EmulatedEngine) -> None:
    """What is loaded by infohash is found by the same hash as `id` afterwards."""
    target = f"/ace/getstream?id={LIVE.infohash}&format=json"
    refused = await fetch_json(engine, target)
    await start(engine)
    found = await fetch_json(engine, target)
    assert refused == {"response": None, "error": "failed to load content"}
    assert found["response"]["infohash"] == LIVE.infohash


async def test_premium_is_refused(engine: EmulatedEngine) -> None:
    """With status 200 in JSON, with 500 without."""
    target = f"/ace/getstream?id={PREMIUM.content_id}"
    text = "To continue, you need to activate premium"
    assert await fetch_json(engine, f"{target}&format=json") == {"response": None, "error": text}
    head, body = await fetch(engine, target)
    assert head[0] == "HTTP/1.1 500 Internal Server Error"
    assert "Content-Length: 41" in head
    assert body == text
    assert engine.starts == 0


async def test_any_refusal(engine: EmulatedEngine) -> None:
    """An engine that thinks it was tampered with refuses everything."""
    engine.faults.refuse_text = "mod_detected"
    head, body = await fetch(engine, f"/ace/getstream?id={LIVE.content_id}")
    assert "Content-Length: 12" in head
    assert body == "mod_detected"


async def test_content_has_a_new_url_every_time(engine: EmulatedEngine) -> None:
    """Each way through the playback URL ends somewhere else."""
    session = await start(engine)
    first = await content_path(engine, session)
    second = await content_path(engine, session)
    assert first.startswith(f"/content/{LIVE.infohash}/0.")
    assert first != second


async def test_live_starts_with_a_burst_and_has_no_gap(engine: EmulatedEngine) -> None:
    """The last second at once, then what follows, aligned to packets."""
    async with reading(engine, await start(engine)) as wire:
        await wire.head()
        stream = await wire.packets(80_000)
    numbers = packet_numbers(stream)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_two_sessions_see_the_same_broadcast(engine: EmulatedEngine) -> None:
    """What is on does not depend on who watches."""
    streams = []
    for player in ("a", "b"):
        session = await start(engine, player=player)
        async with reading(engine, session) as wire:
            await wire.head()
            streams.append(await wire.packets(40_000))
        await until(lambda: not any(session.reading for session in engine.sessions))
    first, second = (packet_numbers(stream) for stream in streams)
    shared = second[: len(first) // 2]
    at = first.index(shared[0])
    length = min(len(first) - at, len(shared))
    assert streams[0][at * 188 : (at + length) * 188] == streams[1][: length * 188]


async def test_nothing_comes_while_prebuffering(engine: EmulatedEngine) -> None:
    """Not even a status line; the status says how far it is."""
    engine.faults.prebuffer = 1000
    session = await start(engine)
    async with connect(engine) as wire:
        wire.send(session["playback_url"])
        assert await wire.is_quiet()
        polls = [await fetch_json(engine, session["stat_url"]) for _ in range(3)]
        assert polls[2]["response"]["status"] == "prebuf"
        assert polls[2]["response"]["progress"] == 0
        assert "livepos" not in polls[2]["response"]
        engine.faults.prebuffer = 0
        assert (await wire.head())[0] == "HTTP/1.1 302 Found"


async def test_dead_channel_prebuffers_for_ever(engine: EmulatedEngine) -> None:
    """It starts, has no peers, and never gives a byte."""
    session = await start(engine, DEAD)
    async with connect(engine) as wire:
        wire.send(session["playback_url"])
        assert await wire.is_quiet()
    polls = [await fetch_json(engine, session["stat_url"]) for _ in range(3)]
    assert polls[2]["response"]["status"] == "prebuf"
    assert polls[2]["response"]["peers"] == 0


async def test_status_life_cycle(engine: EmulatedEngine) -> None:
    """Empty, idle, then downloading in pieces, with a live position all in strings."""
    session = await start(engine)
    polls = [(await fetch_json(engine, session["stat_url"]))["response"] for _ in range(3)]
    assert polls[0] == {}
    assert polls[1]["status"] == "idle"
    assert "peers" not in polls[1]
    assert polls[2]["status"] == "dl"
    assert polls[2]["downloaded"] % 16384 == 0
    assert polls[2]["speed_down"] == LIVE.bitrate // 8 // 1024
    assert polls[2]["playback_session_id"] == session["playback_session_id"]
    assert {type(value) for value in polls[2]["livepos"].values()} == {str}


async def test_file_is_not_live(engine: EmulatedEngine) -> None:
    """A film has no live position."""
    session = await start(engine, VOD)
    polls = [(await fetch_json(engine, session["stat_url"]))["response"] for _ in range(3)]
    assert session["is_live"] == polls[2]["is_live"] == 0
    assert "livepos" not in polls[2]


async def test_stop_ends_the_session_cleanly(engine: EmulatedEngine) -> None:
    """The body ends with its last chunk, and the session is unknown from then on."""
    session = await start(engine)
    async with reading(engine, session) as wire:
        await wire.head()
        await wire.chunk()
        answer = await fetch_json(engine, f"{session['command_url']}?method=stop")
        assert answer == {"response": "ok", "error": None}
        await wire.until_last_chunk()
        assert await wire.is_quiet()
    unknown = {"response": None, "error": "unknown playback session id"}
    assert await fetch_json(engine, session["stat_url"]) == unknown
    assert await fetch_json(engine, f"{session['command_url']}?method=stop") == unknown
    assert (engine.starts, engine.reads, engine.stops) == (1, 1, 1)
    assert engine.sessions[0].stopped_by == "command"


async def test_same_player_same_content_is_the_same_session(engine: EmulatedEngine) -> None:
    """Asking twice changes nothing."""
    assert await start(engine) == await start(engine)
    assert engine.starts == 1


async def test_same_player_other_content_ends_the_first(engine: EmulatedEngine) -> None:
    """One player watches one thing; its reader is cut in the middle."""
    async with reading(engine, await start(engine)) as wire:
        await wire.head()
        await start(engine, OTHER)
        assert not (await wire.rest()).endswith(b"0\r\n\r\n")
    assert [session.stopped_by for session in engine.sessions] == ["superseded", None]


async def test_other_players_other_content_goes_on(engine: EmulatedEngine) -> None:
    """Two players, two channels: nobody is disturbed."""
    await start(engine, LIVE, player="a")
    await start(engine, OTHER, player="b")
    assert len(engine.open_sessions) == 2


async def test_newcomer_takes_over_in_3_2_3(engine: EmulatedEngine) -> None:
    """The first player's reader is cut."""
    engine.faults.session_mode = "3.2.3"
    async with reading(engine, await start(engine, player="a")) as wire:
        await wire.head()
        await start(engine, player="b")
        assert not (await wire.rest()).endswith(b"0\r\n\r\n")
    assert [session.stopped_by for session in engine.sessions] == ["superseded", None]


async def test_players_share_a_session_in_3_2_11(engine: EmulatedEngine) -> None:
    """Own URLs, one session ID, and a stop ends both."""
    first = await start(engine, player="a")
    second = await start(engine, player="b")
    assert first["command_url"] != second["command_url"]
    assert first["playback_session_id"] != second["playback_session_id"]
    ids = set()
    for session in (first, second):
        await fetch_json(engine, session["stat_url"])
        answer = await fetch_json(engine, session["stat_url"])
        ids.add(answer["response"]["playback_session_id"])
    assert ids == {second["playback_session_id"]}
    async with reading(engine, first) as wire:
        await wire.head()
        await fetch_json(engine, f"{second['command_url']}?method=stop")
        await wire.until_last_chunk()
    assert engine.open_sessions == []


async def test_second_reader_can_wait_for_the_first(engine: EmulatedEngine) -> None:
    """The other kind of stream: no byte until the first reader leaves."""
    engine.faults.second_reader = "blocking"
    session = await start(engine)
    async with reading(engine, session) as first:
        await first.head()
        async with reading(engine, session) as second:
            assert await second.is_quiet()
            await first.close()
            assert (await second.head())[0] == "HTTP/1.1 200 OK"


async def test_unused_sessions_expire(engine: EmulatedEngine) -> None:
    """A reader that left is missed sooner than one that never came."""
    read = await start(engine, LIVE, player="a")
    await start(engine, OTHER, player="b")
    async with reading(engine, read) as wire:
        await wire.head()
        engine.faults.expiry_scale = 0.003
        await wire.chunk()
        assert len(engine.open_sessions) == 2
    await until(lambda: engine.sessions[0].stopped_by == "expired")
    assert engine.sessions[1].stopped_by is None
    await until(lambda: engine.sessions[1].stopped_by == "expired")


async def test_status_polls_keep_a_session_alive(engine: EmulatedEngine) -> None:
    """Unless they say that they do not count."""
    session = await start(engine)
    before = engine.sessions[0].active_at
    await fetch_json(engine, f"{session['stat_url']}?skip_player_activity=1")
    assert engine.sessions[0].active_at == before
    await fetch_json(engine, session["stat_url"])
    assert engine.sessions[0].active_at > before


async def test_events_only_if_asked_for(engine: EmulatedEngine) -> None:
    """The long poll ends with the session."""
    session = await start(engine, more="&use_api_events=1")
    async with connect(engine) as wire:
        wire.send(session["event_url"])
        assert await wire.is_quiet()
        await fetch_json(engine, f"{session['command_url']}?method=stop")
        _, body = await wire.reply()
    assert body == '{"response": null, "error": "unknown playback session id"}'
    assert "event_url" not in await start(engine)


async def test_hls_is_a_playlist_of_shareable_segments(engine: EmulatedEngine) -> None:
    """Segments follow each other, begin with a keyframe's tables, and name no player."""
    _, playlist_path = await _start_hls(engine)
    _, playlist = await fetch(engine, playlist_path)
    urls = [line for line in playlist.split("\n") if line.startswith("http")]
    assert "#EXT-X-TARGETDURATION:4" in playlist
    assert "#EXT-X-ENDLIST" not in playlist
    numbers: list[int] = []
    for url in urls:
        async with connect(engine) as wire:
            wire.send(url.removeprefix("http://engine.test:6878"))
            head = await wire.head()
            size = next(line for line in head if line.startswith("Content-Length"))
            numbers += packet_numbers(await wire.body(int(size.partition(": ")[2])))
    assert len(urls) >= 3
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_hls_after_a_stop_and_after_a_successor(engine: EmulatedEngine) -> None:
    """Stopped is a 500, superseded a 403."""
    engine.faults.session_mode = "3.2.3"
    _, first = await _start_hls(engine, player="a")
    command, second = await _start_hls(engine, player="b")
    head, _ = await fetch(engine, first)
    assert head[0] == "HTTP/1.1 403 Forbidden"
    await fetch_json(engine, f"{command}?method=stop")
    head, _ = await fetch(engine, second)
    assert head[0] == "HTTP/1.1 500 Internal Server Error"


async def test_other_format_ends_the_first(engine: EmulatedEngine) -> None:
    """One content is played in one format at a time."""
    await start(engine)
    await _start_hls(engine, player="b")
    assert [session.stopped_by for session in engine.sessions] == ["superseded", None]


async def _start_hls(engine: EmulatedEngine, player: str = "a") -> tuple[str, str]:
    """Start an HLS session; return the paths of its commands and its playlist."""
    target = f"/ace/manifest.m3u8?infohash={LIVE.infohash}&pid={player}&format=json"
    response = (await fetch_json(engine, target))["response"]
    base = "http://engine.test:6878"
    command = response["command_url"].removeprefix(base)
    return command, response["playback_url"].removeprefix(base)
