"""What is wrong and can be mended by the user, as repair issues.

| issue               | there is one while                                            |
|---------------------|---------------------------------------------------------------|
| `no_engine_answers` | no engine has answered for five minutes                       |
| `ffmpeg_missing`    | there is no ffmpeg                                            |
| `engine_refuses`    | an engine refuses for good; until it plays, or for a day      |
| `no_address`        | others than browsers play, and have no address to play from   |
| `limit_reached`     | ten were one too many within an hour; until a quiet hour      |

The first two have a flow in `repairs` that looks again. All are looked at whenever an engine was
asked or a stream changed, so each goes soon after its reason. None is left of a proxy that is
switched off or removed.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from shutil import which
from time import monotonic
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.hass_dict import HassKey
from yarl import URL

from .const import DOMAIN, SubentryType
from .proxy import EngineStats, Proxy, ProxyStats, StreamState

# Seconds without an answer after which engines are not just starting again.
_AWAY_FOR: Final = 300.0

# Seconds for which an engine plays nothing else after it refused. Whoever zaps through a list meets
# a channel for paying users now and then, and goes on to one that plays.
_REFUSES_FOR: Final = 60.0

# As many are refused within these seconds where it happens again and again, not now and then; and
# so long nobody may be refused for it to be over.
_MOST_REFUSALS: Final = 10
_REFUSALS_WITHIN: Final = 3600.0

# When engines were first found to be away. It outlives the attempts to set up the proxy, which go
# on as long as they are.
_AWAY_SINCE: Final[HassKey[float]] = HassKey(f"{DOMAIN}_away_since")


class Trouble(StrEnum):
    """What may be wrong; also what its texts are found under."""

    NO_ENGINE_ANSWERS = "no_engine_answers"
    FFMPEG_MISSING = "ffmpeg_missing"
    ENGINE_REFUSES = "engine_refuses"
    NO_ADDRESS = "no_address"
    LIMIT_REACHED = "limit_reached"


@dataclass(frozen=True, slots=True)
class _Found:
    """Something that is wrong at the moment."""

    trouble: Trouble
    """What it is."""

    placeholders: dict[str, str] = field(default_factory=dict)
    """What its texts are filled in with."""


class Troubles:
    """Looks out for what is wrong with a proxy that is set up."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, proxy: Proxy) -> None:
        """Know of nothing yet."""
        self._hass = hass
        self._entry = entry
        self._proxy = proxy
        self._raised: set[str] = set()
        self._others_play = False
        self._refusing: dict[str, float] = {}  # since when engines play nothing
        self._refused = 0
        self._refusals: deque[float] = deque(maxlen=_MOST_REFUSALS)

    @callback
    def async_look(self) -> None:
        """Raise what is wrong now, and take back what is not wrong any more."""
        stats = self._proxy.stats()
        async_note_engines(self._hass, stats.engines)
        found = {
            **self._engines_that_refuse(stats),
            **self._no_address(),
            **self._limit_reached(stats.refused),
        }
        for issue_id, one in found.items():
            _raise(self._hass, one, issue_id)
        for issue_id in self._raised - found.keys():
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._raised = set(found)

    @callback
    def async_note_player(self) -> None:
        """Note that a player that is no browser was asked to play."""
        self._others_play = True
        self.async_look()

    @callback
    def async_forget_refusals(self) -> None:
        """Forget who was one too many: there are other limits now."""
        self._refusals.clear()
        self.async_look()

    @callback
    def async_clear(self) -> None:
        """Take back what is known only while the proxy runs.

        What a user ignores is forgotten with the issue, so a missing ffmpeg stays one.
        """
        async_note_engines(self._hass, ())
        for issue_id in self._raised:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    def _engines_that_refuse(self, stats: ProxyStats) -> dict[str, _Found]:
        """Return the engines that refused for good and play nothing, with their own words."""
        now = monotonic()
        playing = {
            stream.engine_id
            for stream in stats.streams
            if stream.broadcast.state is StreamState.STREAMING
        }
        words = {
            engine.engine_id: engine.refusal
            for engine in stats.engines
            if engine.refusal and engine.engine_id not in playing
        }
        self._refusing = {key: self._refusing.get(key, now) for key in words}
        return {
            f"{Trouble.ENGINE_REFUSES}_{key}": _Found(
                Trouble.ENGINE_REFUSES,
                {"engine": self._entry.subentries[key].title, "words": words[key]},
            )
            for key, since in self._refusing.items()
            if now - since >= _REFUSES_FOR and key in self._entry.subentries
        }

    def _no_address(self) -> dict[str, _Found]:
        """Return that players do not find here, if there are any."""
        others_play = self._others_play or any(
            self._entry.get_subentries_of_type(SubentryType.VIEWER)
        )
        if others_play and not _has_address(self._hass):
            return {Trouble.NO_ADDRESS: _Found(Trouble.NO_ADDRESS)}
        return {}

    def _limit_reached(self, refused: int) -> dict[str, _Found]:
        """Return that the limits are too low, if again and again somebody is one too many."""
        now = monotonic()
        new, self._refused = refused - self._refused, refused
        self._refusals.extend([now] * min(new, _MOST_REFUSALS))
        if self._refusals and now - self._refusals[-1] >= _REFUSALS_WITHIN:
            self._refusals.clear()
        is_raised = Trouble.LIMIT_REACHED in self._raised and bool(self._refusals)
        is_often = (
            len(self._refusals) == _MOST_REFUSALS
            and self._refusals[-1] - self._refusals[0] < _REFUSALS_WITHIN
        )
        if is_raised or is_often:
            return {Trouble.LIMIT_REACHED: _Found(Trouble.LIMIT_REACHED)}
        return {}


