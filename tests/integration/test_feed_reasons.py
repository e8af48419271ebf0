"""Why a list or a guide cannot be had: told to whoever asks for it, in words of their own."""

from collections.abc import AsyncIterator
from pathlib import Path
import socket
from typing import Any, NamedTuple
from unittest.mock import AsyncMock, Mock

from homeassistant.config_entries import SOURCE_USER
from homeassistant.const import CONF_NAME, CONF_URL, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.acestream_proxy.const import CONF_FILE, CONF_SEARCH, DOMAIN, SubentryType
from custom_components.acestream_proxy.proxy.feeds import guides, lists
from demo import EmulatedEngine
from tests.proxy.engine.scripted import OK, scripted
from tests.proxy.sources import Source, guide
from tests.proxy.waiting import until

from .common import state_of
from .test_controls import press
from .test_guides import subentry

LIST_ID, GUIDE_ID = "the-list", "the-guide"
REFRESH = "button.mine_refresh"
SECRET = "s3cret"
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nobody listens there
LANGUAGES = ("en", "es", "it")

PAGE = b"<!DOCTYPE html><html>Gone</html>"


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    """Return a server with a list or a guide, or what there is instead."""
    source = Source()
    await source.server.start_server()
    yield source
    await source.server.close()


class Told(NamedTuple):
    """What somebody is told."""

    key: str | None
    """What it is, in no language."""

    sentences: dict[str, str]
    """The same in each."""


def at(source: Source) -> str:
    """Return the address of what a server has, with something in it that is nobody's business."""
    return f"{source.origin.address}?password={SECRET}"


def block(folder: Path) -> None:
    """Have a file where a folder is wanted."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(b"")


async def told(hass: HomeAssistant, entry: MockConfigEntry, **origin: str) -> Told:
    """Add a list, and return what whoever refreshes it is told."""
    return await _added(hass, entry, SubentryType.PLAYLIST, LIST_ID, origin)


async def told_of_guide(hass: HomeAssistant, entry: MockConfigEntry, **origin: str) -> Told:
    """Add a guide, and return what whoever refreshes it is told."""
    return await _added(hass, entry, SubentryType.GUIDE, GUIDE_ID, origin)


async def _added(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    kind: SubentryType,
    key: str,
    origin: dict[str, str],
) -> Told:
    hass.config_entries.async_add_subentry(entry, subentry(kind, key, **origin))
    await until(lambda: state_of(hass, REFRESH) == STATE_UNKNOWN)  # it can be pressed
    return await refreshed(hass)


async def refreshed(hass: HomeAssistant) -> Told:
    """Press the button; return what is told, after a look that nothing private is in it."""
    with pytest.raises(HomeAssistantError) as raised:
        await press(hass, REFRESH)
    error = raised.value
    sentences = {one: await sentence(hass, error, one) for one in LANGUAGES}
    assert len(set(sentences.values())) == len(LANGUAGES)
    for private in (SECRET, "127.0.0.1", "invalid", "nowhere", "{"):
        assert private not in "".join(sentences.values())
    return Told(error.translation_key, sentences)


async def sentence(hass: HomeAssistant, error: HomeAssistantError, language: str) -> str:
    """Return what somebody reads who speaks a language."""
    texts = await async_get_translations(hass, language, "exceptions", [DOMAIN])
    text = texts[f"component.{DOMAIN}.exceptions.{error.translation_key}.message"]
    return text.format(**error.translation_placeholders or {})


# Lists --------------------------------------------------------------------------------------------


async def test_server_without_the_list_is_told_with_its_status(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """All that a number can say."""
    source.status = 404
    key, said = await told(hass, entry, **{CONF_URL: at(source)})
    assert key == "bad_status"
    assert said["en"].startswith("Mine: the server answers with status 404. ")
    assert all("404" in one for one in said.values())


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (f"ftp://me:{SECRET}@127.0.0.1/", "no_address"),
        (f"http://me:{SECRET}@[127.0.0.1", "no_address"),
        (f"http://me:{SECRET}@127.0.0.1:1/", "unreachable"),
    ],
)
async def test_address_that_leads_nowhere(
    hass: HomeAssistant, entry: MockConfigEntry, address: str, key: str
) -> None:
    """It may be mistyped, or its server is down."""
    assert (await told(hass, entry, **{CONF_URL: address})).key == key


async def test_name_that_does_not_exist(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or there is nobody to ask for it."""
    unknown = AsyncMock(side_effect=socket.gaierror(socket.EAI_NONAME, SECRET))
    monkeypatch.setattr(hass.loop, "getaddrinfo", unknown)
    assert (await told(hass, entry, **{CONF_URL: "http://nobody.invalid"})).key == "no_server"


