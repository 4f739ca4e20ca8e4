"""/healthz: is time passing, and does what we owe people leave? Red says why in plain words; a warning is not red."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rules.hours import SHANGHAI
from rules.working_days import Calendar
from storage.figures import Signs, signs
from web.site import Site

log = logging.getLogger(__name__)

LATE = timedelta(seconds=30)  # without a beat; ours
STUCK = timedelta(minutes=5)  # without an owed notice leaving; ours
PATIENCE = 5.0  # seconds for the database to answer


async def healthz(site: Site, _request: Request) -> Response:
    """200 while all is well, else 503; `reasons` says what is not, `warnings` what somebody should see to."""
    now = site.clock()
    try:
        async with asyncio.timeout(PATIENCE):
            reasons = troubles(await site.db.read(signs, now), now, site.started)
    except Exception as error:  # whatever it is, the answer is red
        log.warning("/healthz cannot read the database: %s", type(error).__name__)
        reasons = [f"the database cannot be read: {type(error).__name__}"]
    body = {"status": "red" if reasons else "green", "reasons": reasons, "warnings": warnings(site.days, now)}
    body["at"] = now.isoformat(timespec="seconds")
    return JSONResponse(body, 503 if reasons else 200, {"Cache-Control": "no-store"})


def troubles(found: Signs, now: datetime, started: datetime) -> Sequence[str]:
    """What is wrong, worst first. What was left over from before `started` gets the same time as what is new."""
    reasons = [_silence(found, now, started), _waiting(found, now, started)]
    if found.pulse is not None and found.pulse.alarm:
        reasons.append(f"alarm: {found.pulse.alarm}")
    return [reason for reason in reasons if reason]


def warnings(days: Calendar, now: datetime) -> Sequence[str]:
    """What is well for now, and will not be."""
    years = days.wanted(now.astimezone(SHANGHAI).date())
    return [f"the days off of {year} are not known: add rulebooks/calendar/cn-{year}.toml" for year in years]


def _silence(found: Signs, now: datetime, started: datetime) -> str:
    beat = found.pulse.beat_at if found.pulse is not None else started
    if beat - now > LATE:
        return f"the last heartbeat lies {_seconds(beat - now)} s ahead: the clock was set back"
    silence = now - max(beat, started)
    return f"no heartbeat for {_seconds(silence)} s" if silence > LATE else ""


def _waiting(found: Signs, now: datetime, started: datetime) -> str:
    if found.oldest_owed is None:
        return ""
    waiting = now - max(found.oldest_owed, started)
    return f"a notice has been waiting for {_seconds(waiting)} s" if waiting > STUCK else ""


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())
