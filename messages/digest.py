"""小结: a manager's morning, a head's week, a general head's month; what matters most first, then a button to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from babel.dates import get_month_names

from messages import times
from messages.due import day, due_label, is_asked, period_name, round_name, street_name
from messages.evaluate import label as evaluate_label
from messages.message import Button, Message
from messages.people import invite_label
from messages.report import tickets_label
from messages.sent_back import reason
from messages.station import Facts, fault, short_name
from messages.words import Html, Say, marked
from rules.digests import Span, span
from rules.hours import SHANGHAI
from rules.register import Opinion, percent
from rules.roles import Scope
from rules.station import SpecialKind, Station
from rules.tallies import (
    QUIET_DAYS,
    Begun,
    DutyCount,
    HolidayCount,
    Month,
    Morning,
    Owing,
    Week,
    alone_in,
    by_street,
    quiet,
    silent_in,
    worst_first,
)
from rules.ticket import Ticket

MOST_TICKETS = 4  # in a morning, each with its button
MOST_BEGUN = 4
NAMED = 3  # stations called by their names; the others are in the lists behind the buttons
LONGEST_NAME = 14  # letters of one; what offices' names differ in stands at their ends
OF_A_PICTURE = 12  # lines it has; the others are summed
OF_THE_QUIET = 8
MOST_ROUNDS = 3
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Picture:
    """What a chart shows, in the reader's words: its texts by name, its figures, and its rows."""

    words: dict[str, str]
    figures: list[tuple[str, str, str]]  # label, value, change
    rows: list[tuple[str, int, int, int, int]] = field(default_factory=list)  # name, tickets, late, visits, before
    duties: list[tuple[str, int, int, int]] = field(default_factory=list)  # name, done, late, missing
    streets: list[tuple[str, int, int]] = field(default_factory=list)  # name, visits, before
    empty_handed: list[str] = field(default_factory=list)


# ── a manager's morning ───────────────────────────────


def morning(say: Say, facts: Facts, found: Morning, now: datetime) -> Message | None:
    """What is open, what came back, what is half written, and what is due soon; None where nothing is to do."""
    if found.nothing:
        return None
    several = found.several
    n = len(found.tickets) + len(found.sent_back) + len(found.drafts)
    lines = [say.many("☀️ <b>{n} thing to see to</b>", "☀️ <b>{n} things to see to</b>", n)]
    lines += [_ticket_line(say, facts, one, now, several=several) for one in found.tickets[:MOST_TICKETS]]
    lines += _and_more(say, len(found.tickets) - MOST_TICKETS)
    lines += [_back_line(say, facts, one, several=several) for one in found.sent_back[:MOST_BEGUN]]
    lines += _and_more(say, len(found.sent_back) - MOST_BEGUN)
    lines += [
        say("✏️ {what}: begun, not sent yet", what=_begun(say, facts, one, several=several))
        for one in found.drafts[:MOST_BEGUN]
    ]
    lines += _and_more(say, len(found.drafts) - MOST_BEGUN)
    if found.due:
        lines += [say("📅 Due within a week:"), *(_soon(say, one, now) for one in found.due)]
    return Message("\n".join(lines), tuple(_morning_buttons(say, facts, found, several=several)))


def _ticket_line(say: Say, facts: Facts, one: tuple[Ticket, Station], now: datetime, *, several: bool) -> Html:
    what, since = _what(say, facts, one, several=several), age(say, one[0].opened_at, now)
    return say("🔧 {what}, {age}", what=what, age=since)


def _what(say: Say, facts: Facts, one: tuple[Ticket, Station], *, several: bool) -> str:
    ticket, station = one
    what = fault(say, facts.book(station), ticket.item, ticket.symptom)
    what = f"❗{what}" if ticket.urgent else what
    return f"{what} · {_name(facts, station)}" if several else what


def age(say: Say, since: datetime, now: datetime) -> str:
    """2 天了; 今天报的, 昨天报的."""
    days = (now - since).days
    if days:
        return say.plain_many("open for {n} day", "open for {n} days", days)
    of_today = since.astimezone(SHANGHAI).date() == now.astimezone(SHANGHAI).date()
    return say.plain("reported today") if of_today else say.plain("reported yesterday")


