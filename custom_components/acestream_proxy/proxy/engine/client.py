"""Calls of the engine's HTTP API that are answered with JSON.

Habits of real engines that this has to live with, all measured: errors come with status 200 and
the words in `error` (or, without `format=json`, as status 500 with the words as text); the content
type is not to be relied on; addresses in answers carry whatever host the engine believes in, so
only their path and query are kept; status figures may be missing, `{}` or strings.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from errno import errorcode
from http import HTTPStatus
import json
import logging
import os
import re
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout
from yarl import URL

from ..catalog import tidy
from ..content import HASH, ContentKey
from ..errors import (
    EngineError,
    EngineProtocolError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    InvalidContentError,
)
from .options import EngineOptions
from .search import MAX_PAGE, SearchPage, read_page

_LOGGER = logging.getLogger(__name__)

DEFAULT_PORT: Final = 6878

# An engine's words for content that nobody has heard of.
CANNOT_LOAD: Final = "cannot get transport file"

# Seconds for a search. Engines ask a server of theirs, which takes a quarter of a second on a good
# day.
_SEARCH_TIMEOUT: Final = 10.0

# More than any answer holds; an address that is no engine may send without end.
_MAX_ANSWER: Final = 4 * 1024 * 1024
_MAX_WORDS: Final = 300

# What another proxy in the engine's place says where another engine may do better; engines have
# only 500 for all errors.
_UNFIT: Final[dict[int, type[EngineError]]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: EngineUnreachableError,
    HTTPStatus.GATEWAY_TIMEOUT: EngineTimeoutError,
}

# A path is sent as it is, so it must not end the request line.
_PATH: Final = re.compile(r"/[!-~]*")


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """What runs at an engine's address."""

    version: str
    """Such as `3.2.11`."""

    platform: str
    """`linux`, `win32` or `android`; empty where the engine does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFacts:
    """What an engine knows of some content without playing it."""

    infohash: str
    """40 lower-case hex digits."""

    name: str
    """What its broadcaster calls it, on one line; empty where nobody says."""

    is_live: bool
    """Whether it is a broadcast and not a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedSession:
    """What the engine says of a session it opened. Paths carry no host: it is the engine's own."""

    playback_path: str
    stat_path: str
    command_path: str
    infohash: str
    is_live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """Figures of a session from the network's side, as of the last time it was asked for."""

    status: str = ""
    """The engine's word: `prebuf`, `dl`, … `dl` does not mean that anything arrives."""

    peers: int = 0
    """Peers the engine is connected to. Says nothing about data either."""

    speed_down: int = 0
    """Bytes a second received from the network."""

    speed_up: int = 0
    """Bytes a second sent to the network."""

    downloaded: int = 0
    """Bytes received since the session began."""

    uploaded: int = 0
    """Bytes sent since the session began."""

    progress: int | None = None
    """Percent of the engine's own buffer that is filled, while it prebuffers."""


