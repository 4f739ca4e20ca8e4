"""已开门: one tap for all one's doors, behind another the exceptions; who has not said so, in one list for a head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from messages import due
from messages.message import Button, Message
from messages.pages import Page, page_of
from messages.station import Facts, short_name
from messages.undone import ALONE
from messages.words import Html, Say, marked
from rules.due import by_street, street
from rules.hours import SHANGHAI
from rules.morning import Door, Opened
from rules.station import Station

PAGE = 6  # doors on a page: their codes fit into a button together
LINES = 40  # stations on a page of the heads' list
BUTTONS = 8  # of those a head says it for
MOST_NAMED = 10  # stations nobody hears for
NOON = 12
MARK = "m"  # of buttons that stand above somebody's morning line

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whoever keeps these doors is asked. `mark` "m": in their morning line, which stays under it; else alone."""

    doors: Sequence[Door]
    now: datetime
    mark: str = ""

    @property
    def left(self) -> list[Door]:
        """What they can say by now and have not."""
        return [one for one in self.doors if one.sayable(self.now)]

    @property
    def at_once(self) -> list[Door]:
        """What one tap says: of a door somebody found locked it is said by its own."""
        return [one for one in self.left if not one.doubted]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A head's list: the doors nobody has said anything of in time, `of` how many that open today, `said` of how many.

    `alone`: stations where nobody can be reached here; `may_act`: the head may say it for them.
    """

    doors: Sequence[Door]
    of: int
    said: int
    alone: AbstractSet[int] = frozenset()
    may_act: bool = True


# ── whoever opens them ────────────────────────────────


def asked(
    say: Say, facts: Facts, found: Asked, page: int = 1, *, done: Html | None = None, in_place: bool = False
) -> Message:
    """The day's doors, each with its time; one tap for all, another for those that are not open."""
    there = page_of(found.doors, page, PAGE)
    lines = [*([done, Html("")] if done is not None else []), _head(say, facts, found)]
    if len(found.doors) > 1 or not found.left:
        lines += [_line(say, facts, one, found.now) for one in there.shown]
    turning = there.turning(lambda label, n: Button(label, f"opened:{found.mark}:p:{n}"))
    rows = (*_say_it(say, facts, found, there), *turning, *_mistaken(say, found))
    return Message("\n".join(lines), rows or (_to_the_list(say),), in_place=in_place)


def _head(say: Say, facts: Facts, found: Asked) -> Html:
    n = len(found.doors)
    if not n:
        return say("🔑 No door of yours is to open today.")
    if all(one.opened is not None for one in found.doors):
        return say("🔑 Noted, thank you 👍") if n == 1 else say("🔑 All {n} are open. Thank you 👍", n=n)
    if n == 1 and found.left:
        name, time = _name(facts, found.doors[0].station), _time(found.doors[0].opens_at)
        return say("🔑 <b>{name}</b> opens at {time}. Is it open?", name=name, time=time)
    return say.many("🔑 <b>{n} door opens today</b>", "🔑 <b>{n} doors open today</b>", n)


def _line(say: Say, facts: Facts, one: Door, now: datetime) -> Html:
    name, time = _name(facts, one.station), _time(one.opens_at)
    if one.opened is not None:
        at = _time(one.opened.at)
        if one.opened.proxy:
            return say("✅ {name}: open, {time}, said for them", name=name, time=at)
        return say("✅ {name}: open, {time}", name=name, time=at)
    if one.doubted:
        return say("🔒 {name}: {time}; somebody says it is locked", name=name, time=time)
    if not one.sayable(now):
        return say("⏳ {name}: not before {time}", name=name, time=time)
    return say("⬜ {name}: {time}", name=name, time=time)


def _say_it(say: Say, facts: Facts, found: Asked, there: Page[Door]) -> Rows:
    """All at once, and the exceptions; of a last one, or of one somebody found locked, its own row."""
    at_once = found.at_once
    rows: list[tuple[Button, ...]] = []
    if len(at_once) > 1:
        rows.append((Button(say.plain("✅ All {n} are open", n=len(at_once)), f"opened:{found.mark}:all"),))
        rows.append((Button(say.plain("Some are not…"), f"opened:{found.mark}:some:1"),))
    alone = [one for one in found.left if at_once == [one] or (one.doubted and one in there.shown)]
    return (*rows, *(_of_one(say, facts, found, one, there.number) for one in alone))


def _of_one(say: Say, facts: Facts, found: Asked, one: Door, page: int) -> tuple[Button, ...]:
    at, label = f"{one.station.code}:{page}", say.plain("✅ It is open")
    name = label if len(found.doors) == 1 else f"{label} {_name(facts, one.station)}"[:40]
    shut = Button(say.plain("🚫 Not open today"), f"opened:{found.mark}:shut:{at}")
    return (Button(name, f"opened:{found.mark}:one:{at}"), shut)


