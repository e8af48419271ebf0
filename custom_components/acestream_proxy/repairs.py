"""Mends what is wrong: looks again once the user says that it is in order; see `troubles`."""

from abc import abstractmethod
from typing import Final, override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import voluptuous as vol

from .const import DOMAIN
from .coordinator import AceStreamProxyConfigEntry
from .troubles import Trouble, async_find_ffmpeg


class _LookAgain(RepairsFlow):
    """Asks whether it is in order now, until it is."""

    still_wrong: str
    """What the user is told if it is not."""

    async def async_step_init(self, _: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Look again once the user says so."""
        if user_input is not None and await self.async_look():
            return self.async_create_entry(data={})
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            errors={"base": self.still_wrong} if user_input is not None else {},
            description_placeholders=issue.translation_placeholders if issue else None,
        )

    @abstractmethod
    async def async_look(self) -> bool:
        """Return whether it is in order now."""


class FindEngine(_LookAgain):
    """Asks the engines again, and has the proxy set up if it waits for them."""

    still_wrong = "no_answer"

    @override
    async def async_look(self) -> bool:
        entry: AceStreamProxyConfigEntry
        # An app that the user ignores is an entry, too, though of no use here.
        for entry in self.hass.config_entries.async_entries(DOMAIN, include_ignore=False):
            if entry.state is ConfigEntryState.LOADED:
                await entry.runtime_data.engines.async_refresh()
                return any(engine.reachable for engine in entry.runtime_data.engines.data.values())
            return await self.hass.config_entries.async_reload(entry.entry_id)
        return True


class FindFfmpeg(_LookAgain):
    """Looks for ffmpeg; what starts from then on has it."""

    still_wrong = "not_found"

    @override
    async def async_look(self) -> bool:
        ffmpeg = await async_find_ffmpeg(self.hass)
        entry: AceStreamProxyConfigEntry
        for entry in self.hass.config_entries.async_loaded_entries(DOMAIN):
            entry.runtime_data.proxy.ffmpeg = ffmpeg
        return ffmpeg is not None


_FLOWS: Final[dict[str, type[_LookAgain]]] = {
    Trouble.NO_ENGINE_ANSWERS: FindEngine,
    Trouble.FFMPEG_MISSING: FindFfmpeg,
}


async def async_create_fix_flow(
    hass: HomeAssistant,  # noqa: ARG001
    issue_id: str,
    data: dict[str, str | int | float | None] | None,  # noqa: ARG001
) -> RepairsFlow:
    """Return what mends an issue."""
    return _FLOWS[issue_id]()
