"""What was owed, beside what arrived: plain counting over what the database says and what the far end saw."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from chaos.far_end import Arrival

TOGETHER = ("told", "again")  # may go in one message, and wait a little for each other
# Behind what nothing may be that was owed earlier: what is urgent overtakes, what may go together waits for its like.
# What comes last of all (reminders of duties, digests) is overtaken by everything but its like.
NOT_BEHIND = {"urgent": ("urgent", "alone"), "alone": ("alone",), "together": ("together",), "last": ("last",)}
NOBODY_TO_TELL = ("nobody",)  # of dead letters: there was nobody, and that is what is written down


@dataclass(frozen=True, slots=True)
class Owed:
    """One row of the outbox at the end. `chat` None: nobody, or somebody outside the chat."""

    id: int
    kind: str
    chat: int | None
    ticket: int | None
    urgent: int  # 1: before everything else; -1: after everything else
    state: str
    result: str | None
    message_id: int | None
    bundle: int | None
    answered: bool = False  # said in the answer to whoever reported it, which is no notice that was sent


@dataclass(frozen=True, slots=True)
class Books:
    """What the database says when all is quiet."""

    notices: Sequence[Owed]
    tickets: int
    adrift: int  # open, with neither a next moment nor a reason for none, now or whenever the audit looked
    untold: int  # steps and endings in the history for which nothing was owed
    unanswered: int  # updates that are not over
    given_up: int  # updates that failed three times and got an apology
    done_twice: int  # effects that one update had more than once


@dataclass(frozen=True, slots=True)
class Seen:
    """What the parent saw: `in_flight`: notices that were being sent, by kill."""

    arrivals: Sequence[Arrival]
    in_flight: Sequence[frozenset[int]] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Notices by number, wherever one is a list."""

    owed: int
    delivered: int
    lost: Sequence[int]
    repeated: int
    in_flight: int  # at the kills, added up
    unheard: int  # shown, and the answer that says so was lost
    unexplained: Sequence[int]  # repeated more often than that
    unsigned: Sequence[int]  # repeated without the sign
    out_of_order: Sequence[int]
    books: Books = field(repr=False)

    @property
    def good(self) -> bool:
        """Nothing lost, nothing out of order, no repeat but what was in flight and says so, nothing adrift."""
        wrong = (self.lost, self.unexplained, self.unsigned, self.out_of_order)
        books = self.books
        return not any(wrong) and not (books.adrift or books.untold or books.unanswered or books.done_twice)


def judge(books: Books, seen: Seen) -> Verdict:
    """Count."""
    to_tell = [one for one in books.notices if _was_to_be_shown(one)]
    came: Mapping[int, list[Arrival]] = _by_notice(seen.arrivals)
    lost = [one.id for one in to_tell if not _there(one, came)]
    killed = Counter(id for kill in seen.in_flight for id in kill)
    unheard = Counter(one.notice for one in seen.arrivals if one.answer_lost)
    again = {id: len(found) - 1 for id, found in came.items() if len(found) > 1}
    return Verdict(
        owed=len(to_tell),
        delivered=len(to_tell) - len(lost),
        lost=lost,
        repeated=sum(again.values()),
        in_flight=killed.total(),
        unheard=unheard.total(),
        unexplained=[id for id, times in again.items() if times > killed[id] + unheard[id]],
        unsigned=[id for id in again if not all(one.signed for one in came[id][1:])],
        out_of_order=_out_of_order(books.notices, seen.arrivals),
        books=books,
    )


def _was_to_be_shown(one: Owed) -> bool:
    """Not what became pointless before it left, what was said in an answer, or what nobody was there to hear."""
    if one.state == "dropped" or (one.state == "sent" and (one.answered or one.message_id is None)):
        return False
    return not (one.state == "dead" and one.result in NOBODY_TO_TELL)


def _by_notice(arrivals: Iterable[Arrival]) -> Mapping[int, list[Arrival]]:
    found: dict[int, list[Arrival]] = defaultdict(list)
    for one in arrivals:
        found[one.notice].append(one)
    return found


def _there(one: Owed, came: Mapping[int, list[Arrival]]) -> bool:
    """Whether the far end has what the database says was shown, in that chat, with the ticket on it."""
    if one.state != "sent":
        return False
    there = came.get(one.bundle or one.id, ())
    return any(
        arrival.message_id == one.message_id
        and arrival.chat == one.chat
        and (one.ticket is None or not arrival.tickets or one.ticket in arrival.tickets)
        for arrival in there
    )