def _back_line(say: Say, facts: Facts, one: Begun, *, several: bool) -> Html:
    what = _begun(say, facts, one, several=several)
    return say("↩️ {what}: sent back, “{reason}”", what=what, reason=reason(say, one.reason))


def _begun(say: Say, facts: Facts, one: Begun, *, several: bool) -> str:
    name = round_name(say, one.round)
    return f"{name} · {_name(facts, one.station)}" if several else name


def _soon(say: Say, one: Owing, now: datetime) -> Html:
    """· 站点活动 11月：11月30日（周一）前，2 个站点."""
    name, when = round_name(say, one.round), day(say, one.round.due_on, now)
    if len(one.stations) == 1:
        return say("· {name} by {day}", name=name, day=when)
    return say("· {name} by {day} ({n} stations)", name=name, day=when, n=len(one.stations))


def _morning_buttons(say: Say, facts: Facts, found: Morning, *, several: bool) -> Iterable[tuple[Button, ...]]:
    for one in found.tickets[:MOST_TICKETS]:
        yield (Button(_what(say, facts, one, several=several)[:LONGEST_LABEL], f"ticket:{one[0].id}"),)
    if len(found.tickets) > MOST_TICKETS:
        yield (Button(tickets_label(say), "tickets:1"),)
    for back in found.sent_back[:MOST_BEGUN]:
        label = say.plain("↩️ Mend: {what}", what=_begun(say, facts, back, several=several))
        yield (Button(label[:LONGEST_LABEL], f"hand_in:{back.round_id}:{back.station.code}"),)
    for draft in found.drafts[:MOST_BEGUN]:
        label = say.plain("✏️ Go on: {what}", what=_begun(say, facts, draft, several=several))
        yield (Button(label[:LONGEST_LABEL], f"hand_in:{draft.round_id}:{draft.station.code}"),)
    if found.due or len(found.sent_back) > MOST_BEGUN or len(found.drafts) > MOST_BEGUN:
        yield (Button(due_label(say), "due"),)


# ── a head's week ─────────────────────────────────────


def week(say: Say, facts: Facts, found: Week, now: datetime) -> Message:
    """The answer in the first line; then what is late, open, served, quiet, waiting, and who cannot be told."""
    lines = [marked("📊 <b>{title}</b>", title=_week_title(say, found)), marked("{of}", of=_of_week(say, found))]
    named = _Named(say, facts)
    lines += [_late_line(say, named, one) for one in found.late[:MOST_ROUNDS]]
    lines += _and_more(say, len(found.late) - MOST_ROUNDS)
    lines += [_soon_line(say, one, now) for one in found.soon[:MOST_ROUNDS]]
    lines += _tickets_line(say, facts, found, now)
    lines.append(_visits_line(say, *_visits(found), say.plain("the week before")))
    lines += _quiet_line(say, named, silent_in(found))
    lines += _unseen_line(say, facts, named, found.unseen)
    lines += _alone_line(say, named, alone_in(found))
    return Message("\n".join(lines), tuple(_week_buttons(say, found)))


def week_picture(say: Say, facts: Facts, found: Week) -> Picture:
    """The same for charts/week.py."""
    visits, before = _visits(found)
    late, others = sum(one.late > 0 for one in found.tallies), max(len(found.tallies) - OF_A_PICTURE, 0)
    words = {
        "title": _week_title(say, found),
        "subtitle": _of_week(say, found),
        "rest": say.plain_many("{n} other station", "{n} other stations", others),
        "station_word": say.plain("Station"),
        "late_word": say.plain("Late"),
        "tickets_word": say.plain("Tickets"),
        "visits_word": say.plain("Visits"),
        "before_word": say.plain("before"),
        "nothing": say.plain("No station yet"),
    }
    figures = [
        (say.plain("stations late"), f"{late:,}", ""),
        (say.plain("open tickets"), f"{len(found.tickets):,}", ""),
        (say.plain("visits"), f"{visits:,}", _change(visits, before)),
    ]
    rows = [
        (_name(facts, one.station), one.open_tickets, one.late, one.visits, one.visits_before)
        for one in worst_first(found.tallies)
    ]
    return Picture(words, figures, rows)