def _mistaken(say: Say, found: Asked) -> Rows:
    if not any(one.opened is not None for one in found.doors):
        return ()
    return ((Button(say.plain("↩️ A mistake…"), f"opened:{found.mark}:fix:1"),),)


def exceptions(
    say: Say, facts: Facts, found: Asked, page: int, ticked: AbstractSet[str], *, done: Html | None = None
) -> Message:
    """Which are not open? Tick those, or say that they do not open today; the rest is one tap."""
    there = page_of(found.at_once, page, PAGE)
    codes = [one.station.code for one in there.shown]
    chosen = frozenset(codes) & ticked
    rows = [_tick(say, facts, found, one, there.number, chosen) for one in there.shown]
    if n := len(codes) - len(chosen):
        label = say.plain_many("✅ The other {n} is open", "✅ The other {n} are open", n)
        rows.append((Button(label, f"opened:{found.mark}:rest:{there.number}:{','.join(sorted(chosen))}"),))
    rows += there.turning(lambda label, n: Button(label, f"opened:{found.mark}:some:{n}"))
    rows.append((Button(say.plain("‹ Go back"), f"opened:{found.mark}:p:1"),))
    ask = say("Tap those that are <b>not open yet</b>, then say it for the others with one tap.")
    return Message("\n\n".join(one for one in (done, ask) if one), tuple(rows), in_place=True)


def _tick(say: Say, facts: Facts, found: Asked, one: Door, page: int, ticked: AbstractSet[str]) -> tuple[Button, ...]:
    code = one.station.code
    then = ",".join(sorted(ticked ^ {code}))
    label = f"{'❌' if code in ticked else '⬜'} {_name(facts, one.station)} {_time(one.opens_at)}"[:40]
    shut = Button(say.plain("🚫 Not open today"), f"opened:{found.mark}:shut:{code}:s{page}")
    return (Button(label, f"opened:{found.mark}:some:{page}:{then}"), shut)


def mistakes(say: Say, facts: Facts, found: Asked, page: int, *, done: Html | None = None) -> Message:
    """Which of them is not open after all?"""
    there = page_of([one for one in found.doors if one.opened is not None], page, PAGE)
    rows: Rows = tuple((_undo(facts, found, one.station, there.number),) for one in there.shown)
    rows += there.turning(lambda label, n: Button(label, f"opened:{found.mark}:fix:{n}"))
    back = (Button(say.plain("‹ Go back"), f"opened:{found.mark}:p:1"),)
    text = "\n\n".join(one for one in (done, say("Which one is not open? Tap it.")) if one)
    return Message(text, (*rows, back), in_place=True)


def _undo(facts: Facts, found: Asked, one: Station, page: int) -> Button:
    return Button(f"↩️ {_name(facts, one)}"[:48], f"opened:{found.mark}:not:{one.code}:f{page}")


def together(door: Message, line: Message | None) -> Message:
    """The question above somebody's morning line: one message, with the buttons of both."""
    if line is None:
        return door
    return replace(door, text=f"{door.text}\n\n{line.text}", buttons=(*door.buttons, *line.buttons))


def noted(say: Say, n: int) -> Html:
    """So many are open."""
    return say.many("✅ Noted: {n} is open.", "✅ Noted: {n} are open.", n)


def noted_for(say: Say, name: str, by: str) -> Html:
    """One is, said by somebody for its own people."""
    return say("✅ Noted: {station} is open. Done for them: {name}", station=name, name=by)


def taken_back(say: Say, name: str) -> Html:
    """One is not, after all."""
    return say("↩️ Taken back: {name}", name=name)


def shut(say: Say, name: str, *, by: str = "") -> Html:
    """One does not open today; `by`: said for its own people."""
    if by:
        return say("🚫 Noted: {station} does not open today. Done for them: {name}", station=name, name=by)
    return say("🚫 Noted: {station} does not open today; whoever asks is told so.", station=name)


def known(say: Say) -> Html:
    """Somebody was faster, or it is a button of another day."""
    return say("That is known already.")


def too_early(say: Say, name: str, opens_at: datetime | None) -> Html:
    """It is not to open yet, or not today."""
    if opens_at is None:
        return say("{name} does not open today.", name=name)
    return say("{name} opens at {time}. Tap again when it is open.", name=name, time=_time(opens_at))


def open_yet(say: Say, facts: Facts, found: Asked) -> Message:
    """A head asks: those of their doors nobody has said anything of."""
    return asked(say, facts, found, done=say("📣 Not said yet. If it is open, one tap is enough."))


# ── on the card ───────────────────────────────────────


def on_card(say: Say, card: Message, one: Opened | None) -> Message:
    """🔑 今早 08:03 已开门, under the station's state."""
    if one is None:
        return card
    at = one.at.astimezone(SHANGHAI)
    if at.hour < NOON:
        line = say("🔑 Opened this morning at {time}", time=f"{at:%H:%M}")
    else:
        line = say("🔑 Opened today at {time}", time=f"{at:%H:%M}")
    state, gap, rest = card.text.partition("\n\n")
    return replace(card, text=f"{state}\n{line}{gap}{rest}")