@callback
def async_note_engines(hass: HomeAssistant, engines: Collection[EngineStats]) -> None:
    """Note whether any engine answers: if none does for long, something is wrong.

    Also for a proxy that is not set up yet, which it is not before one answers.
    """
    if not engines or any(engine.reachable for engine in engines):
        hass.data.pop(_AWAY_SINCE, None)
        ir.async_delete_issue(hass, DOMAIN, Trouble.NO_ENGINE_ANSWERS)
        return
    if monotonic() - hass.data.setdefault(_AWAY_SINCE, monotonic()) >= _AWAY_FOR:
        addresses = ", ".join(engine.url for engine in engines)
        _raise(hass, _Found(Trouble.NO_ENGINE_ANSWERS, {"addresses": addresses}))


async def async_find_ffmpeg(hass: HomeAssistant) -> str | None:
    """Return what to call ffmpeg by; where there is none, that is wrong."""
    # Home Assistant's own `ffmpeg` knows where one is, if somebody set that up. It is not imported:
    # what it requires need not be installed.
    binary = getattr(hass.data.get("ffmpeg"), "binary", "ffmpeg")
    found = await hass.async_add_executor_job(which, binary)
    if found:
        ir.async_delete_issue(hass, DOMAIN, Trouble.FFMPEG_MISSING)
    else:
        _raise(hass, _Found(Trouble.FFMPEG_MISSING))
    return found


@callback
def async_forget_troubles(hass: HomeAssistant) -> None:
    """Leave nothing of what was wrong: nobody looks any more whether it still is."""
    hass.data.pop(_AWAY_SINCE, None)
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN:
            ir.async_delete_issue(hass, DOMAIN, issue_id)


_FIXABLE: Final = (Trouble.NO_ENGINE_ANSWERS, Trouble.FFMPEG_MISSING)


def _raise(hass: HomeAssistant, found: _Found, issue_id: str | None = None) -> None:
    """Have an issue; nothing if it is there already."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id or found.trouble.value,
        is_fixable=found.trouble in _FIXABLE,
        severity=ir.IssueSeverity.WARNING,
        translation_key=found.trouble.value,
        translation_placeholders=found.placeholders,
    )


def _has_address(hass: HomeAssistant) -> bool:
    """Return whether Home Assistant has an address that others than itself reach."""
    try:
        host = URL(get_url(hass, prefer_external=False)).host or "localhost"
    except NoURLAvailableError:
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:  # a name
        return host != "localhost"
