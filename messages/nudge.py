"""A reminder in words: what is still to hand in, for which month, until which day, and one tap to do it.

What a station's people read begins with what is theirs; what a head reads, with how many below have not done it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from messages import times
from messages.due import by_when, day, period_name, round_name, street_name
from messages.holiday import answers
from messages.message import Button, Message
from messages.station import Facts, short_name
from messages.words import Html, Say, marked
from rules.due import by_street, late
from rules.duties import Round, moved_from
from rules.holidays import Holiday
from rules.owing import unit_name
from rules.station import Station

MOST_LINES = 10  # of stations or streets, a round
MOST_BUTTONS = 6  # that hand something in
MOST_NAMES = 15  # stations by their name, a list; of more only how many each street has: the names are a tap away
MOST_STREETS = 30


@dataclass(frozen=True, slots=True)
class Undone:
    """What one person hears of one round. `round` is its number; `by`: who asked for it to be said (催办).

    `own`, `units`: what is theirs to hand in. `alone`, `alone_units`: who below has nobody who hears it but them.
    `below`, `below_units`: who below has not done it, where that went up to them. `holiday`: what it asks about.
    """

    round: int
    one: Round
    by: str = ""
    own: tuple[Station, ...] = ()
    units: tuple[str, ...] = ()
    alone: tuple[Station, ...] = ()
    alone_units: tuple[str, ...] = ()
    below: tuple[Station, ...] = ()
    below_units: tuple[str, ...] = ()
    holiday: Holiday | None = None

    @property
    def empty(self) -> bool:
        others = self.alone or self.alone_units or self.below or self.below_units
        return not (self.own or self.units or others)


def nudge(say: Say, facts: Facts, found: Sequence[Undone], now: datetime) -> Message:
    """Everything one person hears of now, in one message. Nothing in `found` is empty."""
    mine = [one for one in found if one.own or one.units]
    several = len({station.id for one in found for station in one.own}) > 1
    blocks = [[_chased(say, found)]] if any(one.by for one in found) else []
    blocks += [_mine(say, facts, mine, now, several=several)] if mine else []
    blocks += [_alone(say, facts, some, now) for some in _alike([one for one in found if one.alone or one.alone_units])]
    blocks += [_below(say, facts, some, now) for some in _alike([one for one in found if one.below or one.below_units])]
    text = Html("\n\n".join("\n".join(lines) for lines in blocks))
    if len(found) == 1 and mine and _asks(mine[0].one) and not _missing(say, found):
        return Message(text, answers(say, mine[0].round, [one.code for one in mine[0].own]))
    return Message(text, (*_hand_in(say, facts, mine, several=several), *_missing(say, found)))


# ── what is theirs ────────────────────────────────────


def _chased(say: Say, found: Iterable[Undone]) -> Html:
    """王主任提醒您."""
    names = dict.fromkeys(one.by for one in found if one.by)
    return say("📣 {name} reminds you:", name=say.listed(names))


def _mine(say: Say, facts: Facts, mine: Sequence[Undone], now: datetime, *, several: bool) -> list[Html]:
    stations = {station.id: station for one in mine for station in one.own}
    lines = [_head(say, facts, mine, stations.get(next(iter(stations), 0)), several=several)]
    for one in mine:
        lines.append(_of(say, one, now))
        lines += _asides(say, one.one, now)
        lines += _listed(say, [short_name(facts.book(each), each) for each in one.own]) if several else []
        lines += _listed(say, [unit_name(unit) for unit in one.units])
    return lines


def _head(say: Say, facts: Facts, mine: Sequence[Undone], only: Station | None, *, several: bool) -> Html:
    n = sum(len(one.own) + len(one.units) for one in mine)
    if all(_asks(one.one) for one in mine):
        if only is None or several:
            return say.many("⏰ <b>Your {n} station:</b>", "⏰ <b>Your {n} stations:</b>", n)
        return marked("⏰ <b>{place}</b>", place=short_name(facts.book(only), only))
    if only is None or several:
        return say.many("⏰ <b>{n} to hand in:</b>", "⏰ <b>{n} to hand in:</b>", n)
    place = short_name(facts.book(only), only)
    return say.many("⏰ <b>{place}</b>: {n} to hand in", "⏰ <b>{place}</b>: {n} to hand in", n, place=place)


def _of(say: Say, found: Undone, now: datetime) -> Html:
    """🎉 站点活动 11月：11月30日（周一）前，还有 7 天; 🧧 春节（2月15日至23日）开不开门."""
    one, holiday = found.one, found.holiday
    name, by = round_name(say, one), by_when(say, one, now)
    if _asks(one):
        name = period_name(say, one)
        if holiday is not None:
            name = say.plain("{what} ({days})", what=name, days=times.days(say, holiday.first, holiday.last))
        if late(one, now):
            return say("{icon} <b>{name}</b>: open or not? Nothing said yet", icon=one.duty.icon, name=name)
        return say("{icon} <b>{name}</b>: open or not? {by}", icon=one.duty.icon, name=name, by=by)
    return say("{icon} <b>{name}</b>: {by}", icon=one.duty.icon, name=name, by=by)


def _asks(one: Round) -> bool:
    """Whether it is a question with three answers, and nothing is handed in."""
    return one.duty.form == "holiday"


def _asides(say: Say, one: Round, now: datetime) -> list[Html]:
    """Why it is due on another day than people think, and that the day may still change."""
    lines, usual = [], moved_from(one)
    if usual is not None and now < one.due_at:
        was, due = day(say, usual, now), day(say, one.due_on, now)
        moved = (
            say("↳ {was} is a day of rest, so it is due before: {due}", was=was, due=due)
            if one.due_on < usual
            else say("↳ {was} is a day of rest, so it is due after: {due}", was=was, due=due)
        )
        lines.append(moved)
    if one.provisional and now < one.due_at:
        lines.append(say("↳ the holidays of that year are not published yet: the day may still change"))
    return lines


def _listed(say: Say, names: Sequence[str]) -> list[Html]:
    lines = [marked("· {name}", name=name) for name in names[:MOST_LINES]]
    more = len(names) - MOST_LINES
    return [*lines, *([say.many("… and {n} more place", "… and {n} more places", more)] if more > 0 else [])]


def _hand_in(say: Say, facts: Facts, mine: Sequence[Undone], *, several: bool) -> Iterable[tuple[Button, ...]]:
    """One tap each, the first few; the list has them all."""
    for one in (each for each in mine if _asks(each.one)):
        yield (Button(say.plain("🧧 {name}: open or not", name=round_name(say, one.one)), f"holiday:{one.round}"),)
    others = [one for one in mine if not _asks(one.one)]
    wanted = [(one, each) for one in others for each in [*one.own, *([None] if one.units else [])]]
    for one, station in wanted[:MOST_BUTTONS]:
        name = say.plain("{icon} Hand in: {name}", icon=one.one.duty.icon, name=round_name(say, one.one))
        place = f" · {short_name(facts.book(station), station)}" if several and station is not None else ""
        code = station.code if station is not None else "u"
        yield (Button(f"{name}{place}"[:60], f"hand_in:{one.round}:{code}"),)
    if len(wanted) > MOST_BUTTONS:
        yield (Button(say.plain("📅 All that is due ({n})", n=len(wanted)), "due"),)


# ── what is below ─────────────────────────────────────


def _alike(found: Sequence[Undone]) -> list[list[Undone]]:
    """Rounds that the same ones have not done go together: their names are read once."""
    groups: dict[object, list[Undone]] = {}
    for one in found:
        alone, below = ([each.id for each in some] for some in (one.alone, one.below))
        groups.setdefault((*alone, None, *below, None, *one.alone_units, None, *one.below_units), []).append(one)
    return list(groups.values())


def _alone(say: Say, facts: Facts, some: Sequence[Undone], now: datetime) -> list[Html]:
    rounds = [line for one in some for line in (_of(say, one, now), *_asides(say, one.one, now))]
    stations, units = some[0].alone, some[0].alone_units
    if units:
        return [*rounds, _alone_units(say, units)]
    n = len(stations)
    head = say.many(
        "🔕 {n} station where nobody gets our reminders: pass it on, or hand in for it",
        "🔕 {n} stations where nobody gets our reminders: pass it on, or hand in for them",
        n,
    )
    return [*rounds, head, *_streets(say, facts, stations)]


def _alone_units(say: Say, units: Sequence[str]) -> Html:
    names, n = say.listed(unit_name(one) for one in units[:MOST_NAMES]), len(units)
    if n > MOST_NAMES:
        names = say.plain("{names} … and {n} more", names=names, n=n - MOST_NAMES)
    return say.many(
        "🔕 {n} where nobody gets our reminders: {names}. Pass it on, or hand in for it",
        "🔕 {n} where nobody gets our reminders: {names}. Pass it on, or hand in for them",
        n,
        names=names,
    )


def _below(say: Say, facts: Facts, some: Sequence[Undone], now: datetime) -> list[Html]:
    rounds, first = [_of(say, one, now) for one in some], some[0]
    if first.below:
        n = len(first.below)
        if all(_asks(one.one) for one in some):
            head = say.many("{n} station has not said:", "{n} stations have not said:", n)
        else:
            head = say.many("{n} station has not handed in:", "{n} stations have not handed in:", n)
        return [*rounds, head, *_streets(say, facts, first.below)]
    n = len(first.below_units)
    head = say.many("{n} has not handed in:", "{n} have not handed in:", n)
    return [*rounds, head, *_listed(say, [unit_name(unit) for unit in first.below_units])]


def _streets(say: Say, facts: Facts, stations: Sequence[Station]) -> list[Html]:
    """小龙坎街道（3）：示例一站、示例二站、示例三站."""
    groups = by_street(stations)
    if len(stations) <= MOST_NAMES:
        return [_street(say, facts, path, some) for path, some in groups]
    counts = [say.plain("{street} {n}", street=street_name(say, path), n=len(some)) for path, some in groups]
    more = sum(len(some) for _, some in groups[MOST_STREETS:])
    lines = [marked("{counts}", counts=say.listed(counts[:MOST_STREETS]))]
    return [*lines, *([say.many("… and {n} more place", "… and {n} more places", more)] if more > 0 else [])]


def _street(say: Say, facts: Facts, path: str, stations: Sequence[Station]) -> Html:
    names = say.listed(short_name(facts.book(one), one) for one in stations)
    return say("{street} ({n}): {names}", street=street_name(say, path), n=len(stations), names=names)


def _missing(say: Say, found: Iterable[Undone]) -> list[tuple[Button, ...]]:
    rows: list[tuple[Button, ...]] = []
    for one in found:
        n = len({each.id for each in (*one.alone, *one.below)}) + len({*one.alone_units, *one.below_units})
        if n:
            label = say.plain("📋 Missing: {name} ({n})", name=round_name(say, one.one), n=n)
            rows.append((Button(label[:60], f"undone:{one.round}"),))
    return rows
