"""Greeting, help, privacy, language, and every "please send me where you are": what we say around the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from messages.answer import wanted
from messages.message import Button, Key, Message, Reply, abreast, escape
from messages.station import Facts, short_name
from messages.words import NAMES, Html, Say, marked
from rules.places import Place
from rules.rulebook import Rulebook
from rules.station import Station

KEYBOARD_SERVICES = ("heat_food", "water", "charge", "toilet", "rest")


def keyboard(say: Say, book: Rulebook) -> tuple[tuple[Key, ...], ...]:
    """What stands under the typing box: where I am first, then what most people ask for."""
    keys = [Key(service_label(say, book, id)) for id in KEYBOARD_SERVICES if book.service(id)]
    keys.append(Key(say.plain("➕ More services")))
    return ((Key(position_label(say), sends_position=True),), tuple(keys[:3]), tuple(keys[3:]))


def position_label(say: Say) -> str:
    """The big key; one web client types it instead of sending where the person is."""
    return say.plain("📍 Send my position")


def more_label(say: Say) -> str:
    """The key that opens the list of all services."""
    return say.plain("➕ More services")


def another_label(say: Say) -> str:
    """A button's words, as a client without buttons types them."""
    return say.plain("🔁 Another service").partition(" ")[2]


def service_label(say: Say, book: Rulebook, id: str) -> str:
    """🍱 热饭."""
    rule = book.service(id)
    if rule is None:
        return id
    return f"{rule.icon} {say.of(rule)}"


def welcome(say: Say, book: Rulebook) -> Message:
    """To /start: what this is, and the one thing to do."""
    text = say(
        "👋 Tell me what you need and where you are: I find the nearest station that is open when you get there "
        "and where it works.\n\nTap <b>📍 Send my position</b> below. Your position is not stored."
    )
    return Message(text, keyboard=keyboard(say, book))


def where_are_you(say: Say, book: Rulebook, needs: tuple[str, ...]) -> Message:
    """A need without a place."""
    text = say(
        "{what}: where are you? Tap <b>📍 Send my position</b> below, or type the name of a station or a street.",
        what=wanted(say, book, needs),
    )
    return Message(text, keyboard=keyboard(say, book))


def position_gone(say: Say, book: Rulebook) -> Message:
    """The position we were told is over half an hour old and gone from memory."""
    text = say(
        "I no longer know where you are: positions are kept for half an hour at most. "
        "Tap <b>📍 Send my position</b> below."
    )
    return Message(text, keyboard=keyboard(say, book))


def cannot_send_position(say: Say, book: Rulebook) -> Message:
    """Some computers and browsers type the key's label instead of sending the position."""
    text = say(
        "This app did not send a position: computers and some browsers cannot. "
        "Type the name of a station, a street or a community instead, or use the 📎 button of your phone."
    )
    return Message(text, keyboard=keyboard(say, book))


def needs(say: Say, book: Rulebook) -> Message:
    """Every service, three a row."""
    buttons = [Button(service_label(say, book, rule.id), f"need:{rule.id}") for rule in book.services]
    rows = [*abreast(buttons, 3)]
    rows.append((Button(say.plain("🔎 Any station"), "need:"),))
    return Message(say("What do you need?"), tuple(rows))


def which_place(say: Say, typed: str, places: Sequence[Place]) -> Message:
    """The same words name several parts of the country."""
    rows = tuple((Button(_short(one.label, one.area), f"at:{one.code}"),) for one in places)
    return Message(say("“{typed}”: which one?", typed=typed[:40]), rows)


def short_link(say: Say, book: Rulebook) -> Message:
    """A map link that only its own server can read."""
    text = say("This link does not say where it leads. Type the place's name, or tap <b>📍 Send my position</b>.")
    return Message(text, keyboard=keyboard(say, book))


def scanned(say: Say, book: Rulebook) -> Message:
    """A code on a wall was scanned: the card follows; the keyboard is for what comes next."""
    return Message(say("You scanned this station's code:"), keyboard=keyboard(say, book))


