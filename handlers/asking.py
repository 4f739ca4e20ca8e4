"""布置: an office asks for something once, step by step in the chat; what was begun is a row and survives a restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import Connection

from handlers.desk import Desk
from handlers.pressed import page_in
from handlers.rights import actor, refused
from handlers.withdraw import as_asked, with_inner
from messages import asking as words
from messages import people as people_words
from messages.asking import Preview
from messages.message import Reply
from rules import asking as rules
from rules.asking import BEFORE, OF_ONES_OWN, Before
from rules.due import covered
from rules.duties import DutyRule, Round, asked_round
from rules.masking import mask
from rules.roles import Role, tag
from rules.rulebook import Rulebook
from storage import asked, expected, roles
from storage.asked import Asking
from storage.expected import Expected
from storage.times import from_ms, to_ms

WHAT = "asking"  # as storage.expected knows us
FRESH = timedelta(minutes=30)  # words after a longer silence are about something else
OTHER_BUSINESS = ("report_problem", "fixed", "on_it")
STEPS = ("what", "by", "of", "inner", "ready")


@dataclass(frozen=True, slots=True)
class Begun:
    """What was answered so far. `due`: UTC milliseconds; `of`: tokens; `settled`: of whom is decided."""

    duty: str = ""  # a template's id; empty: in words of one's own
    title: str = ""
    due: int | None = None
    of: tuple[str, ...] = ()
    settled: bool = False
    before: Before | None = None
    page: int = 1
    wanted: str = ""  # a step that is to be asked again

    @property
    def step(self) -> str:
        """What is asked next: what was asked for again, else what is missing."""
        if self.wanted:
            return self.wanted
        missing = (not (self.duty or self.title), self.due is None, not self.settled, self.before is None)
        return next((step for step, open_ in zip(STEPS, missing, strict=False) if open_), "ready")

    @property
    def due_at(self) -> datetime | None:
        return from_ms(self.due)


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks: in which roles, under which rulebook, and whom they may ask."""

    roles: Sequence[Role]
    book: Rulebook
    units: Sequence[str] = ()
    left: int = 0  # stations within reach that lie in none of these

    @property
    def of_stations(self) -> bool:
        return rules.of_stations(self.roles)

    def template(self, begun: Begun) -> DutyRule:
        """What is asked for, as a duty."""
        own = next((one for one in rules.templates(self.book.duties) if one.id == begun.duty), None)
        return own or next((one for one in rules.templates(self.book.duties) if one.form == "return"), OF_ONES_OWN)

    def title(self, begun: Begun, zh: bool) -> str:
        """What it is called."""
        template = self.template(begun)
        return begun.title or (template.zh if zh else template.en)

    def until(self, begun: Begun) -> time | None:
        """The hour meant where only a day is said."""
        return self.template(begun).until


# ── pressed ───────────────────────────────────────────


async def asking(desk: Desk) -> Reply:
    """asking: from the beginning; asking:<step>:<answer>: on."""
    what, _, more = desk.ask.press.partition(":")[2].partition(":")
    if what == "go":
        return await _go(desk)
    if what == "drop":
        came = await desk.keep(_drop, desk)
        return Reply((people_words.refused(desk.say) if came["outcome"] == "refused" else words.stopped(desk.say),))
    came = await desk.keep(_step, desk, what, more)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if came["outcome"] == "gone":
        return Reply((words.begin_again(desk.say),))
    return await _shown(desk, in_place=True, wrong=came.get("wrong"))


def _step(connection: Connection, desk: Desk, what: str, more: str) -> dict[str, Any]:
    asker = _asker(connection, desk)
    if asker is None:
        return refused(connection, actor(desk), "asking")
    if what == "":
        return _keep(connection, desk, _settled(asker, Begun()))
    begun, answer = _begun(connection, desk), _ANSWERS.get(what)
    if begun is None or answer is None:
        return {"outcome": "gone"}
    found = answer(asker, replace(begun, wanted=""), more, desk)
    if isinstance(found, str):
        return {"outcome": "kept", "wrong": found}
    return _keep(connection, desk, _settled(asker, found))


def _settled(asker: Asker, begun: Begun) -> Begun:
    """What needs no question: an area head with one street asks its stations, and nobody before them."""
    if not asker.of_stations:
        return begun
    alone = tuple(asker.units) if len(asker.units) == 1 else ()
    return replace(begun, of=begun.of or alone, settled=begun.settled or bool(alone), before="none")


Answered = Begun | str  # or what is wrong with it


def _what(asker: Asker, begun: Begun, more: str, _desk: Desk) -> Answered:
    known = any(one.id == more for one in rules.templates(asker.book.duties))
    return replace(begun, duty=more, title="") if known else replace(begun, wanted="what")


def _by(asker: Asker, begun: Begun, more: str, desk: Desk) -> Answered:
    try:
        day = date.fromisoformat(more)
    except ValueError:
        return replace(begun, wanted="by")
    due_at = rules.on_day(day, asker.until(begun), desk.ask.now)
    return _dated(begun, due_at, desk) if due_at is not None else replace(begun, wanted="by")


