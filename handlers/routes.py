"""Everything a person can do, on one page: what they typed, pressed or sent, and who answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from handlers import asked, card, favourite, hello, language, locked, nearby, need, place, privacy, typed
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
}

SENT: Mapping[What, Handler] = {
    "text": typed.typed,
    "position": nearby.here,
    "moved": nearby.moved,
    "joined": hello.joined,
    "migrated": hello.nothing,
    "left": hello.nothing,
    "returned": hello.nothing,
    "photo": hello.only_words,
    "voice": hello.only_words,
    "sticker": hello.only_words,
    "file": hello.only_words,
    "contact": hello.only_words,
    "other": hello.only_words,
}

# What became of us in a chat; everything else is something somebody said there.
HAPPENED: frozenset[What] = frozenset({"joined", "migrated", "left", "returned"})


async def answer(ask: Ask, city: City) -> Reply:
    """The reply to one ask. Raises only for bugs."""
    if not ask.private and not ask.addressed and ask.what not in HAPPENED:
        return Reply()
    return await route(ask)(await sit_down(ask, city))


def route(ask: Ask) -> Handler:
    """Who answers this ask."""
    if not ask.private and ask.what not in HAPPENED:
        return hello.in_a_group
    if ask.what == "command":
        return COMMANDS.get(ask.command, hello.unknown_command)
    if ask.what == "press":
        return PRESSES.get(ask.press.partition(":")[0], hello.unknown_button)
    return SENT[ask.what]


def apology(ask: Ask, city: City) -> Reply:
    """What a person hears when we failed them three times. Reads nothing: the failure may be the database's."""
    return Reply((words.sorry(choose(city.languages, None, ask.language)),))