def no_such_code(say: Say, book: Rulebook, code: str) -> Message:
    """An old or torn sheet."""
    text = say(
        "There is no station with the code “{code}”; the sheet may be an old one. "
        "Tap <b>📍 Send my position</b>: I find the nearest open one.",
        code=code[:20],
    )
    return Message(text, keyboard=keyboard(say, book))


def which_was_locked(say: Say, facts: Facts, stations: Sequence[Station]) -> Message:
    """“It was locked”, typed after several were shown."""
    rows = tuple((Button(short_name(facts.book(one), one)[:48], f"locked:{one.code}"),) for one in stations)
    return Message(say("Sorry for the wasted trip. Which one was locked?"), rows)


def starred(say: Say) -> str:
    """A word at the star."""
    return say.plain("A favourite now: /favourites")


def unstarred(say: Say) -> str:
    """A word at the star."""
    return say.plain("No favourite any more")


def found_by_name(say: Say, typed: str, stations: tuple[Station, ...]) -> Message:
    """Stations whose name or address has the words that were typed."""
    rows = tuple((Button(_short(one.name, one.area), f"card:{one.code}"),) for one in stations)
    return Message(say("“{typed}”: which one?", typed=typed), rows)


def with_stations(reply: Reply, stations: Sequence[Station]) -> Reply:
    """The same reply with a button more for each of these stations."""
    rows = tuple((Button(_short(one.name, one.area), f"card:{one.code}"),) for one in stations)
    *others, last = reply.messages
    return replace(reply, messages=(*others, replace(last, buttons=last.buttons + rows)))


def did_you_mean(say: Say, book: Rulebook, choices: Sequence[str]) -> Message:
    """Words we are not sure of: at most three guesses as buttons; without a guess, all that can be asked for."""
    rows = tuple((button,) for choice in choices if (button := _choice(say, book, choice)))
    if rows:
        return Message(say("Did you mean this?"), (*rows, (Button(say.plain("➕ More services"), "needs"),)))
    text = say(
        "I did not get that. Tap what you need, or type the name of a station. "
        "Questions about your rights at work: call {number}.",
        number=book.hotline.number,
    )
    return Message(text, needs(say, book).buttons)


def _choice(say: Say, book: Rulebook, choice: str) -> Button | None:
    """A guess as a button: a service's or an intent's; None for what we cannot offer."""
    if book.service(choice):
        return Button(service_label(say, book, choice), f"need:{choice}")
    labels = {
        "find_any": say.plain("🔎 Any station nearby"),
        "report_problem": say.plain("🛠 Something is broken or locked"),
        "opening_hours": say.plain("🕘 Opening hours"),
        "hotline": say.plain("📞 Rights at work, complaints"),
        "navigation": say.plain("🧭 The way there"),
    }
    return Button(labels[choice], f"do:{choice}") if choice in labels else None


def emergency(say: Say, then: Message) -> Message:
    """Somebody's life may be in danger: 120 stands above what follows, in one message, so that it stays in sight."""
    text = say(
        "🆘 <b>In an emergency call 120 now.</b>\n"
        "Heat-stroke: into the shade, loosen clothes, cool with water, drink in sips if awake.\n"
        "Bleeding: press on it hard with something clean and do not let go.\n"
        "If life feels too much: call 12356, somebody listens at any hour."
    )
    return replace(then, text=f"{text}\n\n{then.text}")


def hotline(say: Say, book: Rulebook, topic: str) -> Message:
    """Wages, injuries, joining the union, complaints: the rulebook's steps, and the number."""
    steps = next((say.of(one).strip() for one in book.advice if one.topic == topic), "")
    line = book.hotline
    parts = [Html(escape(steps.replace("{number}", line.number)))] if steps else []
    parts.append(marked("📞 <b>{number}</b> {name}", number=line.number, name=say.of(line)))
    if line.area_code:
        parts.append(
            say("From another city dial the area code first: {code}-{number}", code=line.area_code, number=line.number)
        )
    return Message("\n\n".join(parts))


