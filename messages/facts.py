"""改信息: what we say of a station, fact by fact; before and after; what was mended, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from messages import answer, times
from messages.import_report import field as field_name
from messages.message import Button, Message, abreast
from messages.pages import page_of
from messages.station import Facts, freshness, short_name
from messages.words import Html, Say, marked
from rules.facts import ENTRY_WAYS, FACILITY, PHOTO, THERE, TYPED, Correction, PhoneProblem
from rules.hours import SHANGHAI, Timetable
from rules.hours.text import Reading
from rules.lists.warnings import metres
from rules.rulebook import Rulebook
from rules.station import Position, Station

PAGE = 8  # corrections in one message
MOST_ASKED = 5  # stations in one question
SHOWN = 80  # characters of a value in a line

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class OfDay:
    """What one message to a head told of. `first` and `last`: the notices it was made of, named in its buttons."""

    changes: Sequence[Seen]
    first: int
    last: int
    page: int = 1

    @property
    def token(self) -> str:
        return f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Seen:
    """A correction with whose it is. `may`: whoever reads it may put the old value back."""

    one: Correction
    station: Station
    name: str = ""
    may: bool = False


def label(say: Say) -> str:
    """The button on a card of one's own station."""
    return say.plain("✏️ Correct what we say")


# ── which fact ────────────────────────────────────────


def overview(say: Say, book: Rulebook, station: Station, *, proxy: bool) -> Message:
    """Every fact that can be mended as it stands, and a button each."""
    code = station.code
    lines = [_stands(say, name, station.hours_text if name == "hours" else getattr(station, name)) for name in TYPED]
    lines.append(_stands(say, "position", "" if station.position is None else say.plain("on the map")))
    things = say.listed(_thing(say, book, one.kind) for one in station.facilities)
    lines.append(say("{name}: {value}", name=say.plain("facilities"), value=things or "—"))
    title = say("✏️ <b>{station}</b>: which of these is wrong?", station=station.name)
    note = say("You do it for them: your name stands with it.") if proxy else Html("")
    rows = (
        (_to(say, code, "hours"), _to(say, code, "public_phone")),
        (_to(say, code, "entry"), Button(say.plain("facilities").capitalize(), f"facts:{code}:facility")),
        (_to(say, code, "floor"), _to(say, code, "landmark")),
        (Button(say.plain("📍 Send the position from the spot"), f"facts:{code}:position"),),
        (Button(say.plain("🖼 Photos of the place"), f"facts:{code}:photo"),),
        (Button(say.plain("What was mended"), f"facts:{code}:log"), _to_card(say, station)),
    )
    return Message("\n\n".join(part for part in (title, "\n".join(lines), note) if part), rows)


def _stands(say: Say, name: str, value: str) -> Html:
    return say("{name}: {value}", name=_field(say, name), value=_cut(value) or "—")


def _to(say: Say, code: str, name: str) -> Button:
    return Button(_field(say, name).capitalize(), f"facts:{code}:{name}")


def _to_card(say: Say, station: Station) -> Button:
    return Button(say.plain("Its card"), f"card:{station.code}")


def _back(say: Say, station: Station) -> tuple[Button, ...]:
    return (Button(say.plain("‹ Go back"), f"facts:{station.code}:all"),)


# ── what is it then ───────────────────────────────────


def ask(say: Say, station: Station, field: str) -> Message:
    """How it stands, and how to write the right one."""
    now = {"hours": station.hours_text, "position": ""}.get(field) or getattr(station, field, "")
    head = _stands(say, field, str(now)) if field in TYPED else Html("")
    rows: Rows = ()
    if field == "entry":
        ways = [Button(way, f"facts:{station.code}:entry:{n}") for n, way in enumerate(ENTRY_WAYS)]
        rows = abreast(ways, 3)
    title = marked("✏️ <b>{station}</b>", station=station.name)
    top = "\n".join(line for line in (title, head) if line)
    return Message(f"{top}\n\n{_how(say, field)}", (*rows, _back(say, station)))


