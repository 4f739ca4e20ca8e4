"""A station's register looked at: a month in words and as a picture, and who wrote what when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from charts import days as chart
from charts.letters import NoFontError
from charts.parts import Figure
from handlers.desk import Desk
from handlers.pressed import day_in, page_in
from messages import register as words
from messages.message import Reply
from messages.register import MonthView
from rules import register as rules
from rules.hours import SHANGHAI, State
from rules.register import ONE_DAY
from rules.station import Station
from storage import register, roles, satisfaction


async def shown(desk: Desk, station: Station, what: str, _more: str) -> Reply:
    """The month in words and as a picture; where no letters can be drawn, in words."""
    today = desk.today
    month = (day_in(f"{what}-01") if what else today) or today
    view = await desk.city.db.read(_month_view, station, rules.spans(month, today), today, _rests(desk, station))
    message = words.month(desk.say, desk.city.facts(), view)
    try:
        picture = await asyncio.to_thread(chart.draw, _chart(words.chart(desk.say, desk.city.facts(), view), view))
    except NoFontError:
        return Reply((message,))
    return Reply((replace(message, image=picture),))


async def log(desk: Desk, station: Station, what: str, _more: str) -> Reply:
    page = page_in(what)
    lines = await desk.city.db.read(_logged, station, page)
    shown, more = lines[: words.LOG_PAGE], len(lines) > words.LOG_PAGE
    return Reply((words.log(desk.say, desk.city.facts(), station, shown, page, desk.today, more=more),))


def _rests(desk: Desk, station: Station) -> Callable[[date], bool]:
    """Whether a station is closed on a day, as far as its hours are known."""
    timetable = desk.city.stations.timetable(station)
    return lambda day: all(span.state is State.CLOSED for span in timetable.day(day))


def _chart(said: words.Chart, view: MonthView) -> chart.Days:
    end = rules.end_of(view.spans.first).day
    every = [view.spans.first + ONE_DAY * n for n in range(end)]
    columns = [chart.Column(f"{day.day}", view.days.get(day), ahead=day >= view.today) for day in every]
    hours = range(min(view.hours, default=0), max(view.hours, default=-1) + 1)
    return chart.Days(
        said.title,
        said.subtitle,
        [Figure(*one) for one in said.figures],
        columns,
        [chart.Column(f"{hour}", view.hours.get(hour, 0)) for hour in hours],
        said.days_title,
        said.hours_title,
        said.unwritten,
        said.nothing,
        said.note,
    )


def _logged(connection: Connection, station: Station, page: int) -> list[words.Logged]:
    """A page's lines and one more, where there is one."""
    lines = register.history(connection, station.id, words.LOG_PAGE + 1, (page - 1) * words.LOG_PAGE)
    names = roles.names(connection, {one.person for one in lines if one.person is not None})
    return [
        words.Logged(
            one.day, one.n, one.kind, one.service, one.at, names.get(one.person or 0, ""), one.proxy, one.later,
            one.taken_back_at is not None,
        )
        for one in lines
    ]  # fmt: skip


def _month_view(
    connection: Connection, station: Station, spans: rules.Spans, today: date, rests: Callable[[date], bool]
) -> MonthView:
    here = [station.id]
    days = {day: n for (_, day), n in register.totals(connection, here, spans.first, spans.last).items()}
    before = register.totals(connection, here, spans.first_before, spans.last_before)
    by_service = register.by_service(connection, here, spans.first, spans.last)
    by_hour = register.by_hour(connection, here, spans.first, spans.last)
    opinion = satisfaction.of(connection, here, spans.first, spans.last).get(station.id, rules.Opinion())
    came_in = station.created_at.astimezone(SHANGHAI).date() if station.created_at is not None else spans.first_before
    written = {*days, *(day for _, day in before)}
    since = max(min({came_in, *written}), spans.first_before)
    silent = rules.silent_days(written, today, since, rests) if spans.running else 0
    return MonthView(
        station,
        spans,
        today,
        days,
        sum(before.values()),
        {service: n for (_, service), n in by_service.items()},
        {hour: n for (_, hour), n in by_hour.items()},
        opinion,
        silent,
    )