def _dated(begun: Begun, due_at: datetime, desk: Desk) -> Begun:
    """With its day. A stations' day that is over by now is asked again."""
    days, now = desk.city.calendar, desk.ask.now
    if due_at < now + rules.SHORTEST:
        return replace(begun, wanted="by")
    still = begun.before in (None, "none") or rules.earlier(due_at, begun.before or "none", days, now) is not None
    return replace(begun, due=to_ms(due_at), before=begun.before if still else None)


def _of(asker: Asker, begun: Begun, more: str, _desk: Desk) -> Answered:
    wanted, _, page = more.partition(":")
    chosen = next((one for one in asker.units if tag(one) == wanted), None)
    kept = [one for one in asker.units if (one in begun.of) != (one == chosen)]
    return replace(begun, of=tuple(kept), settled=False, page=page_in(page))


def _all(asker: Asker, begun: Begun, more: str, _desk: Desk) -> Answered:
    return replace(begun, of=tuple(asker.units), settled=False, page=page_in(more))


def _none(_asker: Asker, begun: Begun, more: str, _desk: Desk) -> Answered:
    return replace(begun, of=(), settled=False, page=page_in(more))


def _turned(_asker: Asker, begun: Begun, more: str, _desk: Desk) -> Answered:
    return replace(begun, settled=False, page=page_in(more))


def _next(_asker: Asker, begun: Begun, _more: str, _desk: Desk) -> Answered:
    return replace(begun, settled=bool(begun.of))


def _inner(_asker: Asker, begun: Begun, more: str, _desk: Desk) -> Answered:
    return replace(begun, before=more) if more in BEFORE else begun


def _to(_asker: Asker, begun: Begun, more: str, _desk: Desk) -> Answered:
    if more == "of":
        return replace(begun, settled=False)
    return replace(begun, wanted=more) if more in ("what", "by") else begun


_ANSWERS: Mapping[str, Callable[[Asker, Begun, str, Desk], Answered]] = {
    "what": _what,
    "by": _by,
    "of": _of,
    "all": _all,
    "none": _none,
    "page": _turned,
    "next": _next,
    "inner": _inner,
    "to": _to,
}


# ── typed ─────────────────────────────────────────────


async def typed(desk: Desk, waiting: Expected) -> Reply | None:
    """What it is called, or until when; None for words that are about something else."""
    begun = _of_row(waiting)
    if desk.ask.what != "text" or begun.step not in ("what", "by") or _elsewhere(desk, waiting):
        return None
    text = desk.ask.text.strip()
    if text.lower() in rules.GIVES_UP:
        await desk.keep(_drop, desk)
        return Reply((words.stopped(desk.say),))
    came = await desk.keep(_read, desk, text)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    return await _shown(desk, in_place=False, wrong=came.get("wrong"))


def _elsewhere(desk: Desk, waiting: Expected) -> bool:
    understood = desk.city.understanding.read(desk.ask.text, desk.ask.now)
    other = understood.confident and understood.intent in OTHER_BUSINESS
    return understood.urgent or other or desk.ask.now - waiting.at > FRESH


def _read(connection: Connection, desk: Desk, text: str) -> dict[str, Any]:
    asker, begun = _asker(connection, desk), _begun(connection, desk)
    if asker is None or begun is None:
        return refused(connection, actor(desk), "asking")
    answered = replace(begun, wanted="")
    if begun.step == "what":
        title = mask(" ".join(text.split()))
        if len(title) > rules.TITLE_LETTERS:
            return {"outcome": "kept", "wrong": "too_long"}
        return _keep(connection, desk, _settled(asker, replace(answered, duty="", title=title)))
    due_at = rules.deadline(text, desk.ask.now, asker.until(begun))
    if isinstance(due_at, str):
        return {"outcome": "kept", "wrong": due_at}
    return _keep(connection, desk, _settled(asker, _dated(answered, due_at, desk)))


# ── shown ─────────────────────────────────────────────


async def _shown(desk: Desk, *, in_place: bool, wrong: str | None = None) -> Reply:
    """The step that is next, from what is kept."""
    found = await desk.city.db.read(_state, desk)
    if found is None:
        return Reply((words.begin_again(desk.say),))
    asker, begun = found
    say, now = desk.say, desk.ask.now
    title = asker.title(begun, say.language.startswith("zh"))
    match begun.step:
        case "what":
            templates = rules.templates(asker.book.duties)
            message = words.what(say, templates, in_place=in_place, too_long=wrong == "too_long")
        case "by":
            days = rules.likely_days(now, desk.city.calendar)
            trouble = cast(rules.Unclear | None, wrong)
            message = words.by_when(say, title, days, asker.until(begun), now, in_place=in_place, wrong=trouble)
        case "of":
            message = words.of_whom(say, title, asker.units, begun.of, begun.page)
        case "inner":
            message = words.stations_first(say, title, _choices(desk, asker, begun), now)
        case _:
            message = words.preview(say, _preview(desk, asker, begun), now)
    return Reply((replace(message, in_place=in_place),))