def _week_title(say: Say, found: Week) -> str:
    """3 个站点有逾期没报的; what is wrong, what is due next, or that all is well: never where nothing is heard."""
    late = sum(one.late > 0 for one in found.tallies)
    if late:
        return say.plain_many("{n} station has not handed in", "{n} stations have not handed in", late)
    if n := len(found.tickets):
        return say.plain_many("Nothing late; {n} ticket open", "Nothing late; {n} tickets open", n)
    if n := len(silent_in(found)):
        return say.plain_many("{n} station is silent", "{n} stations are silent", n)
    if n := len(alone_in(found)):
        return say.plain_many("{n} station cannot be reached", "{n} stations cannot be reached", n)
    if n := len({station.id for one in found.soon for station in one.stations}):
        return say.plain_many("{n} station has something due soon", "{n} stations have something due soon", n)
    return say.plain("All is well")


def _of_week(say: Say, found: Week) -> str:
    return _of(say, found.scopes, span("week", found.on), len(found.tallies))


def _visits(found: Week | Month) -> tuple[int, int]:
    return sum(one.visits for one in found.tallies), sum(one.visits_before for one in found.tallies)


class _Named:
    """Stations by name the first time they are listed; who is listed again is said to be the same."""

    def __init__(self, say: Say, facts: Facts) -> None:
        self._say, self._facts = say, facts
        self._before = set[frozenset[int]]()

    def __call__(self, stations: Sequence[Station]) -> str:
        these = frozenset(one.id for one in stations)
        if len(these) > 1 and these in self._before:
            return self._say.plain("the same as above")
        self._before.add(these)
        return _names(self._say, self._facts, stations)


def _late_line(say: Say, named: _Named, one: Owing) -> Html:
    names = named(one.stations)
    name, n = round_name(say, one.round, inner=one.inner), len(one.stations)
    if is_asked(one.round):
        return say.many(
            "⚠️ {name}: {n} did not answer, {names}", "⚠️ {name}: {n} did not answer, {names}", n, name=name, names=names
        )
    return say.many("⚠️ {name}: {n} missing, {names}", "⚠️ {name}: {n} missing, {names}", n, name=name, names=names)


def _soon_line(say: Say, one: Owing, now: datetime) -> Html:
    name, when, n = round_name(say, one.round, inner=one.inner), day(say, one.round.due_on, now), len(one.stations)
    if is_asked(one.round):
        return say.many(
            "📅 {name}: {n} station to answer by {day}",
            "📅 {name}: {n} stations to answer by {day}",
            n,
            name=name,
            day=when,
        )
    return say.many(
        "📅 {name}: {n} station to hand in by {day}",
        "📅 {name}: {n} stations to hand in by {day}",
        n,
        name=name,
        day=when,
    )


def _tickets_line(say: Say, facts: Facts, found: Week, now: datetime) -> list[Html]:
    if not found.tickets:
        return []
    what, n = _what(say, facts, found.tickets[0], several=len(found.tallies) > 1), len(found.tickets)
    days = (now - found.tickets[0][0].opened_at).days
    if not days:
        return [say.many("🔧 {n} new ticket: {what}", "🔧 {n} new tickets, first of all: {what}", n, what=what)]
    if n == 1:
        return [
            say.many("🔧 1 ticket open for {n} day: {what}", "🔧 1 ticket open for {n} days: {what}", days, what=what)
        ]
    return [
        say.many(
            "🔧 {tickets} tickets open, one of them for {n} day: {what}",
            "🔧 {tickets} tickets open, one of them for {n} days: {what}",
            days,
            tickets=f"{n:,}",
            what=what,
        )
    ]


