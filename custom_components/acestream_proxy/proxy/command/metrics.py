"""What the proxy does, as Prometheus reads it.

    Proxy.on_event, Audience.on_join ──▶ counters and histograms ─┐
    Proxy.stats, when somebody reads ──▶ gauges, and totals ──────┴─▶ registry ──▶ text

Names follow https://prometheus.io/docs/practices/naming/. Labels have few values, whatever is
watched: states, reasons, forms, and the addresses of engines. No channel, content or viewer is in
them. What is said of an engine goes with it when it is taken out of the file.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterator
from typing import Final, override

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from ..audience import DropReason, Guest
from ..broadcast import StreamState
from ..engine import EngineStats, SessionStatus
from ..events import EventKind, ProxyEvent
from ..runtime import Proxy
from ..stats import ProxyStats
from .readiness import EngineState, Readiness, state_of
from .version import VERSION

type _Of = Callable[[EngineStats], float]
"""Returns a figure of an engine."""

# Seconds. A start takes an engine some two to ten, and is given up after thirty.
_START_BUCKETS: Final = (0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60)

# Who joins what runs already waits for milliseconds, everybody else for a start.
_JOIN_BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30)

# A stream that broke is given up after ninety.
_INTERRUPTION_BUCKETS: Final = (0.5, 1, 2, 5, 10, 20, 30, 60, 90)

# What runs, and what failed within the last minute; what has stopped is gone.
_STATES: Final = tuple(state for state in StreamState if state is not StreamState.STOPPED)

# More than any engine says of itself; something else may answer at its address.
_MAX_WORDS: Final = 64


class Metrics:
    """What is counted from now on, and what is looked at when somebody reads."""

    def __init__(self, proxy: Proxy, readiness: Callable[[ProxyStats], Readiness]) -> None:
        """Listen to a proxy for as long as it lives."""
        # When each counter began is a series of its own for each of them, and nobody reads it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        """All that is to be read: ours, and what is known of every process and every Python."""
        self._events = _Events(self.registry)
        proxy.on_event(self._events.note)
        proxy.audience.on_join(self._events.note_join)
        self.registry.register(_Moment(proxy, readiness))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def text(self, accept: str) -> tuple[bytes, str]:
        """Return what there is to read, and its content type.

        `accept` is the header that says whether the reader knows OpenMetrics.
        """
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type


class _Events:
    """What happened, counted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, words: str, *labels: str) -> Counter:
            return Counter(f"acestream_proxy_{name}", words, labels, registry=registry)

        def histogram(name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(
                f"acestream_proxy_{name}", words, labels, buckets=buckets, registry=registry
            )

        ended = counter("streams_ended", "Streams that are over, by how they ended.", "how")
        recovered = counter(
            "stream_recoveries", "Interruptions that were got over, by the engine.", "engine"
        )
        self._counters: Final = {
            EventKind.STARTED: counter("streams_started", "Streams that were started."),
            EventKind.ENDED: ended.labels("stopped"),
            EventKind.FAILED: ended.labels("failed"),
            EventKind.STALLED: counter("stream_stalls", "Times that nothing came for 10 s."),
            EventKind.RECONNECTING: counter(
                "stream_reconnections", "Times that a stream broke and was opened anew."
            ),
            EventKind.RECOVERED: recovered.labels("same"),
            EventKind.MOVED: recovered.labels("another"),
            EventKind.VIEWER_JOINED: counter("viewers_joined", "Viewers that came."),
            EventKind.VIEWER_LEFT: counter(
                "viewers_left", "Viewers that left, but for dropped ones."
            ),
        }
        interruptions = histogram(
            "stream_interruption_seconds",
            "How long interruptions lasted that were got over.",
            _INTERRUPTION_BUCKETS,
        )
        self._histograms: Final = {
            EventKind.PLAYING: histogram(
                "stream_start_seconds",
                "From the start of a stream to its first picture.",
                _START_BUCKETS,
            ),
            EventKind.RECOVERED: interruptions,
            EventKind.MOVED: interruptions,
        }
        joins = histogram(
            "join_seconds",
            "From a player's request to its first bytes, or to its first playlist.",
            _JOIN_BUCKETS,
            "form",
        )
        self._joins: Final = {asks: joins.labels(_form(asks=asks)) for asks in (False, True)}

    def note(self, event: ProxyEvent) -> None:
        """Count an event."""
        if counter := self._counters.get(event.kind):
            counter.inc()
        if (histogram := self._histograms.get(event.kind)) and event.seconds is not None:
            histogram.observe(event.seconds)

    def note_join(self, guest: Guest, seconds: float) -> None:
        """Count how long a player waited."""
        self._joins[guest.asks].observe(seconds)


class _Moment(Collector):
    """What is so at the moment when somebody reads."""

    def __init__(self, proxy: Proxy, readiness: Callable[[ProxyStats], Readiness]) -> None:
        self._proxy = proxy
        self._readiness = readiness

    @override
    def collect(self) -> Iterator[Metric]:
        stats = self._proxy.stats()
        yield InfoMetricFamily(
            "acestream_proxy_build", "Which version this is.", {"version": VERSION}
        )
        ready = self._readiness(stats).ready
        yield _gauge("ready", "Whether players should be sent here: 1 or 0.", float(ready))
        yield _streams(stats)
        yield from self._audience()
        yield _total(
            "received_bytes", "Bytes from engines, of all streams ever.", stats.traffic.received
        )
        yield _total("sent_bytes", "Bytes to viewers, of all streams ever.", stats.traffic.sent)
        yield _total(
            "refused", "Viewers and streams that were one too many for the limits.", stats.refused
        )
        yield from _engines(stats)

    def _audience(self) -> Iterator[Metric]:
        seats = tuple(self._proxy.audience)
        lags = [seat.lag() for seat in seats]
        forms = Tally(_form(asks=seat.guest.asks) for seat in seats)
        viewers = GaugeMetricFamily(
            "acestream_proxy_viewers",
            "Viewers that watch, or wait for a stream to start, by form.",
            labels=["form"],
        )
        for asks in (False, True):
            viewers.add_metric([_form(asks=asks)], forms[_form(asks=asks)])
        yield viewers
        behind = sum(lag > 0 for lag in lags)
        yield _gauge("lagging_viewers", "Viewers whose connections do not keep up now.", behind)
        yield _gauge("lag_bytes", "How far the slowest viewer is behind.", max(lags, default=0))
        drops = CounterMetricFamily(
            "acestream_proxy_viewer_drops",
            "Viewers that were made to leave, by the reason.",
            labels=["reason"],
        )
        for reason in DropReason:
            drops.add_metric([reason], self._proxy.audience.drops[reason])
        yield drops


def _form(*, asks: bool) -> str:
    """Return how somebody watches: as one response, or by asking again and again."""
    return "hls" if asks else "ts"


def _plain(words: str) -> str:
    """Return what an engine says as a label can have it: half a letter cannot be encoded."""
    return "".join(letter for letter in words if letter.isprintable())[:_MAX_WORDS]


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"acestream_proxy_{name}", words, value)


