"""The integration in a Home Assistant that runs, by its forms, as a user fills them in."""

from collections.abc import Mapping, Sequence
import json
from typing import Any, Final

from .channels import Channel
from .home import Home

DOMAIN: Final = "acestream_proxy"

_FLOWS: Final = "/api/config/config_entries"


class Forms:
    """What a user can set up and change."""

    def __init__(self, home: Home) -> None:
        """Take the Home Assistant."""
        self._home = home

    async def set_up(self, engine_url: str, channels: Sequence[Channel]) -> None:
        """Add the integration with an engine and channels, unless the folder has them."""
        marker = self._home.folder / "set-up.json"
        wanted = json.dumps([engine_url, [channel.content_id for channel in channels]])
        if marker.exists() and marker.read_text() == wanted and await self.entries():
            return
        for entry in await self.entries():
            await self._home.request("DELETE", f"{_FLOWS}/entry/{entry['entry_id']}")
        flow = await self.fill(f"{_FLOWS}/flow", DOMAIN, {"url": engine_url})
        for channel in channels:
            form = {
                "name": channel.name,
                "content": channel.content_id,
                "logo": engine_url + channel.logo,
            }
            handler = [flow["result"]["entry_id"], "channel"]
            await self.fill(f"{_FLOWS}/subentries/flow", handler, form)
        marker.write_text(wanted)

    async def change_channel(self, channel: Channel, changes: Mapping[str, object]) -> None:
        """Fill in the form of a channel that is there, with something different."""
        (entry,) = await self.entries()
        found: list[dict[str, Any]] = await self.ask(
            {"type": "config_entries/subentries/list", "entry_id": entry["entry_id"]}
        )
        (subentry,) = (one for one in found if one["title"] == channel.name)
        path = f"{_FLOWS}/subentries/flow"
        begin = {
            "handler": [entry["entry_id"], "channel"],
            "subentry_id": subentry["subentry_id"],
        }
        flow = await self._home.request("POST", path, json=begin)
        form = {"name": channel.name, "content": channel.content_id, **changes}
        await self._home.request("POST", f"{path}/{flow['flow_id']}", json=form)

    async def add_list(self, name: str, url: str) -> None:
        """Fill in the form of a list of channels."""
        (entry,) = await self.entries()
        handler = [entry["entry_id"], "playlist"]
        await self.fill(f"{_FLOWS}/subentries/flow", handler, {"name": name, "url": url})

    async def change_options(self, options: Mapping[str, object]) -> None:
        """Fill in the form of the proxy's options."""
        (entry,) = await self.entries()
        path = f"{_FLOWS}/options/flow"
        await self.fill(path, entry["entry_id"], options)

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

    async def fill(self, path: str, handler: object, form: Mapping[str, object]) -> dict[str, Any]:
        """Begin a flow and fill its only form in; return the entry that came of it."""
        flow = await self._home.request("POST", path, json={"handler": handler})
        done: dict[str, Any] = await self._home.request(
            "POST", f"{path}/{flow['flow_id']}", json=form
        )
        if done["type"] != "create_entry":
            raise self._home.error(f"flow of {handler} with {form}: {json.dumps(done)}")
        return done