def no_such_place(say: Say, book: Rulebook, typed: str) -> Message:
    """A place in a sentence that no station's own words name."""
    text = say(
        "No station's address or landmark says “{place}”. Tap <b>📍 Send my position</b>, or type another street.",
        place=typed[:40],
    )
    return Message(text, keyboard=keyboard(say, book))


def whose_hours(say: Say, book: Rulebook) -> Message:
    """Opening hours of what?"""
    text = say(
        "Whose opening hours? Type a station's name or its code; or tap <b>📍 Send my position</b>, "
        "and each station says how long it is open."
    )
    return Message(text, keyboard=keyboard(say, book))


def undo_labels(say: Say) -> set[str]:
    """What stands on the buttons that take something back, as some type it."""
    labels = (say.plain("↩️ Undo"), say.plain("↩️ Take it back"), say.plain("↩️ Withdraw"))
    return {words for label in labels for words in (label, label.partition(" ")[2])}


def where_undo_is(say: Say) -> Message:
    """“Undo”, typed: of what, only the button knows."""
    return Message(say("Undo what? Scroll up to what was noted: the button to take it back is right below it."))


def youre_welcome(say: Say, book: Rulebook) -> Message:
    """To thanks."""
    return Message(say("You are welcome. Take care on the road."), keyboard=keyboard(say, book))


def unknown_button(say: Say, book: Rulebook) -> Message:
    """A button of long ago, or one that was never ours."""
    text = say("This button no longer works. Say what you need, or tap <b>📍 Send my position</b>.")
    return Message(text, keyboard=keyboard(say, book))


def help_(say: Say, book: Rulebook, *, staff: bool) -> Message:
    """To /help. `staff`: with what those who look after stations type besides."""
    text = say(
        "<b>What you can do here</b>\n"
        "📍 Send your position: the nearest open stations\n"
        "🍱 Say what you need: heat food, water, charge, toilet …\n"
        "🔤 Type a station's name, street or code: its card\n"
        "🔒 Found it locked? Press “It was locked”: the next open one\n\n"
        "/favourites — your favourite stations\n/campaign — what is given at the stations\n/language — 中文 / English\n"
        "/privacy — what is kept\n/forget — erase what is kept"
    )
    of_staff = say(
        "<b>For those who look after stations</b>\n"
        "/home — what to do first\n/due — what is due, what is missing\n/report — report a fault or what runs out\n"
        "/tickets — what is open\n/evaluate — evaluate a station\n/case — enter a hotline case\n"
        "/digest — the week or the month in a picture\n/export — registers as tables\n"
        "/plan — what will be sent, and when\n"
        "/people — who holds what\n/invite — a link for somebody new\n/standin — who stands in for you"
    )
    hotline = say("Hotline {number}: {name}", number=book.hotline.number, name=say.of(book.hotline))
    return Message(Html("\n\n".join((text, *([of_staff] if staff else []), hotline))), keyboard=keyboard(say, book))


def commands(say: Say) -> tuple[tuple[str, str], ...]:
    """The channel's own list of commands, each with what it does."""
    return (
        ("start", say.plain("Find a station")),
        ("favourites", say.plain("Favourite stations")),
        ("language", say.plain("中文 / English")),
        ("help", say.plain("What you can do here")),
        ("privacy", say.plain("What is kept about you")),
        ("forget", say.plain("Erase what is kept")),
        ("home", say.plain("My screen: what to do first")),
        ("due", say.plain("What is due, and who has not done it")),
        ("report", say.plain("Report a fault, or what runs out")),
        ("tickets", say.plain("Open tickets")),
        ("people", say.plain("Who holds which role")),
        ("invite", say.plain("Invite somebody to a role")),
        ("standin", say.plain("Who stands in for me")),
        ("plan", say.plain("What will be sent, and when")),
        ("digest", say.plain("The week or the month in a picture")),
        ("export", say.plain("Registers and reports as tables")),
        ("evaluate", say.plain("Evaluate a station")),
        ("campaign", say.plain("What is given at the stations")),
        ("case", say.plain("Enter a hotline case")),
    )


