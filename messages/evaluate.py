"""An evaluation in words: the list of stations, the four points, what is noted, and the result for both sides (S13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from messages import times
from messages.message import Button, Message, abreast
from messages.station import Facts, fault, short_name, thing
from messages.words import Html, Say, marked
from rules.evaluation import Evaluation, PointRule, not_looked_at
from rules.hours import SHANGHAI
from rules.parts import RoleKind
from rules.rulebook import Rulebook
from rules.station import Station

PAGE = 8  # stations a page: what a screen holds with a button each
MOST_DRAFTS = 5
QUOTE = 200  # characters of a note that are shown

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """An evaluation with what its message says beside it. `name` and `role`: whose it is."""

    one: Evaluation
    station: Station
    name: str = ""
    role: RoleKind | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the stations somebody evaluates, those not looked at for longest first."""

    stations: Sequence[Station]
    last: Mapping[int, datetime]
    drafts: Sequence[tuple[Evaluation, Station]]
    overdue: int
    every_days: int
    page: int = 1
    pages: int = 1


def label(say: Say) -> str:
    """The button on a head's card."""
    return say.plain("📝 Evaluate")


# ── where ─────────────────────────────────────────────


def stations(say: Say, facts: Facts, listed: Listed, now: datetime) -> Message:
    """To /evaluate: what is half-finished, then the stations."""
    lines = [say("<b>Which station do you evaluate?</b>")]
    if listed.overdue:
        lines.append(
            say.many(
                "{n} station was not looked at for {days} days or more; it comes first.",
                "{n} stations were not looked at for {days} days or more; they come first.",
                listed.overdue,
                days=listed.every_days,
            )
        )
    rows = [(_go_on(say, facts, each, where),) for each, where in listed.drafts[:MOST_DRAFTS]]
    rows += [(_station_button(say, facts, one, listed.last.get(one.id), now),) for one in listed.stations]
    return Message("\n".join(lines), (*rows, *_pages(say, listed)))


def _go_on(say: Say, facts: Facts, one: Evaluation, station: Station) -> Button:
    name = short_name(facts.book(station), station)
    return Button(say.plain("▶️ Half-finished: {station}", station=name)[:48], f"point:{one.id}")


def _station_button(say: Say, facts: Facts, station: Station, last: datetime | None, now: datetime) -> Button:
    name = short_name(facts.book(station), station)
    return Button(f"{name[:28]} · {_last(say, last, now)}", f"evaluate:{station.code}")


def _last(say: Say, last: datetime | None, now: datetime) -> str:
    """上次10月12日; 今天评过."""
    if last is None:
        return say.plain("never looked at")
    there, here = last.astimezone(SHANGHAI).date(), now.astimezone(SHANGHAI).date()
    return (
        say.plain("looked at today")
        if there == here
        else say.plain("last {date}", date=times.date_name(say, there, here))
    )


def _pages(say: Say, listed: Listed) -> Rows:
    back = (Button(say.plain("‹ Back"), f"evaluate::{listed.page - 1}"),) if listed.page > 1 else ()
    on = (Button(say.plain("More ›"), f"evaluate::{listed.page + 1}"),) if listed.page < listed.pages else ()
    return ((*back, *on),) if back or on else ()


def not_yours(say: Say) -> Message:
    """/evaluate of somebody who evaluates no station."""
    return Message(
        say(
            "Stations are evaluated by area heads, offices and the supervision team. "
            "Is something wrong at a station? Just say what, or press /report."
        )
    )


def no_station(say: Say) -> Message:
    """An area without a station in operation."""
    return Message(say("There is no station in operation within your area yet. /people shows what is yours."))


# ── the points ────────────────────────────────────────


def which_kind(say: Say, book: Rulebook, station: Station, last: datetime | None, now: datetime) -> Message:
    """Regular or not, before it begins."""
    text = say(
        "📝 Evaluate “{station}” ({last})\nRegular, or in between?",
        station=short_name(book, station),
        last=_last(say, last, now),
    )
    regular = Button(say.plain("🗓 Regular"), f"evaluate:{station.code}:regular")
    between = Button(say.plain("🎲 In between"), f"evaluate:{station.code}:irregular")
    return Message(text, ((regular, between),))


