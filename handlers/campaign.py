"""送清凉, 送温暖 (H11): what is given where; an office begins one in a few taps, ends it, and sees what became of it.

What is being put together is a question that waits (storage/expected.py): a restart loses nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import Desk
from handlers.pressed import number_in, page_in
from handlers.rights import Actor, actor, refused
from messages import campaign as words
from messages import people as people_words
from messages.campaign import Draft, Seen
from messages.message import Message, Reply
from rules import campaigns as rules
from rules.campaigns import Campaign
from rules.roles import AT_A_STATION, Role, may, stations_of, tag
from rules.rulebook import Rulebook
from rules.station import Audience, Station
from storage import campaigns, expected, roles
from storage.campaigns import Plan
from storage.expected import Expected

ASKED = "campaign"  # storage/expected.py: what is typed goes to the campaign that is put together

# ── looking ───────────────────────────────────────────


async def menu(desk: Desk) -> Reply:
    """/campaign: what runs or is to come."""
    return Reply((await _menu(desk),))


async def _menu(desk: Desk) -> Message:
    creates = bool(rules.creating(await staff.held(desk)))
    hears = await desk.city.db.read(campaigns.wants_to_hear, desk.person.id)
    return words.menu(desk.say, desk.city.rulebooks, await _of_interest(desk), creates=creates, hears=hears)


async def _of_interest(desk: Desk) -> list[Campaign]:
    """What runs or is to come at one's stations, those one looks after or comes back to; without any, all there is."""
    home, today, stations = desk.city.home.id, desk.today, desk.city.stations
    current = [one for one in stations.campaigns.current if one.until_on >= today]
    theirs = [one for id in desk.person.favourites if (one := stations.by_id(id)) is not None]
    if current and (held := await staff.held(desk)):
        theirs += stations_of(held, stations.all(), "see")
    near = [one for one in current if (any(one.reaches(each) for each in theirs) if theirs else one.rulebook == home)]
    return near[: words.MOST_LISTED]


async def campaign(desk: Desk) -> Reply:
    """campaign:<id> shows one, :streets:<page>, :end[:yes], :here; the others put a new one together."""
    what, more = (*desk.ask.press.split(":"), "", "")[1:3]
    if id := number_in(what):
        return await _one(desk, id, more)
    if what == "":
        return Reply((replace(await _menu(desk), in_place=True),))
    act = _STEPS.get(what)
    if act is None:
        return staff.unknown(desk)
    if not rules.creating(await staff.held(desk)):
        return await staff.refused(desk, "campaign")
    return await act(desk, more)


async def _one(desk: Desk, id: int, more: str) -> Reply:
    one = await desk.city.db.read(campaigns.find, id)
    if one is None:
        return staff.unknown(desk)
    if more == "end":
        return await _end(desk, one)
    seen = await look(desk, one)
    book = desk.city.rulebooks[one.rulebook]
    if more == "streets" and seen.gives:
        page = (*desk.ask.press.split(":"), "", "", "")[3]
        return Reply((words.by_street(desk.say, book, seen, page_in(page)),))
    shown = words.campaign(desk.say, book, seen, desk.ask.now)
    return Reply((replace(shown, in_place=more == "here"),))


async def look(desk: Desk, one: Campaign) -> Seen:
    """A campaign with what became of it at the stations of whoever looks."""
    held = await staff.held(desk)
    taking_part = [each for each in desk.city.stations.all() if one.reaches(each)]
    own = [each for each in taking_part if _is_own(held, each)]
    looks_after = rules.may_create(held, one.areas)
    under = {each.id: each for each in taking_part if looks_after or rules.may_give(held, each)}
    stock, name, role = await desk.city.db.read(_figures, one, list(under))
    gives = any(rules.may_give(held, each) for each in under.values())
    return Seen(one, len(taking_part), own, under, stock, gives, looks_after, name, role)


def _is_own(held: Sequence[Role], station: Station) -> bool:
    own = [one for one in held if one.kind in AT_A_STATION]
    return may(own, "act", station) is not None


def _figures(connection: Connection, one: Campaign, ids: list[int]) -> tuple[Any, str, Any]:
    found = campaigns.of_campaign(connection, one.id, ids)
    stock = {(station, good): each for (_, station, good), each in found.items()}
    if one.made_by is None:
        return stock, "", None
    made = [each for each in roles.held_ever(connection, one.made_by) if each.kind in rules.CREATES]
    name = roles.names(connection, [one.made_by]).get(one.made_by, "")
    return stock, name, made[0].kind if made else None


# ── ending it ─────────────────────────────────────────


async def _end(desk: Desk, one: Campaign) -> Reply:
    """End it before its day: one more tap, then those who have stock of it hear so."""
    book = desk.city.rulebooks[one.rulebook]
    if not rules.may_create(await staff.held(desk), one.areas):
        return await staff.refused(desk, "campaign")
    if not desk.ask.press.endswith(":end:yes"):
        return Reply((words.really_end(desk.say, book, one),))
    outcome = await desk.keep(
        _ended, actor(desk), one, [each for each in desk.city.stations.all() if one.reaches(each)]
    )
    if outcome == "refused":
        return Reply((people_words.refused(desk.say),))
    await desk.city.stations.catch_up(desk.city.db)
    now = await desk.city.db.read(campaigns.find, one.id)
    shown = words.campaign(desk.say, book, await look(desk, now or one), desk.ask.now)
    return Reply((replace(shown, in_place=True),))