def unknown_command(say: Say, book: Rulebook) -> Message:
    """A command we do not have."""
    return Message(say("There is no such command. /help shows what there is."), keyboard=keyboard(say, book))


def only_words(say: Say, book: Rulebook) -> Message:
    """Stickers, photos, files: friendly, and what to do."""
    text = say("I can read words and positions. Tap <b>📍 Send my position</b>, or say what you need.")
    return Message(text, keyboard=keyboard(say, book))


def privacy(say: Say) -> Message:
    """To /privacy."""
    text = say(
        "<b>What is kept</b>\n"
        "• Your position: never written down. In memory for 30 minutes at most, for “another service” and “more”.\n"
        "• Your chat's number with what you chose: language, how you travel, whether you are a sanitation worker, "
        "whether you want to hear of gifts, your favourite stations, the services you asked for lately (six at most).\n"
        "• What you reported: who it was is kept until 30 days after it is over. A phone number in words you add "
        "is hidden at once.\n"
        "• If you check in at a station: that somebody came, what they thought of it and wrote, never that it was you. "
        "That you are counted once is remembered while the visit lasts, in memory only.\n"
        "• If you look after a station: your name, for as long as you do, so that others know whom they deal with, and "
        "which role you hold or held.\n"
        "• What you hand in, with its photos: it belongs to the station and stays. What the camera wrote into a photo "
        "(the place, the time) is removed before it is kept.\n"
        "• A list of stations you send in: until you decide on it, for a day at most.\n"
        "• No phone number; of everybody else no name.\n\n"
        "/forget erases all of it: roles end, and what you had promised goes to others. What happened stays in the "
        "history, without you."
    )
    return Message(text)


def forget(say: Say) -> Message:
    """To /forget: one more tap, because it cannot be undone."""
    rows = ((Button(say.plain("🗑 Erase it"), "forget:yes"), Button(say.plain("Keep it"), "forget:no")),)
    return Message(
        say("Erase your settings, favourites and what you asked for? Roles you hold end. This cannot be undone."), rows
    )


def forgotten(say: Say) -> Message:
    """After /forget."""
    return Message(say("Erased. Nothing is kept about you any more."), in_place=True)


def kept(say: Say) -> Message:
    """/forget, and then not."""
    return Message(say("Nothing was erased."), in_place=True)


def language(say: Say) -> Message:
    """To /language: each in its own words."""
    mark = {code: " ✓" if code == say.language else "" for code in NAMES}
    row = tuple(Button(name + mark[code], f"language:{code}") for code, name in NAMES.items())
    return Message(say("Which language?"), (row,))


def language_chosen(say: Say, book: Rulebook) -> Message:
    """Said in the new language, with the keyboard in it."""
    return Message(say("From now on in English."), keyboard=keyboard(say, book))


def in_a_group(say: Say, bot: str) -> Message:
    """Added to a group: once, what for."""
    text = say(
        "I find the nearest open service station for outdoor workers. Positions are only for the two of us: "
        "write to me at @{bot}. Here I answer when I am spoken to.",
        bot=bot,
    )
    return Message(text)


def write_to_me(say: Say, bot: str) -> Message:
    """In a group, somebody asks what needs a position."""
    url = f"https://t.me/{bot}?start=hi"
    return Message(
        say("Positions are private: ask me in a chat of our own."), ((Button(say.plain("💬 Open the chat"), url=url),),)
    )


def sorry(say: Say) -> Message:
    """Something broke on our side, three times."""
    return Message(say("Something went wrong on our side. It is noted. Please try again, or ask something else."))


def _short(name: str, area: str) -> str:
    tail = area.split("/")[-1] if area else ""
    return (f"{name} · {tail}" if tail and tail not in name else name)[:60]
