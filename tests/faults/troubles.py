"""What can break: how it begins, whom it hits at once, how it ends."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from custom_components.acestream_proxy.proxy import StreamState
from demo import Faults

from .scene import HANG, Scene

type Act = Callable[[Scene], Awaitable[None]]

PREMIUM_TEXT: Final = "To continue, you need to activate premium"


async def nothing(_: Scene) -> None:
    """Leave everything as it is."""


async def cut(scene: Scene) -> None:
    """Break the connections that are being read."""
    scene.engine.cut_readers(reset=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that can break."""

    name: str
    begin: Act
    end: Act

    hit: Act = nothing
    """What makes a stream that runs notice, where beginning is not enough."""

    shows: StreamState = StreamState.RECONNECTING
    """What a stream that runs is seen doing."""

    ends: frozenset[str] = frozenset(("command",))
    """What ends the engine's sessions: a command, unless it cannot get there."""


def _turned(
    name: str,
    hit: Act = cut,
    shows: StreamState = StreamState.RECONNECTING,
    ends: frozenset[str] = frozenset(("command",)),
    **knobs: object,
) -> Trouble:
    """Return a trouble that some of the engine's knobs make."""

    async def begin(scene: Scene) -> None:
        for knob, value in knobs.items():
            setattr(scene.engine.faults, knob, value)

    async def end(scene: Scene) -> None:
        healthy = Faults()
        for knob in knobs.keys() - {"expiry_scale"}:
            setattr(scene.engine.faults, knob, getattr(healthy, knob))

    return Trouble(name=name, begin=begin, hit=hit, end=end, shows=shows, ends=ends)


# Where no command gets to it, the engine ends a session that nobody reads by itself.
_unheard = partial(_turned, ends=frozenset(("command", "expired")), expiry_scale=0.002)


async def _crash(scene: Scene) -> None:
    await scene.crash()


async def _come_back(scene: Scene) -> None:
    await scene.engine.start()


async def _lose_name(scene: Scene) -> None:
    scene.names.gone = True
    scene.engine.faults.expiry_scale = 0.002


async def _find_name(scene: Scene) -> None:
    scene.names.gone = False


async def _garble(scene: Scene) -> None:
    scene.media.garbled = True


async def _clear(scene: Scene) -> None:
    scene.media.garbled = False


TROUBLES: Final = {
    trouble.name: trouble
    for trouble in (
        _turned("stall", hit=nothing, shows=StreamState.STALLED, stall=True),
        _turned("starving", hit=nothing, starving=True),
        _turned("reset", hit=nothing, reset=True),
        _turned("eof", hit=nothing, eof=True),
        Trouble(
            name="restart", begin=_crash, end=_come_back, ends=frozenset(("command", "restart"))
        ),
        _turned("hang getstream", hang={"getstream"}),
        _turned("hang r", hang={"r"}),
        _turned("hang content", hang={"content"}),
        _turned("hang stat", hang={"stat"}),
        _unheard("hang cmd", hang={"cmd"}),
        _turned("hang get_version", hang={"get_version"}),
        _turned("hang get_media_files", hang={"get_media_files"}),
        _turned("garbage getstream", garbage={"getstream"}),
        _turned("garbage r", garbage={"r"}),
        _turned("garbage content", garbage={"content"}),
        _unheard("garbage elsewhere", garbage={"stat", "cmd", "get_version", "get_media_files"}),
        Trouble(name="garbage in the stream", begin=_garble, end=_clear),
        _turned("slow", slow=dict.fromkeys(("getstream", "r", "content", "cmd"), HANG / 4)),
        _unheard("half-open", half_open=True),
        Trouble(
            name="DNS gone",
            begin=_lose_name,
            hit=cut,
            end=_find_name,
            ends=frozenset(("command", "expired")),
        ),
        _turned("premium", refuse_text=PREMIUM_TEXT, shows=StreamState.FAILED),
    )
}
