"""/metrics: figures for Prometheus, or whatever else reads OpenMetrics. Numbers only, nobody's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from rules.roles import KINDS
from rules.ticket import State
from storage.figures import Figures, Signs, figures, signs
from web.site import Site

NOTICES = ("waiting", "sending", "sent", "dead", "dropped")
PLAIN = ""


async def metrics(site: Site, request: Request) -> Response:
    """In the format the reader asks for; the older plain one where it asks for none we know."""
    now = site.clock()
    counted, alive = await site.db.read(_both, now)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Reading(counted, alive, now, site.started))
    encode, content_type = _encoder(request.headers.get("accept", PLAIN))
    return Response(encode(registry), headers={"Content-Type": content_type})


@dataclass(frozen=True, slots=True, eq=False)
class Reading(Collector):
    """One look at the figures, as metrics."""

    counted: Figures
    alive: Signs
    now: datetime
    started: datetime

    def collect(self) -> Iterator[Metric]:
        """Every metric there is; what can be nought is there as nought."""
        yield _gauge("stations", "Stations that are known.", self.counted.stations)
        yield _by("tickets", "Tickets by state.", "state", self.counted.tickets, get_args(State))
        yield _by("notices", "Notices owed to people by state.", "state", self.counted.notices, NOTICES)
        yield _by("dead_letters", "Notices that can never be delivered, by reason.", "reason", self.counted.dead)
        yield _by("people", "People who hold a role, by role.", "role", self.counted.people, KINDS)
        yield _gauge("oldest_owed_seconds", "How long the longest-waiting due notice waits.", self._oldest())
        yield _gauge("started_time_seconds", "When this run began.", self.started.timestamp())
        yield from self._pulse()

    def _pulse(self) -> Iterator[Metric]:
        pulse = self.alive.pulse
        if pulse is None:
            return
        yield _gauge("heartbeat_age_seconds", "Since the last heartbeat.", (self.now - pulse.beat_at).total_seconds())
        yield _gauge("alarm", "1 while something is wrong.", int(pulse.alarm is not None))
        repaired = CounterMetricFamily("yizhan_repaired", "Tickets the audit found without a next step.")
        repaired.add_metric([], pulse.repaired)
        yield repaired

    def _oldest(self) -> float:
        return self._since(self.alive.oldest_owed)

    def _since(self, moment: datetime | None) -> float:
        return max((self.now - moment).total_seconds(), 0.0) if moment is not None else 0.0


def _both(connection: Connection, now: datetime) -> tuple[Figures, Signs]:
    return figures(connection, now), signs(connection, now)


def _encoder(accepted: str) -> tuple[Callable[[Collector], bytes], str]:
    """The library stumbles over versions that are no numbers; whoever asks like that gets the plain format."""
    try:
        return choose_encoder(accepted)
    except (TypeError, ValueError):
        return choose_encoder(PLAIN)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"yizhan_{name}", what, value)


def _by(name: str, what: str, label: str, counted: Mapping[str, int], always: Iterable[str] = ()) -> Metric:
    metric = GaugeMetricFamily(f"yizhan_{name}", what, labels=[label])
    for value, n in {**dict.fromkeys(always, 0), **counted}.items():
        metric.add_metric([value], n)
    return metric
