"""Somebody without the role can do nothing: every command and every button, pressed by everybody.

The list of what there is comes from handlers/routes.py; a route without a row here fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, func, insert, select

from bot.build import build
from bot.settings import Settings
from handlers import routes
from handlers.ask import Ask
from messages.message import plain
from rules import duties
from rules.duties import asked_round, round_on
from rules.lists.reader import name_key
from rules.roles import Scope
from rules.working_days import Calendar, Year
from storage import (
    campaigns,
    complaints,
    corrections,
    evaluations,
    list_files,
    people,
    register,
    roles,
    rounds,
    stations,
    submissions,
    tables,
    tickets,
)
from storage.complaints import Entry
from storage.history import Origin
from storage.tickets import Said
from tests.town import SHANGHAI, SQUARE, station

in_one_loop = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 11, 23, 11, 40, tzinfo=SHANGHAI)
STREET, DISTRICT = "沙坪坝区/小龙坎街道", "沙坪坝区"

# Who there is: the role, and where it is held. "elsewhere" is the neighbouring street.
CAST: dict[str, tuple[str, str] | None] = {
    "a stranger": None,
    "the worker who reported it": None,
    "the manager": ("manager", "here"),
    "the manager of another station": ("manager", "there"),
    "a manager until yesterday": ("manager", "ended"),
    "the unit's head": ("unit_head", "here"),
    "the street's head": ("area_head", STREET),
    "another street's head": ("area_head", "沙坪坝区/渝碚路街道"),
    "the office": ("office", DISTRICT),
    "the general head": ("general_head", DISTRICT),
    "the supervision team": ("team", DISTRICT),
    "the administrator": ("admin", ""),
}
ACTING = {"the manager", "the unit's head", "the street's head", "the office", "the general head"}
HEADS = ACTING - {"the manager"}
DECIDING = HEADS - {"the unit's head"}
SEEING = ACTING | {"the supervision team", "the administrator"}
CREATING = {"the office", "the general head", "the administrator"}
EVALUATING = HEADS - {"the unit's head"} | {"the supervision team"}
AREA_HEAD = {"the street's head"}
EVERYBODY = set(CAST)
CHASING = {"the street's head", "another street's head", "the office", "the general head"}
REPORTER = {"the worker who reported it"}
NOBODY: set[str] = set()


@dataclass(frozen=True)
class Row:
    """`who` may; `changes` what for them: "facts" (tickets, roles, invitations …), "own" (their own row), "nothing"."""

    what: (
        str  # the press or the command with its words; {ticket}, {over}, {code}, {manager}, {manager_role} … are put in
    )
    who: set[str]
    changes: str = "nothing"
    asked_first: frozenset[str] = frozenset()  # who may, and is asked something before anything changes


COMMANDS = {
    "start": Row("", EVERYBODY),
    "help": Row("", EVERYBODY),
    "favourites": Row("", EVERYBODY),
    "language": Row("", EVERYBODY),
    "privacy": Row("", EVERYBODY),
    "forget": Row("", EVERYBODY),
    "people": Row("", EVERYBODY),
    "invite": Row("", EVERYBODY),
    "standin": Row("", EVERYBODY),
    "report": Row("", EVERYBODY),
    "tickets": Row("", EVERYBODY),
    "plan": Row("", EVERYBODY),
    "digest": Row("", EVERYBODY),
    "export": Row("", EVERYBODY),
    "due": Row("", EVERYBODY),
    "evaluate": Row("", EVERYBODY),
    "campaign": Row("", EVERYBODY),
    "today": Row("", EVERYBODY),
    "home": Row("", EVERYBODY),
    "case": Row("", EVERYBODY),
    "cancel": Row("", EVERYBODY),
}

PRESSES = {
    "need": Row("need:heat_food", EVERYBODY, "own"),
    "needs": Row("needs", EVERYBODY),
    "near": Row("near", EVERYBODY),
    "more": Row("more", EVERYBODY),
    "page": Row("page:2", EVERYBODY),
    "card": Row("card:{code}", EVERYBODY),
    "pin": Row("pin:{code}", EVERYBODY),
    "locked": Row("locked:{code}", EVERYBODY, "facts"),
    "star": Row("star:{code}", EVERYBODY, "own"),
    "at": Row("at:{code}", EVERYBODY),
    "do": Row("do:greeting", EVERYBODY),
    "travel": Row("travel:ride", EVERYBODY, "own"),
    "sanitation": Row("sanitation:1", EVERYBODY, "own"),
    "language": Row("language:en", EVERYBODY, "own"),
    "forget": Row("forget:no", EVERYBODY),
    "wrong": Row("wrong:{code}", EVERYBODY),
    "report": Row("report:{code}", EVERYBODY),
    "supplies": Row("supplies:{code}", EVERYBODY),
    "item": Row("item:{code}:water_dispenser", EVERYBODY),
    "say": Row("say:{code}:water_dispenser:broken", EVERYBODY, "facts"),
    "open": Row("open:{code}", EVERYBODY, "facts", frozenset(REPORTER)),
    "undo": Row("undo:{ticket}", REPORTER, "facts"),
    "add": Row("add:{ticket}", ACTING | REPORTER | {"the supervision team"}),
    "works": Row("works:{code}:microwave", ACTING, "facts"),
    "tickets": Row("tickets:1", EVERYBODY),
    "ticket": Row("ticket:{ticket}", SEEING | REPORTER),
    "take": Row("take:{ticket}", ACTING),
    "promise": Row("promise:{ticket}:today", ACTING, "facts"),
    "fixed": Row("fixed:{ticket}", ACTING, "facts"),
    "cannot": Row("cannot:{ticket}:money", ACTING, "facts"),
    "pass": Row("pass:{ticket}:{deputy}", ACTING, "facts"),
    "later": Row("later:{ticket}:30m", ACTING, "facts"),
    "again": Row("again:{over}", ACTING | REPORTER | {"the supervision team"}, "facts"),
    "close": Row("close:{ticket}:unfounded", HEADS, "facts"),
    "log": Row("log:{ticket}", SEEING),
    "files": Row("files:{ticket}", SEEING),
    "people": Row("people:1", SEEING | {"the manager of another station", "another street's head"}),
    "end": Row("end:{deputy_role}:yes", HEADS | {"the administrator"}, "facts"),
    "invite": Row("invite:manager:s:{code}", HEADS | {"the administrator"}, "facts"),
    "void": Row("void:{invitation}", HEADS | {"the administrator"}, "facts"),
    "claim": Row("claim:notasecretatall", NOBODY, "facts"),
    "register": Row("register:{code}", ACTING, "facts"),
    "number": Row("number:{code}:2026-11-23:30", ACTING, "facts"),
    "plus": Row("plus:{code}", ACTING, "facts"),
    "unplus": Row("unplus:{visit}", {"the manager"}, "facts"),
    "check_in": Row("check_in:{code}", EVERYBODY, "facts"),
    "score": Row("score:{there}:3", EVERYBODY),  # nobody checked in there
    "comment": Row("comment:{there}", EVERYBODY),
    "hand_in": Row("hand_in:{round}:{code}", ACTING, "facts"),
    "draft": Row("draft:{draft}:yes", {"the manager"}, "facts"),
    "sent": Row("sent:{sent}", SEEING),
    "unsend": Row("unsend:{sent}", {"the manager"}, "facts"),
    "review": Row("review", DECIDING | {"another street's head"}),
    "accept": Row("accept:{sent}:1", DECIDING, "facts"),
    "back": Row("back:{sent}:1:blurred", DECIDING, "facts"),
    "due": Row("due", SEEING | {"the manager of another station", "another street's head"}),
    "undone": Row("undone:{round}", CHASING | {"the supervision team", "the administrator"}),
    "chase": Row("chase:{round}", CHASING, "facts"),
    "asking": Row("asking", CHASING | {"the administrator"}, "facts"),
    "asked": Row("asked", CHASING | {"the administrator"}),
    "withdraw": Row("withdraw:{asked}:yes", {"the office", "the general head", "the administrator"}, "facts"),
    "evaluate": Row("evaluate:{code}:regular", EVALUATING, "facts"),
    "point": Row("point:{evaluation}:hygiene:1", AREA_HEAD, "facts"),
    "evaluated": Row("evaluated:{evaluation}:drop", AREA_HEAD, "facts"),
    "campaign": Row("campaign:new:cool", CREATING, "facts"),
    "goods": Row("goods:0", CREATING),
    "home": Row("home", SEEING | {"the manager of another station", "another street's head"}),
    "holiday": Row("holiday:{holiday}:{code}:open", ACTING, "facts"),
    "today": Row("today:{code}:closed", ACTING, "facts"),
    "opened": Row("opened::one:{code}:1", ACTING, "facts"),
    "stock": Row("stock:{campaign}:{code}:0:a:100", ACTING, "facts"),
    "hear": Row("hear:1", EVERYBODY, "own"),
    "case": Row("case:source:12351", {"the office", "the general head"}, "facts"),
    "reply": Row("reply:{complaint}", HEADS, "facts"),
    "supply": Row("supply:{code}:paper_cups:l:3", ACTING, "facts"),
    "buy": Row("buy", ACTING | {"the manager of another station", "another street's head"}),
    "facts": Row("facts:{code}", ACTING),
    "photos": Row("photos:{code}", EVERYBODY),
    "still": Row("still:{code}", ACTING, "facts"),
    "mend": Row("mend:{code}:entry:1", ACTING, "facts"),
    "mended": Row("mended:1-99:1", ACTING | {"the manager of another station", "another street's head"}),
    "unmend": Row("unmend:{correction}", ACTING, "facts"),
    "export": Row("export:month:tickets", SEEING | {"the manager of another station", "another street's head"}),
    "list_file": Row("list_file:{list}:no", {"the office"}, "facts"),
    "digest": Row("digest:week", {
        "the street's head", "another street's head", "the office", "the general head",
    }, "facts"),
    "plan": Row("plan:1", {"the office", "the general head", "the administrator"}),
    "stand_in": Row("stand_in:today", ACTING | {
        "the manager of another station", "another street's head", "the supervision team", "the administrator",
    }, "facts"),
}  # fmt: skip

FACTS = ("ticket", "report", "attachment", "notice", "role", "invitation", "stand_in", "facility", "favourite")
FACTS += (
    "duty_round",
    "nudge",
    "expected",
    "evaluation",
    "finding",
    "visit",
    "voice",
    "submission",
    "credit",
    "picture",
)
FACTS += ("list_file",)
FACTS += ("campaign", "stock", "correction", "complaint", "supply", "special", "opening")
CALM = ("receipt", "event", "person", "ledger", "pulse")


def test_every_route_has_its_row():
    assert set(COMMANDS) == set(routes.COMMANDS)
    assert set(PRESSES) == set(routes.PRESSES)
    assert [verb for verb, row in PRESSES.items() if row.what.partition(":")[0] != verb] == []


class House:
    """The real handlers on a real database, put back as it was after every press."""

    def __init__(self, app: Any) -> None:
        self.app, self.city, self.updates = app, app.city, count(1)
        self.names: dict[str, Any] = {}

    async def furnish(self) -> None:
        await self.city.db.write(self._furnish)
        await self.city.stations.catch_up(self.city.db)
        self._rows = await self.city.db.read(_rows)

    def _furnish(self, connection) -> None:
        here, there = (
            stations.add(connection, one, {"name_key": name_key(one.name), "district": DISTRICT}, NOW)
            for one in (station("快乐里站", *SQUARE), station("别处一站", *SQUARE, area="沙坪坝区/渝碚路街道"))
        )
        for name, held in CAST.items():
            person = people.remember(connection, "telegram", name, NOW)
            if held is not None:
                self._appoint(connection, person, held, here.id, there.id)
        deputy = people.remember(connection, "telegram", "deputy", NOW)
        people.call(connection, deputy, "小周")
        self.names["deputy"] = deputy
        self.names["deputy_role"] = roles.grant(connection, deputy, "manager", Scope(here.id), NOW, Origin())
        worker = people.find(connection, "telegram", "the worker who reported it").id
        book = self.city.rulebooks["shapingba"]
        told = [
            tickets.tell(connection, Said(worker, False, here.id, item, "broken"), book, NOW, Origin(worker))
            for item in ("microwave", "table_chairs", "fridge")
        ]
        entry = Entry("12351", "2026-1", None)
        self.names["complaint"] = complaints.enter(connection, told[2]["ticket"], entry, NOW, Origin(worker))
        over = tickets.find(connection, told[1]["ticket"])
        tickets.close(connection, over, "fixed", NOW, Origin(deputy))
        secret = roles.fresh_secret()
        link = roles.invite(connection, "manager", Scope(here.id), NOW, timedelta(days=7), secret, Origin())
        head = people.find(connection, "telegram", "the street's head").id
        self._a_campaign(connection, book)
        self.names["evaluation"] = evaluations.begin(connection, here.id, head, True, NOW)
        self._hand_in(connection, here)
        self._ask(connection)
        self.names |= {"ticket": told[0]["ticket"], "over": over.id, "code": here.code, "invitation": link}
        manager = people.find(connection, "telegram", "the manager").id
        self.names["visit"] = register.write(connection, here.id, NOW.date(), 23, NOW, person=manager)
        self.names["there"] = there.code
        mended = corrections.correct(connection, here, "floor", "2楼", NOW, Origin(manager), proxy=False)
        self.names["correction"] = mended.id

    def _ask(self, connection) -> None:
        """The office asks the street for its form."""
        office = people.find(connection, "telegram", "the office").id
        self.names["list"] = list_files.wait(connection, office, "0" * 64, "名单.xlsx", NOW)
        form = self.city.rulebooks["shapingba"].duty("form")
        one = asked_round(form, NOW + timedelta(days=7), NOW.date())
        asked = {"asked_by": office, "asked_at": NOW, "asked_of": [f"area:{STREET}"]}
        self.names["asked"] = rounds.open_up(connection, "shapingba", "asked:1", one, None, **asked)

    def _hand_in(self, connection, here) -> None:
        """The month's activity, handed in once, and begun once more; of the publicity nothing."""
        duty, other = (self.city.rulebooks["shapingba"].duty(name) for name in ("activity", "publicity"))
        undone = round_on(other, date(2026, 11, 30), self.city.calendar)
        self.names["round"] = rounds.open_up(connection, "shapingba", "publicity", undone, None)
        one = round_on(duty, date(2026, 11, 30), self.city.calendar)
        number = rounds.open_up(connection, "shapingba", "activity", one, None)
        manager = people.find(connection, "telegram", "the manager").id
        kept, begun = (
            submissions.begin(connection, manager, "activity", number, here.id, "", NOW, proxy=False, asking="photos")
            for _ in range(2)
        )
        submissions.send(connection, submissions.find(connection, kept), [here.id], NOW, late=False, proxy=False)
        self.names |= {"draft": begun, "sent": kept}
        self.city.calendar = Calendar((*self.city.calendar.years, Year(2027, {date(2027, 1, 1): "元旦"})))
        holiday, day = self.city.rulebooks["shapingba"].duty("holiday"), date(2027, 1, 1)
        [before] = duties.rounds(holiday, day, day, self.city.calendar)
        self.names["holiday"] = rounds.open_up(connection, "shapingba", "holiday", before, None)

    def _a_campaign(self, connection, book) -> None:
        plan = campaigns.Plan(book.id, "cool", (), "all", ("矿泉水",), NOW.date(), NOW.date())
        self.names["campaign"] = campaigns.begin(connection, plan, NOW, Origin())

    def _appoint(self, connection, person: int, held: tuple[str, str], here: int, there: int) -> None:
        kind, where = held
        scope = {"here": Scope(here), "there": Scope(there), "ended": Scope(here)}.get(where, Scope(area=where))
        people.call(connection, person, kind)
        id = roles.grant(connection, person, kind, scope, NOW - timedelta(days=3), Origin())
        if where == "ended":
            roles.end(connection, roles.find(connection, id), NOW - timedelta(days=1), Origin())

    async def put_back(self) -> None:
        await self.city.db.write(_put_back, self._rows)
        await self.city.stations.catch_up(self.city.db)

    async def does(self, who: str, what: str, *, command: str = "") -> tuple[str, set[str], int]:
        """What they read, which tables changed by it, and how often it was recorded as refused."""
        before, refusals = await self.city.db.read(_facts), await self.city.db.read(_refusals)
        filled = what.format(**self.names)
        ask = Ask(
            "telegram", next(self.updates), who, "command" if command else "press", NOW,
            text=filled if command else "", command=command, press="" if command else filled, name=who[:8], sender=who,
        )  # fmt: skip
        reply = await routes.answer(ask, self.city)
        after = await self.city.db.read(_facts)
        changed = {table for table in before if before[table] != after[table]}
        said = " ".join([reply.toast, *(plain(one.text) for one in reply.messages)])
        return said, changed, await self.city.db.read(_refusals) - refusals


