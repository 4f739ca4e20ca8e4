"""An invitation: whom, where, the link to pass on; and what somebody hears who opens one."""

from __future__ import annotations

from datetime import datetime

from messages import people, times
from messages.message import Button, Key, Message
from messages.pages import page_of
from messages.station import Facts, short_name
from messages.words import Html, Say
from rules.hours import SHANGHAI
from rules.invitations import Choice
from rules.parts import RoleKind
from rules.roles import Scope, tag
from rules.rulebook import Rulebook
from rules.station import Station

PAGE = 8  # places a page


def which_role(say: Say, book: Rulebook, kinds: tuple[RoleKind, ...], *, in_place: bool) -> Message:
    """Whom? Only what may be given."""
    rows = tuple((Button(say.of(book.role_name(kind)), f"invite:{kind}"),) for kind in kinds)
    return Message(say("Whom do you invite?"), rows, in_place=in_place)


def which_place(say: Say, facts: Facts, found: Choice, page: int) -> Message:
    """Where? Down the areas to a station, or to the area itself."""
    role = say.of(facts.home.role_name(found.kind))
    rows = [*_whole(say, found), *_parts(say, found), *_stations(facts, found)]
    there, node = page_of(rows, page, PAGE), tag(found.node) if found.node else "-"
    turning = there.turning(lambda label, n: Button(label, f"invite:{found.kind}:in:{node}:{n}"))
    back = (Button(say.plain("↩️ Another role"), "invite"),)
    text = say("{role}: for which place? Tap it below.", role=role) if rows else say("There is no station here yet.")
    return Message(text, (*((one,) for one in there.shown), *turning, back), in_place=True)


def _whole(say: Say, found: Choice) -> list[Button]:
    rows = [Button(say.plain("✅ All stations"), f"invite:{found.kind}:all")] if found.everything else []
    if found.here:
        label = say.plain("✅ All of {area}", area=found.node.split("/")[-1])
        rows.append(Button(label[:60], f"invite:{found.kind}:a:{tag(found.node)}"))
    return rows


def _parts(say: Say, found: Choice) -> list[Button]:
    areas = [Button(f"📂 {one.split('/')[-1]}"[:60], f"invite:{found.kind}:in:{tag(one)}") for one in found.areas]
    systems = [
        Button(say.plain("✅ System: {system}", system=one)[:60], f"invite:{found.kind}:y:{tag(one)}")
        for one in found.systems
    ]
    return areas + systems


def _stations(facts: Facts, found: Choice) -> list[Button]:
    return [
        Button(short_name(facts.book(one), one)[:60], f"invite:{found.kind}:s:{one.code}") for one in found.stations
    ]


def made(
    say: Say,
    book: Rulebook,
    kind: RoleKind,
    scope: Scope,
    station: Station | None,
    *,
    id: int,
    payload: str,
    bot: str,
    until: datetime,
) -> tuple[Message, Message]:
    """The link: what to do with it, and the message to pass on as it is."""
    void = Button(say.plain("🚫 Make the link void"), f"void:{id}")
    hint = say(
        "Forward the next message to whoever it is for. The link works once, until {time}: whoever opens it first has "
        "the role.",
        time=times.day_name(say, until.astimezone(SHANGHAI).date(), until.astimezone(SHANGHAI).date()),
    )
    role, place = say.of(book.role_name(kind)), people.where(say, book, scope, station)
    text = say(
        "✉️ You are invited: <b>{role}</b>, <b>{where}</b>.\nOpen this link and press Start:\n{link}\n\n"
        "If it does not open, send @{bot} this line:\n<code>{payload}</code>",
        role=role,
        where=place,
        link=link(bot, payload),
        bot=bot,
        payload=payload,
    )
    return Message(hint, ((void,),)), Message(text)


def link(bot: str, payload: str) -> str:
    """What opens our chat with the payload."""
    return f"https://t.me/{bot}?start={payload}"


def void(say: Say) -> Message:
    """The link was made void."""
    return Message(say("The link is void now; nobody can use it any more."), in_place=True)


def void_already(say: Say) -> Message:
    """It was used or had expired before."""
    return Message(
        say("This link is used, void or expired already. /people shows who took it, and can end the role."),
        in_place=True,
    )


# ── opening one ───────────────────────────────────────


def taken(
    say: Say,
    book: Rulebook,
    kind: RoleKind,
    scope: Scope,
    station: Station | None,
    *,
    keyboard: tuple[tuple[Key, ...], ...] | None,
    open_tickets: int,
) -> Message:
    """The role is theirs: what it is, what they will hear from us, what to tap."""
    role, place = say.of(book.role_name(kind)), people.where(say, book, scope, station)
    text = say("✅ You are now <b>{role}</b>: <b>{where}</b>.", role=role, where=place)
    text = Html(f"{text}\n\n{_meaning(say, kind)}")
    if open_tickets:
        open_ones = say.many(
            "{n} thing is open there already: a summary follows.",
            "{n} things are open there already: a summary follows.",
            open_tickets,
        )
        text = Html(f"{text}\n\n{open_ones}")
    return Message(text, keyboard=keyboard)