def _how(say: Say, field: str) -> Html:
    match field:
        case "hours":
            return say("When is it open? Type it the way a notice says it, e.g. “周一至周五 8:30-17:30，节假日休息”.")
        case "public_phone":
            return say(
                "Which number may everybody call? It is shown to the public. A landline with its area code, "
                "e.g. 023-65001234. None: type 无."
            )
        case "entry":
            return say("How does one get in? Press one, or type it.")
        case "floor":
            return say("Which floor? E.g. 1楼大厅. None: type 无.")
        case "landmark":
            return say("What is beside it, for somebody looking for the door? None: type 无.")
    return say(
        "Stand at the station's door and send your position: 📎, then Location, then send the current one. "
        "It becomes the station's position."
    )


def facilities(say: Say, book: Rulebook, station: Station) -> Message:
    """Everything the rulebook knows: ticked what the station has. A tap is asked about once more."""
    has = {one.kind for one in station.facilities}
    buttons = [
        Button(f"{'✅' if one.id in has else '▫️'} {say.of(one)}", f"facts:{station.code}:facility:{one.id}")
        for one in book.facilities
    ]
    rows = abreast(buttons)
    text = say("<b>{station}</b>: tap what is there now, or no longer is.", station=station.name)
    broken = say("Something is broken and will be repaired? Report it instead; it stays on the list.")
    row = (Button(say.plain("🔧 Report a fault"), f"report:{station.code}"),)
    return Message(f"{text}\n{broken}", (*rows, row, _back(say, station)))


def photos_asked(say: Say, station: Station, n: int, shows: str = "") -> Message:
    """Which photo, or: send it now. `n`: how many there are."""
    code = station.code
    rows: Rows = (
        (
            Button(say.plain("🚪 The door from outside"), f"facts:{code}:photo:outside"),
            Button(say.plain("🛋 Inside"), f"facts:{code}:photo:inside"),
        ),
    )
    if shows:
        text = say("Send the photo now: the door as somebody coming along the street sees it. No faces, please.")
        if shows == "inside":
            text = say("Send the photo now: what it looks like inside. No faces, please.")
        return Message(text, (_back(say, station),))
    text = say.many(
        "<b>{station}</b>: {n} photo. Which one is new?",
        "<b>{station}</b>: {n} photos. Which one is new?",
        n,
        station=station.name,
    )
    there = (photos_button(say, station),) if n else ()
    return Message(text, tuple(row for row in (*rows, there, _back(say, station)) if row))


def photos_button(say: Say, station: Station) -> Button:
    """Shows the photos of a station to whoever looks at its card."""
    return Button(say.plain("🖼 What it looks like"), f"photos:{station.code}")


def photo(say: Say, station: Station, shows: str, content: bytes) -> Message:
    """One of them."""
    what = say("inside") if shows == "inside" else say("outside")
    return Message(marked("{station} · {what}", station=station.name, what=what), image=content)


def no_photo(say: Say, station: Station) -> Message:
    """None any more."""
    return Message(say("There is no photo of it now."), ((_to_card(say, station),),))


# ── what cannot be read ───────────────────────────────


def hours_unread(say: Say, station: Station, reading: Reading) -> Message:
    """Said, never guessed: which words we did not understand."""
    known = {
        "no_times": say("There are no times in it."),
        "impossible_time": say("There is no such time: “{words}”.", words=_cut(reading.fragment)),
        "contradiction": say("The times contradict each other."),
        "season": say("The rulebook does not say when this season is: “{words}”.", words=_cut(reading.fragment)),
    }
    why = known.get(reading.problem, say("I do not understand “{words}”.", words=_cut(reading.fragment)))
    more = say("Nothing was changed. Once more, e.g. “周一至周五 8:30-17:30，周六 9:00-12:00”.")
    return Message(f"{why}\n{more}", (_back(say, station),))


