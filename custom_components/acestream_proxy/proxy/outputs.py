"""Broadcasts as HLS: one output for each, for as long as anybody asks for it.

    Hub ──Broadcast──┬──────────────────────────────▶ HlsOutput
                     └─▶ Transcoder ──▶ Broadcast ──▶ HlsOutput

HLS is for browsers and what is built like them, so it is made of what those decode, and of the
sound that is wished: where the stream is something else it goes through ffmpeg first, once for each
channel, whoever watches. The broadcast as it is keeps its one session with the engine.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
import logging
from time import time
from typing import Final

from .audience import Audience, Guest
from .broadcast import Broadcast, BroadcastOptions, Hub, Spawn, Upstream
from .content import ContentKey
from .errors import ProxyError, StreamError, UndecodableError
from .hls import HlsOptions, HlsOutput, Place
from .transcode import ChannelOptions, Encoders, Transcoder, recipe_for, unplayable_video

_LOGGER = logging.getLogger(__name__)

# The option is called what the form of a channel calls it.
_NOT_ASKED_FOR: Final = (
    "It plays here once “Transcode video for browsers” is on in the channel's settings; VLC and "
    "Kodi play it as it is."
)
_NO_FFMPEG: Final = "There is no ffmpeg here to transcode it; VLC and Kodi play it as it is."

# Of how many outputs it is remembered where they have ended: more than are paused in an evening,
# and a bound for whoever asks for ever new ones.
_MOST_PLACES: Final = 1000

type _VariantKey = tuple[ContentKey, ChannelOptions]
"""A variant is for what is wished of its channel: who wishes something else gets another one."""


class HlsOutputs:
    """The outputs that run."""

    def __init__(
        self,
        hub: Hub[ContentKey],
        audience: Audience,
        *,
        options: HlsOptions,
        broadcast_options: BroadcastOptions,
        channel_options: Callable[[ContentKey], ChannelOptions],
        ffmpeg: str | None,
        linger: float,
        spawn: Spawn,
        on_change: Callable[[], None],
    ) -> None:
        """Cut what `hub` broadcasts; `ffmpeg` is its path, or None where there is none.

        `channel_options` is asked whenever an output starts.
        """
        self._hub = hub
        self._audience = audience
        self.options = options
        """How HLS is cut; what is set later is for outputs that begin later."""
        self._broadcast_options = broadcast_options
        self._channel_options = channel_options
        self.ffmpeg = ffmpeg
        self._spawn = spawn
        self._on_change = on_change
        self._outputs: dict[ContentKey, HlsOutput] = {}
        self._places: dict[ContentKey, Place] = {}  # where outputs that have ended were
        self.variants = Hub(self._make_variant, spawn=spawn, linger=linger, on_change=on_change)
        """Broadcasts that were made for browsers."""

    @property
    def ffmpeg(self) -> str | None:
        """The path of ffmpeg; what is set later is for variants that begin later."""
        return self._ffmpeg

    @ffmpeg.setter
    def ffmpeg(self, path: str | None) -> None:
        self._ffmpeg = path
        self._encoders = Encoders(path or "ffmpeg")

    def is_watching(self, key: ContentKey, play: str) -> bool:
        """Return whether somebody watches a broadcast as HLS, by the token of their play."""
        output = self._outputs.get(key)
        return output is not None and output.knows(play)

    def open(self, key: ContentKey, play: str, guest: Guest) -> HlsOutput:
        """Return a broadcast as HLS, starting it if nobody watches; note that a guest asked.

        Raises:
            LimitReachedError: They are new, and there are too many viewers.
        """
        if output := self.running(key, play, guest):
            return output
        # Before anything is started for them.
        leave = self._audience.enter(replace(guest, content=key))
        now, clock = asyncio.get_running_loop().time(), time()
        place = self._places.get(key, Place()).at(clock)
        output = self._outputs[key] = HlsOutput(self.options, now, place=place, epoch=clock - now)
        output.saw(play, now, lambda: leave)
        task = self._spawn(self._show(key, output), f"hls {key.slug}")
        task.add_done_callback(lambda _: self._end(key, output))
        return output

    def running(self, key: ContentKey, play: str, guest: Guest) -> HlsOutput | None:
        """Return a broadcast as HLS if it runs; note that a guest asked, but start nothing.

        Raises:
            LimitReachedError: They are new, and there are too many viewers.
        """
        if output := self._outputs.get(key):
            now = asyncio.get_running_loop().time()
            output.saw(play, now, lambda: self._audience.enter(replace(guest, content=key)))
        return output

    def variant_viewers(self, key: ContentKey) -> int:
        """Return how many watch a broadcast as something else than it came as."""
        return sum(one.stats().viewers for (content, _), one in self.variants if content == key)

    @asynccontextmanager
    async def playable(self, key: ContentKey) -> AsyncIterator[Broadcast]:
        """Keep a broadcast running while inside, as something that browsers play.

        Raises:
            ProxyError: It could not be started, or browsers cannot decode the picture.
        """
        async with self._hub.watch(key) as broadcast, AsyncExitStack() as stack:
            yield await self._make_playable(key, broadcast, stack)

    def end(self, key: ContentKey) -> None:
        """End what a broadcast is shown as, which would start it again otherwise."""
        for variant, _ in self.variants:
            if variant[0] == key:
                self.variants.stop_one(variant)

    async def stop(self) -> None:
        """End the variants; outputs end with what feeds them."""
        await self.variants.stop()

    async def _show(self, key: ContentKey, output: HlsOutput) -> None:
        """Feed an output as long as anybody asks for it."""
        try:
            async with self.playable(key) as playable:
                await self._feed(output, playable)
        except ProxyError as error:
            output.close(error)
        finally:
            self._end(key, output)

    async def _make_playable(
        self, key: ContentKey, broadcast: Broadcast, stack: AsyncExitStack
    ) -> Broadcast:
        """Return a broadcast that browsers play, with the sound wished for, or else as it is.

        Raises:
            ProxyError: Browsers cannot decode the picture, and nothing makes it into another one.
        """
        options = self._channel_options(key)
        unplayable = unplayable_video(broadcast.program)
        if unplayable and not (self._ffmpeg and options.transcode_video):
            raise UndecodableError(
                f"The picture of this channel is {unplayable}, which browsers cannot decode. "
                f"{_NOT_ASKED_FOR if self._ffmpeg else _NO_FFMPEG}"
            )
        recipe = recipe_for(broadcast.program, broadcast.picture, options)
        if self._ffmpeg and recipe.is_needed:
            try:
                return await stack.enter_async_context(self.variants.watch((key, options)))
            except ProxyError as error:
                if unplayable:
                    raise
                # A picture without sound is better than nothing.
                _LOGGER.warning("Not made for browsers, so played as it is: %s", error)
        return broadcast

    async def _feed(self, output: HlsOutput, broadcast: Broadcast) -> None:
        """Cut a broadcast into segments until it is over or the last viewer has left."""
        loop = asyncio.get_running_loop()
        unsubscribe = broadcast.subscribe(output)
        try:
            while not output.over.is_set():
                due = output.forget_idle(loop.time())
                self._on_change()
                if due <= loop.time():
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due):
                        await output.over.wait()
        finally:
            unsubscribe()

    def _end(self, key: ContentKey, output: HlsOutput) -> None:
        """Forget an output; also called for one whose task was cancelled before its first step."""
        output.close(None)
        if self._outputs.get(key) is output:
            del self._outputs[key]
            self._places.pop(key, None)
            self._places[key] = output.place
            if len(self._places) > _MOST_PLACES:
                del self._places[next(iter(self._places))]

    def _make_variant(self, key: _VariantKey) -> Broadcast:
        """Return a broadcast that browsers play, fed by the one as it is."""
        content, options = key

        @asynccontextmanager
        async def open_upstream() -> AsyncIterator[Upstream]:
            async with self._hub.watch(content) as source:
                # Anew each time: after a break it may be another stream.
                recipe = recipe_for(source.program, source.picture, options)
                encoder = await self._encoders.best() if recipe.encode_video else None
                async with Transcoder(self._ffmpeg or "ffmpeg", recipe, encoder) as transcoder:
                    unsubscribe = source.subscribe(transcoder.input)
                    try:
                        yield transcoder
                    except StreamError:
                        if encoder and transcoder.is_fruitless:
                            self._encoders.distrust(encoder)
                        raise
                    finally:
                        unsubscribe()
                        transcoder.input.leave()

        return Broadcast(
            open_upstream,
            name=f"For browsers {content.value}",
            options=self._broadcast_options,
            on_change=self._on_change,
        )
