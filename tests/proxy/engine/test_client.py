"""JSON calls, against the emulated engine and against answers that no engine should give."""

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession
from hypothesis import example, given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy import (
    ContentKey,
    EngineClient,
    EngineError,
    EngineProtocolError,
    EngineUnreachableError,
    EngineVersion,
    InvalidContentError,
)
from custom_components.acestream_proxy.proxy.engine import (
    EngineOptions,
    SessionStatus,
    client as client_module,
)
from custom_components.acestream_proxy.proxy.engine.client import (
    _json_object,
    _path_of,
    normalize_engine_url,
)
from custom_components.acestream_proxy.proxy.errors import EngineRefusedError, EngineTimeoutError
from demo import EmulatedEngine

from ..streams import LIVE, PREMIUM
from ..waiting import until
from .scripted import OK, answer, scripted

CONTENT = ContentKey.from_parameter("id", LIVE.content_id)
UNKNOWN = ContentKey.parse("0" * 40)


def started(**changes: object) -> bytes:
    """Return the answer to a start, with something changed."""
    base = "http://127.0.0.1:6878/ace"
    urls = {
        "playback_url": f"{base}/r/x",
        "stat_url": f"{base}/stat/x",
        "command_url": f"{base}/cmd/x",
    }
    return answer({"response": {**urls, "infohash": "x", "is_live": 1} | changes, "error": None})


async def test_version(session: ClientSession, engine: EmulatedEngine) -> None:
    """The cheapest sign of life."""
    assert await EngineClient(session, engine.url).version() == EngineVersion("3.2.11", "linux")


async def test_session_from_start_to_stop(session: ClientSession, engine: EmulatedEngine) -> None:
    """What the engine says of a session is enough to follow and to end it."""
    client = EngineClient(session, engine.url)

    session_started = await client.start(CONTENT, "player")
    await client.status(session_started)
    await client.status(session_started)
    status = await client.status(session_started)
    await client.stop(session_started)

    assert session_started.infohash == LIVE.infohash
    assert session_started.is_live
    assert status.status == "dl"
    assert (status.peers, status.speed_up) == (7, 29 * 1024)
    assert (engine.starts, engine.stops) == (1, 1)
    assert engine.sessions[0].player_id == "player"


async def test_status_of_a_young_session_is_empty(
    session: ClientSession, engine: EmulatedEngine
) -> None:
    """An engine says `{}` at first: that is no error."""
    client = EngineClient(session, engine.url)
    assert await client.status(await client.start(CONTENT, "a")) == SessionStatus()


async def test_figures_may_be_strings_or_nonsense(session: ClientSession) -> None:
    """What is no number counts as none."""
    figures: dict[str, object] = {
        "status": "prebuf",
        "peers": "7",
        "speed_down": None,
        "progress": "42",
        "uploaded": [],
    }
    endless = answer({"response": figures}).replace(b'"7"', b"1e9")
    async with scripted(
        started(), endless, answer({"response": {"peers": float("inf")}})
    ) as engine:
        client = EngineClient(session, engine.url)
        one = await client.start(CONTENT, "a")

        assert await client.status(one) == SessionStatus(
            status="prebuf", peers=1_000_000_000, progress=42
        )
        assert await client.status(one) == SessionStatus()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(UNKNOWN, "failed to load content|cannot", id="unknown"),
        pytest.param(ContentKey.parse(f"infohash:{PREMIUM.infohash}"), "premium", id="premium"),
    ],
)
async def test_refusal_has_the_engines_words(
    session: ClientSession, engine: EmulatedEngine, content: ContentKey, words: str
) -> None:
    """An error comes with status 200, and its words are passed on."""
    with pytest.raises(EngineRefusedError, match=words):
        await EngineClient(session, engine.url).start(content, "a")
    assert engine.starts == 0


async def test_addresses_of_a_foreign_host_are_not_followed(
    session: ClientSession, engine: EmulatedEngine
) -> None:
    """An engine behind NAT names a host that nobody reaches; its own is used."""
    engine.faults.foreign_host = "192.0.2.1:1234"
    client = EngineClient(session, engine.url)
    one = await client.start(CONTENT, "a")
    await client.stop(one)
    assert engine.stops == 1
    assert one.command_path.startswith("/ace/cmd/")


async def test_nobody_there(session: ClientSession, unused_tcp_port: int) -> None:
    """A refused connection is said as what it is."""
    with pytest.raises(EngineUnreachableError, match=r"answer \(Connection refused\). Is"):
        await EngineClient(session, f"127.0.0.1:{unused_tcp_port}").version()


