"""Finds the channel a request names; some of the ways have to be learnt first."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from .channels import Channel

SELECTORS = ("content_id", "id", "infohash", "url", "magnet")


class Catalogue:
    """The channels the engine can find in its network."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        """Take the channels there are."""
        self.channels = tuple(channels)
        self._by_infohash = {channel.infohash: channel for channel in channels}
        self._by_content_id = {channel.content_id: channel for channel in channels}
        self._learnt: dict[str, Channel] = {}

    def find(self, query: Mapping[str, str]) -> Channel | None:
        """Return the channel of the first selector there is."""
        name = selector(query)
        if name is None:
            return None
        value = query[name].lower()
        if name in ("content_id", "id"):
            return self._by_content_id.get(value) or self._learnt.get(value)
        if name == "infohash":
            return self._by_infohash.get(value)
        if name == "magnet":
            topic = parse_qs(urlsplit(value).query).get("xt", [""])[0]
            return self._by_infohash.get(topic.removeprefix("urn:btih:"))
        return self._of_transport_file(value)

    def learn(self, channel: Channel) -> None:
        """From now on an infohash works as a content ID too, as it does once loaded."""
        self._learnt[channel.infohash] = channel

    def forget(self) -> None:
        """Forget what was learnt."""
        self._learnt.clear()

    def _of_transport_file(self, url: str) -> Channel | None:
        """Return the channel of a transport file's URL: the one whose hash is in it."""
        for channel in self.channels:
            if channel.content_id in url or channel.infohash in url:
                return channel
        return None


def selector(query: Mapping[str, str]) -> str | None:
    """Return the name of the selector that counts, or None if there is none."""
    return next((name for name in SELECTORS if query.get(name)), None)
