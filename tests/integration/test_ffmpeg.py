"""Whether there is an ffmpeg, which browsers need for the sound of many channels."""

from types import SimpleNamespace

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.acestream_proxy import troubles
from custom_components.acestream_proxy.const import DOMAIN

ISSUE = (DOMAIN, "ffmpeg_missing")


async def test_missing_ffmpeg_is_a_repair_issue_until_there_is_one(
    hass: HomeAssistant, config_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy is set up all the same."""
    issues = ir.async_get(hass)
    monkeypatch.setattr(troubles, "which", lambda _: None)
    assert await hass.config_entries.async_setup(config_entry.entry_id)
    missing = issues.async_get_issue(*ISSUE)

    monkeypatch.setattr(troubles, "which", lambda binary: f"/somewhere/{binary}")
    assert await hass.config_entries.async_reload(config_entry.entry_id)

    assert missing is not None
    assert missing.is_fixable
    assert config_entry.runtime_data.proxy.ffmpeg == "/somewhere/ffmpeg"
    assert issues.async_get_issue(*ISSUE) is None


async def test_ffmpeg_that_home_assistant_knows_is_the_one(
    hass: HomeAssistant, config_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have set up another one than that on the path."""
    looked_for: list[str] = []
    monkeypatch.setattr(troubles, "which", looked_for.append)
    hass.data["ffmpeg"] = SimpleNamespace(binary="/opt/ffmpeg")

    assert await hass.config_entries.async_setup(config_entry.entry_id)

    assert looked_for == ["/opt/ffmpeg"]