async def test_name_that_leads_nowhere(session: ClientSession) -> None:
    """So is a host that does not exist, without what libraries call it."""
    with pytest.raises(EngineUnreachableError, match=r"answer \([\w ]+\)\. Is it running"):
        await EngineClient(session, "http://engine.invalid:6878").version()


async def test_silence_is_bounded(session: ClientSession, engine: EmulatedEngine) -> None:
    """An engine that accepts and says nothing is given up on."""
    engine.faults.half_open = True
    client = EngineClient(session, engine.url, EngineOptions(version_timeout=0.05))
    with pytest.raises(EngineTimeoutError, match="did not answer within"):
        await client.version()


async def test_calls_take_turns(session: ClientSession, engine: EmulatedEngine) -> None:
    """So many wait for an engine at once; a stop waits for none of them."""
    client = EngineClient(session, engine.url, EngineOptions(connections=2))
    one = await client.start(CONTENT, "a")
    engine.faults.hang = {"getstream"}
    waiting = [asyncio.create_task(client.start(CONTENT, str(n))) for n in range(3)]
    await until(lambda: sum("pid=" in target for _, target in engine.requests) == 3)

    await client.version()
    await client.stop(one)

    assert sum("pid=" in target for _, target in engine.requests) == 3
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


async def test_what_the_engine_is_told_of_us(session: ClientSession) -> None:
    """It takes us for a player that it knows."""
    async with scripted(answer({"result": {"version": "3"}})) as engine:
        await EngineClient(session, engine.url, EngineOptions(user_agent="Kodi")).version()
        assert "User-Agent: Kodi" in engine.heads[0]


@pytest.mark.parametrize(
    ("wire", "error"),
    [
        pytest.param(
            b"\x16\x03\x01 this is not HTTP\r\n\r\n", EngineUnreachableError, id="not HTTP"
        ),
        pytest.param(b"", EngineUnreachableError, id="nothing"),
        pytest.param(OK + b"\r\n<html>a router</html>", EngineProtocolError, id="a web page"),
        pytest.param(OK + b"\r\n\xff\xfe", EngineProtocolError, id="no text"),
        pytest.param(OK + b"\r\n" + b"[" * 100_000, EngineProtocolError, id="nested without end"),
        pytest.param(answer([1, 2]), EngineProtocolError, id="not an object"),
        pytest.param(answer({"result": {}}), EngineProtocolError, id="no version"),
        pytest.param(answer({"result": {"version": 3}}), EngineProtocolError, id="a number"),
        pytest.param(answer({"result": None, "error": "no"}), EngineRefusedError, id="an error"),
        pytest.param(answer({"error": {"message": "no"}}), EngineRefusedError, id="API 3's error"),
        pytest.param(
            b"HTTP/1.1 500 Oops\r\n\r\nsome words", EngineRefusedError, id="an error as text"
        ),
        pytest.param(b"HTTP/1.1 404 No\r\n\r\n", EngineProtocolError, id="an error without words"),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n",
            EngineProtocolError,
            id="a redirect elsewhere",
        ),
    ],
)
async def test_what_is_no_engine(
    session: ClientSession, wire: bytes, error: type[EngineError]
) -> None:
    """Whatever answers at the address, the error is one of ours."""
    async with scripted(wire) as engine:
        with pytest.raises(error):
            await EngineClient(session, engine.url).version()


