"""The memory: written once, together, in order, by one program or by several beside each other."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import Connection, text

from rules.station import Facility, Position, Station
from storage import database as database_module
from storage import people, receipts, stations
from storage.database import Database, DatabaseError
from storage.schema import SchemaError, upgrade

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
STATION = Station(
    id=0,
    code="",
    rulebook="shapingba",
    name="示例站",
    aliases=("老站", "a"),
    position=Position(29.5, 106.4),
    datum="gcj02",
    hours="Mo-Fr 08:00-18:00",
    facilities=(Facility("microwave"), Facility("tv", "broken", NOW)),
)
KEYS = {"name_key": "示例站", "district": "沙坪坝区"}


FULL = 2
really_prepared = database_module._prepare  # before tests/conftest.py wraps it


@pytest.fixture
def really_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """For these no fresh database is a copy."""
    monkeypatch.setattr(database_module, "upgrade", upgrade)


@pytest.fixture
async def db(tmp_path: Path):
    database = await Database.open(f"sqlite:///{tmp_path}/y.db")
    yield database
    await database.close()


def test_aiosqlite_still_has_the_private_names_we_lean_on():
    assert aiosqlite.__version__ == "0.22.1"
    assert callable(aiosqlite.Connection._execute)
    assert isinstance(aiosqlite.Connection._conn, property)


async def test_the_program_keeps_what_it_promised_through_a_power_cut(tmp_path):
    """The other tests need not: tests/conftest.py. With NORMAL a power cut lost what had been acknowledged."""
    database = await Database.open(f"sqlite:///{tmp_path}/y.db")
    await really_prepared(database._writer, False)
    asked = ("journal_mode", "synchronous", "foreign_keys", "query_only")
    kept = await database.write(lambda c: [c.exec_driver_sql(f"PRAGMA {one}").scalar_one() for one in asked])
    assert dict(zip(asked, kept, strict=True)) == {
        "journal_mode": "wal", "synchronous": FULL, "foreign_keys": 1, "query_only": 0,
    }  # fmt: skip
    await database.close()


async def test_a_station_comes_back_as_it_went_in(db):
    kept = await db.write(stations.add, STATION, KEYS, NOW)
    again = await db.read(stations.by_code, kept.code.upper())
    assert again == kept
    assert (kept.name, kept.aliases, kept.position) == (STATION.name, STATION.aliases, STATION.position)
    assert kept.facilities == STATION.facilities
    assert 4 <= len(kept.code) <= 8


async def test_each_change_is_seen_once_by_who_asks_what_changed(db):
    first = await db.write(stations.add, STATION, KEYS, NOW)
    second = await db.write(stations.add, STATION, KEYS, NOW)
    seen, changed = await db.read(stations.changed_since, 0)
    assert [s.id for s in changed] == [first.id, second.id]
    assert await db.write(stations.set_facility_state, first.id, "microwave", "broken", NOW)
    assert not await db.write(stations.set_facility_state, first.id, "microwave", "broken", NOW)
    newest, changed = await db.read(stations.changed_since, seen)
    assert [(s.id, s.facilities[0].state) for s in changed] == [(first.id, "broken")]
    assert await db.read(stations.changed_since, newest) == (newest, [])


def _add_then_fail(connection: Connection) -> None:
    stations.add(connection, STATION, KEYS, NOW)
    raise KeyError("on purpose")


async def test_many_writes_share_a_commit_and_one_that_fails_undoes_only_itself(db):
    work = [db.write(stations.add, STATION, KEYS, NOW) if n % 5 else db.write(_add_then_fail) for n in range(50)]
    done = await asyncio.gather(*work, return_exceptions=True)
    assert sum(isinstance(d, KeyError) for d in done) == 10
    assert len(await db.read(stations.all_stations)) == 40
    assert await db.read(stations.current_revision) == 40


async def test_a_writer_that_is_cancelled_does_not_stop_the_others(db):
    impatient = asyncio.create_task(db.write(stations.add, STATION, KEYS, NOW))
    patient = asyncio.create_task(db.write(stations.add, STATION, KEYS, NOW))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).id
    assert len(await db.read(stations.all_stations)) == 2


async def test_when_the_disk_is_full_every_caller_of_the_batch_hears_it_and_the_next_write_works(db):
    await db.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 60").scalar_one())
    big = Station(**{**{f: getattr(STATION, f) for f in Station.__slots__}, "note": "长" * 200_000})
    outcomes = await asyncio.gather(*(db.write(stations.add, big, KEYS, NOW) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(outcome, Exception) for outcome in outcomes)
    assert (await db.write(stations.add, STATION, KEYS, NOW)).id
    assert len(await db.read(stations.all_stations)) == 1


async def test_a_reader_cannot_write(db):
    with pytest.raises(Exception, match="readonly"):
        await db.read(lambda c: c.execute(text("DELETE FROM station")))


async def test_another_program_writes_beside_us_and_we_notice(db):
    before = await db.data_version()
    assert await db.data_version() == before
    other = await Database.open(f"sqlite:///{db.path}")
    await other.write(stations.add, STATION, KEYS, NOW)
    await other.close()
    assert await db.data_version() != before
    assert len(await db.read(stations.all_stations)) == 1


async def test_people_are_kept_by_choice_only_and_forgotten_whole(db):
    assert (await db.read(people.find, "telegram", "7")).id is None
    await db.write(people.remember, "telegram", "7", NOW, need="heat_food", need_at=NOW)
    await db.write(people.remember, "telegram", "7", NOW, travel="ride", sanitation=True)
    somebody = await db.read(people.find, "telegram", "7")
    assert (somebody.need, somebody.need_at, somebody.travel, somebody.sanitation) == ("heat_food", NOW, "ride", True)
    station = await db.write(stations.add, STATION, KEYS, NOW)
    assert await db.write(people.star, "telegram", "7", NOW, station.id)
    assert (await db.read(people.find, "telegram", "7")).favourites == {station.id}
    await db.write(people.ask_for, "telegram", "7", NOW, "water", NOW)
    await db.write(people.forget, "telegram", "7")
    assert await db.read(people.find, "telegram", "7") == people.Person()
    kept = await db.read(lambda c: c.execute(text("SELECT * FROM person")).mappings().all())
    assert await db.read(lambda c: c.execute(text("SELECT count(*) FROM favourite")).scalar_one()) == 0
    left = {key for key, value in kept[0].items() if value not in (None, 0)}
    assert left == {"id", "channel", "created_at"}


async def test_an_effect_happens_once_however_often_its_update_comes(db):
    def effect(connection: Connection) -> dict[str, int]:
        return {"id": stations.add(connection, STATION, KEYS, NOW).id}

    results = [await db.write(receipts.once, "telegram", 5, "text", NOW, effect) for _ in range(3)]
    assert results[0] == results[1] == results[2]
    assert len(await db.read(stations.all_stations)) == 1
    assert not (await db.read(receipts.find, "telegram", 5)).settled
    await db.write(receipts.answered, "telegram", 5, "text", NOW)
    assert await db.read(receipts.settled_among, "telegram", [4, 5, 6]) == {5}


async def test_failures_are_counted_and_the_poison_is_kept_by_id_and_kind(db):
    assert [await db.write(receipts.failed, "telegram", 9, "photo", NOW) for _ in range(3)] == [1, 2, 3]
    await db.write(receipts.give_up, "telegram", 9, "photo", NOW)
    assert (await db.read(receipts.find, "telegram", 9)).settled
    later = datetime(2027, 1, 1, tzinfo=UTC)
    await db.write(receipts.answered, "telegram", 10, "text", NOW)
    assert await db.write(receipts.prune, later) == 1
    assert (await db.read(receipts.find, "telegram", 9)).settled


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://x/y", "must name an SQLite file"),
        ("sqlite://", "must name an SQLite file"),
        ("nonsense", "not a database address"),
        ("sqlite:////no/such/folder/y.db", "does not exist; make it first"),
    ],
)
async def test_an_address_that_cannot_be_used_is_refused_in_a_sentence(url, says):
    with pytest.raises(DatabaseError, match=says):
        await Database.open(url)


async def test_a_name_that_was_mistyped_makes_no_empty_file_for_whoever_only_looks(tmp_path, really_made):
    with pytest.raises(
        DatabaseError, match=r"There is no database at .*/y\.db yet: import a list or run the bot first\."
    ):
        await Database.open(f"sqlite:///{tmp_path}/y.db", create=False)
    assert list(tmp_path.iterdir()) == []
    await (await Database.open(f"sqlite:///{tmp_path}/y.db")).close()
    await (await Database.open(f"sqlite:///{tmp_path}/y.db", create=False)).close()


async def _refusal(path: Path, statement: str) -> str:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises((SchemaError, DatabaseError)) as refused:
        await Database.open(f"sqlite:///{path}")
    return str(refused.value)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "newer version of this program"),
        ("ALTER TABLE station ADD COLUMN mood TEXT", "not as this program made them"),
        ("DROP TABLE facility", "not as this program made them"),
        ("DROP INDEX ix_station_revision", "not as this program made them"),
    ],
)
async def test_a_newer_or_drifted_file_is_refused_in_a_sentence(tmp_path, statement, says, really_made):
    path = tmp_path / "y.db"
    await (await Database.open(f"sqlite:///{path}")).close()
    assert says in await _refusal(path, statement)


async def test_a_file_of_somebody_else_is_refused(tmp_path, really_made):
    assert "not ours" in await _refusal(tmp_path / "z.db", "CREATE TABLE theirs (x)")
    (tmp_path / "text.db").write_text("this is not a database, it is a letter to the union office" * 99)
    with pytest.raises(DatabaseError, match="cannot be opened"):
        await Database.open(f"sqlite:///{tmp_path}/text.db")


async def test_every_migration_goes_down_and_up_again(tmp_path):
    from alembic import command
    from sqlalchemy import create_engine

    from storage.schema import alembic_config, drift

    engine = create_engine(f"sqlite:///{tmp_path}/m.db")
    with engine.connect() as connection:
        config = alembic_config(connection)
        for _ in range(2):
            command.upgrade(config, "head")
            assert drift(connection) == []
            command.downgrade(config, "base")


async def test_two_programs_that_start_at_once_on_a_fresh_file_both_work(tmp_path, really_made):
    url = f"sqlite:///{tmp_path}/y.db"
    one, two = await asyncio.gather(Database.open(url), Database.open(url))
    await asyncio.gather(one.write(stations.add, STATION, KEYS, NOW), two.write(stations.add, STATION, KEYS, NOW))
    assert len(await one.read(stations.all_stations)) == 2
    await one.close()
    await two.close()
