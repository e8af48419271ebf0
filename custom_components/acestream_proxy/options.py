"""The options: what the form asks for, and what the proxy is told.

All of them count from now on and cut nobody's stream.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.const import UnitOfTime
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)
import voluptuous as vol

from .const import (
    CONF_ADVANCED,
    CONF_AUDIO_LANGUAGE,
    CONF_CONNECT_TIMEOUT,
    CONF_DROP_AFTER,
    CONF_LINGER,
    CONF_LOW_LATENCY,
    CONF_START_TIMEOUT,
    CONF_STREAMS,
    CONF_STREAMS_PER_ENGINE,
    CONF_VIEWERS,
)
from .proxy import Proxy, ProxyOptions

_DEFAULTS: Final = ProxyOptions()


def _number(least: int, most: int, unit: str | None = None) -> NumberSelector:
    """Return a field for a whole number."""
    config = NumberSelectorConfig(min=least, max=most, step=1, mode=NumberSelectorMode.BOX)
    if unit:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def _seconds(least: int, most: int) -> NumberSelector:
    return _number(least, most, UnitOfTime.SECONDS)


# A stream that lingers longer keeps its engine busy for nobody; a player that is given less time
# to read is cut for a short fault of its network. Home Assistant has 2,048 descriptors, of which a
# viewer takes one; a stream takes up to 32 MB of memory. Players themselves wait for a minute.
OPTIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_LOW_LATENCY, default=True): BooleanSelector(),
        vol.Optional(CONF_AUDIO_LANGUAGE): TextSelector(),
        # The web UI always sends it; scripts need not.
        vol.Required(CONF_ADVANCED, default=dict): section(
            vol.Schema(
                {
                    vol.Required(CONF_LINGER, default=_DEFAULTS.linger): _seconds(0, 300),
                    vol.Required(CONF_DROP_AFTER, default=_DEFAULTS.drop_after): _seconds(5, 300),
                    vol.Required(CONF_VIEWERS, default=_DEFAULTS.limits.viewers): _number(1, 1000),
                    vol.Required(CONF_STREAMS, default=_DEFAULTS.limits.streams): _number(1, 100),
                    vol.Optional(CONF_STREAMS_PER_ENGINE): _number(1, 100),
                    vol.Required(
                        CONF_CONNECT_TIMEOUT, default=_DEFAULTS.engine.connect_timeout
                    ): _seconds(1, 30),
                    vol.Required(
                        CONF_START_TIMEOUT, default=_DEFAULTS.engine.start_timeout
                    ): _seconds(5, 60),
                }
            ),
            {"collapsed": True},
        ),
    }
)


def adjust(proxy: Proxy, options: Mapping[str, Any], otherwise: ProxyOptions) -> None:
    """Have a proxy behave as the user wants it, and as `otherwise` where they did not say."""
    given = options.get(CONF_ADVANCED, {})
    limits, engine = otherwise.limits, otherwise.engine
    proxy.adjust(
        linger=given.get(CONF_LINGER, otherwise.linger),
        drop_after=given.get(CONF_DROP_AFTER, otherwise.drop_after),
        limits=replace(
            limits,
            viewers=given.get(CONF_VIEWERS, limits.viewers),
            streams=given.get(CONF_STREAMS, limits.streams),
            streams_per_engine=given.get(CONF_STREAMS_PER_ENGINE, limits.streams_per_engine),
        ),
        engine=replace(
            engine,
            connect_timeout=given.get(CONF_CONNECT_TIMEOUT, engine.connect_timeout),
            start_timeout=given.get(CONF_START_TIMEOUT, engine.start_timeout),
        ),
    )