async def test_answer_without_end_is_cut_off(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than any answer holds is not read."""
    monkeypatch.setattr(client_module, "_MAX_ANSWER", 1000)
    async with scripted(OK + b"\r\n" + b" " * 100_000) as engine:
        with pytest.raises(EngineProtocolError):
            await EngineClient(session, engine.url).version()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"playback_url": None}, id="none"),
        pytest.param({"playback_url": 5}, id="a number"),
        pytest.param({"playback_url": ""}, id="empty"),
        pytest.param({"playback_url": "http://[::1"}, id="broken"),
        pytest.param({"playback_url": "ftp://h/x"}, id="another scheme"),
        pytest.param({"playback_url": "http://h"}, id="no path"),
        pytest.param({"playback_url": "http://h/a b HTTP/1.1"}, id="blanks"),
        pytest.param({"stat_url": "http:@192.0.2.1/x"}, id="another host in the path"),
        pytest.param({"command_url": "http://h/\ud800"}, id="half a character"),
    ],
)
async def test_start_that_does_not_say_where_it_plays(
    session: ClientSession, changes: dict[str, object]
) -> None:
    """Addresses that are none, or lead elsewhere, are refused."""
    async with scripted(started(**changes)) as engine:
        with pytest.raises(EngineProtocolError, match="did not say where"):
            await EngineClient(session, engine.url).start(CONTENT, "a")


async def test_start_without_a_response(session: ClientSession) -> None:
    """No error and no response is no session."""
    async with scripted(answer({"response": None, "error": None})) as engine:
        with pytest.raises(EngineProtocolError, match="no response"):
            await EngineClient(session, engine.url).start(CONTENT, "a")


async def test_start_asks_for_exactly_one_content(session: ClientSession) -> None:
    """What a key holds goes into the query as a value, whatever it holds."""
    url = "http://example.org/x.acelive?a=1&pid=2#id=3"
    async with scripted(started()) as engine:
        await EngineClient(session, engine.url).start(ContentKey.parse(url), "me")

    target = engine.requests[0].split(" ")[1]
    assert parse_qs(urlsplit(target).query) == {"url": [url], "format": ["json"], "pid": ["me"]}


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("192.168.1.20", "http://192.168.1.20:6878"),
        (" engine.local:1234 ", "http://engine.local:1234"),
        ("http://engine/", "http://engine:6878"),
        ("http://[::1]:6879", "http://[::1]:6879"),
        ("HTTP://Engine:80", "http://engine:80"),
    ],
)
async def test_engine_addresses(session: ClientSession, text: str, url: str) -> None:
    """What people type becomes an origin."""
    client = EngineClient(session, text)
    assert client.url == url
    assert f"{client.host}:{client.port}" == url.removeprefix("http://").translate(
        str.maketrans("", "", "[]")
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "http://",
        "https://engine",
        "ftp://engine",
        "http://engine/path",
        "http://engine?x",
        "http://user:pw@engine",
        "http://engine:99999",
        "http://engine:port",
        "http://[::1",
        "a b",
    ],
)
def test_what_is_no_engine_address(text: str) -> None:
    """A sentence says what one looks like."""
    with pytest.raises(InvalidContentError, match="looks like http://"):
        normalize_engine_url(text)


@example("engine:80")
@given(st.text())
def test_hostile_addresses_are_refused_or_usable(text: str) -> None:
    """Nothing else comes out, and what comes out stays as it is."""
    try:
        url = normalize_engine_url(text)
    except InvalidContentError:
        url = "http://refused:1"
    assert normalize_engine_url(url) == url


@given(st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.sampled_from(["error", "message"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["error", "message", "response"]), inner, max_size=3),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_hostile_answers_are_an_object_or_an_error(body: bytes) -> None:
    """Whatever the body, nothing but our errors comes out, with words that can be sent on."""
    try:
        assert isinstance(_json_object(body, 500), dict)
    except EngineError as error:
        str(error).encode()


@given(st.text().map(lambda text: f"http:{text}"))
def test_hostile_addresses_in_answers_stay_paths(address: str) -> None:
    """Put behind an origin, none of them leads away from it."""
    try:
        path = _path_of(address)
    except ValueError:
        path = "/"
    assert urlsplit("http://127.0.0.1:6878" + path).netloc == "127.0.0.1:6878"


async def test_names_of_broadcasters_are_tidied(session: ClientSession) -> None:
    """They are in the log, and in events: a name has no lines."""
    facts = {"infohash": LIVE.infohash, "name": "One\n2026 ERROR  all is lost"}
    async with scripted(answer({"result": facts})) as engine:
        told = await EngineClient(session, engine.url).facts(CONTENT)
    assert told.name == "One 2026 ERROR all is lost"


async def test_words_that_cannot_be_written_are_mended(session: ClientSession) -> None:
    """Half a character in an engine's words is no reason to fail."""
    async with scripted(answer({"error": "no \ud800" + "!" * 1000})) as engine:
        with pytest.raises(EngineRefusedError) as caught:
            await EngineClient(session, engine.url).version()
    assert caught.value.engine_message.startswith("no ?!")
    assert len(caught.value.engine_message) == 300


async def test_stop_that_hangs_is_bounded(session: ClientSession, engine: EmulatedEngine) -> None:
    """Engines are known to hang there."""
    engine.faults.hang = {"cmd"}
    client = EngineClient(session, engine.url, EngineOptions(stop_timeout=0.05))
    one = await client.start(CONTENT, "a")
    async with asyncio.timeout(2):
        with pytest.raises(EngineTimeoutError):
            await client.stop(one)