def _visits_line(say: Say, now: int, before: int, when: str) -> Html:
    """`when`: what it is compared with, 前一周 or 9月."""
    if not now and not before:
        return say("🧮 No visits were entered")
    if not now:
        return say("🧮 No visits were entered, {before}: {visits}", before=when, visits=f"{before:,}")
    visits, change, share = f"{now:,}", f"{abs(now - before):,}", _change(now, before)
    if not before:
        return say("🧮 {visits} visits, none in {before}", visits=visits, before=when)
    if now == before:
        return say("🧮 {visits} visits, as many as in {before}", visits=visits, before=when)
    numbers = {"visits": visits, "change": change, "before": when, "share": share or "<1%"}
    if now > before:
        return say("🧮 {visits} visits, {change} more than in {before} ({share})", **numbers)
    return say("🧮 {visits} visits, {change} fewer than in {before} ({share})", **numbers)


def _quiet_line(say: Say, named: _Named, stations: Sequence[Station]) -> list[Html]:
    if not stations:
        return []
    names, n = named(stations), len(stations)
    return [
        say.many(
            "💤 {n} station without any entry for {days} days: {names}",
            "💤 {n} stations without any entry for {days} days: {names}",
            n,
            days=QUIET_DAYS,
            names=names,
        )
    ]


def _alone_line(say: Say, named: _Named, stations: Sequence[Station]) -> list[Html]:
    if not stations:
        return []
    names, n = named(stations), len(stations)
    return [
        say.many(
            "📵 {n} station where nobody can be reached here: {names}",
            "📵 {n} stations where nobody can be reached here: {names}",
            n,
            names=names,
        )
    ]


def _unseen_line(say: Say, facts: Facts, named: _Named, stations: Sequence[Station]) -> list[Html]:
    if not stations:
        return []
    names, n = named(stations), len(stations)
    days = facts.book(stations[0]).evaluating.every_days
    return [
        say.many(
            "📝 {n} station not evaluated for {days} days: {names}",
            "📝 {n} stations not evaluated for {days} days: {names}",
            n,
            days=days,
            names=names,
        )
    ]


def _week_buttons(say: Say, found: Week) -> Iterable[tuple[Button, ...]]:
    for one in found.late[:MOST_ROUNDS]:
        yield (_missing_button(say, round_name(say, one.round, inner=one.inner), len(one.stations), one.id),)
    looks = [Button(tickets_label(say), "tickets:1")] if found.tickets else []
    # without a number: the list behind it leaves out what whoever reads this handed in themselves
    looks += [Button(say.plain("👀 To look at"), "review")] if any(one.waiting for one in found.tallies) else []
    if looks:
        yield tuple(looks)
    if found.unseen:
        yield (Button(evaluate_label(say), "evaluate:"),)
    if alone_in(found):
        yield (Button(invite_label(say), "invite"),)
    days = span("week", found.on)
    yield (Button(say.plain("📎 Tables of this week"), f"export:{days.first:%Y%m%d}-{days.last:%Y%m%d}"),)


def _missing_button(say: Say, name: str, n: int, round_id: int) -> Button:
    return Button(say.plain("📋 Missing: {name} ({n})", name=name, n=n)[:LONGEST_LABEL], f"undone:{round_id}")


# ── a general head's month ────────────────────────────


def month(say: Say, facts: Facts, found: Month, *, attached: bool = False) -> Message:
    """The answer in the first line, then each duty, visits, quiet stations, tickets, voices; the rest is attached."""
    lines = [marked("📈 <b>{title}</b>", title=_month_title(say, found)), marked("{of}", of=_of_month(say, found))]
    lines += [_duty_line(say, one) for one in _duties(found)]
    before = month_name(say, span("month", found.on).first_before)
    lines.append(_visits_line(say, *_visits(found), before))
    lines += [_holiday_line(say, one) for one in found.holidays.values()]
    lines += _quiet_month_line(say, facts, quiet(found.tallies, span("month", found.on).first))
    lines.append(_month_tickets(say, found))
    lines += _opinion_line(say, found.opinion)
    evaluated = sum(one.evaluations > 0 for one in found.tallies)
    if evaluated:
        lines.append(say.many("📝 {n} station evaluated", "📝 {n} stations evaluated", evaluated))
    lines += [say("📎 Station by station: in the table attached")] if attached else []
    rows = [(_missing_button(say, _counted(say, d), len(d.missing), d.round_id),) for d in _missed(found)]
    days = span("month", found.on)
    rows.append((Button(say.plain("📎 More tables"), f"export:{days.first:%Y%m%d}-{days.last:%Y%m%d}"),))
    return Message("\n".join(lines), tuple(rows))


