"""Before a public holiday: 开, 不开 or 改时间, five stations in one message, and all that are left in one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from messages import times
from messages.different import line
from messages.due import period_name
from messages.message import Button, Message
from messages.station import Facts, short_name
from messages.words import Html, Say, marked
from rules.due import street
from rules.holidays import Holiday, Words, within
from rules.station import Special, Station
from rules.tallies import HolidayAnswer, HolidayCount, Month

PAGE = 5  # stations a message
NAMED = 3  # stations that are called by their names


@dataclass(frozen=True, slots=True)
class Asked:
    """One round as whoever answers it sees it. `stations`: theirs that owe it; `said`: what each has said so far.

    `below`: they are over these stations, and answer for them (代办).
    """

    round: int
    holiday: Holiday
    stations: Sequence[Station]
    said: Mapping[int, Special]
    below: bool = False

    @property
    def left(self) -> list[Station]:
        return [one for one in self.stations if one.id not in self.said]


def asked(
    say: Say,
    facts: Facts,
    found: Asked,
    page: int,
    *,
    done: Html | None = None,
    undo: str = "",
    in_place: bool = False,
) -> Message:
    """A page of stations, each with what it said and its three buttons; above them one press for all that are left.

    `undo`: names what was just said of many at once.
    """
    pages = max(1, -(-len(found.stations) // PAGE))
    page = min(max(page, 1), pages)
    shown = found.stations[(page - 1) * PAGE : page * PAGE]
    lines = [*([done, Html("")] if done is not None else []), head(say, found.holiday), _left(say, found)]
    several = len(found.stations) > 1
    for number, one in enumerate(shown, (page - 1) * PAGE + 1):
        line = _line(say, facts, one, found.said.get(one.id))
        lines.append(marked("{number}. {line}", number=number, line=line) if several else line)
    rows = [
        *([(Button(say.plain("↩️ Undo"), f"holiday:{found.round}:undo:{undo}"),)] if undo else []),
        *_all(say, found),
    ]
    for number, one in enumerate(shown, (page - 1) * PAGE + 1):
        rows.append(_three(say, f"{found.round}:{one.code}", f"{number} " if several else ""))
    turning = _turning(found.round, page, pages)
    return Message("\n".join(lines), (*rows, *((turning,) if turning else ())), in_place=in_place)


def first_left(found: Asked) -> int:
    """The page where somebody begins: the first with a station that has not answered."""
    return page_with(found, found.left[0]) if found.left else 1


def page_with(found: Asked, station: Station) -> int:
    """The page a station stands on; 1 where it is not in the list."""
    return next((n for n, one in enumerate(found.stations) if one.id == station.id), 0) // PAGE + 1


def answers(say: Say, round_: int, codes: Sequence[str]) -> tuple[tuple[Button, ...], ...]:
    """Under a message that asks nothing else: one tap for one station, one for all of them, or one by one."""
    if len(codes) == 1:
        return (_three(say, f"{round_}:{codes[0]}"),)
    one_by_one = Button(say.plain("One by one ›"), f"holiday:{round_}:p1")
    return (_of_all(say, round_, len(codes)), (one_by_one,))


def head(say: Say, holiday: Holiday) -> Html:
    """🧧 春节（2月15日至23日）开不开."""
    days = times.days(say, holiday.first, holiday.last)
    return say("🧧 <b>{name}</b> ({days}): open or not?", name=holiday.name, days=days)


def _left(say: Say, found: Asked) -> Html:
    n = len(found.left)
    return say.many("{n} not answered yet.", "{n} not answered yet.", n) if n else say("All answered. Thank you 👍")


def _line(say: Say, facts: Facts, one: Station, said: Special | None) -> Html:
    name = short_name(facts.book(one), one)
    if said is None:
        return say("⬜ {name}", name=name)
    if said.kind == "closed":
        return say("🚫 {name}: closed", name=name)
    if said.kind == "hours":
        answer = say("🕘 {name}: {hours}", name=name, hours=said.hours.replace("-", "–").replace(",", say.plain(", ")))
    else:
        answer = say("✅ {name}: open as usual", name=name)
    before = said.from_at - timedelta(days=30)  # so that a day is named by its date
    besides = [line(say, facts.book(one), each, before) for each in within(one.specials, said)]
    return say("{answer}; {besides}", answer=answer, besides=Html(say.listed(besides))) if besides else answer


def _all(say: Say, found: Asked) -> list[tuple[Button, ...]]:
    n = len(found.left)
    return [_of_all(say, found.round, n)] if n > 1 else []


def _of_all(say: Say, round_: int, n: int) -> tuple[Button, ...]:
    return (
        Button(say.plain("✅ All {n} open", n=n), f"holiday:{round_}:rest:open"),
        Button(say.plain("🚫 All {n} closed", n=n), f"holiday:{round_}:rest:closed"),
    )


def _three(say: Say, press: str, number: str = "") -> tuple[Button, ...]:
    """Of the station with this number in the list: its name would leave no room for what it says."""
    return (
        Button(number + say.plain("✅ Open"), f"holiday:{press}:open"),
        Button(number + say.plain("🚫 Closed"), f"holiday:{press}:closed"),
        Button(number + say.plain("🕘 Hours…"), f"holiday:{press}:hours"),
    )


def _turning(round_: int, page: int, pages: int) -> tuple[Button, ...]:
    turns = [("◀", page - 1), (f"{page}/{pages}", page), ("▶", page + 1)]
    return tuple(Button(text, f"holiday:{round_}:p{n}") for text, n in turns if 1 <= n <= pages) if pages > 1 else ()


def noted(say: Say, found: Asked, some: Sequence[str], n: int, kind: str, *, by: str = "") -> Html:
    """✅ 记下了: 示例一站 照常开. `some`: the first of the `n` stations by name."""
    names = say.listed(some) if n <= NAMED else say.plain("{n} stations", n=n)
    if kind == "closed":
        text = say("✅ Noted: {names}, closed over {holiday}.", names=names, holiday=found.holiday.name)
    elif kind == "hours":
        text = say("✅ Noted: {names}, other hours over {holiday}.", names=names, holiday=found.holiday.name)
    else:
        text = say("✅ Noted: {names}, open over {holiday}.", names=names, holiday=found.holiday.name)
    return Html(text + " " + say("Done for them: {name}", name=by)) if by else text


def stay_closed(say: Say, n: int) -> Html:
    """Of all that were said to be open, those that are closed for longer than the holiday."""
    return say.many(
        "🚫 {n} station is closed all through it and stays so.",
        "🚫 {n} stations are closed all through it and stay so.",
        n,
    )


def ask_hours(say: Say, holiday: Holiday, name: str) -> Message:
    """改时间."""
    ask = say("{name}: open from when to when over {day}? Type it, like 10:00-16:00.", name=name, day=holiday.name)
    return Message(ask)


def is_it_so(say: Say, holiday: Holiday, name: str, press: str, kind: str) -> Message:
    """示例一站，春节不开，对吗: what was typed is noted by a tap. `press`: round and code."""
    days = times.days(say, holiday.first, holiday.last)
    if kind == "closed":
        text = say("{name}: closed over {holiday} ({days}), is that right?", name=name, holiday=holiday.name, days=days)
    else:
        text = say("{name}: open over {holiday} ({days}), is that right?", name=name, holiday=holiday.name, days=days)
    yes = Button(say.plain("✅ That is right"), f"holiday:{press}:{kind}")
    no = Button(say.plain("✖️ No, it is not"), f"holiday:{press}")
    return Message(text, ((yes, no),))


def tap_it(say: Say, kind: Words) -> Html:
    """Above the buttons: nothing of what was typed is noted yet."""
    if kind == "closed":
        return say("🚫 Not open? Tap it below: nothing is noted yet.")
    if kind == "open":
        return say("✅ Open as usual? Tap it below: nothing is noted yet.")
    return say("🕘 Other hours? Tap 🕘 below, then type them: nothing is noted yet.")


def part_of_it(say: Say, holiday: Holiday) -> Html:
    """初一到初三不开: how that is said, with days as they are read."""
    first = holiday.first
    last = min(holiday.last, first + timedelta(days=2))
    example = times.days(say, first, last) if last > first else times.date_name(say, first)
    return say(
        "Closed on some days only? First tap ✅ below, then type the dates, like “{days} closed”. "
        "Nothing is noted yet.",
        days=example,
    )


def taken_back(say: Say, n: int) -> Html:
    """撤销 of what was said of many at once: they have not answered again."""
    return say.many("↩️ Taken back for {n} station.", "↩️ Taken back for {n} stations.", n)


def too_late(say: Say) -> Html:
    """Nothing of it is left to take back: too long ago, or said otherwise since."""
    return say("Too late to take that back. Each can still be said otherwise:")


def is_over(say: Say) -> Message:
    """An old button."""
    return Message(say("That holiday is over."))


# ── in a month's report ───────────────────────────────


def sheet(say: Say, found: Month) -> tuple[str, list[str], list[list[str]]]:
    """What every station said of each holiday of a month, whoever never said anything first: title, header, rows."""
    head = [
        say.plain("Holiday"),
        say.plain("Street"),
        say.plain("Code"),
        say.plain("Station"),
        say.plain("Answer"),
        say.plain("Hours"),
        say.plain("For them"),
        say.plain("Reached here"),
    ]
    known = {one.station.id: one.known for one in found.tallies}
    there = {one.station.id: one.station for one in found.tallies}
    rows = [
        [period_name(say, one.round), *_row(say, station, answer, known=known.get(station.id, False))]
        for one in found.holidays.values()
        for station, answer in _in_order(one, there)
    ]
    return say.plain("Holidays"), head, rows


def _in_order(one: HolidayCount, there: Mapping[int, Station]) -> list[tuple[Station, HolidayAnswer | None]]:
    def place(station: Station) -> tuple[str, str]:
        return street(station.area), station.name

    silent = [(each, None) for each in sorted(one.silent, key=place)]
    said = [(there[id], answer) for id, answer in one.said.items()]
    return [*silent, *sorted(said, key=lambda pair: (pair[1].kind, place(pair[0])))]


def _row(say: Say, one: Station, answer: HolidayAnswer | None, *, known: bool) -> list[str]:
    words = {"open": say.plain("open as usual"), "closed": say.plain("not open"), "hours": say.plain("other hours")}
    said = words[answer.kind] if answer is not None else say.plain("never said")
    hours = answer.hours if answer is not None else ""
    proxy = say.plain("yes") if answer is not None and answer.proxy else ""
    reached = say.plain("yes") if known else say.plain("nobody")
    return [street(one.area).replace("/", " "), one.code, one.name, said, hours, proxy, reached]
