"""中文 or English: one tap, remembered."""

from __future__ import annotations

from handlers.desk import Desk
from messages import hello
from messages.message import Reply
from messages.words import NAMES


async def ask(desk: Desk) -> Reply:
    """/language."""
    return Reply((hello.language(desk.say),))


async def choose(desk: Desk) -> Reply:
    """A language's button; the answer is in it already."""
    chosen = desk.ask.press.partition(":")[2]
    if chosen not in NAMES:
        return Reply((hello.unknown_button(desk.say, desk.city.home),))
    await desk.remember(language=chosen)
    return Reply((hello.language_chosen(desk.city.languages[chosen], desk.city.home),))
