"""What the heartbeat asks the database costs what is due, not what exists: every query finds its rows by an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from bench.district import BROKEN, LONG_AGO, District, district, fill
from bench.heartbeat import AtOnce, cycle
from bench.nation import LUNCH
from rules.ticket import Ticket
from storage import figures, notices, tickets
from storage.history import Origin
from storage.tickets import Said

# What grows for ever, and what a station changed must not read for all others.
GROWING = ("ticket", "notice", "report", "attachment", "event", "receipt", "facility", "station")
# A scan of one of these is a scan of what is open, owed, stale or bundled.
OF_SOME_ROWS = ("uq_ticket_open", "ix_ticket_due", "ix_notice_owed", "ix_notice_stale", "ix_notice_bundle")
STATIONS, STREETS = 6, 2
LATER = LUNCH + timedelta(minutes=30)


@pytest.fixture
def asked() -> Iterator[dict[str, object]]:
    """Every statement that is run, with the values of one time."""
    seen: dict[str, object] = {}

    def note(_connection, _cursor, statement, values, _context, many) -> None:
        seen[statement] = values[0] if many else values

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
async def here(tmp_path: Path):
    async with district(tmp_path, AtOnce(), STATIONS, STREETS) as one:
        await one.db.write(fill, one.book, 4 * STATIONS, STATIONS, STREETS)
        yield one


async def _plans(here: District, asked: dict[str, object]) -> dict[str, list[str]]:
    """How SQLite goes about each of them."""

    def explain(connection: Connection) -> dict[str, list[str]]:
        wanted = {said: values for said, values in asked.items() if said.split()[0] in ("SELECT", "UPDATE", "DELETE")}
        return {
            said: [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)]
            for said, values in wanted.items()
        }

    return await here.db.read(explain)


def _whole_tables(plan: list[str]) -> list[str]:
    """The lines of a plan that read a growing table from end to end."""
    scans = (re.match(r"SCAN (\w+)(?:.* INDEX (\w+))?", line) for line in plan)
    return [found[0] for found in scans if found and found[1] in GROWING and found[2] not in OF_SOME_ROWS]


async def _reported(here: District, number: int, person: int) -> int:
    """The numberth thing of a station, which has nothing of the kind open."""
    said = Said(person, True, 1, f"thing{number}", "broken")
    told = await here.db.write(tickets.tell, said, here.book, LUNCH, Origin(person))
    return int(told["ticket"])


async def test_a_cycle_with_everything_in_it_reads_no_growing_table_from_end_to_end(here, asked):
    await here.db.write(_due, 1, 2, 3, 4, 5, 6)
    await cycle(here, LUNCH)  # climbs, is told in bundles; earlier copies are edited, the bundles with them
    await _reported(here, 100, 1)
    mine = await here.db.read(tickets.open_at, 1, BROKEN)
    mine = await here.db.write(tickets.promise, mine, LATER, LUNCH, Origin(1))
    await cycle(here, LATER)  # the promise is over
    mine = await here.db.read(tickets.find, mine.id)
    await here.db.write(
        tickets.reopen, await here.db.write(tickets.close, mine, "fixed", LATER, Origin(1)), LATER, Origin(2)
    )
    await cycle(here, LATER + timedelta(minutes=5))
    await here.db.write(notices.expire_all_leases)
    await here.db.read(figures.signs, LATER)
    plans = await _plans(here, asked)
    assert len(plans) > 40
    assert any("bundle" in said and said.startswith("SELECT") for said in plans), "no bundle was edited"
    assert {said: found for said, plan in plans.items() if (found := _whole_tables(plan))} == {}


def _due(connection: Connection, *numbers: int) -> None:
    for number in numbers:
        one: Ticket | None = tickets.find(connection, number)
        assert one is not None
        tickets.due_again(connection, one, LONG_AGO)


@pytest.mark.parametrize(
    ("plan", "whole"),
    [
        ("SCAN notice", True),
        ("SCAN ticket USING INDEX sqlite_autoindex_ticket_1", True),
        ("SCAN notice USING COVERING INDEX ix_notice_sent", True),
        ("SCAN notice USING INDEX ix_notice_stale", False),
        ("SEARCH notice USING INDEX ix_notice_ticket_id (ticket_id=?)", False),
        ("SCAN role", False),
    ],
)
def test_what_counts_as_reading_a_whole_table(plan, whole):
    assert bool(_whole_tables([plan])) == whole


async def test_a_query_by_what_no_index_names_is_found_out(here, asked):
    """So that the test above can fail."""
    bad = "SELECT id FROM notice WHERE state = ?"
    await here.db.read(lambda connection: connection.exec_driver_sql(bad, ("sent",)).all())
    plans = await _plans(here, asked)
    assert [said for said, plan in plans.items() if _whole_tables(plan)] == [bad]