class EngineClient:
    """One engine, as far as it answers with JSON."""

    def __init__(
        self, session: ClientSession, url: str, options: EngineOptions | None = None
    ) -> None:
        """Talk to the engine at an origin, such as `http://127.0.0.1:6878`."""
        self._session = session
        self.url = normalize_engine_url(url)
        self.options = options or EngineOptions()
        """How it is talked to."""
        self._turns = asyncio.Semaphore(self.options.connections)

    @property
    def host(self) -> str:
        """The engine's host, a name or an address."""
        return URL(self.url).host or ""

    @property
    def port(self) -> int:
        """The engine's port."""
        return URL(self.url).port or DEFAULT_PORT

    @property
    def headers(self) -> dict[str, str]:
        """What each request says of us."""
        return {"User-Agent": self.options.user_agent, "Accept-Encoding": "identity"}

    async def version(self) -> EngineVersion:
        """Ask what runs there; the cheapest sign of life, though not one of health.

        Raises:
            EngineError: It does not answer as an engine does.
        """
        answer = await self._get(
            "/webui/api/service",
            {"method": "get_version"},
            timeout=self.options.version_timeout,
        )
        result = answer.get("result")
        if not isinstance(result, dict) or not isinstance(result.get("version"), str):
            raise EngineProtocolError(f"What answers at {self.url} is not an AceStream engine.")
        return EngineVersion(result["version"], str(result.get("platform", "")))

    async def facts(self, content: ContentKey) -> ContentFacts:
        """Ask what some content is; opens no session, and needs no peers.

        Raises:
            EngineError: It does not say; `CANNOT_LOAD` where it cannot find the content.
        """
        parameters = {"api_version": "3", "method": "get_media_files"}
        parameters[content.kind.value] = content.value
        async with self._turns:
            answer = await self._get("/server/api", parameters, timeout=self.options.facts_timeout)
        result = answer.get("result")
        result = result if isinstance(result, dict) else {}
        infohash = result.get("infohash")
        if not isinstance(infohash, str) or not HASH.fullmatch(infohash.lower()):
            raise EngineProtocolError("The engine does not say what this content is.")
        return ContentFacts(
            infohash=infohash.lower(),
            name=tidy(str(result.get("name") or "")),
            is_live=result.get("type") != "vod",
        )

    async def search(
        self, query: str, *, page: int = 0, page_size: int = MAX_PAGE, category: str = ""
    ) -> SearchPage:
        """Look for content by name; opens no session. Pages are counted from 0.

        Without a query it finds all there is, without a category in all of them.

        Raises:
            EngineError: It does not answer, or does not search.
        """
        parameters = {
            "query": tidy(query),
            "category": tidy(category),
            "page": str(page),
            "page_size": str(page_size),
        }
        async with self._turns:
            answer = await self._get("/search", parameters, timeout=_SEARCH_TIMEOUT)
        return read_page(answer)

    async def start(self, content: ContentKey, player_id: str) -> StartedSession:
        """Open a playback session.

        Each session needs a player ID of its own: to the engine a player is an address and this
        ID, and a player that asks for other content ends what it had.

        It is waited for as long as it may be of use to know of it: see `late_timeout`.

        Raises:
            EngineError: It did not open one.
        """
        parameters = {**content.query, "format": "json", "pid": player_id}
        timeout = self.options.start_timeout + self.options.late_timeout
        async with self._turns:
            answer = await self._get("/ace/getstream", parameters, timeout=timeout)
        response = _response_of(answer)
        try:
            return StartedSession(
                playback_path=_path_of(response["playback_url"]),
                stat_path=_path_of(response["stat_url"]),
                command_path=_path_of(response["command_url"]),
                infohash=str(response.get("infohash", "")),
                is_live=_integer(response.get("is_live")) != 0,
            )
        except (KeyError, ValueError) as error:
            raise EngineProtocolError(
                "The engine opened a session but did not say where it plays."
            ) from error

    async def status(self, started: StartedSession) -> SessionStatus:
        """Ask for a session's figures.

        Raises:
            EngineError: It has none, such as after the session ended.
        """
        async with self._turns:
            answer = await self._get(started.stat_path, timeout=self.options.status_timeout)
        response = _response_of(answer)
        kilobyte = 1024
        progress = response.get("progress")
        return SessionStatus(
            status=str(response.get("status", "")),
            peers=_integer(response.get("peers")),
            speed_down=_integer(response.get("speed_down")) * kilobyte,
            speed_up=_integer(response.get("speed_up")) * kilobyte,
            downloaded=_integer(response.get("downloaded")),
            uploaded=_integer(response.get("uploaded")),
            progress=None if progress is None else _integer(progress),
        )

    async def stop(self, started: StartedSession) -> None:
        """End a session; bounded in time, as engines are known to hang here.

        Raises:
            EngineError: It did not say that it has.
        """
        await self._get(started.command_path, {"method": "stop"}, timeout=self.options.stop_timeout)

    def silence(self, timeout: float) -> EngineTimeoutError:
        """Return what it means that nothing was said for some seconds."""
        return EngineTimeoutError(
            f"The engine at {self.url} did not answer within {timeout:.0f} seconds."
        )

    async def _get(
        self, path: str, parameters: Mapping[str, str] | None = None, *, timeout: float
    ) -> dict[str, Any]:
        """Return the JSON object that a GET is answered with."""
        url = URL(self.url + path, encoded=True).update_query(parameters or {})
        try:
            async with (
                asyncio.timeout(timeout),
                self._session.get(
                    url,
                    headers=self.headers,
                    allow_redirects=False,
                    timeout=ClientTimeout(total=None, sock_connect=self.options.connect_timeout),
                ) as response,
            ):
                body = await response.content.read(_MAX_ANSWER)
                while len(body) < _MAX_ANSWER and (more := await response.content.readany()):
                    body += more
        except TimeoutError:
            raise self.silence(timeout) from None
        except (ClientError, OSError) as error:
            raise EngineUnreachableError(
                f"The engine at {self.url} does not answer ({_reason(error)}). Is it running?"
            ) from error
        return _json_object(body, response.status)