def _total(name: str, words: str, value: float) -> Metric:
    return CounterMetricFamily(f"acestream_proxy_{name}", words, value)


def _streams(stats: ProxyStats) -> Metric:
    """Return how many streams there are in each state."""
    states = Tally(one.broadcast.state for one in (*stats.streams, *stats.failed))
    family = GaugeMetricFamily(
        "acestream_proxy_streams",
        "Streams that run, by state, and those that failed within the last minute.",
        labels=["state"],
    )
    for state in _STATES:
        family.add_metric([state], states[state])
    return family


def _engines(stats: ProxyStats) -> Iterator[Metric]:
    """Yield what is known of each engine, by its address."""
    about = InfoMetricFamily(
        "acestream_proxy_engine", "What engines say that they are.", labels=["engine"]
    )
    for engine in stats.engines:
        if version := engine.version:
            words = {"version": version.version, "platform": version.platform}
            about.add_metric([engine.url], {name: _plain(one) for name, one in words.items()})
    yield about

    def add(family: GaugeMetricFamily | CounterMetricFamily, of: _Of) -> Metric:
        for engine in stats.engines:
            family.add_metric([engine.url], of(engine))
        return family

    def gauge(name: str, words: str, of: _Of) -> Metric:
        name = f"acestream_proxy_engine_{name}"
        return add(GaugeMetricFamily(name, words, labels=["engine"]), of)

    def total(name: str, words: str, of: _Of) -> Metric:
        name = f"acestream_proxy_engine_{name}"
        return add(CounterMetricFamily(name, words, labels=["engine"]), of)

    def network(figure: Callable[[SessionStatus], float]) -> _Of:
        def of(engine: EngineStats) -> float:
            streams = (one for one in stats.streams if one.engine_id == engine.engine_id)
            return sum(figure(one.session) for one in streams)

        return of

    yield gauge("up", "Whether the engine answers: 1 or 0.", lambda one: one.reachable)
    yield gauge(
        "failing",
        "Whether the engine answers, but nothing plays: 1 or 0.",
        lambda one: state_of(one, stats) is EngineState.FAILING,
    )
    yield gauge("sessions", "Playback sessions that are open.", lambda one: one.sessions)
    yield gauge(
        "peers", "Peers of all sessions, as the engine says.", network(lambda one: one.peers)
    )
    yield gauge(
        "download_bytes_per_second",
        "What the engine says that it receives from the network.",
        network(lambda one: one.speed_down),
    )
    yield gauge(
        "upload_bytes_per_second",
        "What the engine says that it sends to the network.",
        network(lambda one: one.speed_up),
    )
    yield total("sessions_started", "Playback sessions that opened.", lambda one: one.opened)
    yield total("sessions_stopped", "Those of them that have ended.", lambda one: one.closed)
    yield total(
        "sessions_failed",
        "Playback sessions that did not open, gave nothing or broke.",
        lambda one: one.broken,
    )
