"""Who holds what: the list, ending a role, the keyboard of those who hold one, and what others hear of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from messages import hello, home, times
from messages.due import due_label
from messages.message import Button, Key, Message
from messages.pages import page_of
from messages.register import register_label
from messages.report import report_label, supplies_label, tickets_label
from messages.station import fault, short_name
from messages.words import Html, Say, marked
from rules.hours import SHANGHAI
from rules.parts import RoleKind
from rules.roles import AT_A_STATION, MAY, Role, Scope, may_anywhere, tag
from rules.rulebook import Rulebook
from rules.station import Station
from rules.ticket import Ticket

PAGE = 8  # roles a page: what a screen holds with a button each
MOST_TICKETS = 10

# What others hear of without asking; `notice` puts each in words.
MOST_GREETED = 6  # roles named in a greeting
KINDS = ("handover", "ownerless", "role_over", "role_taken", "stand_in", "stand_in_over", "stand_in_alone")


@dataclass(frozen=True, slots=True)
class Holder:
    """A role with what is known of whoever holds it. `may_end`: whoever looks may end it."""

    role: Role
    book: Rulebook
    station: Station | None = None
    name: str = ""
    group: bool = False
    unreachable_since: datetime | None = None
    may_end: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody stands in for somebody until then."""

    name: str
    until: datetime


# ── keys ──────────────────────────────────────────────


def people_label(say: Say) -> str:
    """The key that lists who holds what."""
    return say.plain("👥 People")


def invite_label(say: Say) -> str:
    """The key that makes a link for somebody new."""
    return say.plain("✉️ Invite")


def stand_in_label(say: Say) -> str:
    """The key for who stands in."""
    return say.plain("🔁 Duty")


def staff_keyboard(say: Say, book: Rulebook, held: Sequence[Role]) -> tuple[tuple[Key, ...], ...]:
    """What stands under the typing box of somebody with roles: one's screen and what the month asks first.

    A stand-in gives no roles, so has no key for it.
    """
    may = frozenset().union(*(MAY[one.kind] for one in held))
    invites = may_anywhere([one for one in held if one.lent_by is None], "invite")
    acts = [Key(register_label(say)), Key(home.today_label(say))] if "act" in may else []
    first = [Key(home.label(say)), Key(due_label(say)), *acts]
    tickets = [Key(report_label(say)), Key(supplies_label(say))] if "report" in may else []
    people = [Key(people_label(say)), *([Key(invite_label(say))] if invites else [])] if "people" in may else []
    daily = (tuple(first), (*tickets, Key(tickets_label(say))))
    return (*daily, (*people, Key(stand_in_label(say)), *hello.keyboard(say, book)[0]))


# ── the list ──────────────────────────────────────────


def where(say: Say, book: Rulebook, scope: Scope, station: Station | None) -> str:
    """What a role covers: 示例一站, 小龙坎街道, 环卫系统, all stations."""
    if scope.station is not None:
        return short_name(book, station) if station is not None else "?"
    if scope.area:
        return scope.area.replace("/", " · ")
    return scope.system or say.plain("all stations")


def role_line(say: Say, one: Holder) -> Html:
    """管理员 · 示例一站."""
    role = say.of(one.book.role_name(one.role.kind))
    return marked("<b>{role}</b> · {where}", role=role, where=where(say, one.book, one.role.scope, one.station))


def greeting(say: Say, name: str, roles: Sequence[Html], keyboard: tuple[tuple[Key, ...], ...] | None) -> Message:
    """/start of somebody who holds a role: what they are here, and where to begin."""
    head = say("👋 {name}, here you are:", name=name) if name else say("👋 Here you are:")
    text = say(
        "📅 What is due this month. 🧮 How many came today.\n"
        "Is something broken or running out? Tap below, or just say so. A worker's questions work here as well."
    )
    return Message("\n".join([head, *roles[:MOST_GREETED], "", text]), keyboard=keyboard)


def nobody(say: Say) -> Message:
    """To whoever asks for the list and holds no role."""
    text = say(
        "You hold no role here. Whoever looks after stations gets a link from their union: open it, and the role is "
        "yours. To find a station you need none."
    )
    return Message(text)