# ── a head's list ─────────────────────────────────────


def unsaid(
    say: Say, facts: Facts, found: Unsaid, page: int, now: datetime, *, done: Html | None = None, in_place: bool = False
) -> Message:
    """Plain words to paste into the work group, by street; then what to do about it."""
    last = (Button(say.plain("↻ Again"), "opened:h:1"), *_to_the_list(say))
    if not found.doors:
        text = "\n\n".join(one for one in (done, _nobody_is_late(say, found)) if one)
        return Message(text, (last,), in_place=in_place)
    there = page_of(_in_order(found), page, LINES)
    lines = [*_list_head(say, found, there, now), "", *_by_street(say, facts, found, there.shown)]
    if any(one.endswith(ALONE) for one in lines):
        lines += ["", say.plain("{sign} Nobody there uses the bot, no reminder arrives", sign=ALONE.strip())]
    listed = marked("{text}", text="\n".join(lines))
    chase = Button(say.plain("📣 Remind them"), "opened:h:chase")
    acts = ((chase, Button(say.plain("✅ Say it for them…"), "opened:h:for:1")),) if found.may_act else ()
    rows = (*there.turning(lambda label, n: Button(label, f"opened:h:{n}")), *acts, last)
    return Message("\n\n".join(one for one in (done, listed) if one), rows, in_place=in_place)


def _nobody_is_late(say: Say, found: Unsaid) -> Html:
    return say.many(
        "🔑 {n} door opens today, {said} said to be open. Nobody is late.",
        "🔑 {n} doors open today, {said} said to be open. Nobody is late.",
        found.of,
        said=found.said,
    )


def _list_head(say: Say, found: Unsaid, there: Page[Station], now: datetime) -> list[str]:
    today, n = due.day(say, now.astimezone(SHANGHAI).date(), now), len(found.doors)
    title = say.plain("[Doors, {day}]", day=today)
    if there.pages > 1:
        title = say.plain("[Doors, {day}] ({part}/{of})", day=today, part=there.number, of=there.pages)
    many = say.plain_many(
        "{n} of {of} that open today has not said so", "{n} of {of} that open today have not said so", n, of=found.of
    )
    return [title, many, say.plain("As of {time}", time=_time(now))]


def _in_order(found: Unsaid) -> list[Station]:
    """Street by street."""
    return [one for _, some in by_street(each.station for each in found.doors) for one in some]


def _by_street(say: Say, facts: Facts, found: Unsaid, shown: Sequence[Station]) -> Iterable[str]:
    """The page's lines under their streets, each street's number being that of the whole list."""
    at = {one.station.id: one.opens_at for one in found.doors}
    sizes = {name: len(some) for name, some in by_street(one.station for one in found.doors)}
    before = None
    for one in shown:
        if (name := street(one.area)) != before:
            yield say.plain("■ {street}: {n}", street=due.street_name(say, name), n=sizes[name])
            before = name
        line = say.plain("· {name} ({time})", name=_name(facts, one), time=_time(at[one.id]))
        yield f"{line}{ALONE}" if one.id in found.alone else line


def for_them(say: Say, facts: Facts, found: Unsaid, page: int, *, done: Html | None = None) -> Message:
    """For whom? One tap each."""
    there = page_of(_in_order(found), page, BUTTONS)
    rows = [(Button(f"✅ {_name(facts, one)}"[:60], f"opened:h:did:{one.code}:{there.number}"),) for one in there.shown]
    turning = there.turning(lambda label, n: Button(label, f"opened:h:for:{n}"))
    back = (Button(say.plain("‹ The list"), "opened:h:1"),)
    some = say("Which ones are open? Your name stands with it.")
    ask = some if found.doors else say("Nothing is missing any more 👍")
    return Message("\n\n".join(one for one in (done, ask) if one), (*rows, *turning, back), in_place=True)


def chased(say: Say, facts: Facts, people: int, alone: Sequence[Station], *, before: int = 0) -> Html:
    """They are reminded: how many people, `before` how many were today already, and for whom nobody hears."""
    lines = []
    if people:
        lines.append(say.many("📣 {n} person is reminded.", "📣 {n} people are reminded.", people))
    elif before:
        lines.append(say("📣 They were reminded today. A call is faster now."))
    if alone:
        names = say.listed(_name(facts, one) for one in alone[:MOST_NAMED])
        more = say.plain("{names} …", names=names) if len(alone) > MOST_NAMED else names
        lines.append(say("📵 Nobody is reached for {names}. A call helps.", names=more))
    return Html("\n".join(lines))


# ── parts ─────────────────────────────────────────────


def _name(facts: Facts, station: Station) -> str:
    return short_name(facts.book(station), station)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%H:%M}"


def _to_the_list(say: Say) -> tuple[Button, ...]:
    return (Button(due.due_label(say), "due"),)
