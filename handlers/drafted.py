"""What is typed or sent while a draft waits: its next answer; anything else keeps its way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import asked, files, hand_in, papers, sent
from handlers.desk import Desk
from handlers.rights import Actor
from messages import hand_in as words
from messages.hand_in import Paper
from messages.message import Message, Reply
from messages.words import Html
from rules.said_today import speaks_of_it
from rules.submissions import (
    LONGEST_OUTLET,
    LONGEST_WORDS,
    LOOK,
    NO,
    OTHER_OUTLET,
    SEND,
    SKIP,
    THROW,
    YES,
    Picture,
    Submission,
    day_in,
    either_in,
    link_in,
    number_in,
    wrong_document,
    wrong_headcount,
)
from rules.understanding.headcount import headcount
from storage import notices, submissions, tickets
from storage.expected import Expected

FRESH = timedelta(minutes=30)  # so long after the last answer words are taken as the next one; ours
SHOWN = timedelta(minutes=15)  # so long a photo may belong to a ticket somebody was written to about; as in added.py
AS_MUCH = 1000  # letters of one message that a channel carries (channels/telegram/updates.py)
PICTURES = (".jpg", ".jpeg", ".png", ".webp")


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """What was typed or sent, to the draft that waits; None where it is meant for something else."""
    paper = await papers.paper_of(desk, int(waiting.detail.get("submission", 0)))
    if paper is None or paper.one.sent_at is not None or paper.one.person != desk.person.id:
        return None
    if desk.ask.what == "text":
        return await _typed(desk, paper)
    if await desk.city.db.read(_for_a_ticket, paper.one, desk.ask.now):
        return None
    if desk.ask.what == "voice":
        return await papers.shown(desk, paper.one.id, words.cannot_read(desk.say)) if _fresh(desk, paper) else None
    album = str(waiting.detail.get("album", ""))
    if desk.ask.what == "photo" or _is_picture(desk):
        return await _photo(desk, paper, goes_on=bool(album) and album == desk.ask.album)
    return await _document(desk, paper)


async def picked_up(desk: Desk) -> Reply | None:
    """A draft whose question gave way to another one: for half an hour still answered by what can be nothing else."""
    if desk.person.id is None or desk.ask.what not in ("text", "photo"):
        return None
    found = await desk.city.db.read(submissions.drafts, desk.person.id)
    paper = await papers.paper_of(desk, found[0].id) if found else None
    if paper is None or not _fresh(desk, paper) or not (desk.ask.what == "photo" or _plainly(desk, paper)):
        return None
    return await answered(desk, Expected(papers.ASKED, desk.ask.now, {"submission": paper.one.id}))


def _plainly(desk: Desk, paper: Paper) -> bool:
    """Whether the words are just what the question asks for."""
    text, question = desk.ask.text.strip(), paper.one.draft.question
    if question == "held_on":
        return day_in(text, desk.today, paper.round) is not None
    if question == "headcount":
        return _how_many(desk, paper, text) is not None or either_in(text) is not None
    return question == "outdoor" and text.lower() in YES | NO


def _fresh(desk: Desk, paper: Paper) -> bool:
    return desk.ask.now - paper.one.touched_at <= FRESH


def _for_a_ticket(connection: Connection, one: Submission, now: datetime) -> bool:
    """Whether a ticket was reported since the draft was last touched, or one is nearer than a draft long left alone."""
    reported = tickets.lately_reported(connection, one.person, now - SHOWN)
    if reported is not None and reported[1] > one.touched_at:
        return True
    return now - one.touched_at > FRESH and notices.lately_shown(connection, one.person, now - SHOWN) is not None


# ── words ─────────────────────────────────────────────


async def _typed(desk: Desk, paper: Paper) -> Reply | None:
    text, fresh = desk.ask.text.strip(), _fresh(desk, paper)
    if fresh and text.lower() in THROW:
        return await hand_in.thrown(desk, paper)
    return await _READ.get(paper.one.draft.question, _looked)(desk, paper, text)


async def _held_on(desk: Desk, paper: Paper, text: str) -> Reply | None:
    day = day_in(text, desk.today, paper.round)
    if day is not None:
        return await hand_in.held_on(desk, paper, day)
    return await _or_again(desk, paper, words.no_day(desk.say))


async def _headcount(desk: Desk, paper: Paper, text: str) -> Reply | None:
    n, most = _how_many(desk, paper, text), papers.book_of(desk, paper).submissions.headcount_at_most
    if either := either_in(text):
        return await papers.shown(desk, paper.one.id, words.which_number(desk.say, *either))
    if n is None:
        return await _or_again(desk, paper, words.no_number(desk.say))
    wrong = wrong_headcount(n, most)
    if wrong == "nobody":
        return await papers.shown(desk, paper.one.id, words.nobody_came(desk.say))
    if wrong == "too_many":
        return await papers.shown(desk, paper.one.id, words.too_many_people(desk.say, most))
    return await papers.said(desk, paper.one.id, headcount=n)


def _how_many(desk: Desk, paper: Paper, text: str) -> int | None:
    """The number; with its day only where that is the activity's: 今天 23 人 is for the register else."""
    said = headcount(text, desk.today, {}).came
    dated = [one.n for one in said if one.day is not None and one.day == paper.one.draft.held_on]
    found = number_in(text)
    return found if found is not None else dated[0] if len(dated) == len(said) == 1 else None


