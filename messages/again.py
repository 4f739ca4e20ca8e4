"""Words that answer nothing, while we wait for an answer: the question once more, in one line."""

from __future__ import annotations

from messages.message import Button, Message
from messages.words import Say


def which_station(say: Say, said: str) -> Message:
    """A station was asked for. `said`: the number that waits for it."""
    if said:
        return Message(say("I did not get that. “{said}”: tap its station above, or type its name.", said=said[:40]))
    return Message(say("I did not get that. Which station is it for? Tap it above, or type its name."))


def why_not(say: Say) -> Message:
    """Anything else was asked for, and still is."""
    return Message(say("I did not get that. The question above still waits for you; /cancel ends it."))


def for_staff(say: Say) -> Message:
    """Nothing typed is waited for; a button may be."""
    text = say("I did not get that. To go on, tap a button above. To find a station, type its name. All else: /help")
    return Message(text, ((Button(say.plain("➕ More services"), "needs"),),))
