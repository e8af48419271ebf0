"""The options: the form, and that each counts from now on while somebody watches."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.acestream_proxy.const import (
    CONF_ADVANCED,
    CONF_AUDIO_LANGUAGE,
    CONF_LOW_LATENCY,
    CONF_STREAMS,
    CONF_STREAMS_PER_ENGINE,
    CONF_VIEWERS,
)
from custom_components.acestream_proxy.proxy import Proxy
from demo import CHANNELS, EmulatedEngine

from .common import STREAM, catch_up, play
from .test_config_flow import suggestions

type Result = dict[str, Any]

DEFAULTS = {
    "linger": 10,
    "drop_after": 30,
    "viewers": 250,
    "streams": 32,
    "connect_timeout": 5,
    "start_timeout": 15,
}
THREE = f"/ace/getstream?id={CHANNELS[2].content_id}"


async def change_options(
    hass: HomeAssistant, entry: MockConfigEntry, *inputs: Result
) -> list[Result]:
    """Fill in the form of the options once or more; return what it was each time, and the end."""
    options = hass.config_entries.options
    results = [await options.async_init(entry.entry_id)]
    results += [
        await options.async_configure(results[0]["flow_id"], {CONF_ADVANCED: {}, **user_input})
        for user_input in inputs
    ]
    await hass.async_block_till_done()
    return [dict(result) for result in results]


# The form -----------------------------------------------------------------------------------------


async def test_the_proxy_has_a_language_until_it_is_taken_away(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """The form begins with what it is, and an error changes nothing."""
    wrong = {CONF_LOW_LATENCY: False, CONF_AUDIO_LANGUAGE: "español"}
    right = {CONF_LOW_LATENCY: False, CONF_AUDIO_LANGUAGE: "spa"}

    form, refused, _ = await change_options(hass, config_entry, wrong, right)
    assert form["type"] is FlowResultType.FORM
    assert suggestions(form) == {}
    assert refused["errors"] == {CONF_AUDIO_LANGUAGE: "invalid_language"}
    assert suggestions(refused) == wrong
    assert config_entry.options == {**right, CONF_ADVANCED: DEFAULTS}

    form, result = await change_options(hass, config_entry, {})
    assert suggestions(form) == right
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert config_entry.options == {CONF_LOW_LATENCY: True, CONF_ADVANCED: DEFAULTS}


async def test_script_need_not_say_anything_of_advanced_options(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """They are then what they are without the user."""
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    result = await options.async_configure(form["flow_id"], {CONF_LOW_LATENCY: False})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {CONF_LOW_LATENCY: False, CONF_ADVANCED: DEFAULTS}


async def test_advanced_options_are_whole_numbers_and_shown_again(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """Folded up, as hardly anybody needs them; a limit may be taken away."""
    given = {CONF_ADVANCED: {CONF_STREAMS_PER_ENGINE: 3.0, CONF_STREAMS: 7.0}}
    form, _ = await change_options(hass, config_entry, given)
    assert form["data_schema"].schema[CONF_ADVANCED].options == {"collapsed": True}
    kept = config_entry.options[CONF_ADVANCED]
    assert kept == {**DEFAULTS, CONF_STREAMS_PER_ENGINE: 3, CONF_STREAMS: 7}
    assert {type(number) for number in kept.values()} == {int}

    form, _ = await change_options(hass, config_entry, {})
    inner = form["data_schema"].schema[CONF_ADVANCED].schema.schema
    shown = {str(key): key.description["suggested_value"] for key in inner if key.description}
    assert shown == kept
    assert config_entry.options[CONF_ADVANCED] == DEFAULTS


@pytest.mark.parametrize(
    ("option", "least", "most"),
    [
        ("linger", 0, 300),
        ("drop_after", 5, 300),
        ("viewers", 1, 1000),
        ("streams", 1, 100),
        ("streams_per_engine", 1, 100),
        ("connect_timeout", 1, 30),
        ("start_timeout", 5, 60),
    ],
)
async def test_advanced_options_are_bounded(
    option: str, least: int, most: int, hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """By what a proxy and its players bear."""
    for number in (least, most):
        await change_options(hass, config_entry, {CONF_ADVANCED: {option: number}})
        assert config_entry.options[CONF_ADVANCED][option] == number
    for number in (least - 1, most + 1):
        with pytest.raises(InvalidData):
            await change_options(hass, config_entry, {CONF_ADVANCED: {option: number}})


# What they do -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "look", "expected"),
    [
        pytest.param({CONF_LOW_LATENCY: False}, lambda it: it.low_latency, False, id="latency"),
        pytest.param(
            {CONF_AUDIO_LANGUAGE: "spa"}, lambda it: it.audio_language, "spa", id="language"
        ),
        *(
            pytest.param({CONF_ADVANCED: {option: 17}}, look, 17, id=option)
            for option, look in (
                ("linger", lambda it: it.hub.linger),
                ("drop_after", lambda it: it.drop_after),
                ("viewers", lambda it: it.audience.limits.viewers),
                ("streams", lambda it: it.hub.most),
                ("streams_per_engine", lambda it: it.limits.streams_per_engine),
                ("connect_timeout", lambda it: engine_options(it).connect_timeout),
                ("start_timeout", lambda it: engine_options(it).start_timeout),
            )
        ),
    ],
)
async def test_an_option_counts_from_now_on_and_nobody_is_cut(
    given: Result,
    look: Callable[[Proxy], object],
    expected: object,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    engine: EmulatedEngine,
    hass_client: ClientSessionGenerator,
) -> None:
    """It is the same proxy, with the same stream."""
    proxy = entry.runtime_data.proxy
    viewer = await play(await hass_client())
    assert look(proxy) != expected

    await change_options(hass, entry, given)

    assert entry.runtime_data.proxy is proxy
    assert look(proxy) == expected
    await catch_up(viewer)
    assert (engine.starts, engine.stops) == (1, 0)


def engine_options(proxy: Proxy) -> Any:
    """Return how the engine is talked to."""
    (engine,) = proxy.engines
    return engine.client.options


async def test_options_count_from_the_start(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """Not only once they are changed."""
    hass.config_entries.async_update_entry(
        config_entry, options={CONF_ADVANCED: {CONF_VIEWERS: 3, CONF_STREAMS_PER_ENGINE: 2}}
    )
    await hass.config_entries.async_setup(config_entry.entry_id)
    limits = config_entry.runtime_data.proxy.limits
    assert (limits.viewers, limits.streams, limits.streams_per_engine) == (3, 32, 2)
    await hass.config_entries.async_unload(config_entry.entry_id)


async def test_lower_limits_refuse_the_next_one_only(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Two watch on where one may."""
    client = await hass_client()
    viewers = [await play(client), await play(client)]

    await change_options(hass, entry, {CONF_ADVANCED: {CONF_VIEWERS: 1}})

    assert (await client.get(STREAM)).status == 503
    for viewer in viewers:
        await catch_up(viewer)
    await change_options(hass, entry, {CONF_ADVANCED: {CONF_STREAMS_PER_ENGINE: 1}})
    assert (await client.get(THREE)).status == 503
    await change_options(hass, entry, {})
    await play(client, THREE)