def _meaning(say: Say, kind: RoleKind) -> Html:
    """Two lines: what comes, and what to tap."""
    match kind:
        case "manager":
            return say(
                "What is reported at your station comes to you first: tap that you see to it and until when, and "
                "“fixed” when it is.\nSomething broken or running out? Tap it below; answers know it at once."
            )
        case "unit_head" | "area_head":
            return say(
                "What a station's keeper does not settle in time comes to you, with buttons to act on it.\nBelow: the "
                "open tickets, who holds what, and links to invite those who look after your stations."
            )
        case "office" | "general_head":
            return say(
                "You hear of what stayed open below you for too long, and of what is unsafe.\nBelow: the open tickets, "
                "who holds what, and links to invite others."
            )
        case "team":
            return say(
                "You look and report: what you find goes to those who mend it, and you see what became of it.\nBelow: "
                "report something, or see what is open."
            )
    return say(
        "You look after people and the machine: what cannot be delivered, and what stands still, comes to you.\nBelow: "
        "who holds what, and links to invite others."
    )


def own_link(say: Say, secret: str) -> Message:
    """Whoever made it tried it: it stays good."""
    text = say("You made this link yourself; it is still good. Forward it to whoever it is for.")
    return Message(text, ((Button(say.plain("🙋 Take the role myself"), f"claim:{secret}"),),))


def yours_already(
    say: Say, book: Rulebook, kind: RoleKind, scope: Scope, station: Station | None, *, used: bool
) -> Message:
    """They hold that role. `used`: by this very link; else the link is still good for somebody else."""
    role, place = say.of(book.role_name(kind)), people.where(say, book, scope, station)
    if used:
        return Message(say("You took this role with this link already: {role}, {where}.", role=role, where=place))
    text = say(
        "You hold this role already: {role}, {where}. The link is still good: pass it on to whoever it is for.",
        role=role,
        where=place,
    )
    return Message(text)


def not_good(say: Say, why: str) -> Message:
    """A link that gives nothing: why, and whom to ask for another."""
    match why:
        case "used":
            return Message(
                say("Somebody has used this link; each works once. Ask whoever sent it to you for another one.")
            )
        case "expired":
            return Message(
                say("This link has expired. Ask whoever sent it to you for a new one: it takes them a minute.")
            )
        case "revoked":
            return Message(say("This link was made void. Ask whoever sent it to you for another one."))
        case "void":
            return Message(
                say(
                    "Whoever made this link may no longer give this role, so it is not good any more. "
                    "Ask the union above the station for a new one."
                )
            )
    return Message(
        say(
            "We do not know this link; a letter may be missing. Copy the whole of it, or ask whoever sent it to you "
            "for a new one."
        )
    )


# ── standing in ───────────────────────────────────────


def turn_link(
    say: Say, name: str, *, id: int, payload: str, bot: str, until: datetime, now: datetime
) -> tuple[Message, Message]:
    """The link for whoever stands in: what to do with it, and the message to pass on."""
    time = times.day_and_clock(say, people.shown_end(until), now)
    hint = say(
        "Forward the next message to whoever stands in for you. Once they open it, they receive what you would, until "
        "{time}, and can do the same.",
        time=time,
    )
    text = say(
        "🔁 {name} asks you to stand in until {time}.\nOpen this link and press Start:\n{link}\n\n"
        "If it does not open, send @{bot} this line:\n<code>{payload}</code>",
        name=name or say.plain("a colleague"),
        time=time,
        link=link(bot, payload),
        bot=bot,
        payload=payload,
    )
    return Message(hint, ((Button(say.plain("🚫 Make the link void"), f"void:{id}"),),)), Message(text)


def turn_taken(
    say: Say,
    name: str,
    roles: list[Html],
    until: datetime,
    now: datetime,
    keyboard: tuple[tuple[Key, ...], ...] | None,
) -> Message:
    """They stand in from now on."""
    text = say(
        "✅ You stand in for {name} until {time}. What comes to them comes to you, and you can do the same.",
        name=name or say.plain("a colleague"),
        time=times.day_and_clock(say, people.shown_end(until), now),
    )
    return Message("\n".join([text, *(f"• {one}" for one in roles)]), keyboard=keyboard)


def not_for_oneself(say: Say) -> Message:
    """Whoever is away opened the link themselves."""
    return Message(say("This link is for whoever stands in for you: forward it to them. It is still good."))