def month_picture(say: Say, facts: Facts, found: Month) -> Picture:
    """The same for charts/month.py."""
    visits, before = _visits(found)
    days = span("month", found.on)
    silent, streets = quiet(found.tallies, days.first), by_street(found.tallies)
    n, more, others = len(silent), max(len(silent) - OF_THE_QUIET, 0), max(len(streets) - OF_A_PICTURE, 0)
    words = {
        "title": _month_title(say, found),
        "subtitle": _of_month(say, found),
        "duties_title": say.plain("Handed in"),
        "done_word": say.plain("in time"),
        "late_word": say.plain("late"),
        "missing_word": say.plain("missing"),
        "streets_title": say.plain("Visits by street"),
        "now_word": month_name(say, days.first),
        "before_word": month_name(say, days.first_before),
        "rest": say.plain_many("{n} other street", "{n} other streets", others),
        "empty_handed_title": say.plain_many(
            "{n} station with nothing all month", "{n} stations with nothing all month", n
        ),
        "empty_handed_rest": say.plain_many("{n} more, see the table", "{n} more, see the table", more),
        "nothing": say.plain("No station yet"),
    }
    figures = [
        (say.plain("visits"), f"{visits:,}", _change(visits, before)),
        (say.plain("tickets closed"), f"{found.closed:,}", ""),
        (say.plain("still open"), f"{sum(one.open_tickets for one in found.tallies):,}", ""),
    ]
    return Picture(
        words,
        figures,
        duties=[(_counted(say, one), one.done, one.late, len(one.missing)) for one in _duties(found)],
        streets=[(street_name(say, name), now, then) for name, now, then in streets],
        empty_handed=[_name(facts, one) for one in silent],
    )


def file_name(say: Say, found: Month) -> str:
    """What the attached table is called: 站点月报 2026-10 沙坪坝区.xlsx."""
    name = _scope_names(say, found.scopes).replace("/", " ")
    return say.plain("Stations {month} {where}", month=f"{span('month', found.on).first:%Y-%m}", where=name) + ".xlsx"


def _month_title(say: Say, found: Month) -> str:
    name = month_name(say, span("month", found.on).first)
    duties = _duties(found)
    whole = sum(one.done + one.late + len(one.missing) for one in duties)
    if whole:
        share = sum(one.done for one in duties) * 100 // whole
        return say.plain("{month}: {share}% handed in on time", month=name, share=share)
    if not (visits := _visits(found)[0]):
        return say.plain("{month}: nothing was entered", month=name)
    return say.plain("{month}: {visits} visits", month=name, visits=f"{visits:,}")


def _of_month(say: Say, found: Month) -> str:
    return _of(say, found.scopes, span("month", found.on), len(found.tallies))


def _duties(found: Month) -> list[DutyCount]:
    return [one for one in found.duties.values() if one.done or one.late or one.missing]


def _missed(found: Month) -> list[DutyCount]:
    return sorted((one for one in found.duties.values() if one.missing), key=lambda one: -len(one.missing))[
        :MOST_ROUNDS
    ]


def _duty_line(say: Say, one: DutyCount) -> Html:
    mark = "⚠️" if one.missing else "✅"
    numbers = {"done": f"{one.done:,}", "late": f"{one.late:,}", "missing": f"{len(one.missing):,}"}
    name = _counted(say, one)
    return say("{mark} {name}: {done} in time, {late} late, {missing} missing", mark=mark, name=name, **numbers)


def _counted(say: Say, one: DutyCount) -> str:
    return round_name(say, one.round, inner=one.inner)


def _holiday_line(say: Say, one: HolidayCount) -> Html:
    """🧧 国庆节：开 31 · 不开 6 · 改时间 2 · 没回答 1; who that is stands in the table."""
    kinds: tuple[SpecialKind, ...] = ("open", "closed", "hours")
    numbers = {kind: f"{one.count(kind):,}" for kind in kinds} | {"silent": f"{len(one.silent):,}"}
    name = period_name(say, one.round)
    return say(
        "🧧 {name}: {open} open, {closed} closed, {hours} other hours, {silent} never said", name=name, **numbers
    )