def _whole(connection, table: str, columns: str = "*") -> list[tuple]:
    """Every row, as SQLite has it: this is asked some hundred thousand times."""
    return connection.connection.driver_connection.execute(f"SELECT {columns} FROM {table}").fetchall()


def _rows(connection):
    return {
        table.name: (connection.execute(select(table)).mappings().all(), _whole(connection, table.name))
        for table in tables.metadata.sorted_tables
        if table.name != "ledger"
    }


def _put_back(connection, rows) -> None:
    """What changed is as it was; the stations are given out anew with it."""
    changed = {name for name, (_, whole) in rows.items() if _whole(connection, name) != whole}
    if not changed:
        return
    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    revision = stations.next_revision(connection)
    again = [table for table in tables.metadata.sorted_tables if table.name in {*changed, "station"}]
    for table in reversed(again):
        connection.execute(delete(table))
    for table in again:
        if kept := [dict(row) for row in rows[table.name][0]]:
            for row in kept:
                if table.name == "station":
                    row["revision"] = revision
            connection.execute(insert(table), kept)


WITHOUT = ("unreachable", "unreachable_since")
KEPT = {
    **dict.fromkeys(FACTS, "*"),
    "person": ", ".join(column.name for column in tables.person.c if column.name not in WITHOUT),
    "station": "id, verified_on, verified_by",
}


