"""What can be wrong with the engine: knobs that may be turned while it runs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_type_hints

_TRUE = ("true", "1", "yes", "on")


@dataclass(kw_only=True)
class Faults:
    """The engine's habits and troubles; a fresh one is a healthy, quick engine.

    Endpoints in `hang`, `slow` and `garbage` have the names `getstream` (the manifest too),
    `r`, `content`, `m`, `c`, `stat`, `cmd`, `event`, `search`, and every API by its method:
    `get_version`, `get_status`, `get_media_files` …
    """

    json_delay: float = 0.0
    """Seconds before a getstream answers; a real engine takes 0.4 to 1."""

    unknown_id_delay: float = 0.4
    """Seconds before unknown content is refused; a real engine takes 4.5 (28 by infohash)."""

    prebuffer: float = 0.0
    """Seconds from the start of a session to its first byte: status `prebuf`, no status line."""

    start_delay: float = 0.0
    """Seconds from a reader's request to its first byte, whatever the session's status."""

    burst_seconds: float = 4.0
    """How much of the past a reader gets at line speed before it goes on in real time."""

    write_interval: float = 0.02
    """Seconds between writes to a reader."""

    stall: bool = False
    """No more bytes while set, with the connection open; afterwards it catches up."""

    starving: bool = False
    """As stall, but seen in the status too: `dl`, hardly any speed, nothing downloaded."""

    eof: bool = False
    """Readers are ended cleanly while set."""

    reset: bool = False
    """Readers are cut with a TCP reset while set."""

    refuse_text: str = ""
    """Every getstream is refused with this, e.g. `mod_detected`."""

    hang: set[str] = field(default_factory=set)
    """Endpoints that never answer."""

    slow: dict[str, float] = field(default_factory=dict)
    """Endpoints that answer only after these seconds."""

    garbage: set[str] = field(default_factory=set)
    """Endpoints that answer something that is not HTTP."""

    foreign_host: str = ""
    """URLs carry this host and port instead of the request's own."""

    second_reader: Literal["malformed", "blocking"] = "malformed"
    """A second reader gets two status lines, or waits for the first one to leave."""

    session_mode: Literal["3.2.3", "3.2.11"] = "3.2.11"
    """Another player on the same content cuts the first one, or shares its session."""

    reused_redirect_hangs: bool = True
    """A redirect on a reused connection has neither a length nor an end."""

    expiry_scale: float = 1.0
    """Multiplies the 15, 60 and 300 seconds after which an unused session ends."""

    half_open: bool = False
    """Connections are accepted and nothing is ever answered."""

    def set_from(self, words: Mapping[str, str]) -> None:
        """Set fields from text, as in a query; raise ValueError if one does not fit.

        A set is `r,content`, a mapping `r:2,stat:0.5`.
        """
        hints = get_type_hints(Faults)
        values = {name: _value(name, hints.get(name), text) for name, text in words.items()}
        for name, value in values.items():
            setattr(self, name, value)

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON can hold them."""
        fields = asdict(self)
        return {
            name: sorted(value) if isinstance(value, set) else value
            for name, value in fields.items()
        }


def _value(name: str, hint: Any, text: str) -> Any:
    words = [word for word in text.split(",") if word]
    if hint is None:
        raise ValueError(f"no fault named {name}")
    if hint is bool:
        return text.lower() in _TRUE
    if hint in (float, str):
        return hint(text)
    if hint == set[str]:
        return set(words)
    if hint == dict[str, float]:
        pairs = (word.partition(":") for word in words)
        return {endpoint: float(seconds) for endpoint, _, seconds in pairs}
    if text not in hint.__args__:
        raise ValueError(f"{name} is one of {', '.join(hint.__args__)}")
    return text
