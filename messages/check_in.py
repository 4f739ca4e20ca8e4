"""签到: thanks for coming, one tap on how it was, and perhaps a line for whoever looks after the station."""

from __future__ import annotations

from messages.message import Button, Message
from messages.station import Facts, check_in_label, services, short_name
from messages.words import Html, Say, marked
from rules.register import OPINION_DAYS, Opinion
from rules.station import Station

SCORES = (3, 2, 1)


def checked_in(say: Say, facts: Facts, station: Station) -> Message:
    """Counted: thanks, what works here, and how is it?"""
    book = facts.book(station)
    thanks = say(
        "✅ Thank you for coming to <b>{name}</b>! You are counted, without a name.", name=short_name(book, station)
    )
    works = services(say, book, station)
    lines = [thanks, say("Here you find: {services}", services=works)] if works else [thanks]
    return Message("\n".join([*lines, "", say("How do you find it here? One tap is enough:")]), (_taps(say, station),))


def _taps(say: Say, station: Station) -> tuple[Button, ...]:
    words = {3: say.plain("😊 Good"), 2: say.plain("😐 So-so"), 1: say.plain("🙁 Not good")}
    return tuple(Button(words[score], f"score:{station.code}:{score}") for score in SCORES)


def counted_already(say: Say) -> str:
    """Pressed again on the same visit: a word at the button."""
    return say.plain("You are counted already. Make yourself at home!")


def thanks(say: Say, station: Station, opinion: Opinion) -> Message:
    """To an opinion: thanks, what others say where there are enough of them, and room for a line."""
    line = Button(say.plain("✍️ Add a line"), f"comment:{station.code}")
    card = Button(say.plain("🏠 The station"), f"card:{station.code}")
    noted = say("🙏 Noted, thank you!")
    return Message(f"{noted}\n{others(say, opinion)}", ((line, card),), in_place=True)


def others(say: Say, opinion: Opinion) -> Html:
    """What visitors said lately, for everybody: an average only of enough voices, and whose method it is."""
    if opinion.public is None:
        return say("Too few visitors have said how it was to show an average yet.")
    return say.many(
        "{points} of 100 points from {n} voice in {days} days <i>(good 100, so-so 50, not good 0: our own way of "
        "counting)</i>",
        "{points} of 100 points from {n} voices in {days} days <i>(good 100, so-so 50, not good 0: our own way of "
        "counting)</i>",
        opinion.voices,
        points=opinion.public,
        days=OPINION_DAYS,
    )


def too_late(say: Say, station: Station) -> Message:
    """Said already, or the visit is over; we may also have been restarted since."""
    again = Button(check_in_label(say), f"check_in:{station.code}")
    return Message(say("Thank you! One word a visit is enough; tell us again when you next check in."), ((again,),))


def write_a_line(say: Say, station: Station) -> Message:
    """What is typed next goes to whoever looks after the station."""
    stop = Button(say.plain("✖️ No, thanks"), f"comment:{station.code}:no")
    text = say("✍️ Go ahead: your next message goes to whoever looks after this station, without your name.")
    return Message(text, ((stop,),), in_place=True)


def no_line(say: Say, station: Station) -> Message:
    """They thought better of it."""
    card = Button(say.plain("🏠 The station"), f"card:{station.code}")
    return Message(say("All right. Have a good rest!"), ((card,),), in_place=True)


def passed_on(say: Say, *, anybody: bool) -> Message:
    """The line was kept, and goes to somebody where there is somebody."""
    if anybody:
        return Message(say("🙏 Passed on to whoever looks after the station, without your name."))
    return Message(say("🙏 Noted, without your name."))


def comment_notice(say: Say, facts: Facts, station: Station, score: int, words: str) -> Message:
    """To the station's managers: what a visitor wrote."""
    faces = {3: "😊", 2: "😐", 1: "🙁"}
    head = say("💬 A visitor of <b>{name}</b> wrote:", name=short_name(facts.book(station), station))
    said = marked("{face} {words}", face=faces.get(score, ""), words=words)
    return Message(f"{head}\n{said}", ((Button(say.plain("🏠 The station"), f"card:{station.code}"),),))