async def test_name_that_a_filter_leads_astray(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many of those that block advertising say that a server is at no address at all."""
    nowhere = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (NO_ADDRESS, 80))]
    monkeypatch.setattr(hass.loop, "getaddrinfo", AsyncMock(return_value=nowhere))
    assert (await told(hass, entry, **{CONF_URL: "http://blocked.invalid"})).key == "astray"


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        pytest.param(b"\x16\x03\x01 this is not HTTP\r\n\r\n", "garbled", id="no web server"),
        pytest.param(OK + b"Content-Length: 9\r\n\r\nx", "garbled", id="a part only"),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
            "astray",
            id="on and on",
        ),
    ],
)
async def test_answer_that_is_none(
    hass: HomeAssistant, entry: MockConfigEntry, answer: bytes, key: str
) -> None:
    """What it is instead does not matter."""
    async with scripted(*[answer] * 12) as server:  # for two looks, each led on five times
        assert (await told(hass, entry, **{CONF_URL: server.url})).key == key


async def test_server_that_speaks_no_tls(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """Or has a certificate that nobody trusts."""
    address = at(source).replace("http:", "https:")
    assert (await told(hass, entry, **{CONF_URL: address})).key == "insecure"


async def test_list_that_does_not_come_in_time(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not waited for any longer."""
    monkeypatch.setattr(lists, "_TIMEOUT", 0.0)
    assert (await told(hass, entry, **{CONF_URL: at(source)})).key == "too_slow"


async def test_list_that_is_too_large(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be no list at all."""
    monkeypatch.setattr(lists, "MAX_BYTES", 10)
    assert (await told(hass, entry, **{CONF_URL: at(source)})).key == "too_large"


async def test_file_that_is_gone(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Its name is not told; all of the sentence is in one language."""
    key, said = await told(hass, entry, **{CONF_FILE: "nowhere.m3u"})
    assert key == "no_file"
    assert said == {
        "en": "Mine: its file cannot be read. Is it still there?",
        "es": "Mine: no se puede leer su archivo. ¿Sigue ahí?",
        "it": "Mine: il suo file non si può leggere. C'è ancora?",
    }


async def test_disk_that_cannot_be_written_to(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source, kept: Path
) -> None:
    """There is something else where lists are kept."""
    block(kept / "lists")
    assert (await told(hass, entry, **{CONF_URL: at(source)})).key == "not_kept"


async def test_page_instead_of_a_list_that_was_there(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """The channels from before stay."""
    hass.config_entries.async_add_subentry(
        entry, subentry(SubentryType.PLAYLIST, LIST_ID, **{CONF_URL: at(source)})
    )
    await until(lambda: state_of(hass, "sensor.mine_channels") == "2")
    source.body = PAGE
    assert (await refreshed(hass)).key == "no_channels"
    assert state_of(hass, "sensor.mine_channels") == "2"


async def test_search_that_no_engine_takes(
    hass: HomeAssistant, entry: MockConfigEntry, engine: EmulatedEngine
) -> None:
    """What is wrong with engines is said as of a channel that does not play."""
    await engine.stop()
    assert (await told(hass, entry, **{CONF_SEARCH: "demo"})).key == "no_engine"


async def test_fault_of_ours_is_in_the_log(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever asked is told where to look."""
    monkeypatch.setattr(lists, "read_channels", Mock(side_effect=RuntimeError))
    assert (await told(hass, entry, **{CONF_URL: at(source)})).key == "not_refreshed"
    assert "RuntimeError" in caplog.text


# Guides -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "key"),
    [
        pytest.param(PAGE, "no_guide", id="a page"),
        pytest.param(b"#EXTM3U", "no_guide", id="a list"),
        pytest.param(guide("News")[:-9], "damaged", id="cut off"),
    ],
)
async def test_guide_that_is_none(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source, body: bytes, key: str
) -> None:
    """Another address may be meant, or another time is better."""
    source.body = body
    assert (await told_of_guide(hass, entry, **{CONF_URL: at(source)})).key == key


async def test_guide_that_is_too_large(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a list is."""
    source.body = guide("News")
    monkeypatch.setattr(guides, "_MAX_GUIDE", 10)
    assert (await told_of_guide(hass, entry, **{CONF_URL: at(source)})).key == "too_large"


async def test_file_of_a_guide_that_is_gone(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """As that of a list."""
    assert (await told_of_guide(hass, entry, **{CONF_FILE: "nowhere.xml"})).key == "no_file"


async def test_guide_that_cannot_be_kept(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source, kept: Path
) -> None:
    """There is something else where guides are kept."""
    block(kept / "guides")
    source.body = guide("News")
    assert (await told_of_guide(hass, entry, **{CONF_URL: at(source)})).key == "not_kept"


# Forms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [SubentryType.PLAYLIST, SubentryType.GUIDE])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(b"HTTP/1.1 404 Not Found\r\n\r\n", "bad_status", id="not there"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "astray", id="on and on"),
        pytest.param(b"", "cannot_connect", id="nothing"),
    ],
)
async def test_form_says_what_to_mend_in_an_address(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    kind: SubentryType,
    answer: bytes,
    error: str,
) -> None:
    """Of all else it is enough that nothing comes."""
    async with scripted(*[answer] * 6) as server:
        assert await filled_in(hass, entry, kind, {CONF_URL: server.url}) == {CONF_URL: error}


@pytest.mark.parametrize("kind", [SubentryType.PLAYLIST, SubentryType.GUIDE])
async def test_form_says_that_there_is_no_tls(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source, kind: SubentryType
) -> None:
    """An address without may do."""
    address = at(source).replace("http:", "https:")
    assert await filled_in(hass, entry, kind, {CONF_URL: address}) == {CONF_URL: "insecure"}


@pytest.mark.parametrize("kind", [SubentryType.PLAYLIST, SubentryType.GUIDE])
async def test_form_says_that_there_is_no_such_server(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    kind: SubentryType,
) -> None:
    """It is the first thing to look at."""
    unknown = AsyncMock(side_effect=socket.gaierror(socket.EAI_NONAME, SECRET))
    monkeypatch.setattr(hass.loop, "getaddrinfo", unknown)
    errors = await filled_in(hass, entry, kind, {CONF_URL: "http://nobody.invalid"})
    assert errors == {CONF_URL: "no_server"}


async def test_form_says_that_a_list_is_too_large(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film, for example."""
    monkeypatch.setattr(lists, "MAX_BYTES", 10)
    errors = await filled_in(hass, entry, SubentryType.PLAYLIST, {CONF_URL: at(source)})
    assert errors == {CONF_URL: "too_large"}


async def filled_in(
    hass: HomeAssistant, entry: MockConfigEntry, kind: SubentryType, origin: dict[str, str]
) -> dict[str, Any]:
    """Fill in a form; return what is wrong, for which there are words."""
    flows = hass.config_entries.subentries
    form = await flows.async_init((entry.entry_id, kind), context={"source": SOURCE_USER})
    again = await flows.async_configure(form["flow_id"], {CONF_NAME: "Mine", **origin})
    texts = await async_get_translations(hass, "es", "config_subentries", [DOMAIN])
    for error in (again["errors"] or {}).values():
        assert texts[f"component.{DOMAIN}.config_subentries.{kind}.error.{error}"]
    return dict(again["errors"] or {})