def _quiet_month_line(say: Say, facts: Facts, stations: Sequence[Station]) -> list[Html]:
    if not stations:
        return []
    names, n = _names(say, facts, stations), len(stations)
    return [
        say.many(
            "💤 {n} station with nothing all month: {names}",
            "💤 {n} stations with nothing all month: {names}",
            n,
            names=names,
        )
    ]


def _month_tickets(say: Say, found: Month) -> Html:
    still = sum(one.open_tickets for one in found.tallies)
    if not (found.opened or found.closed or still):
        return say("🔧 No tickets")
    numbers = {"opened": f"{found.opened:,}", "closed": f"{found.closed:,}", "still": f"{still:,}"}
    return say("🔧 Tickets: {opened} new, {closed} closed, {still} open now", **numbers)


def _opinion_line(say: Say, said: Opinion) -> list[Html]:
    if said.public is None:
        return []
    return [say("🙂 Satisfaction: {points} of 100, {n} voices", points=said.public, n=f"{said.voices:,}")]


# ── words they share ──────────────────────────────────


def month_name(say: Say, first: date) -> str:
    """10月; October."""
    return str(get_month_names("abbreviated", locale=say.locale)[first.month])


def _scope_names(say: Say, scopes: Sequence[Scope]) -> str:
    """小龙坎街道; of several the first two, and how many there are."""
    names = [one.area.rpartition("/")[2] or one.system or say.plain("all stations") for one in scopes]
    if len(names) <= 2:
        return say.listed(names)
    return say.plain("{names} and {n} more", names=say.listed(names[:2]), n=len(names) - 2)


def _of(say: Say, scopes: Sequence[Scope], days: Span, stations: int) -> str:
    """小龙坎街道 · 11月16日至22日 · 12 个站点."""
    when = times.days(say, days.first, days.last)
    n = say.plain_many("{n} station", "{n} stations", stations)
    return f"{_scope_names(say, scopes)} · {when} · {n}"


def _name(facts: Facts, station: Station) -> str:
    """The name without the city's ending and the street in front of it; … in the middle where it is long."""
    name = short_name(facts.book(station), station)
    for step in station.area.split("/")[:2]:
        name = name.removeprefix(step) or name
    if len(name) <= LONGEST_NAME:
        return name
    half = LONGEST_NAME // 2
    return f"{name[: half - 1]}…{name[-half:]}"


def _names(say: Say, facts: Facts, stations: Sequence[Station]) -> str:
    """The first few by name."""
    named = say.listed(_name(facts, one) for one in stations[:NAMED])
    return say.plain("{names} …", names=named) if len(stations) > NAMED else named


def _change(now: int, before: int) -> str:
    share = percent(now, before)
    return f"{share:+}%".replace("-", "−") if share else ""


def _and_more(say: Say, n: int) -> list[Html]:
    return [say.many("and {n} more", "and {n} more", n)] if n > 0 else []


# ── asked for ─────────────────────────────────────────


def menu(say: Say) -> Message:
    """To /digest: which one."""
    last_days = Button(say.plain("📊 The last seven days"), "digest:week")
    return Message(say("Which summary?"), ((last_days,), (Button(say.plain("📈 Last month"), "digest:month"),)))


def coming(say: Say) -> str:
    """A word at the button: it is put together, and comes as a message of its own."""
    return say.plain("It is on its way: a few seconds")


def not_a_head(say: Say) -> Message:
    """/digest of somebody who looks after no part of the city."""
    text = say("Summaries are for those who look after several stations. What is yours stands here:")
    return Message(text, ((Button(due_label(say), "due"), Button(tickets_label(say), "tickets:1")),))


def no_station(say: Say) -> Message:
    """/digest of a head within whose reach no station is in operation."""
    text = say("No station is in operation within your area yet, so there is nothing to sum up.")
    return Message(text, ((Button(due_label(say), "due"),),))
