"""What guides are about: programmes of channels, and what is asked of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Programme:
    """Something on television. Its texts are for people, on one line, and may be empty."""

    start: int
    """When it begins, as Unix time in seconds."""

    stop: int
    """When it is over, as Unix time in seconds; later than `start`."""

    title: str
    """Never empty; 256 characters at most, as all but the description are."""

    subtitle: str = ""
    """Of an episode, its own title."""

    description: str = ""
    """4,000 characters at most."""

    category: str = ""
    """The first one that the guide has."""

    icon: str = ""
    """An http or https address of a picture."""

    episode: str = ""
    """Which episode it is, such as `S2 E13`, in the guide's own words if it has any."""


@dataclass(frozen=True, slots=True)
class OnAir:
    """What a channel shows at a moment."""

    now: Programme | None = None
    """What is on; of several, the one that began last."""

    next: Programme | None = None
    """What begins after the moment, however long after."""


@dataclass(frozen=True, slots=True)
class GuideChannel:
    """A channel that a guide knows."""

    guide: str
    """The key of the guide among `Guides`."""

    id: str
    """What the guide calls it: XMLTV's `channel id`, as it is written there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a channel of a list may be called in a guide."""

    guide_id: str
    """What its list says; empty if it says nothing."""

    names: tuple[str, ...] = ()
    """Its names, the best one first, with all their decoration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideFacts:
    """What a guide was found to have."""

    channels: int
    """Channels with programmes."""

    programmes: int
    """Programmes within the window of time that was asked for."""

    skipped: int
    """Channels and programmes that were left out because they are broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a guide may be. The largest there are have a quarter of it."""

    unpacked: int = 2 * 1024**3
    """Bytes of XML."""

    channels: int = 100_000
    """Channels, whether they have programmes or not."""

    programmes: int = 2_000_000
    """Programmes within the window of time that is asked for."""