def mine(say: Say, own: Sequence[Holder], lent: Sequence[tuple[Holder, Turn]], now: datetime) -> list[Html]:
    """What whoever looks holds themselves, and for whom they stand in."""
    lines = [say("<b>Your roles</b>")] if own or lent else []
    lines += [marked("• {line}", line=role_line(say, one)) for one in own]
    for one, turn in lent:
        until = times.day_and_time(say, shown_end(turn.until), now)
        line = role_line(say, one)
        lines.append(say("• {line} (for {name}, until {until})", line=line, name=turn.name, until=until))
    return lines


def people(
    say: Say,
    own: Sequence[Holder],
    lent: Sequence[tuple[Holder, Turn]],
    others: Sequence[Holder],
    page: int,
    now: datetime,
    *,
    may_invite: bool,
    in_place: bool,
) -> Message:
    """To /people: one's own roles first, then those within one's reach, so many a page."""
    there = page_of(others, page, PAGE)
    lines = mine(say, own, lent, now)
    if others:
        lines += [
            Html(""),
            say.many("<b>{n} role at your stations</b>", "<b>{n} roles at your stations</b>", len(others)),
        ]
        lines += [_holder(say, one, now) for one in there.shown]
    rows = [*(_leave(say, one) for one in own)] if there.number == 1 else []
    rows += [_end(say, one) for one in there.shown if one.may_end]
    rows += there.turning(lambda label, n: Button(label, f"people:{n}"))
    rows += [(Button(invite_label(say), "invite"),)] if may_invite else []
    return Message("\n".join(lines), tuple(rows), in_place=in_place)


def _holder(say: Say, one: Holder, now: datetime) -> Html:
    since = times.date_name(say, one.role.since.astimezone(SHANGHAI).date(), now.astimezone(SHANGHAI).date())
    line = say("{who} — {role}, since {since}", who=who(say, one), role=role_line(say, one), since=since)
    return Html(f"{line}\n    {lost}") if (lost := _unreachable(say, one, now)) else line


def who(say: Say, one: Holder) -> str:
    """张三; 张三的群 for a group that he brought in."""
    if one.group:
        return say.plain("the group of {name}", name=one.name) if one.name else say.plain("a group")
    return one.name or say.plain("(no name)")


def _unreachable(say: Say, one: Holder, now: datetime) -> Html | None:
    if one.unreachable_since is None:
        return None
    days = max((now - one.unreachable_since).days, 0)
    if days == 0:
        return say("⚠️ cannot be reached since today")
    return say.many("⚠️ cannot be reached for {n} day", "⚠️ cannot be reached for {n} days", days)


def _leave(say: Say, one: Holder) -> tuple[Button, ...]:
    place = where(say, one.book, one.role.scope, one.station)
    role = say.of(one.book.role_name(one.role.kind))
    label = say.plain("🚪 Give up: {role}, {where}", role=role, where=place)
    return (Button(label[:60], f"end:{one.role.id}"),)


def _end(say: Say, one: Holder) -> tuple[Button, ...]:
    place = where(say, one.book, one.role.scope, one.station)
    return (Button(say.plain("✖️ End: {who}, {where}", who=who(say, one), where=place)[:60], f"end:{one.role.id}"),)


# ── ending one ────────────────────────────────────────


def sure(say: Say, one: Holder, *, own: bool, open_tickets: int) -> Message:
    """Asked once more before a role ends."""
    line = role_line(say, one)
    if own:
        text = say("Give up this role?\n{line}", line=line)
    else:
        text = say("End the role of {who}?\n{line}", who=who(say, one), line=line)
    if open_tickets:
        text = Html(f"{text}\n{_passes_on(say, open_tickets)}")
    yes = Button(say.plain("Yes, it ends now"), f"end:{one.role.id}:yes")
    return Message(text, ((yes, Button(say.plain("No, leave it"), "people:1")),), in_place=True)


def _passes_on(say: Say, n: int) -> Html:
    return say.many(
        "{n} open ticket goes to whoever follows; until then to the next above.",
        "{n} open tickets go to whoever follows; until then to the next above.",
        n,
    )


