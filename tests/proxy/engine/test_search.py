"""What engines find: the emulated one, and such as no real one would."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession
from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy import EngineClient
from custom_components.acestream_proxy.proxy.catalog import SearchResult
from custom_components.acestream_proxy.proxy.engine import SearchPage, client as client_module
from custom_components.acestream_proxy.proxy.engine.search import read_page
from custom_components.acestream_proxy.proxy.errors import EngineProtocolError, EngineTimeoutError
from demo import CHANNELS, EmulatedEngine

from ..streams import LIVE
from .scripted import answer, scripted

HASH = "a" * 40
ITEM: dict[str, object] = {"infohash": HASH}


def page(*channels: object, **more: object) -> dict[str, Any]:
    """Return an answer with some channels."""
    return {"result": {"total": len(channels), "results": list(channels)} | more}


def item(**fields: object) -> SearchResult:
    """Return the one result of an answer, of which an item has these fields."""
    (result,) = read_page(page({"items": [ITEM | fields]})).results
    return result


async def test_engine_says_what_it_finds(session: ClientSession, engine: EmulatedEngine) -> None:
    """All that it knows of a channel."""
    found = await EngineClient(session, engine.url).search(LIVE.name.upper())
    assert found == SearchPage(
        results=(
            SearchResult(
                infohash=LIVE.infohash,
                name=LIVE.name,
                logo=f"{engine.url}{LIVE.logo}",
                categories=(LIVE.group.lower(),),
                languages=("eng",),
                countries=("int",),
                availability=1.0,
                bitrate=LIVE.bitrate // 8,
            ),
        ),
        channels=1,
        total=1,
    )


async def test_all_there_is_comes_in_pages(session: ClientSession, engine: EmulatedEngine) -> None:
    """Without a query all channels are found; none is on two pages."""
    client = EngineClient(session, engine.url)
    pages = [await client.search("", page=number, page_size=2) for number in range(2)]
    assert [one.channels for one in pages] == [2, 2]
    assert {one.total for one in pages} == {len(CHANNELS)}
    found = [result.infohash for one in pages for result in one.results]
    assert found == [channel.infohash for channel in CHANNELS[:4]]


async def test_what_is_looked_for_goes_as_it_is(session: ClientSession) -> None:
    """But for what could not be sent."""
    async with scripted(answer(page())) as engine:
        client = EngineClient(session, engine.url)
        await client.search("a&page=7 \ud800ñ", page=1, page_size=5, category="sport")
    parts = urlsplit(engine.requests[0].split(" ")[1])
    assert parts.path == "/search"
    assert parse_qs(parts.query) == {
        "query": ["a&page=7 ñ"],
        "category": ["sport"],
        "page": ["1"],
        "page_size": ["5"],
    }


async def test_search_without_an_answer_is_bounded(
    session: ClientSession, engine: EmulatedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As every call is."""
    monkeypatch.setattr(client_module, "_SEARCH_TIMEOUT", 0.05)
    engine.faults.half_open = True
    with pytest.raises(EngineTimeoutError):
        await EngineClient(session, engine.url).search("x")


@pytest.mark.parametrize(
    "wrong",
    [{}, {"result": None}, {"result": []}, {"result": {}}, {"result": {"results": {"a": 1}}}],
)
def test_answer_without_results_is_none(wrong: dict[str, Any]) -> None:
    """Nothing found is another answer."""
    with pytest.raises(EngineProtocolError, match="no search results"):
        read_page(wrong)
    assert read_page(page()) == SearchPage(results=(), channels=0, total=0)


def test_items_of_a_channel_are_results_of_their_own() -> None:
    """They have its logo, and its name if they have none."""
    icons = [
        None,
        {"url": 5},
        {"url": "file:///x"},
        {"url": "http://h/x.png"},
        {"url": "http://h/y"},
    ]
    other = {"infohash": "B" * 40, "name": " One\nHD "}
    found = read_page(page({"name": "One", "icons": icons, "items": [ITEM, other]}))
    assert [(one.infohash, one.name, one.logo) for one in found.results] == [
        (HASH, "One", "http://h/x.png"),
        ("b" * 40, "One HD", "http://h/x.png"),
    ]
    assert (found.channels, found.total) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(None, id="no channel"),
        pytest.param({}, id="no items"),
        pytest.param({"items": {"infohash": HASH}}, id="no list of items"),
        pytest.param({"items": [None, HASH, [ITEM]]}, id="no items in it"),
        pytest.param({"items": [{"name": "x"}]}, id="no infohash"),
        pytest.param({"items": [{"infohash": 5}]}, id="a number"),
        pytest.param({"items": [{"infohash": HASH[1:]}]}, id="a short one"),
    ],
)
def test_what_cannot_be_played_is_left_out(wrong: object) -> None:
    """The rest is there."""
    found = read_page(page(wrong, {"items": [ITEM]}))
    assert [one.infohash for one in found.results] == [HASH]
    assert found.channels == 2


@pytest.mark.parametrize(
    ("value", "availability", "bitrate"),
    [
        (0, 0.0, 0),
        (1, 1.0, 1),
        ("0.5", 0.5, 0),
        (900_000, 1.0, 900_000),
        (-1, None, 0),
        ("x", None, 0),
        (None, None, 0),
        ([1], None, 0),
        (float("nan"), None, 0),
        (float("inf"), None, 0),
        (10**400, None, 0),
    ],
)
def test_figures_are_numbers_or_unknown(
    value: object, availability: float | None, bitrate: int
) -> None:
    """Whatever comes in their place."""
    found = item(availability=value, bitrate=value)
    assert (found.availability, found.bitrate) == (availability, bitrate)


@pytest.mark.parametrize("value", [None, "sport", 5, {"a": 1}, [None, 5, "", " ", ["x"]]])
def test_what_is_no_list_of_texts_is_empty(value: object) -> None:
    """Whatever it is."""
    found = item(name=value, categories=value, languages=value, countries=value)
    assert (found.categories, found.languages, found.countries) == ((), (), ())
    assert found.name in ("", "sport")


def test_texts_are_tidy_and_few() -> None:
    """Each is there once."""
    found = item(name="x" * 5000, categories=["a\nb", "a b", *map(str, range(100))])
    assert len(found.name) == 256
    assert found.categories == ("a b", *map(str, range(14)))


def test_thousands_of_items_are_cut_off() -> None:
    """Of one channel or of as many."""
    many = [ITEM] * 50_000
    assert len(read_page(page({"items": many})).results) == 1000
    assert len(read_page(page(*[{"items": [ITEM]}] * 50_000)).results) == 1000


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.just(HASH),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["result", "results", "items", "infohash", "icons", "url", "total", "availability"]
            ),
            inner,
            max_size=5,
        )
    ),
)


@given(json_values, json_values, json_values)
def test_hostile_answers_are_survived(channels: object, items: object, fields: object) -> None:
    """What comes out can be sent on."""
    try:
        found = read_page(page(channels, {"items": items}, {"items": [fields, ITEM]}, total=items))
    except EngineProtocolError:
        pytest.fail("It has results.")
    assert HASH in {one.infohash for one in found.results}
    json.dumps([repr(one) for one in found.results], ensure_ascii=False).encode()