def phone_unread(say: Say, station: Station, problem: PhoneProblem) -> Message:
    """Why this is no number to show."""
    known = {
        "no_area_code": say("A landline needs its area code, so that it can be dialled from a mobile."),
        "too_long": say("This landline has too many or too few digits."),
    }
    why = known.get(problem, say("That is no complete phone number: a mobile has 11 digits."))
    more = say("Nothing was changed. Once more, please.")
    return Message(f"{why}\n{more}", (_back(say, station),))


def too_long(say: Say, station: Station, most: int) -> Message:
    """A card has no room for it."""
    text = say("That is too long for a card: at most {n} characters. Once more, please.", n=most)
    return Message(text, (_back(say, station),))


def asked_before(say: Say, station: Station) -> Message:
    """The answer to a question that is over."""
    return Message(
        say("That was asked too long ago, and nothing was changed. Once more, please."), (_again(say, station),)
    )


def ticket_first(say: Say, book: Rulebook, station: Station, kind: str, ticket: int) -> Message:
    """It is reported, and somebody sees to it: that ends first."""
    text = say("There is an open ticket about it: {thing}. Settle that first.", thing=_thing(say, book, kind))
    return Message(text, ((Button(say.plain("🗂 The ticket"), f"ticket:{ticket}"),), _back(say, station)))


# ── before and after ──────────────────────────────────


@dataclass(frozen=True, slots=True)
class Proposed:
    """What would be mended. `press`: what its button does; `far`: metres a position would move, where that is far."""

    station: Station
    field: str
    before: Any
    after: Any
    press: str
    far: float | None = None
    outside: bool = False  # of the city's territory


def confirm(say: Say, book: Rulebook, one: Proposed, timetable: Timetable | None, now: datetime) -> Message:
    """Before → after, and yes or no; hours as seven days, so that a slip is seen."""
    title = marked("✏️ <b>{station}</b>", station=one.station.name)
    parts = [title, change(say, book, one.field, one.before, one.after)]
    if timetable is not None:
        days = times.seven_days(say, timetable, now.astimezone(SHANGHAI).date())
        parts.append(Html("\n".join(marked("🕘 {line}", line=line) for line in days)))
    if one.field == "public_phone" and one.after:
        parts.append(say("Everybody will see this number."))
    if one.far is not None:
        parts.append(
            say(
                "⚠️ That is {distance} away from where it was. Are you at its door?",
                distance=answer.metres(say, one.far),
            )
        )
    if one.outside:
        parts.append(say("⚠️ That is outside {territory}.", territory=say.of(book.territory)))
    yes = say.plain("Yes, I am at its door") if one.far is not None else say.plain("✅ Right, change it")
    here = (Button(say.plain("🔎 No, find stations near me"), "near"),) if one.field == "position" else ()
    rows = tuple(row for row in ((Button(yes, f"mend:{one.press}"),), here, _back(say, one.station)) if row)
    return Message("\n\n".join(parts), rows)


def change(say: Say, book: Rulebook, field: str, before: Any, after: Any) -> Html:
    """One fact: 开放时间：旧 → 新."""
    if field.startswith(FACILITY):
        name = _thing(say, book, field.removeprefix(FACILITY))
        if after in THERE:
            return say("<b>{thing}</b>: there is one now", thing=name)
        return say("<b>{thing}</b>: there is none any more", thing=name)
    if field == "position":
        return _moved(say, before, after)
    if field.startswith(PHOTO):
        return _photo_changed(say, field.removeprefix(PHOTO), after)
    old, new = (_value(field, one) for one in (before, after))
    return say("<b>{name}</b>: {old} → {new}", name=_field(say, field), old=old, new=new)


def _photo_changed(say: Say, shows: str, after: Any) -> Html:
    if after is None:
        return say("<b>photo</b>: taken away")
    return (
        say("<b>photo</b>: a new one of the inside")
        if shows == "inside"
        else say("<b>photo</b>: a new one of the door")
    )


def _moved(say: Say, before: Any, after: Any) -> Html:
    if after is None:
        return say("<b>position</b>: taken off the map")
    if before is None:
        return say("<b>position</b>: on the map now")
    far = metres(Position(before[0], before[1]), Position(after[0], after[1]))
    return say("<b>position</b>: moved by {distance}", distance=answer.metres(say, far))


