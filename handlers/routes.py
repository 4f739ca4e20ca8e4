"""Everything a person can do, on one page: what they typed, pressed or sent, and who answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from handlers import (
    added,
    answers,
    asked,
    asking,
    campaign,
    card,
    case,
    chats,
    check_in,
    confirm,
    digest,
    due,
    evaluate,
    export,
    facts,
    favourite,
    hand_in,
    hello,
    holiday,
    home,
    invite,
    invited,
    language,
    list_file,
    locked,
    nearby,
    need,
    opened,
    people,
    place,
    plan,
    privacy,
    register,
    report,
    review,
    sent,
    staff,
    stand_in,
    stock,
    supply,
    ticket,
    ticket_list,
    today,
    typed,
    undone,
    withdraw,
)
from handlers.ask import Ask, What
from handlers.desk import City, Desk, sit_down
from messages import hello as words
from messages.message import Reply
from messages.words import choose

Handler = Callable[[Desk], Awaitable[Reply]]

COMMANDS: Mapping[str, Handler] = {
    "start": hello.start,
    "help": hello.help_,
    "favourites": favourite.favourites,
    "language": language.ask,
    "privacy": privacy.privacy,
    "forget": privacy.forget,
    "people": people.people,
    "invite": invite.invite,
    "standin": stand_in.stand_in,
    "report": report.menu,
    "tickets": ticket_list.mine,
    "plan": plan.plan,
    "digest": digest.digest,
    "export": export.export,
    "due": due.due,
    "evaluate": evaluate.menu,
    "campaign": campaign.menu,
    "today": today.today,
    "home": home.home,
    "case": case.menu,
    "cancel": hand_in.cancel,
}

# A button says "verb" or "verb:what".
PRESSES: Mapping[str, Handler] = {
    "need": need.pressed,
    "needs": need.menu,
    "near": nearby.again,
    "more": nearby.more,
    "page": nearby.page,
    "card": card.show,
    "pin": card.pin,
    "locked": locked.locked,
    "star": favourite.star,
    "at": place.chosen,
    "do": asked.chosen,
    "travel": nearby.choose_travel,
    "sanitation": nearby.choose_sanitation,
    "language": language.choose,
    "forget": privacy.really,
    "wrong": report.wrong,
    "report": report.things,
    "supplies": report.supplies,
    "item": report.item,
    "say": report.said,
    "undo": report.undo,
    "add": added.added,
    "works": report.works,
    "open": confirm.open_and_working,
    "tickets": ticket_list.page,
    "ticket": ticket.show,
    "take": ticket.take,
    "promise": ticket.promise,
    "fixed": ticket.fixed,
    "cannot": ticket.cannot,
    "pass": ticket.pass_on,
    "later": ticket.later,
    "again": ticket.again,
    "close": ticket.close,
    "log": ticket.log,
    "files": ticket.files,
    "people": people.people,
    "end": people.end,
    "invite": invite.invite,
    "void": invite.void,
    "claim": invited.claim,
    "stand_in": stand_in.stand_in,
    "plan": plan.plan,
    "digest": digest.chosen,
    "export": export.pressed,
    "list_file": list_file.pressed,
    "register": register.pressed,
    "number": register.number,
    "plus": register.plus,
    "unplus": register.unplus,
    "check_in": check_in.check_in,
    "score": check_in.score,
    "comment": check_in.comment,
    "due": due.due,
    "undone": undone.undone,
    "chase": undone.chase,
    "asking": asking.asking,
    "asked": withdraw.listed,
    "withdraw": withdraw.withdraw,
    "hand_in": hand_in.hand_in,
    "draft": hand_in.draft,
    "sent": sent.sent,
    "unsend": sent.unsend,
    "review": review.review,
    "accept": review.accept,
    "back": review.back,
    "evaluate": evaluate.evaluate,
    "point": evaluate.point,
    "evaluated": evaluate.evaluated,
    "campaign": campaign.campaign,
    "goods": campaign.goods,
    "stock": stock.stock,
    "hear": campaign.hear,
    "holiday": holiday.holiday,
    "home": home.home,
    "today": today.today,
    "opened": opened.opened,
    "case": case.case,
    "reply": case.reply,
    "supply": supply.supply,
    "buy": supply.buy,
    "facts": facts.facts,
    "mend": facts.mend,
    "mended": facts.mended,
    "unmend": facts.unmend,
    "photos": facts.photos,
    "still": facts.still,
}

SENT: Mapping[What, Handler] = {
    "text": typed.typed,
    "position": facts.here,
    "moved": nearby.moved,
    "joined": hello.joined,
    "migrated": chats.migrated,
    "left": chats.left,
    "returned": chats.returned,
    "photo": answers.photo,
    "voice": answers.voice,
    "sticker": hello.only_words,
    "file": answers.file,
    "contact": hello.only_words,
    "other": hello.only_words,
}

# A group that holds a role is told of tickets, and whoever is in it may act for it: the role is the group's.
# What is not here asks something and waits to be told, or is about where somebody stands: one's own chat's.
PRESSED_IN_GROUPS = frozenset(
    {
        "ticket",
        "take",
        "promise",
        "fixed",
        "cannot",
        "pass",
        "later",
        "again",
        "close",
        "log",
        "tickets",
        "digest",
        "export",
        "invite",
        "void",
        "claim",
        "evaluated",
        "stock",
        "unmend",
        "mended",
        "still",
        "opened",
        "due",
        "undone",
        "chase",
    }
)

# What became of us in a chat; everything else is something somebody said there.
HAPPENED: frozenset[What] = frozenset({"joined", "migrated", "left", "returned"})


async def answer(ask: Ask, city: City) -> Reply:
    """The reply to one ask. Raises only for bugs."""
    if not ask.private and not ask.addressed and ask.what not in HAPPENED:
        return Reply()
    desk = await sit_down(ask, city)
    return await staff.with_keyboard(desk, await route(ask)(desk))


def route(ask: Ask) -> Handler:
    """Who answers this ask."""
    if not ask.private and ask.what == "press":
        verb = ask.press.partition(":")[0]
        return PRESSES[verb] if verb in PRESSED_IN_GROUPS else staff.ones_own
    if not ask.private and ask.what not in HAPPENED:
        return hello.invited_group if ask.command == "start" else hello.in_a_group
    if ask.what == "command":
        return COMMANDS.get(ask.command, hello.unknown_command)
    if ask.what == "press":
        return PRESSES.get(ask.press.partition(":")[0], hello.unknown_button)
    return SENT[ask.what]


def apology(ask: Ask, city: City) -> Reply:
    """What a person hears when we failed them three times. Reads nothing: the failure may be the database's."""
    return Reply((words.sorry(choose(city.languages, None, ask.language)),))