def _facts(connection):
    return {name: _whole(connection, name, columns) for name, columns in KEPT.items()}


def _refusals(connection) -> int:
    refused = select(func.count()).select_from(tables.event).where(tables.event.c.what == "refused")
    return connection.execute(refused).scalar_one()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    settings = Settings(bot_token="1:A", database_url=f"sqlite:///{folder}/house.db")
    app = await build(settings, clock=lambda: NOW)
    built = House(app)
    await built.furnish()
    yield built
    await app.stop()


OWN = {"person", "favourite"}


@in_one_loop
@pytest.mark.parametrize("verb", PRESSES)
async def test_each_button_pressed_by_everybody(house, verb):
    """Whoever may is obeyed; whoever may not changes nothing, is told so, and the attempt is recorded."""
    row = PRESSES[verb]
    for who in CAST:
        said, changed, refused = await house.does(who, row.what)
        assert said.strip() or verb in ("pin", "files"), f"{who} meets silence"
        if who not in row.who:
            assert changed == set(), f"{who} changed {changed}"
            assert refused == 1 or verb in ("undo", "claim"), f"{who} is not recorded as refused"
        elif row.changes == "facts" and who not in row.asked_first:
            assert changed - {"person"}, f"{who} may, and nothing happened: {said}"
        else:
            assert changed <= OWN, f"{who} changed {changed}"
        assert refused == 0 or who not in row.who, f"{who} was refused: {said}"
        await house.put_back()


@in_one_loop
@pytest.mark.parametrize("command", COMMANDS)
async def test_each_command_given_by_everybody(house, command):
    """Commands only show; what they show others is the list's business, and nothing is changed by asking."""
    for who in CAST:
        said, changed, refused = await house.does(who, COMMANDS[command].what, command=command)
        assert said.strip()
        assert changed == set()
        assert refused == 0


@in_one_loop
@pytest.mark.parametrize("command", ["people", "tickets", "invite"])
async def test_what_is_shown_to_a_stranger_names_nobody_and_no_ticket(house, command):
    said, _, _ = await house.does("a stranger", "", command=command)
    assert "小周" not in said
    assert "快乐里" not in said


@in_one_loop
async def test_a_button_of_nonsense_changes_nothing(house):
    for verb in PRESSES:
        for nonsense in (
            verb,
            f"{verb}:",
            f"{verb}:0",
            f"{verb}:99999999999999999999",
            f"{verb}:x:y:z",
            f"{verb}:-1:yes",
        ):
            _, changed, _ = await house.does("a stranger", nonsense)
            assert changed <= OWN, nonsense
    await house.put_back()