# ── putting one together ──────────────────────────────


async def _new(desk: Desk, kind: str) -> Reply:
    """campaign:new, then its kind; where?"""
    book = await _book(desk)
    if kind not in {one.id for one in book.campaigns}:
        return Reply((words.which_kind(desk.say, book),))
    return await _put(desk, Draft(kind), "areas")


async def _part(desk: Desk, name: str) -> Reply:
    """A part of the city on or off; all of it; or done choosing."""
    draft = await _draft(desk)
    if draft is None:
        return Reply((words.begin_again(desk.say),))
    if name == "all":
        scopes = rules.creating(await staff.held(desk))
        return await _put(desk, replace(draft, areas=rules.whole_of(scopes), everywhere=True), "audience")
    if name == "done":
        return await _put(desk, draft, "audience" if draft.areas else "areas")
    one = next((each for each in await _parts(desk) if tag(each) == name), None)
    if one is None:
        return staff.unknown(desk)
    areas = tuple(each for each in draft.areas if each != one) if one in draft.areas else (*draft.areas, one)
    return await _put(desk, replace(draft, areas=areas, everywhere=False), "areas")


async def _page(desk: Desk, number: str) -> Reply:
    draft = await _draft(desk)
    return await _put(desk, draft, "areas") if draft is not None and number else Reply((words.begin_again(desk.say),))


async def _for(desk: Desk, audience: str) -> Reply:
    draft = await _draft(desk)
    if draft is None or audience not in {one.id for one in (await _book(desk)).audiences}:
        return Reply((words.begin_again(desk.say),))
    return await _put(desk, replace(draft, audience=audience), "days")


async def _days(desk: Desk, number: str) -> Reply:
    draft = await _draft(desk)
    if draft is None or number not in {str(n) for n in words.QUICK_DAYS}:
        return Reply((words.begin_again(desk.say),))
    first = desk.today
    return await _put(desk, replace(draft, first=first, last=first + timedelta(days=int(number) - 1)), "goods")


async def goods(desk: Desk) -> Reply:
    """goods:<n> on or off; goods:done, is this right?"""
    if not rules.creating(await staff.held(desk)):
        return await staff.refused(desk, "goods")
    draft, what = await _draft(desk), desk.ask.press.partition(":")[2]
    if draft is None:
        return Reply((words.begin_again(desk.say),))
    if what == "done":
        return await _put(desk, draft, "preview" if draft.goods and draft.first else "goods")
    offered = _offered(await _book(desk), draft)
    if not what.isdecimal() or len(what) > 2 or int(what) >= len(offered):
        return staff.unknown(desk)
    one = offered[int(what)]
    chosen = tuple(each for each in draft.goods if each != one) if one in draft.goods else (*draft.goods, one)
    return await _put(desk, replace(draft, goods=chosen[: rules.MOST_GOODS]), "goods")


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """Days or goods that were typed; anything else is not for us."""
    text, draft = desk.ask.text.strip(), _read(waiting.detail)
    if desk.ask.what != "text" or draft is None or desk.ask.now - waiting.at > rules.WORDS_COUNT:
        return None
    step = waiting.detail.get("step")
    if step == "days":
        found = rules.read_days(text, desk.today)
        if found == "unclear" and not any(letter.isdigit() for letter in text):
            return None
        if isinstance(found, str):
            return Reply((words.wrong_days(desk.say, found),))
        return await _put(desk, replace(draft, first=found[0], last=found[1]), "goods", below=True)
    if step != "goods" or len(text) > 60 or desk.city.understanding.read(text, desk.ask.now).urgent:
        return None
    more = tuple(dict.fromkeys((*draft.goods, *rules.read_goods(text))))
    if len(more) > rules.MOST_GOODS:
        return Reply((words.too_many_goods(desk.say),))
    return await _put(desk, replace(draft, goods=more), "goods", below=True)


async def _start(desk: Desk, _more: str) -> Reply:
    draft = await _draft(desk)
    if draft is None or draft.first is None or draft.last is None or not draft.goods:
        return Reply((words.begin_again(desk.say),))
    if draft.first < desk.today:  # it was put together yesterday
        shown = await _put(desk, replace(draft, first=None, last=None), "days")
        return Reply((*shown.messages, words.wrong_days(desk.say, "past")))
    book = await _book(desk)
    outcome = await desk.keep(_begun, actor(desk), book.id, draft)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    await desk.city.stations.catch_up(desk.city.db)
    one = await desk.city.db.read(campaigns.find, outcome["campaign"])
    if one is None:
        return staff.unknown(desk)
    seen = await look(desk, one)
    shown_now = words.campaign(desk.say, book, seen, desk.ask.now)
    return Reply((replace(shown_now, in_place=True),))


