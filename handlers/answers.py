"""What somebody sends after we asked them something: it goes to whoever asked, whether or not we were restarted since.

A question that waits is a row (storage/expected.py). Whoever asked may still say "that is not for me" (None): then the
words are read like any others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from handlers import (
    added,
    asking,
    campaign,
    case,
    counted,
    drafted,
    evaluate,
    facts,
    hello,
    holiday,
    list_file,
    papers,
    register,
    review,
    staff,
    stock,
    supply,
    today,
)
from handlers.desk import Desk
from messages import again as words
from messages import facts as facts_words
from messages import today as today_words
from messages.message import Message, Reply
from rules.facts import TYPED
from storage import expected
from storage.expected import Expected

Answer = Callable[[Desk, Expected], Awaitable[Reply | None]]

STILL_ASKED = timedelta(minutes=30)  # so long words nobody understood are taken for an answer gone wrong; ours

# what → who asked it
ANSWERS: Mapping[str, Answer] = {
    papers.ASKED: drafted.answered,
    review.ASKED: review.answered,
    asking.WHAT: asking.typed,
    case.WHAT: case.typed,
    case.REPLY: case.reply_typed,
    supply.ASKED: supply.answered,
    evaluate.ASKED: evaluate.answered,
    campaign.ASKED: campaign.answered,
    stock.ASKED: stock.answered,
    today.ASKED: today.answered,
    holiday.ASKED: holiday.answered,
    register.NUMBER: counted.answered,
    register.WHERE: counted.station_named,
    facts.ASKED: facts.answered,
}


async def answered(desk: Desk) -> Reply | None:
    """The reply of whoever asked; None where nobody did, or these words are not for them."""
    if desk.person.id is None or not desk.ask.private:
        return None
    waiting = await desk.city.db.read(expected.find, desk.person.id)
    registered = waiting is not None and waiting.what == register.NUMBER and waiting.detail.get("done")
    if registered and (owned := await drafted.picked_up(desk)):  # the form still waits for its own number
        return owned
    asker = ANSWERS.get(waiting.what) if waiting is not None else None
    reply = await asker(desk, waiting) if asker is not None and waiting is not None else None
    return reply or await drafted.picked_up(desk)


async def again(desk: Desk) -> Reply | None:
    """Words nobody understood, from whoever we wait for: the question in one line; from other staff, how to go on.

    None for a worker whom nothing was asked: to them all that can be asked for is shown.
    """
    if desk.person.id is None or not desk.ask.private:
        return None
    waiting = await desk.city.db.read(expected.find, desk.person.id)
    if waiting is not None and desk.ask.now - waiting.at <= STILL_ASKED and not waiting.detail.get("done"):
        return Reply((_once_more(desk, waiting),))
    return Reply((words.for_staff(desk.say),)) if await staff.held(desk) else None


def _once_more(desk: Desk, waiting: Expected) -> Message:
    detail = waiting.detail
    if waiting.what == register.WHERE:
        return words.which_station(desk.say, str(detail.get("said", "")))
    if waiting.what == holiday.ASKED or (waiting.what == today.ASKED and not detail.get("token")):
        return today_words.no_hours(desk.say)
    if waiting.what == today.ASKED:
        return today_words.no_end(desk.say)
    station = desk.city.stations.by_id(detail.get("station", 0))
    if waiting.what == facts.ASKED and station is not None and detail.get("field") in TYPED and "after" not in detail:
        return facts_words.ask(desk.say, station, str(detail["field"]))
    return words.why_not(desk.say)


async def photo(desk: Desk) -> Reply:
    """A photo: what we asked for, else it belongs to a report."""
    return await answered(desk) or await added.attached(desk)


async def voice(desk: Desk) -> Reply:
    """A voice note, alike."""
    return await answered(desk) or await added.attached(desk)


async def file(desk: Desk) -> Reply:
    """A document: what we asked for, or an office's list. A spreadsheet is no photo, whoever waits for one."""
    if list_file.is_spreadsheet(desk.ask) and not await _wants_papers(desk):
        return await list_file.sent(desk) or await hello.only_words(desk)
    return await answered(desk) or await list_file.sent(desk) or await hello.only_words(desk)


async def _wants_papers(desk: Desk) -> bool:
    """Whether a report waits that may well be a spreadsheet."""
    waiting = await desk.city.db.read(expected.find, desk.person.id)
    return waiting is not None and waiting.what == papers.ASKED