async def _outdoor(desk: Desk, paper: Paper, text: str) -> Reply | None:
    if text.lower() in YES | NO:
        return await papers.said(desk, paper.one.id, mostly_outdoor=text.lower() in YES)
    return await _or_again(desk, paper, words.tap_below(desk.say))


async def _sentence(desk: Desk, paper: Paper, text: str) -> Reply | None:
    """Whatever it says is the sentence, unless the draft was left alone and the words plainly want something else."""
    if text.lower() in SKIP:
        return await papers.said(desk, paper.one.id, words="", asking=LOOK)
    return await _written(desk, paper, words=text)


async def _content(desk: Desk, paper: Paper, text: str) -> Reply | None:
    link, rest = link_in(text)
    facts = {"link": link} if link else {}
    return await _written(desk, paper, words=rest, **facts)


async def _outlet(desk: Desk, paper: Paper, text: str) -> Reply | None:
    """The name of an outlet; longer words, and links, belong to the item itself."""
    if paper.one.draft.question != OTHER_OUTLET and (more := await _more(desk, paper, text)):
        return more
    if len(text) > LONGEST_OUTLET:
        return await papers.shown(desk, paper.one.id, words.too_long(desk.say, LONGEST_OUTLET))
    if paper.one.draft.question != OTHER_OUTLET and _other_business(desk, paper):
        return None
    if headcount(text, desk.today, {}).sure:
        return await papers.shown(desk, paper.one.id)
    return await _written(desk, paper, outlet=text)


async def _more(desk: Desk, paper: Paper, text: str) -> Reply | None:
    """One more message of what is handed in: a link, or words that are too long to be anything else."""
    link, rest = link_in(text)
    draft = paper.one.draft
    if draft.kind == "activity" or not _fresh(desk, paper) or not (link or len(text) > LONGEST_OUTLET):
        return None
    together = "\n".join(filter(None, (draft.words, rest)))
    return await _written(desk, paper, words=together, link=draft.link or link)


async def _looked(desk: Desk, paper: Paper, text: str) -> Reply | None:
    """The whole is shown, or a photo is waited for: only a word that is a button's."""
    if paper.one.draft.question == LOOK:
        if text.lower() in SEND:
            return await sent.send(desk, paper)
        if _fresh(desk, paper) and headcount(text, desk.today, {}).sure and not _for_the_register(desk):
            return await papers.shown(desk, paper.one.id, words.number_there(desk.say))
        return await _more(desk, paper, text)
    return await _or_again(desk, paper)


_READ: Mapping[str, Callable[[Desk, Paper, str], Awaitable[Reply | None]]] = {
    "held_on": _held_on,
    "headcount": _headcount,
    "outdoor": _outdoor,
    "words": _sentence,
    "content": _content,
    "outlet": _outlet,
    OTHER_OUTLET: _outlet,
}


async def _written(desk: Desk, paper: Paper, **facts: Any) -> Reply | None:
    """Free words. First aid comes first all the same, and nothing is lost by it."""
    understood = desk.city.understanding.read(desk.ask.text, desk.ask.now)
    if not _fresh(desk, paper) and (understood.urgent or understood.confident or _a_station(desk)):
        return None
    if sum(len(str(value)) for value in facts.values()) > LONGEST_WORDS:
        return await papers.shown(desk, paper.one.id, words.too_long(desk.say, LONGEST_WORDS))
    cut = (words.only_so_much(desk.say, AS_MUCH),) if len(desk.ask.text) >= AS_MUCH else ()
    reply = await papers.said(desk, paper.one.id, *cut, **facts)
    if not understood.urgent:
        return reply
    return Reply((*(await asked.act(desk, understood)).messages, *reply.messages))