async def _drop(desk: Desk, _more: str) -> Reply:
    await desk.keep(expected.drop, desk.person.id, ASKED)
    return Reply((words.dropped(desk.say),))


_STEPS = {
    "new": _new,
    "part": _part,
    "parts": _page,
    "for": _for,
    "days": _days,
    "start": _start,
    "drop": _drop,
}


async def _put(desk: Desk, draft: Draft, step: str, *, below: bool = False) -> Reply:
    """Keep it as it is now, and ask the next."""
    if await desk.keep(_keep, actor(desk), _written(draft) | {"step": step}) == "refused":
        return Reply((people_words.refused(desk.say),))
    say, book = desk.say, await _book(desk)
    if step == "areas":
        pages = (*desk.ask.press.split(":"), "", "", "")
        typed = pages[2] if pages[1] == "parts" else pages[3]
        shown = words.which_areas(say, book, draft, await _parts(desk), page_in(typed))
    elif step == "audience":
        shown = words.for_whom(say, book)
    elif step == "days":
        shown = words.which_days(say)
    elif step == "goods":
        shown = words.which_goods(say, draft, _offered(book, draft))
    else:
        shown = words.preview(say, book, draft, _taking_part(desk, book, draft))
    return Reply((replace(shown, in_place=not below),))


async def _draft(desk: Desk) -> Draft | None:
    if desk.person.id is None:
        return None
    waiting = await desk.city.db.read(expected.find, desk.person.id, ASKED)
    return _read(waiting.detail) if waiting is not None else None


async def _parts(desk: Desk) -> list[str]:
    book = (await _book(desk)).id
    ours = [one for one in desk.city.stations.all() if one.rulebook == book]
    return rules.parts(rules.creating(await staff.held(desk)), ours)


async def _book(desk: Desk) -> Rulebook:
    """The rulebook of most of the stations whoever begins one is over; the home's where there are none."""
    scopes, city = rules.creating(await staff.held(desk)), desk.city
    return city.rulebooks.get(rules.book_of(scopes, city.stations.all()), city.home)


def _offered(book: Rulebook, draft: Draft) -> list[str]:
    """The usual goods, and those that were typed."""
    usual = next((one.goods for one in book.campaigns if one.id == draft.kind), ())
    return list(dict.fromkeys((*usual, *draft.goods)))


def _taking_part(desk: Desk, book: Rulebook, draft: Draft) -> int:
    plan = _plan(book.id, draft)
    one = Campaign(0, plan.rulebook, plan.kind, plan.areas, plan.audience, plan.goods, plan.from_on, plan.until_on)
    return sum(one.reaches(each) for each in desk.city.stations.all())


def _plan(book: str, draft: Draft) -> Plan:
    audience: Audience = "sanitation" if draft.audience == "sanitation" else "all"
    first, last = draft.first or date.min, draft.last or date.min
    return Plan(book, draft.kind, draft.areas, audience, draft.goods, first, last)


def _written(draft: Draft) -> dict[str, Any]:
    first, last = (each.isoformat() if each else None for each in (draft.first, draft.last))
    chosen = {"kind": draft.kind, "areas": list(draft.areas), "everywhere": draft.everywhere}
    return chosen | {"audience": draft.audience, "first": first, "last": last, "goods": list(draft.goods)}


def _read(detail: Mapping[str, Any]) -> Draft | None:
    if "kind" not in detail:
        return None
    first, last = (date.fromisoformat(detail[each]) if detail[each] else None for each in ("first", "last"))
    areas, whole = tuple(detail["areas"]), bool(detail["everywhere"])
    return Draft(detail["kind"], areas, whole, detail["audience"], first, last, tuple(detail["goods"]))


# ── who hears ─────────────────────────────────────────


async def hear(desk: Desk) -> Reply:
    """hear:1, hear:0: whether somebody wants to hear of campaigns."""
    wants = desk.ask.press != "hear:0"
    await desk.keep(campaigns.hear, desk.ask.channel, desk.ask.chat, desk.ask.now, wants)
    return Reply((words.heard(desk.say, wants),))


# ── in the transaction ────────────────────────────────


def _keep(connection: Connection, who: Actor, detail: dict[str, Any]) -> str:
    if who.person is None or not rules.creating(roles.held(connection, who.person, who.now)):
        refused(connection, who, "campaign")
        return "refused"
    expected.expect(connection, who.person, ASKED, who.now, **detail)
    return "done"


def _begun(connection: Connection, who: Actor, book: str, draft: Draft) -> dict[str, Any]:
    if not rules.may_create(roles.held(connection, who.person, who.now), draft.areas):
        return refused(connection, who, "campaign")
    expected.drop(connection, who.person, ASKED)
    return {"outcome": "done", "campaign": campaigns.begin(connection, _plan(book, draft), who.now, who.origin)}


def _ended(connection: Connection, who: Actor, one: Campaign, taking_part: list[Station]) -> str:
    if not rules.may_create(roles.held(connection, who.person, who.now), one.areas):
        refused(connection, who, "campaign")
        return "refused"
    campaigns.end(connection, one, taking_part, who.now, who.origin)
    return "done"