def ended(say: Say, one: Holder, *, own: bool, alone: bool) -> Message:
    """It is over. `alone`: nobody of that kind is left there, and whoever asked is the one to see to it."""
    line = role_line(say, one)
    text = say("You no longer hold this role:\n{line}", line=line) if own else _ended(say, one, line)
    rows: tuple[tuple[Button, ...], ...] = ()
    if alone:
        text = Html(f"{text}\n\n{_vacant(say, one.book, one.role.kind)}")
        successor = _successor(say, one.book, one.role.kind, one.role.scope, one.station)
        rows = (successor, (Button(tickets_label(say), "tickets:1"),))
    return Message(text, rows, in_place=True)


def _ended(say: Say, one: Holder, line: Html) -> Html:
    return say("Ended: {who} no longer holds this role.\n{line}", who=who(say, one), line=line)


def a_worker_again(say: Say, book: Rulebook) -> Message:
    """Whoever holds no role any more gets everybody's keyboard back."""
    return Message(
        say("Thank you for your work. You can find a station here at any time."), keyboard=hello.keyboard(say, book)
    )


def over_already(say: Say) -> Message:
    """Pressed twice, or somebody else was faster."""
    return Message(say("This role is over already."), in_place=True)


def _vacant(say: Say, book: Rulebook, kind: RoleKind) -> Html:
    role = say.of(book.role_name(kind))
    return say("⚠️ There is no other {role} here now. Find a successor: one tap makes the link.", role=role)


def _successor(say: Say, book: Rulebook, kind: RoleKind, scope: Scope, station: Station | None) -> tuple[Button, ...]:
    label = say.plain("✉️ Invite a new {role}", role=say.of(book.role_name(kind)))
    if station is not None and kind in AT_A_STATION:
        return (Button(label, f"invite:{kind}:s:{station.code}"),)
    if scope.area:
        return (Button(label, f"invite:{kind}:a:{tag(scope.area)}"),)
    if scope.system:
        return (Button(label, f"invite:{kind}:y:{tag(scope.system)}"),)
    return (Button(label, f"invite:{kind}:all"),)


def ones_own(say: Say, bot: str) -> Message:
    """In a group, somebody presses what one person does alone: it asks and waits, or it is about where they are."""
    said = say("Let us do this in a chat of our own. What needs a role needs one of your own there.")
    return Message(said, ((Button(say.plain("💬 Open the chat"), url=f"https://t.me/{bot}?start=hi"),),))


def refused(say: Say) -> Message:
    """A button that is not for whoever pressed it: nothing happened, and what to do next."""
    text = say(
        "That is for those who are responsible here, and nothing was changed. If it should be you, ask the union above "
        "you for a link. /people shows the roles you hold."
    )
    return Message(text)


# ── what others hear ──────────────────────────────────


def notice(
    say: Say,
    book: Rulebook,
    kind: str,
    station: Station | None,
    about: Mapping[str, Any],
    tickets: Sequence[Ticket],
    names: Mapping[int, str],
    now: datetime,
) -> Message:
    """Any of KINDS, as it is owed. `names`: of about["people"]; `tickets`: those of about["tickets"]."""
    match kind:
        case "handover":
            return handover_notice(say, book, station, about, tickets, names)
        case "ownerless":
            return ownerless_notice(say, book, station, about, tickets)
        case "role_over" | "role_taken":
            return _of_a_role(say, book, kind, station, about, names)
    return _of_a_turn(say, book, kind, about, names, now)


def handover_notice(
    say: Say,
    book: Rulebook,
    station: Station | None,
    about: Mapping[str, Any],
    tickets: Sequence[Ticket],
    names: Mapping[int, str],
) -> Message:
    """To whoever is responsible from now on: what is open, and what the one before had promised, in one summary."""
    role, place = _of(say, book, about), where(say, book, _scope(about, station), station)
    still = [one for one in tickets if not one.over]
    if about.get("why") == "taken":
        head = say("🤝 <b>{where}</b> is yours now ({role}).", where=place, role=role)
    elif about.get("why") == "lent":
        head = say("🔁 What comes to you while you stand in for {name}:", name=_name(say, about, names))
    else:
        head = say("🤝 <b>{where}</b>: one {role} has left, you go on.", where=place, role=role)
    return _summary(say, book, head, about, still, ())