def _value(field: str, value: Any) -> str:
    text = (value[1] or value[0]) if field == "hours" else value
    return _cut(str(text or "")) or "—"


# ── it is changed ─────────────────────────────────────


def mended(say: Say, facts: Facts, seen: Seen, *, ticket: int | None = None) -> Message:
    """已改; 撤销; the ticket that said the information was wrong may end now."""
    one, station = seen.one, seen.station
    done = say("✅ Changed, and in every answer from now on.")
    parts = [
        done,
        marked("📍 {name}", name=station.name),
        change(say, facts.book(station), one.field, one.before, one.after),
    ]
    if one.proxy:
        parts.append(say("Done for them by: {who}", who=seen.name or say.plain("somebody of the staff")))
    settle = (Button(say.plain("✅ The information ticket is settled"), f"fixed:{ticket}"),) if ticket else ()
    rows = (
        settle,
        (Button(say.plain("Take it back"), f"unmend:{one.id}"), _again(say, station)[0]),
        (_to_card(say, station),),
    )
    return Message("\n".join(parts), tuple(row for row in rows if row))


def same_already(say: Say, station: Station) -> Message:
    """Nothing to change."""
    return Message(say("That is what we say already."), (_again(say, station), (_to_card(say, station),)))


def _again(say: Say, station: Station) -> tuple[Button, ...]:
    return (Button(say.plain("✏️ Mend something else"), f"facts:{station.code}"),)


def taken_back(say: Say, facts: Facts, seen: Seen, outcome: str) -> Message:
    """What became of it, where nothing else is shown."""
    station = seen.station
    return Message(became(say, facts, seen, outcome), (_again(say, station), (_to_card(say, station),)))


def became(say: Say, facts: Facts, seen: Seen, outcome: str) -> Html:
    """The old value is back; or somebody mended it again since, it was taken back already, the minutes are over."""
    if outcome == "done":
        one, station = seen.one, seen.station
        back = change(say, facts.book(station), one.field, one.after, one.before)
        return Html(say("↩️ Taken back: {station}", station=station.name) + "\n" + back)
    known = {
        "changed": say("It was changed again since: that stays as it is."),
        "listed": say("A list that came in since says otherwise: that stands now. If it is wrong, mend it anew."),
        "late": say("It is too late to take it back with one tap. If it is wrong, mend it anew."),
    }
    return known.get(outcome, say("It was taken back already."))


# ── what was mended ───────────────────────────────────


def log(
    say: Say, facts: Facts, station: Station, changes: Sequence[Seen], now: datetime, *, done: Html | None = None
) -> Message:
    """The newest corrections of a station; a head takes one back here too. `done`: said first."""
    title = say("✏️ <b>{station}</b>: mended on the spot", station=station.name)
    if not changes:
        nothing = say("Nothing yet.")
        return Message(f"{title}\n{nothing}", (_back(say, station),))
    lines = [_logged(say, facts, n, one, now, named=False) for n, one in enumerate(changes, 1)]
    text = "\n\n".join((*((done,) if done else ()), title, *lines))
    return Message(text, (*_back_rows(say, enumerate(changes, 1), "log"), _back(say, station)))


def day(say: Say, facts: Facts, found: OfDay, now: datetime, *, done: Html | None = None) -> Message:
    """To a head, once a day: what was mended at their stations, before and after, a few a page. `done`: said first."""
    n = len(found.changes)
    title = say.many(
        "✏️ <b>{n} fact was mended at your stations</b>", "✏️ <b>{n} facts were mended at your stations</b>", n
    )
    there = page_of(list(enumerate(_by_place(found.changes), 1)), found.page, PAGE)
    lines = [_logged(say, facts, number, one, now, named=True) for number, one in there.shown]
    turning = there.turning(lambda label, to: Button(label, f"mended:{found.token}:{to}"))
    rows = (*_back_rows(say, there.shown, f"{found.token}:{there.number}"), *turning)
    return Message("\n\n".join((*((done,) if done else ()), title, *lines)), rows)