def normalize_engine_url(text: str) -> str:
    """Return an engine's origin from what somebody typed: `host`, `host:port` or an address.

    Raises:
        InvalidContentError: It is none; the text says what would be.
    """
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port or DEFAULT_PORT
        usable = bool(host) and parts.scheme == "http" and not parts.username
        usable = usable and parts.path in ("", "/") and not (parts.query or parts.fragment)
        if not usable:
            return _refuse()
        # With its port, also where that is 80: without one it would be the engine's own.
        return f"http://{URL.build(scheme='http', host=host or '').host_subcomponent}:{port}"
    except ValueError:
        return _refuse()


def _refuse() -> str:
    raise InvalidContentError("An engine's address looks like http://192.168.1.20:6878.")


def _json_object(body: bytes, status: int) -> dict[str, Any]:
    """Return the object in an answer, or raise what the answer means instead."""
    try:
        answer = json.loads(body)
    except ValueError, RecursionError:
        words = body[:_MAX_WORDS].decode(errors="replace").strip()
        if unfit := _UNFIT.get(status):
            # It may also be a reverse proxy's, in HTML.
            usable = words and not words.startswith("<")
            raise unfit(words if usable else "The engine cannot play now.") from None
        # Without JSON an engine's error is the body itself, with status 500.
        if status >= 400 and words:
            raise EngineRefusedError(words) from None
        raise EngineProtocolError("The engine's answer is not JSON.") from None
    if not isinstance(answer, dict):
        raise EngineProtocolError("The engine's answer is not a JSON object.")
    if error := answer.get("error"):
        words = str(error.get("message") if isinstance(error, dict) else error)[:_MAX_WORDS]
        # JSON can hold half a character, which no answer of ours could.
        raise EngineRefusedError(words.encode(errors="replace").decode())
    return answer


def _response_of(answer: dict[str, Any]) -> dict[str, Any]:
    response = answer.get("response")
    if not isinstance(response, dict):
        raise EngineProtocolError("The engine's answer has no response in it.")
    return response


def _path_of(address: object) -> str:
    """Return path and query of an address the engine gave; its host is not to be followed."""
    if not isinstance(address, str) or urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(address)
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if not _PATH.fullmatch(path):
        raise ValueError(address)
    return path


def _integer(value: object) -> int:
    """Return a figure that may come as a number, as a string, or not at all."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except TypeError, ValueError, OverflowError:
        return 0


def _reason(error: Exception) -> str:
    """Return what went wrong, in the words of the system where it has any."""
    cause = error.os_error if isinstance(error, ClientConnectorError) else error
    if not isinstance(cause, OSError):
        return str(cause) or type(cause).__name__
    number = cause.errno or 0
    return os.strerror(number) if number in errorcode else cause.strerror or str(cause)
