"""The integration in a Home Assistant that runs, by its forms, as a user fills them in."""

from collections.abc import Mapping, Sequence
import json
from typing import Any, Final

from .channels import Channel
from .home import Home

DOMAIN: Final = "acestream_proxy"

LIST: Final = "Demo list"
GUIDE: Final = "Demo guide"
VIEWER: Final = "Kids' TV"
_MOST_STREAMS: Final = 2

_FLOWS: Final = "/api/config/config_entries"
_SUBENTRIES: Final = f"{_FLOWS}/subentries/flow"


class Forms:
    """What a user can set up and change."""

    def __init__(self, home: Home) -> None:
        """Take the Home Assistant."""
        self._home = home

    async def set_up(
        self, engine_url: str, favourites: Sequence[Channel], *, with_lineup: bool = False
    ) -> None:
        """Add the integration with an engine and favourites, unless the folder has them.

        A lineup is the engine's list of all channels, its guide, and a viewer.
        """
        marker = self._home.folder / "set-up.json"
        wanted = json.dumps([engine_url, [one.content_id for one in favourites], with_lineup])
        if marker.exists() and marker.read_text() == wanted and await self.entries():
            return
        for entry in await self.entries():
            await self._home.request("DELETE", f"{_FLOWS}/entry/{entry['entry_id']}")
        await self.fill(f"{_FLOWS}/flow", DOMAIN, {"url": engine_url})
        for channel in favourites:
            await self.add_favourite(channel, engine_url)
        if with_lineup:
            await self.add_list(LIST, f"{engine_url}/demo/playlist.m3u")
            await self.add_guide(GUIDE, f"{engine_url}/demo/guide.xml")
            await self.add_viewer(VIEWER, most_streams=_MOST_STREAMS)
        marker.write_text(wanted)

    async def add_favourite(self, channel: Channel, engine_url: str) -> None:
        """Fill in the form of a channel; once there are lists, a menu is in front of it."""
        logo = engine_url + channel.logo
        form = {"name": channel.name, "content": channel.content_id, "logo": logo}
        await self._add("channel", form)

    async def add_list(self, name: str, url: str, **wanted: Sequence[str]) -> None:
        """Fill in the form of a list of channels, and which of them are wanted."""
        await self._add("playlist", {"name": name, "url": url, **wanted})

    async def add_guide(self, name: str, url: str) -> None:
        """Fill in the form of a guide."""
        await self._add("guide", {"name": name, "url": url})

    async def add_viewer(self, name: str, *, most_streams: int) -> None:
        """Fill in the form of a viewer, and say that its addresses were seen."""
        await self._add("viewer", {"name": name, "most_streams": most_streams, "enabled": True}, {})

    async def remove(self, title: str) -> None:
        """Remove what was added under a title."""
        found = await self._find(title)
        which = {key: found[key] for key in ("entry_id", "subentry_id")}
        await self.ask({"type": "config_entries/subentries/delete", **which})

    async def addresses(self) -> dict[str, dict[str, str]]:
        """Return what to fill in in an app, by viewer: it is above the form that changes one."""
        found = {}
        for subentry in await self.subentries():
            if subentry["subentry_type"] == "viewer":
                flow = await self._change(subentry)
                found[subentry["title"]] = flow["description_placeholders"]
                await self._home.request("DELETE", f"{_SUBENTRIES}/{flow['flow_id']}")
        return found

    async def change_channel(self, channel: Channel, changes: Mapping[str, object]) -> None:
        """Fill in the form of a channel that is there, with something different."""
        flow = await self._change(await self._find(channel.name))
        form = {"name": channel.name, "content": channel.content_id, **changes}
        await self._home.request("POST", f"{_SUBENTRIES}/{flow['flow_id']}", json=form)

    async def change_options(self, options: Mapping[str, object]) -> None:
        """Fill in the form of the proxy's options."""
        (entry,) = await self.entries()
        await self.fill(f"{_FLOWS}/options/flow", entry["entry_id"], options)

    async def ask(self, message: Mapping[str, object]) -> Any:
        """Return the result of a command of the websocket."""
        async with self._home.session.ws_connect("/api/websocket") as socket:
            await socket.receive_json()
            token = self._home.tokens["access_token"]
            await socket.send_json({"type": "auth", "access_token": token})
            await socket.receive_json()
            await socket.send_json({"id": 1, **message})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise self._home.error(f"{message['type']}: {json.dumps(answer)}")
        return answer["result"]

    async def entries(self) -> list[dict[str, Any]]:
        """Return the integration's entries."""
        found: list[dict[str, Any]] = await self._home.request(
            "GET", f"{_FLOWS}/entry?domain={DOMAIN}"
        )
        return found

    async def subentries(self) -> list[dict[str, Any]]:
        """Return what was added to the proxy, each with the entry that it is part of."""
        (entry,) = await self.entries()
        part = {"entry_id": entry["entry_id"]}
        found = await self.ask({"type": "config_entries/subentries/list", **part})
        return [one | part for one in found]

    async def fill(self, path: str, handler: object, *forms: Mapping[str, object]) -> None:
        """Begin a flow and fill its forms in, one after the other."""
        flow = await self._home.request("POST", path, json={"handler": handler})
        for form in forms:
            done = await self._home.request("POST", f"{path}/{flow['flow_id']}", json=form)
        if done["type"] != "create_entry":
            raise self._home.error(f"flow of {handler} with {forms}: {json.dumps(done)}")

    async def _add(self, kind: str, *forms: Mapping[str, object]) -> None:
        (entry,) = await self.entries()
        await self.fill(_SUBENTRIES, [entry["entry_id"], kind], *forms)

    async def _change(self, subentry: Mapping[str, Any]) -> dict[str, Any]:
        """Begin to change what was added."""
        begin = {
            "handler": [subentry["entry_id"], subentry["subentry_type"]],
            "subentry_id": subentry["subentry_id"],
        }
        flow: dict[str, Any] = await self._home.request("POST", _SUBENTRIES, json=begin)
        return flow

    async def _find(self, title: str) -> dict[str, Any]:
        """Return what was added under a title."""
        (found,) = (one for one in await self.subentries() if one["title"] == title)
        return found
