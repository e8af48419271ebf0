"""The channels of the demo: what a listing would name, with one of each kind of trouble."""

from dataclasses import dataclass
import hashlib
from typing import Final, Literal

type Kind = Literal["live", "dead", "premium", "vod"]


def _hash(text: str) -> str:
    """Return 40 hex digits that are always the same for a text."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel, and how its test pattern is made."""

    number: int
    """The channel number a television shows."""

    name: str
    """Also burnt into the picture, and the service name inside the stream."""

    group: str

    kind: Kind = "live"
    """A dead one prebuffers for ever; a premium one is refused; a VOD one is a file."""

    video: Literal["libx264", "libx265"] | None = "libx264"
    """The encoder of the video; `None` is radio."""

    audio: Literal["aac", "mp2", "ac3"] = "aac"

    languages: tuple[str, ...] = ("",)
    """Of each audio track, as ISO 639-2 codes: three letters, or nothing where it says none."""

    width: int = 640
    height: int = 360
    fps: int = 25

    bitrate: int = 1_200_000
    """Bits per second of the whole stream, about."""

    @property
    def content_id(self) -> str:
        """The hash of the transport file; never the same as the infohash."""
        return _hash(f"content id of {self.name}")

    @property
    def infohash(self) -> str:
        """The hash that identifies the channel in the network."""
        return _hash(f"infohash of {self.name}")

    @property
    def tvg_id(self) -> str:
        """The name the guide knows the channel by."""
        return f"{self.name.lower().replace(' ', '-')}.demo"

    @property
    def logo(self) -> str:
        """The path of the logo on the engine's own port."""
        return f"/demo/logo/{self.number}.svg"

    @property
    def frequency(self) -> int:
        """The pitch of its tone in Hz: a whole number, so that a loop of it has no click.

        Each further audio track is an octave above the one before.
        """
        return 220 + 40 * self.number


CHANNELS: Final[tuple[Channel, ...]] = (
    Channel(number=1, name="Demo One", group="General"),
    Channel(number=2, name="Demo Two", group="General"),
    Channel(number=3, name="Demo Three", group="General", audio="mp2"),
    Channel(number=4, name="Demo Four", group="General", audio="ac3"),
    Channel(number=5, name="Demo News", group="News"),
    Channel(number=6, name="Demo News World", group="News", audio="mp2"),
    Channel(number=7, name="Demo Weather", group="News", bitrate=1_000_000),
    Channel(number=8, name="Demo Sport 1", group="Sport", bitrate=1_500_000),
    Channel(number=9, name="Demo Sport 2", group="Sport", audio="mp2", bitrate=1_500_000),
    Channel(number=10, name="Demo Sport 3", group="Sport", audio="ac3", bitrate=1_500_000),
    Channel(number=11, name="Demo Sport HEVC", group="Sport", video="libx265", bitrate=500_000),
    Channel(number=12, name="Demo Cinema", group="Films", audio="ac3"),
    Channel(number=13, name="Demo Classics", group="Films", audio="mp2"),
    Channel(number=14, name="Demo Nature", group="Documentaries"),
    Channel(number=15, name="Demo History", group="Documentaries", audio="mp2"),
    Channel(number=16, name="Demo Kids", group="Children"),
    Channel(number=17, name="Demo Radio", group="Radio", video=None, bitrate=128_000),
    Channel(number=18, name="Demo Dead", group="Trouble", kind="dead"),
    Channel(number=19, name="Demo Premium", group="Trouble", kind="premium"),
    Channel(number=20, name="Demo Film", group="On demand", kind="vod"),
    Channel(number=21, name="Demo Bilingual", group="General", languages=("eng", "spa")),
)
