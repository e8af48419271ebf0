"""A list of channels as IPTV providers have them, and a guide for it: long, and always the same."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Final

_COUNTRIES: Final = ("ES", "UK", "DE", "FR", "IT", "PT", "PL", "RU", "US", "AR", "TR", "RO", "GR")
_KINDS: Final = ("Deportes", "News", "Cinéma", "Kids", "Musik", "Documentales", "Regional", "Série")
_FIRST: Final = (
    "Arena", "Boxeo", "Canal", "Discovery", "Eurosport", "Fox", "Globo", "History", "Premier",
    "La Liga", "Movistar", "National", "Óscar", "Polsat", "RTL", "Sky", "Télé", "TNT", "Viasat",
)  # fmt: skip
_SECOND: Final = ("Action", "Max", "Noticias", "One", "Plus", "Größe", "Sports", "Crime", "Gold")
_QUALITIES: Final = ("", "", " HD", " FHD", " 4K", " SD", " [1080p]", " HEVC", " ᴴᴰ", " (backup)")

_GROUPS: Final = 400

# What a guide has of a channel, and how much of the list it knows.
_SLOT: Final = timedelta(minutes=30)
_SLOTS: Final = 10
_IN_GUIDE: Final = 0.3

# In every third entry, one that was there before is had from elsewhere.
_MIRRORS: Final = 1 / 3
# Half of the addresses are of AceStream content, half of streams.
_CONTENT: Final = 0.5


def write_list(path: Path, size: int, *, seed: int = 1, has_groups: bool = True) -> None:
    """Write a list with so many entries; the seed is what tells lists apart."""
    random = Random(seed)  # noqa: S311 - nobody has to guess
    entries: list[tuple[str, str, str]] = []
    with path.open("w") as file:
        file.write('#EXTM3U url-tvg="http://guides.example/guide.xml"\n')
        for index in range(size):
            if entries and random.random() < _MIRRORS:
                name, group, known_as = random.choice(entries)
            else:
                name, group, known_as = _entry(random, index)
                entries.append((name, group, known_as))
            quality = random.choice(_QUALITIES)
            title = f' group-title="{group}"' if has_groups else ""
            file.write(
                f'#EXTINF:-1 tvg-id="{known_as}" tvg-name="{name}" '
                f'tvg-logo="http://logos.provider.example/images/channels/{index % 20000}.png"'
                f"{title},{name}{quality}\n{_address(random, index)}\n"
            )


def write_guide(path: Path, size: int, now: float) -> None:
    """Write a guide for a list of so many entries, around a Unix time."""
    begin = datetime.fromtimestamp(now, UTC) - 2 * _SLOT
    with path.open("w") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<tv>\n')
        for number in range(int(size * _IN_GUIDE)):
            file.write(f'<channel id="{number}.example">')
            file.write(f"<display-name>Channel {number}</display-name></channel>\n")
            for slot in range(_SLOTS):
                start, stop = (
                    f"{begin + one * _SLOT:%Y%m%d%H%M%S} +0000" for one in (slot, slot + 1)
                )
                file.write(
                    f'<programme channel="{number}.example" start="{start}" stop="{stop}">'
                    f"<title>Programme {slot}</title></programme>\n"
                )
        file.write("</tv>\n")


def _entry(random: Random, index: int) -> tuple[str, str, str]:
    """Return a name, its group and what guides call it; few groups are large, most are small."""
    number = int(_GROUPS * random.random() ** 2)
    country, kind = _COUNTRIES[number % len(_COUNTRIES)], _KINDS[number % len(_KINDS)]
    words = f"{random.choice(_FIRST)} {random.choice(_SECOND)} {random.randrange(1, 1000)}"
    known_as = f"{index}.example" if random.random() < 0.6 else ""
    return f"{country}: {words}", f"{country} | {kind} {number}", known_as


def _address(random: Random, index: int) -> str:
    if random.random() < _CONTENT:
        return f"acestream://{blake2b(index.to_bytes(4), digest_size=20).hexdigest()}"
    return f"http://line.provider.example:8080/live/user1234/password5678/{index}.ts"