def ownerless_notice(
    say: Say, book: Rulebook, station: Station | None, about: Mapping[str, Any], tickets: Sequence[Ticket]
) -> Message:
    """To the nearest head: nobody is left there. What is open, and one tap to invite somebody new."""
    kind, scope = _kind(about), _scope(about, station)
    place = where(say, book, scope, station)
    role = _of(say, book, about)
    if about.get("why") == "unreachable":
        head = say(
            "⚠️ <b>{where}</b>: no {role} there can be reached now; until one can, it is yours.", where=place, role=role
        )
    else:
        head = say("⚠️ <b>{where}</b> has no {role} any more; until there is one it is yours.", where=place, role=role)
    still = [one for one in tickets if not one.over]
    return _summary(say, book, head, about, still, (_successor(say, book, kind, scope, station),))


def _summary(
    say: Say,
    book: Rulebook,
    head: Html,
    about: Mapping[str, Any],
    tickets: Sequence[Ticket],
    rows: tuple[tuple[Button, ...], ...],
) -> Message:
    promised = set(about.get("promises", ()))
    lines = [head]
    if tickets:
        lines.append(say.many("{n} thing is open:", "{n} things are open:", max(len(tickets), _number(about))))
    else:
        lines.append(say("Nothing is open there."))
    for one in tickets[:MOST_TICKETS]:
        line = marked("• {what}", what=_thing(say, book, one, about))
        lines.append(
            say("{line} — promised by whoever left, now open again", line=line) if one.id in promised else line
        )
    buttons = [(Button(_thing(say, book, one, about)[:60], f"ticket:{one.id}"),) for one in tickets[:MOST_TICKETS]]
    if _number(about) > len(buttons) > 0:
        buttons.append((Button(tickets_label(say), "tickets:1"),))
    return Message("\n".join(lines), (*buttons, *rows))


def _thing(say: Say, book: Rulebook, one: Ticket, about: Mapping[str, Any]) -> str:
    """微波炉坏了 · 示例一站; the station only where the summary is about several."""
    place = about.get("places", {}).get(str(one.id), "")
    what = fault(say, book, one.item, one.symptom)
    return ("❗ " if one.urgent else "") + what + (f" · {place}" if place else "")


def _of_a_role(
    say: Say, book: Rulebook, kind: str, station: Station | None, about: Mapping[str, Any], names: Mapping[int, str]
) -> Message:
    role, place = _of(say, book, about), where(say, book, _scope(about, station), station)
    if kind == "role_taken":
        name = _name(say, about, names)
        return Message(say("✅ {name} took your invitation: {role}, {where}.", name=name, role=role, where=place))
    text = say(
        "Your role has ended: {role}, {where}. You are no longer told of what happens there. Thank you for your work.",
        role=role,
        where=place,
    )
    return Message(text, keyboard=hello.keyboard(say, book) if about.get("last") else None)


def _of_a_turn(
    say: Say, book: Rulebook, kind: str, about: Mapping[str, Any], names: Mapping[int, str], now: datetime
) -> Message:
    name = _name(say, about, names)
    if kind == "stand_in":
        until = times.day_and_clock(say, shown_end(datetime.fromtimestamp(about["until"] / 1000, UTC)), now)
        back = Button(say.plain("🙋 I am back"), "stand_in:back")
        return Message(say("🔁 {name} stands in for you, until {until}.", name=name, until=until), ((back,),))
    if kind == "stand_in_over":
        keys = hello.keyboard(say, book) if about.get("last") else None
        return Message(say("🔁 Your turn for {name} is over. Thank you!", name=name), keyboard=keys)
    return Message(
        say("🔁 Whoever stood in for you no longer can. You receive everything yourself again. /standin finds another.")
    )


def shown_end(until: datetime) -> datetime:
    """A turn that ends at midnight ends at 23:59 for whoever reads of it."""
    return until - timedelta(minutes=1)


def _kind(about: Mapping[str, Any]) -> RoleKind:
    kind: RoleKind = about["as_role"]
    return kind


def _of(say: Say, book: Rulebook, about: Mapping[str, Any]) -> str:
    return say.of(book.role_name(_kind(about)))


def _scope(about: Mapping[str, Any], station: Station | None) -> Scope:
    return Scope(station.id if station is not None else None, about.get("area", ""), about.get("system", ""))


def _number(about: Mapping[str, Any]) -> int:
    """How many are open in all, where only the first are named."""
    return int(about.get("open", 0))


def _name(say: Say, about: Mapping[str, Any], names: Mapping[int, str]) -> str:
    return next((names[one] for one in about.get("people", ()) if names.get(one)), say.plain("a colleague"))
