"""The answer to "where can I heat my lunch nearby": the first impossible to miss, two more a line each, then "more"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from messages import links, station, times
from messages.different import different
from messages.message import Button, Message
from messages.station import Facts
from messages.words import Html, Say, marked
from rules.hours import SHANGHAI
from rules.nearest import Answer, Found
from rules.rulebook import Rulebook
from rules.station import Station
from rules.today import as_at
from rules.travel import Travel

FIRST = 3  # stations in the first message
MOST_SERVICES = 6  # in the first message; the card has all
PAGE = 5  # and on each page of "more"
_DIGITS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: needs in the rulebook's words, how the person moves, whether sanitation-only ones count."""

    needs: tuple[str, ...]  # service ids; empty: any
    travel: Travel
    sanitation: bool
    now: datetime
    when: datetime | None = None  # the time asked for; None: now

    @property
    def leaving(self) -> datetime:
        """When the person sets out."""
        return self.when or self.now


def nearby(
    say: Say,
    asked: Asked,
    answer: Answer,
    facts: Facts,
    *,
    after: Station | None = None,
    around: str = "",
    in_place: bool = False,
) -> Message:
    """The first message: three stations. `after`: found locked, counted from there. `around`: the place we took."""
    shown = answer.found[:FIRST]
    if not shown:
        return nothing(say, asked, answer, facts)
    first, others = shown[0], shown[1:]
    lines = [_headline(say, asked, facts, after, around), "", _first(say, asked, first, facts)]
    lines += ["", *(_line(say, asked, n, one, facts) for n, one in enumerate(others, start=2))] if others else []
    return Message("\n".join(lines), _buttons(say, asked, answer, first, others, facts), in_place=in_place)


def more(say: Say, asked: Asked, answer: Answer, facts: Facts, page: int, *, in_place: bool) -> Message:
    """The following stations, a line and a button each; the message changes in place from page to page."""
    start = FIRST + (page - 1) * PAGE
    shown = answer.found[start : start + PAGE]
    lines = [_headline(say, asked, facts), ""]
    lines += [_line(say, asked, n, one, facts) for n, one in enumerate(shown, start=start + 1)]
    rows = [(_open_card(n, one, facts),) for n, one in enumerate(shown, start=start + 1)]
    back = (Button(say.plain("‹ Back"), f"page:{page - 1}"),) if page > 1 else ()
    on = (Button(say.plain("More ›"), f"page:{page + 1}"),) if len(answer.found) > start + PAGE else ()
    rows += [row for row in ((*back, *on),) if row]
    return Message("\n".join(lines), tuple(rows), in_place=in_place)