def points(say: Say, book: Rulebook, seen: Seen, noting: str = "") -> Message:
    """The points, each with two buttons. `noting`: the point to which photos and words go; "" for the whole."""
    one = seen.one
    lines = [_headline(say, book, seen), *_points(say, book, one), *_whole(say, one)]
    point = next((each for each in book.evaluation if each.id == noting), None)
    where = say.of(point) if point is not None else say.plain("the whole")
    lines.append(say("\n<i>Send photos or words at any time; now they go to: {point}.</i>", point=where))
    left = not_looked_at(book.evaluation, one)
    rest = (Button(say.plain("✅ All the rest is fine"), f"point:{one.id}:rest:1"),) if left else ()
    done = () if left else (Button(say.plain("✔️ Done"), f"evaluated:{one.id}:done"),)
    drop = Button(say.plain("🗑 Throw away"), f"evaluated:{one.id}:drop")
    return Message("\n".join(lines), (*(_judge(say, one, each) for each in book.evaluation), (*rest, *done, drop)))


def _headline(say: Say, book: Rulebook, seen: Seen) -> Html:
    name = short_name(book, seen.station)
    if seen.one.regular:
        return say("📝 <b>Evaluation · {station}</b> (regular)", station=name)
    return say("📝 <b>Evaluation · {station}</b> (in between)", station=name)


def _points(say: Say, book: Rulebook, one: Evaluation) -> list[Html]:
    return [_point(say, book, one, each) for each in book.evaluation]


def _point(say: Say, book: Rulebook, one: Evaluation, point: PointRule) -> Html:
    found, name = one.of(point.id), marked("{icon} {name}", icon=point.icon, name=say.of(point))
    if found is None:
        return say("{point}: not looked at", point=name)
    if found.passed:
        line = say("{point}: ✅ fine", point=name)
    else:
        line = say("{point}: ❌ not fine · {what}", point=name, what=fault(say, book, found.item, found.symptom))
    return Html(line + _beside(say, found.note, one.pictures(point.id)))


def _whole(say: Say, one: Evaluation) -> list[Html]:
    beside = _beside(say, one.note, one.pictures(""))
    return [Html(say("On the whole:") + beside)] if beside else []


def _beside(say: Say, note: str, photos: int) -> Html:
    shown = say.many("  📷 {n} photo", "  📷 {n} photos", photos) if photos else Html("")
    return Html(shown + (marked("\n　💬 {note}", note=note[:QUOTE]) if note else Html("")))


def _judge(say: Say, one: Evaluation, point: PointRule) -> tuple[Button, ...]:
    name, about = say.of(point), f"{one.id}:{point.id}"
    return Button(f"✅ {name}", f"point:{about}:1"), Button(f"❌ {name}", f"point:{about}:0")


def which_facility(say: Say, book: Rulebook, seen: Seen, point: PointRule) -> Message:
    """A point that is about one of the station's things: which?"""
    here = [one.kind for one in seen.station.facilities if book.facility(one.kind) is not None]
    buttons = [Button(thing(say, book, kind), f"point:{seen.one.id}:{point.id}:0:{kind}") for kind in here]
    rows = (*abreast(buttons), (_back(say, seen.one),))
    if not here:
        return Message(say("No facility is on this station's list. Write what is wrong, and it is noted."), rows)
    return Message(say("{point} — which thing?", point=_named(say, point)), rows)


def which_symptom(say: Say, book: Rulebook, seen: Seen, point: PointRule) -> Message:
    """A point whose thing can be wrong in several ways: how?"""
    about = f"{seen.one.id}:{point.id}:0:{point.item}"
    buttons = [Button(say.of(each), f"point:{about}:{each.id}") for each in book.symptoms_of(point.item)]
    rows = (*abreast(buttons), (_back(say, seen.one),))
    return Message(say("{point} — what is wrong?", point=_named(say, point)), rows)


def _named(say: Say, point: PointRule) -> Html:
    return marked("{icon} {name}", icon=point.icon, name=say.of(point))


def _back(say: Say, one: Evaluation) -> Button:
    return Button(say.plain("‹ Go back"), f"point:{one.id}")


def noted(say: Say, book: Rulebook, seen: Seen, point: str, photos: int | None = None) -> Message:
    """What was just sent is noted. `photos`: how many there are by now; None: it was words."""
    rule = next((one for one in book.evaluation if one.id == point), None)
    where = say.of(rule) if rule is not None else say.plain("the whole")
    if photos is None:
        text = say("💬 Noted under: {point}", point=where)
    else:
        text = say.many(
            "📷 Taken, under: {point} ({n} photo by now)",
            "📷 Taken, under: {point} ({n} photos by now)",
            photos,
            point=where,
        )
    return Message(text, ((Button(say.plain("▶️ Back to the points"), f"point:{seen.one.id}"),),))