async def _or_again(desk: Desk, paper: Paper, *notes: Html) -> Reply | None:
    """Not an answer: other business keeps its way, else the question is asked once more."""
    return None if _other_business(desk, paper) else await papers.shown(desk, paper.one.id, *notes)


def _other_business(desk: Desk, paper: Paper) -> bool:
    """Whether the words plainly want something else, or come long after the question; 23人 does not."""
    understood = desk.city.understanding.read(desk.ask.text, desk.ask.now)
    if not _fresh(desk, paper) or understood.urgent or understood.confident or _a_station(desk):
        return True
    if speaks_of_it(desk.ask.text, desk.city.home):
        return True
    return _for_the_register(desk)


def _for_the_register(desk: Desk) -> bool:
    """今天 23 人, 登记 23, +1; never 23人 alone: whatever waits for an answer asks again."""
    said = headcount(desk.ask.text, desk.today, {})
    named = any(one.day is not None or one.more for one in said.came)
    return said.sure and (named or any(word in desk.ask.text.casefold() for word in ("登记", "register")))


def _a_station(desk: Desk) -> bool:
    directory, text = desk.city.stations.directory, desk.ask.text.strip()
    return directory.marked(text) is not None or directory.called(text) is not None


# ── photos and documents ──────────────────────────────


def _is_picture(desk: Desk) -> bool:
    named = desk.ask.filename.lower().endswith(PICTURES)
    return desk.ask.what == "file" and (desk.ask.mime.startswith("image/") or named)


async def _photo(desk: Desk, paper: Paper, *, goes_on: bool) -> Reply:
    """A photo; of several sent at once only the first is answered, and those that cannot be taken."""
    most, draft = papers.book_of(desk, paper).submissions.photos_at_most, paper.one.draft
    if draft.photos >= most:
        return await papers.shown(desk, paper.one.id, words.enough_photos(desk.say, most))
    kept = await files.photo(desk)
    if isinstance(kept, Message):
        return Reply((kept,))
    ask = desk.ask
    one = Picture(kept.sha, ask.channel, ask.attachment, kept.width, kept.height, kept.size)
    outcome = await papers.change(desk, paper.one.id, lambda *found: _taken(found, one, ask.text), album=ask.album)
    if outcome["outcome"] != "done":
        return await papers.instead(desk, outcome)
    return await _came(desk, paper, new=outcome["came"], goes_on=goes_on)


async def _document(desk: Desk, paper: Paper) -> Reply:
    """A form, an article: a document keeps its place with the channel. For an activity only pictures are wanted."""
    ask, draft = desk.ask, paper.one.draft
    if draft.kind == "activity":
        kept = await files.photo(desk)
        return Reply((kept,)) if isinstance(kept, Message) else await papers.shown(desk, paper.one.id)
    wrong = wrong_document(ask.filename, ask.size) if ask.attachment else "kind"
    if wrong is not None:
        return await papers.shown(desk, paper.one.id, words.wrong_document(desk.say, wrong))
    if draft.documents >= papers.book_of(desk, paper).submissions.photos_at_most:
        return await papers.shown(desk, paper.one.id, words.enough_documents(desk.say))
    one = Picture("", ask.channel, ask.attachment, size=ask.size or 0, name=ask.filename)
    outcome = await papers.change(desk, paper.one.id, lambda *found: _taken(found, one, ask.text), album=ask.album)
    if outcome["outcome"] != "done":
        return await papers.instead(desk, outcome)
    return await _came(desk, paper, new=outcome["came"], goes_on=False)


async def _came(desk: Desk, paper: Paper, *, new: bool, goes_on: bool) -> Reply:
    if goes_on and new:
        return Reply()
    now_there = await papers.paper_of(desk, paper.one.id) or paper
    note = words.came(desk.say, now_there) if new else words.have_that_photo(desk.say)
    return await papers.shown(desk, paper.one.id, note)


# ── in the transaction ────────────────────────────────


def _taken(draft: tuple[Connection, Submission, Actor], picture: Picture, caption: str) -> bool:
    """The words under a photo are the sentence, where there is none yet."""
    connection, one, who = draft
    new = submissions.add_picture(connection, one.id, picture, who.now)
    link, rest = link_in(caption)
    facts = {} if one.draft.words or not rest else {"words": rest}
    facts |= {} if one.draft.link or not link else {"link": link}
    after = submissions.find(connection, one.id) or one
    papers.keep(connection, after, who, **facts)
    return new
