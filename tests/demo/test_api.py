"""The endpoints beside playback answer as in the transcripts."""

from typing import Any

import pytest

from demo import CHANNELS, EmulatedEngine

from .wire import LIVE, fetch, fetch_json

VERSION = {"version": "3.2.3", "code": 3020300, "platform": "linux"}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/webui/api/service", {"result": None, "error": "missing method"}),
        ("/webui/api/service?method=nope", {"result": None, "error": "access denied"}),
        (
            "/server/api?api_version=3&method=get_status",
            {"result": {"version": VERSION, "playlist_loaded": True}},
        ),
        (
            "/server/api?method=get_status",
            {"result": {"version": VERSION, "playlist_loaded": True}, "error": None},
        ),
        (
            "/server/api?api_version=3&method=get_network_connection_status",
            {"result": {"connected": True}},
        ),
        ("/server/api", {"result": None, "error": "missing method"}),
        (
            "/server/api?api_version=3&method=nope",
            {"error": {"code": 0, "message": "access denied"}},
        ),
        (
            "/server/api?api_version=3&method=nope&token=T",
            {"error": {"code": 0, "message": "unknown method"}},
        ),
        (
            "/server/api?api_version=3&method=get_media_files&infohash=0",
            {"error": {"code": 0, "message": "cannot get transport file"}},
        ),
        (
            f"/server/api?api_version=3&method=get_content_id&infohash={LIVE.infohash}",
            {"result": {"content_id": LIVE.content_id}},
        ),
    ],
)
async def test_answer(engine: EmulatedEngine, target: str, expected: dict[str, Any]) -> None:
    """Results and errors, in the envelope of the version asked for."""
    assert await fetch_json(engine, target) == expected


async def test_version_as_a_script(engine: EmulatedEngine) -> None:
    """JSONP: the same in a call."""
    head, body = await fetch(
        engine, "/webui/api/service?method=get_version&format=jsonp&callback=cb"
    )
    assert "Content-Type: text/javascript" in head
    assert body.startswith('cb({"result": {"version": "3.2.3"')
    assert body.endswith("});")


async def test_access_token_is_not_for_other_sites(engine: EmulatedEngine) -> None:
    """64 digits, and no permission for browsers to read them."""
    target = "/server/api?api_version=3&method=get_api_access_token"
    head, _ = await fetch(engine, target)
    answer = await fetch_json(engine, target)
    assert len(answer["result"]["token"]) == 64
    assert not [line for line in head if line.startswith("Access-Control")]


async def test_media_files_open_no_session(engine: EmulatedEngine) -> None:
    """The way to learn a channel's name without disturbing anyone."""
    target = f"/server/api?api_version=3&method=get_media_files&content_id={LIVE.content_id}"
    assert await fetch_json(engine, target) == {
        "result": {
            "files": [{"index": 0, "filename": "Demo One"}],
            "name": "Demo One",
            "infohash": LIVE.infohash,
            "transport_type": "bt",
            "type": "live",
            "transport_file_cache_key": None,
        }
    }
    assert engine.starts == 0


async def test_content_can_be_analysed(engine: EmulatedEngine) -> None:
    """By a query within the query."""
    target = "/server/api?api_version=3&method=analyze_content&query=acestream:?infohash%3D"
    answer = await fetch_json(engine, target + LIVE.infohash)
    assert answer["result"]["title"] == "Demo One"


async def test_search_finds_infohashes_by_page(engine: EmulatedEngine) -> None:
    """Pages count from 0; a result's item has no content ID."""
    answer = await fetch_json(engine, "/search?query=sport&page=1&page_size=3")
    sport = [channel for channel in CHANNELS if "Sport" in channel.name]
    assert answer["result"]["total"] == len(sport)
    [result] = answer["result"]["results"]
    assert result["items"][0]["infohash"] == sport[3].infohash
    assert "content_id" not in result["items"][0]