def _state(connection: Connection, desk: Desk) -> tuple[Asker, Begun] | None:
    asker, begun = _asker(connection, desk), _begun(connection, desk)
    return (asker, begun) if asker is not None and begun is not None else None


def _choices(desk: Desk, asker: Asker, begun: Begun) -> dict[Before, Round | None]:
    return {how: _part(desk, asker, begun, how) for how in BEFORE}


def _preview(desk: Desk, asker: Asker, begun: Begun) -> Preview:
    part = _part(desk, asker, begun, begun.before or "none")
    return Preview(_round(desk, asker, begun), begun.of, part, asker.left)


def _round(desk: Desk, asker: Asker, begun: Begun) -> Round:
    due_at = begun.due_at or desk.ask.now
    duty = rules.shaped(asker.template(begun), begun.title, due_at, of_stations=asker.of_stations)
    return asked_round(duty, due_at, desk.today)


def _part(desk: Desk, asker: Asker, begun: Begun, how: Before) -> Round | None:
    """The stations' part before the street's; None where they have none."""
    due_at = begun.due_at or desk.ask.now
    at = rules.earlier(due_at, how, desk.city.calendar, desk.ask.now)
    if at is None:
        return None
    duty = rules.shaped(asker.template(begun), begun.title, at, of_stations=True)
    return asked_round(duty, at, desk.today)


# ── asked for ─────────────────────────────────────────


async def _go(desk: Desk) -> Reply:
    came = await desk.keep(_ask, desk)
    say, now = desk.say, desk.ask.now
    if came["outcome"] == "refused":
        return Reply((people_words.refused(say),))
    if came["outcome"] == "gone":
        return Reply((words.begin_again(say),))
    if came["outcome"] == "kept":
        return await _shown(desk, in_place=True, wrong=came.get("wrong"))
    found = await desk.city.db.read(with_inner, came["round"])
    if found is None:
        return Reply((words.begin_again(say),))
    kept, inner = found
    message = words.asked(say, as_asked(kept, inner), kept.id, came["told"], came["alone"], came["silent"], now)
    return Reply((message,))


def _ask(connection: Connection, desk: Desk) -> dict[str, Any]:
    asker, begun = _asker(connection, desk), _begun(connection, desk)
    me = desk.person.id
    if asker is None or me is None:
        return refused(connection, actor(desk), "asking")
    if begun is None:
        return {"outcome": "gone"}
    begun = replace(begun, of=tuple(one for one in begun.of if one in asker.units))
    if begun.due_at is not None and begun.due_at < desk.ask.now + rules.SHORTEST:
        return _keep(connection, desk, replace(begun, due=None)) | {"wrong": "past"}
    if begun.step != "ready" or not begun.of:
        return _keep(connection, desk, replace(begun, settled=bool(begun.of) and begun.settled))
    found = _preview(desk, asker, begun)
    expected.drop(connection, me, WHAT)
    city, now = desk.city, desk.ask.now
    wanted = Asking(found.one, tuple(found.of), found.inner)
    stations, origin = city.stations.all(), actor(desk).origin
    came = asked.ask(connection, asker.book, wanted, me, stations, city.calendar, now, origin)
    return {"outcome": "asked"} | came


def _drop(connection: Connection, desk: Desk) -> dict[str, Any]:
    if _asker(connection, desk) is None:
        return refused(connection, actor(desk), "asking")
    expected.drop(connection, desk.person.id, WHAT)
    return {"outcome": "dropped"}


# ── what is kept ──────────────────────────────────────


def _asker(connection: Connection, desk: Desk) -> Asker | None:
    """Whoever asks, as they are now; None for somebody who may not."""
    held = roles.held(connection, desk.person.id, desk.ask.now)
    if desk.person.id is None or not rules.may_ask(held):
        return None
    over, city = rules.asking(held), desk.city
    within = covered(over, city.stations.all())
    books = [one.rulebook for one in within]
    book = city.rulebooks[max(set(books), key=books.count)] if books else city.home
    begun = _begun(connection, desk) or Begun()
    template = Asker(over, book).template(begun)
    under = [one for one in within if one.rulebook == book.id]
    units = rules.units(over, template, under, roles.everybody(connection, desk.ask.now))
    return Asker(over, book, units, 0 if rules.of_stations(over) else rules.reached_by_none(units, under))


def _begun(connection: Connection, desk: Desk) -> Begun | None:
    waiting = expected.find(connection, desk.person.id, WHAT)
    return _of_row(waiting) if waiting is not None else None


def _of_row(waiting: Expected) -> Begun:
    facts = dict(waiting.detail)
    return Begun(**(facts | {"of": tuple(facts.get("of", ()))}))


def _keep(connection: Connection, desk: Desk, begun: Begun) -> dict[str, Any]:
    if desk.person.id is not None:
        expected.expect(connection, desk.person.id, WHAT, desk.ask.now, **asdict(begun))
    return {"outcome": "kept"}