def too_many_photos(say: Say, seen: Seen, most: int) -> Message:
    """Enough pictures for one evaluation."""
    text = say.many(
        "{n} photo is enough; this one was left out.", "{n} photos are enough; this one was left out.", most
    )
    return Message(text, ((Button(say.plain("▶️ Back to the points"), f"point:{seen.one.id}"),),))


def still_open(say: Say, book: Rulebook, one: Evaluation) -> str:
    """A word at the button: which points are not judged yet."""
    return say.plain(
        "Not looked at yet: {points}", points=say.listed(say.of(each) for each in not_looked_at(book.evaluation, one))
    )


def not_under_way(say: Say) -> Message:
    """A button of one that is done, thrown away or withdrawn."""
    return Message(say("This evaluation is not under way any more. /evaluate begins a new one."), in_place=True)


def thrown_away(say: Say, station: Station) -> Message:
    """Gone, with its photos."""
    begin = Button(label(say), f"evaluate:{station.code}")
    return Message(say("🗑 Thrown away: nothing of it is kept."), ((begin,),), in_place=True)


# ── the result ────────────────────────────────────────


def result(say: Say, facts: Facts, seen: Seen, *, mine: bool = False) -> Message:
    """A finished evaluation. `mine`: whoever looks made it, and may take it back for a while."""
    one, book = seen.one, facts.book(seen.station)
    if one.withdrawn_at is not None:
        return withdrawn(say, seen.station)
    lines = [_verdict(say, book, seen), _by(say, book, seen), "", *_points(say, book, one), *_whole(say, one)]
    if one.failed:
        lines += ["", _what_follows(say, one)]
    return Message("\n".join(line for line in lines if line is not None), _result_rows(say, book, one, mine))


def _verdict(say: Say, book: Rulebook, seen: Seen) -> Html:
    n, name = len(seen.one.failed), short_name(book, seen.station)
    if n == 0:
        return say("✅ <b>Evaluated, all fine · {station}</b>", station=name)
    return say.many(
        "📝 <b>Evaluated, {n} point not fine · {station}</b>",
        "📝 <b>Evaluated, {n} points not fine · {station}</b>",
        n,
        station=name,
    )


def _by(say: Say, book: Rulebook, seen: Seen) -> Html:
    done = seen.one.done_at or seen.one.begun_at
    there = done.astimezone(SHANGHAI)
    when = times.day_and_time(say, there, there)
    role = say.of(book.role_name(seen.role)) if seen.role is not None else ""
    who = " ".join(part for part in (role, seen.name) if part)
    kind = say.plain("regular") if seen.one.regular else say.plain("in between")
    return marked("{parts}", parts=" · ".join(part for part in (who, kind, when) if part))


def _what_follows(say: Say, one: Evaluation) -> Html:
    n = len(one.tickets)
    return say.many("It is reported, {n} ticket.", "They are reported, {n} tickets.", n)


def _result_rows(say: Say, book: Rulebook, one: Evaluation, mine: bool) -> Rows:
    failed = {each.ticket: each for each in reversed(one.failed) if each.ticket is not None}
    rows = [
        (Button(f"🔧 {fault(say, book, each.item, each.symptom)}"[:48], f"ticket:{id}"),) for id, each in failed.items()
    ]
    rows.reverse()
    photos = (Button(say.plain("🖼 Photos"), f"evaluated:{one.id}:photos"),) if any((one.photos or {}).values()) else ()
    undo = (Button(say.plain("↩️ Take it back"), f"evaluated:{one.id}:undo"),) if mine else ()
    return (*rows, *((row) for row in ((*photos, *undo),) if row))


def withdrawn(say: Say, station: Station) -> Message:
    """To whoever took it back."""
    text = say("↩️ Taken back: this evaluation of “{station}” does not count, nor do its tickets.", station=station.name)
    return Message(text, ((Button(label(say), f"evaluate:{station.code}"),),))


def too_late(say: Say) -> str:
    """A word at the button: the time for taking it back is over."""
    return say.plain("Too late to take it back. What is wrong in it can be settled on the tickets.")


def told(say: Say, facts: Facts, seen: Seen) -> Message:
    """The manager's one message."""
    return result(say, facts, seen)


def corrected(say: Say, _facts: Facts, seen: Seen) -> Message:
    """To whoever had heard of it."""
    return Message(say("↩️ The evaluation of “{station}” was taken back: it does not count.", station=seen.station.name))


def under_a_photo(say: Say, book: Rulebook, point: str) -> Html:
    """What one of its photos is of."""
    rule: PointRule | None = next((one for one in book.evaluation if one.id == point), None)
    return marked("{name}", name=say.of(rule) if rule is not None else say.plain("the whole"))