def _out_of_order(notices: Iterable[Owed], arrivals: Sequence[Arrival]) -> list[int]:
    """Those that came first after a later one to the same chat.

    A reminder comes when it was asked for. Each is compared with those it may not come behind.
    """
    known = {one.id: one for one in notices}
    bundled: dict[int, list[int]] = defaultdict(list)
    for one in known.values():
        if one.bundle is not None:
            bundled[one.bundle].append(one.id)
    last: dict[tuple[int, str], int] = defaultdict(int)
    told: set[int] = set()
    late: list[int] = []
    for arrival in arrivals:
        for id in (arrival.notice, *bundled[arrival.notice]):
            owed = known.get(id)
            if owed is None or owed.kind == "later" or id in told:
                continue
            told.add(id)
            line = _line(owed)
            if any(id < last[arrival.chat, other] for other in NOT_BEHIND[line]):
                late.append(id)
            last[arrival.chat, line] = max(last[arrival.chat, line], id)
    return late


def _line(owed: Owed) -> str:
    if owed.urgent:
        return "urgent" if owed.urgent > 0 else "last"
    return "together" if owed.kind in TOGETHER else "alone"


# ── the books ─────────────────────────────────────────

NOTICES = """
SELECT n.id, n.kind, p.chat, n.ticket_id, n.urgent, n.state, n.result, n.message_id, n.bundle,
json_extract(n.about, '$.own') IS NOT NULL
FROM notice n LEFT JOIN person p ON p.id = n.person_id ORDER BY n.id
"""
ADRIFT = "SELECT count(*) FROM ticket WHERE state <> 'closed' AND due_at IS NULL AND resting IS NULL"
# Every step in the history names whom it told; each of them must be owed a notice of that step.
UNTOLD = """
SELECT count(*) FROM event e, json_each(e.detail, '$.to') heard
WHERE e.what = 'told' AND NOT EXISTS (
    SELECT 1 FROM notice n WHERE n.ticket_id = e.ticket_id AND n.person_id = heard.value
    AND n.step = json_extract(e.detail, '$.step') AND n.kind IN ('told', 'again'))
"""
DONE_TWICE = """
SELECT count(*) FROM (SELECT 1 FROM event WHERE update_id IS NOT NULL
GROUP BY channel, update_id, what, ticket_id, station_id HAVING count(*) > 1)
"""
SETTLED = """
SELECT update_id FROM receipt WHERE channel = 'telegram' AND (answered_at IS NOT NULL OR given_up_at IS NOT NULL)
"""
GIVEN_UP = "SELECT count(*) FROM receipt WHERE channel = 'telegram' AND given_up_at IS NOT NULL"
SENDING = "SELECT id FROM notice WHERE state = 'sending'"


def read_books(database: Path, updates: Iterable[int]) -> Books:
    """Read past our own code. `updates`: those that were not over the last time somebody looked."""
    over = updates_over(database)
    with closing(sqlite3.connect(database)) as file:
        repaired = file.execute("SELECT coalesce(sum(repaired), 0) FROM pulse").fetchone()[0]
        return Books(
            notices=[_owed(row) for row in file.execute(NOTICES)],
            tickets=_one(file, "SELECT count(*) FROM ticket"),
            adrift=_one(file, ADRIFT) + repaired,
            untold=_one(file, UNTOLD),
            unanswered=len(set(updates) - over),
            given_up=_one(file, GIVEN_UP),
            done_twice=_one(file, DONE_TWICE),
        )


def updates_over(database: Path) -> frozenset[int]:
    """The updates whose answer has left, or that were given up with an apology."""
    with closing(sqlite3.connect(database)) as file:
        return frozenset(number for (number,) in file.execute(SETTLED))


def being_sent(database: Path) -> frozenset[int]:
    """The notices that are claimed and not marked."""
    with closing(sqlite3.connect(database)) as file:
        return frozenset(id for (id,) in file.execute(SENDING))


def _one(file: sqlite3.Connection, question: str) -> int:
    return int(file.execute(question).fetchone()[0])


def _owed(row: tuple[object, ...]) -> Owed:
    id, kind, chat, ticket, urgent, state, result, message, bundle, answered = row
    return Owed(
        int(str(id)),
        str(kind),
        _number(chat),
        _number(ticket),
        int(str(urgent)),
        str(state),
        None if result is None else str(result),
        _number(message),
        _number(bundle),
        bool(answered),
    )


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))