def pages(answer: Answer) -> int:
    """How many pages of "more" there are after the first three."""
    return -(-max(len(answer.found) - FIRST, 0) // PAGE)


def nothing(say: Say, asked: Asked, answer: Answer, facts: Facts) -> Message:
    """No station at all fits: say so, and what to do next."""
    number = facts.home.hotline.number
    if asked.needs:
        what = wanted(say, facts.home, asked.needs)
        text = say(
            "No station around here offers this: {what}.\nAsk for something else, or call {number}.",
            what=what,
            number=number,
        )
    else:
        text = say("No station is known around here yet. Call {number}: they know more.", number=number)
    anything = (Button(say.plain("🔎 Any station"), "need:"),) if asked.needs else ()
    rows = (*_restricted(say, asked, answer), (*anything, Button(say.plain("🔁 Another service"), "needs")))
    return Message(text, rows)


def wanted(say: Say, book: Rulebook, needs: tuple[str, ...]) -> str:
    """热饭、喝水; empty where nothing particular was asked."""
    rules = [rule for rule in (book.service(need) for need in needs) if rule]
    return say.listed(say.of(rule) for rule in rules)


def metres(say: Say, distance: float) -> str:
    """350 m; 1.2 km."""
    if distance < 1000:
        return say.plain("{n} m", n=round(distance))
    return say.plain("{n} km", n=f"{distance / 1000:.1f}")


def near_you(say: Say, asked: Asked, found: Found, facts: Facts) -> Message:
    """On the way: a station with what is needed has come near."""
    lines = [say("🔔 Near you now:"), _first(say, asked, found, facts)]
    return Message("\n".join(lines), (links.navigate(say, found.station, asked.travel), *_on_the_spot(say, found)))


def _headline(say: Say, asked: Asked, facts: Facts, after: Station | None = None, around: str = "") -> Html:
    icons = [rule.icon for rule in (facts.home.service(need) for need in asked.needs) if rule]
    gap = "" if say.language.startswith("zh") or not icons else " "
    what = "".join(icons) + gap + wanted(say, facts.home, asked.needs)
    if asked.when is not None:
        setting_out = say.plain("Setting out {time}", time=times.day_and_clock(say, asked.when, asked.now))
        what = f"{what} · {setting_out}" if what else setting_out
    if after is not None:
        sorry = say("🔒 Sorry that you went to “{name}” for nothing. Next from there:", name=after.name)
        return Html(sorry + marked("\n{what}", what=what)) if what else sorry
    if around:
        near = say("Around “{place}”, nearest first:", place=around)
        return Html(marked("{what} · ", what=what) + near) if what else near
    return say("{what}, nearest first:", what=what) if what else say("Nearest stations:")


def _first(say: Say, asked: Asked, found: Found, facts: Facts) -> str:
    one, book = found.station, facts.book(found.station)
    lines = [
        marked("<b>① {name}</b>", name=one.name),
        marked("<b>{way}</b>", way=way) if (way := _way(say, asked.travel, found)) else "",
        _state(say, asked, found, facts),
        " · ".join(filter(None, (station.whereabouts(say, one), station.entry(say, one)))),
        station.services(
            say, book, as_at(one, book, found.opens_at or found.arrival), asked.needs, at_most=MOST_SERVICES
        ),
        different(say, book, one, asked.now),
        station.gifts(say, book, facts.running(one, asked.leaving)),
        station.broken(say, book, one, asked.now),
        station.doubted(say, book, one, asked.now),
        station.freshness(say, one, asked.now, _kinds(book, one, asked.needs)),
    ]
    return "\n".join(line for line in lines if line)


def _kinds(book: Rulebook, one: Station, needs: Sequence[str]) -> list[str]:
    """The facilities here that give what was asked for."""
    given = {kind for need in needs if (rule := book.service(need)) is not None for kind in rule.gives}
    return [each.kind for each in one.facilities if each.kind in given]


def _line(say: Say, asked: Asked, n: int, found: Found, facts: Facts) -> str:
    name = marked("{digit} <b>{name}</b>", digit=_digit(n), name=found.station.name)
    doubt = station.doubt_in_short(say, facts.book(found.station), found.station)
    state = " · ".join(filter(None, (_way(say, asked.travel, found), _state(say, asked, found, facts))))
    gifts = station.gifts(say, facts.book(found.station), facts.running(found.station, asked.leaving))
    special = different(say, facts.book(found.station), found.station, asked.now)
    return "\n".join(part for part in (name, state, special, gifts, doubt) if part)


def _way(say: Say, travel: Travel, found: Found) -> str:
    """Empty for the very place that was asked for: 0 米 is no way."""
    if round(found.metres) == 0:
        return ""
    sentence = {
        "walk": say.plain("{metres} · {n} min on foot", metres=metres(say, found.metres), n=found.minutes),
        "ride": say.plain("{metres} · {n} min by bike", metres=metres(say, found.metres), n=found.minutes),
        "drive": say.plain("{metres} · {n} min by car", metres=metres(say, found.metres), n=found.minutes),
    }
    return sentence[travel]


def _state(say: Say, asked: Asked, found: Found, facts: Facts) -> str:
    one, book = found.station, facts.book(found.station)
    words = station.opening(
        say, book, one, facts.timetable(one), found.moment, asked.leaving, planned=asked.when is not None
    )
    night = book.night.holds(asked.leaving.astimezone(SHANGHAI).time())
    badge = " 🌙" if night and facts.timetable(one).always_open else ""
    far = say(" · further away") if found.group == "beyond" else ""
    return words + badge + far + _given_later(say, asked, found, facts)


def _given_later(say: Say, asked: Asked, found: Found, facts: Facts) -> Html:
    """Where the door opens first and water is back only later."""
    opens, given = facts.timetable(found.station).next_open(found.arrival), found.opens_at
    if opens is None or given is None or given <= opens:
        return Html("")
    return say(" · what you need from {time}", time=times.clock(say, given, asked.leaving))


def _buttons(
    say: Say, asked: Asked, answer: Answer, first: Found, others: tuple[Found, ...], facts: Facts
) -> tuple[tuple[Button, ...], ...]:
    rows: list[tuple[Button, ...]] = [
        links.navigate(say, first.station, asked.travel),
        *_on_the_spot(say, first),
        *((_open_card(n, one, facts),) for n, one in enumerate(others, start=2)),
        (Button(say.plain("🔁 Another service"), "needs"),)
        + ((Button(say.plain("More ›"), "more"),) if len(answer.found) > FIRST else ()),
        _ways_to_travel(say, asked.travel),
        *_restricted(say, asked, answer),
    ]
    return tuple(row for row in rows if row)


def _on_the_spot(say: Say, found: Found) -> tuple[tuple[Button, ...], ...]:
    code = found.station.code
    return (
        (Button(say.plain("📍 On the map"), f"pin:{code}"), Button(say.plain("📋 Details"), f"card:{code}")),
        (
            Button(say.plain("🔒 It was locked"), f"locked:{code}"),
            Button(say.plain("⚠️ Something is wrong"), f"wrong:{code}"),
        ),
    )


def _open_card(n: int, found: Found, facts: Facts) -> Button:
    name = station.short_name(facts.book(found.station), found.station)
    return Button(f"{_digit(n)} {name}"[:48], f"card:{found.station.code}")


def _ways_to_travel(say: Say, now: Travel) -> tuple[Button, ...]:
    labels: dict[Travel, str] = {
        "walk": say.plain("🚶 Walk"),
        "ride": say.plain("🚲 Ride"),
        "drive": say.plain("🚗 Drive"),
    }
    return tuple(Button(label + (" ✓" if way == now else ""), f"travel:{way}") for way, label in labels.items())


def _restricted(say: Say, asked: Asked, answer: Answer) -> tuple[tuple[Button, ...], ...]:
    n = answer.restricted_nearer
    if asked.sanitation:
        return ((Button(say.plain("Show stations for everyone only"), "sanitation:0"),),)
    if not n:
        return ()
    label = say.plain_many(
        "{n} nearer one, for sanitation workers only", "{n} nearer ones, for sanitation workers only", n
    )
    return ((Button("🧹 " + label, "sanitation:1"),),)


def _digit(n: int) -> str:
    return _DIGITS[n - 1] if n <= len(_DIGITS) else f"{n}."