def _by_place(changes: Sequence[Seen]) -> list[Seen]:
    """A station's beside each other."""
    return sorted(changes, key=lambda seen: (seen.station.area, seen.station.name, seen.station.id, seen.one.id))


def day_is_over(say: Say) -> Message:
    """The pages of a message that nothing is left of."""
    text = say("Nothing is left of that list. What was mended at a station stands on its card, under “✏️”.")
    return Message(text, ((Button(say.plain("🏠 Back"), "home:1"),),))


def _logged(say: Say, facts: Facts, number: int, seen: Seen, now: datetime, *, named: bool) -> Html:
    one, book = seen.one, facts.book(seen.station)
    when = times.past(say, one.at, now)
    who = seen.name or say.plain("somebody of the staff")
    by = say("for them: {who}, {time}", who=who, time=when) if one.proxy else say("{who}, {time}", who=who, time=when)
    gone = say(" · taken back") if one.undone_at is not None else Html("")
    if one.undone_at is not None and one.undone_by is None:
        gone = say(" · a newer list says otherwise")
    where = marked("{place} · ", place=short_name(book, seen.station)) if named else Html("")
    what = change(say, book, one.field, one.before, one.after)
    return marked("{number}. {where}{what}\n{by}{gone}", number=number, where=where, what=what, by=by, gone=gone)


def _back_rows(say: Say, changes: Iterable[tuple[int, Seen]], where: str) -> Rows:
    """A button each. `where`: the list they stand in, which stays when one is pressed."""
    buttons = [
        Button(say.plain("↩️ Take back {n}", n=n), f"unmend:{seen.one.id}:{where}")
        for n, seen in changes
        if seen.may and seen.one.undone_at is None
    ]
    return abreast(buttons)


def taken_back_notice(say: Say, facts: Facts, seen: Seen) -> Message:
    """To whoever mended it: a head put the old value back."""
    one, station = seen.one, seen.station
    who = seen.name or say.plain("somebody of the staff")
    text = say("↩️ {who} put back what you changed at {station}.", who=who, station=station.name)
    back = change(say, facts.book(station), one.field, one.after, one.before)
    return Message(f"{text}\n{back}", (_again(say, station), (_to_card(say, station),)))


# ── is it still so ────────────────────────────────────


def still(say: Say, facts: Facts, old: Sequence[Station], now: datetime) -> Message:
    """To whoever keeps them: a tap each where all is right, or to what is not."""
    shown = old[:MOST_ASKED]
    parts = [say("🔎 <b>Is this still right?</b> One tap each."), *(_as_told(say, facts, one, now) for one in shown)]
    if len(old) > len(shown):
        parts.append(say.many("{n} more comes after these.", "{n} more come after these.", len(old) - len(shown)))
    rows = tuple(
        (
            Button(say.plain("✅ All right: {name}", name=short_name(facts.book(one), one))[:48], f"still:{one.code}"),
            Button(say.plain("✏️ Not right"), f"facts:{one.code}"),
        )
        for one in shown
    )
    return Message("\n\n".join(parts), rows)


def _as_told(say: Say, facts: Facts, one: Station, now: datetime) -> Html:
    book = facts.book(one)
    hours = one.hours_text or one.hours or say.plain("not known")
    things = say.listed(_thing(say, book, each.kind) for each in one.facilities)
    told = " · ".join(part for part in (_cut(hours), one.public_phone, _cut(things)) if part)
    return marked("<b>{name}</b>\n{told}\n{fresh}", name=one.name, told=told, fresh=freshness(say, one, now))


def all_fresh(say: Say) -> Message:
    """Nothing left to look at."""
    return Message(say("✅ Thank you. Everything of yours was looked at."))


# ── words ─────────────────────────────────────────────


def _field(say: Say, name: str) -> str:
    return field_name(say, name)


def _thing(say: Say, book: Rulebook, kind: str) -> str:
    rule = book.facility(kind)
    return say.of(rule) if rule is not None else kind


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
