"""Run plain functions on the database: reads beside each other, writes one after another, many in one commit.

A function takes a SQLAlchemy connection first and cannot await, so no network call ever sits in a transaction.
Writers wait for each other only as long as one commit takes: whatever came in meanwhile goes into the next one
(group commit), each in a SAVEPOINT of its own, so that one that fails undoes only itself.

aiosqlite has no public call that runs a function on its thread. This file, and no other, leans on its
private `_execute` and `_conn`; tests/test_database.py fails on the day they go.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiosqlite
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage.schema import upgrade

P = ParamSpec("P")
T = TypeVar("T")

BUSY_MS = 30_000  # how long a write waits for another process's import


class DatabaseError(Exception):
    """The database cannot be used as it is; the sentence says why and what to do."""


@dataclass(slots=True)
class _Job:
    run: Callable[[Connection], Any]
    done: asyncio.Future[Any]


class Database:
    """One writing and one reading connection to an SQLite file, each on a thread of its own."""

    def __init__(self, path: str, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self.path = path
        self._writer, self._reader = writer, reader
        self._write_conn: Connection | None = None
        self._read_conn: Connection | None = None
        self._waiting: list[_Job] = []
        self._running = False
        self._batches: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def open(cls, url: str, *, create: bool = True) -> Database:
        """Open the file that `url` (sqlite:///relative.db, sqlite:////absolute.db) names; upgrade it.

        Where there is none it is made, unless `create` is False: a name that was mistyped is no empty database.
        Raises DatabaseError in plain words: not SQLite, no such folder, no such file, a newer or drifted schema.
        """
        path = sqlite_path(url)
        if not create:
            _check_there(path)
        try:
            await asyncio.to_thread(upgrade, path)
            writer = await _connect(path, query_only=False)
            try:
                reader = await _connect(path, query_only=True)
            except BaseException:
                await writer.close()
                raise
        except (sqlite3.DatabaseError, DBAPIError, OSError) as error:
            reason = getattr(error, "orig", None) or error
            raise DatabaseError(f"The database {path} cannot be opened: {reason}") from error
        return cls(path, writer, reader)

    async def close(self) -> None:
        """Let the writes under way finish, then close both connections."""
        if self._batches is not None:
            await self._batches
        for connection, ours in ((self._writer, self._write_conn), (self._reader, self._read_conn)):
            if ours is not None:  # on its own thread: SQLite allows no other
                await connection._execute(ours.close)  # type: ignore[no-untyped-call]
            await connection.close()

    async def write(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(connection, *args)` in a transaction; return when it is committed. Its exception is yours."""
        job = _Job(lambda connection: fn(connection, *args, **kwargs), self._loop.create_future())
        self._waiting.append(job)
        if not self._running:
            self._running = True
            self._batches = asyncio.create_task(self._commit_batches())
        result: T = await asyncio.shield(job.done)
        return result

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(connection, *args)` on one consistent snapshot. It may not write."""
        result: T = await self._reader._execute(  # type: ignore[no-untyped-call]
            self._read_snapshot, lambda connection: fn(connection, *args, **kwargs)
        )
        return result

    async def data_version(self) -> int:
        """A number that is another one whenever anybody, in any process, has changed the file."""
        return int(await self.read(lambda c: c.exec_driver_sql("PRAGMA data_version").scalar_one()))

    async def _commit_batches(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                outcomes = await self._writer._execute(self._commit, batch)  # type: ignore[no-untyped-call]
            except Exception as error:  # the whole batch failed: disk full, file gone, locked for too long
                outcomes = [error] * len(batch)
            for job, outcome in zip(batch, outcomes, strict=True):
                _settle(job.done, outcome)
        self._running = False

    def _commit(self, batch: list[_Job]) -> list[Any]:
        """On the writer's thread: every job in a savepoint, one commit for all; what each returned or raised."""
        connection = self._write_conn = self._write_conn or _sqlalchemy(self._writer)
        with connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            outcomes = [_in_savepoint(connection, job) for job in batch]
            if not self._writer._conn.in_transaction:  # SQLite rolled back by itself: the disk is full
                raise next(o.error for o in outcomes if isinstance(o, _Failed))
        return outcomes

    def _read_snapshot(self, run: Callable[[Connection], T]) -> T:
        connection = self._read_conn = self._read_conn or _sqlalchemy(self._reader)
        try:
            connection.exec_driver_sql("BEGIN")
            return run(connection)
        finally:
            connection.rollback()


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


def _in_savepoint(connection: Connection, job: _Job) -> Any:
    try:
        with connection.begin_nested():
            return job.run(connection)
    except Exception as error:
        return _Failed(error)


def _settle(done: asyncio.Future[Any], outcome: Any) -> None:
    if done.cancelled():
        return
    if isinstance(outcome, _Failed):
        done.set_exception(outcome.error)
    elif isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)


# One engine for every connection of the process: it remembers each statement it once put into SQL, and putting one
# into SQL takes ten times as long as running it. It is given the connection of the thread that asks.
_asking = threading.local()
_engine = create_engine("sqlite://", creator=lambda: _asking.connection, poolclass=NullPool, query_cache_size=2000)


def _sqlalchemy(connection: aiosqlite.Connection) -> Connection:
    """SQLAlchemy's view of aiosqlite's own connection. Used on aiosqlite's thread only."""
    _asking.connection = connection._conn
    return _engine.connect()


async def _connect(path: str, *, query_only: bool) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)
    try:
        await _prepare(connection, query_only)
    except BaseException:
        await connection.close()  # or its thread keeps the program from ending
        raise
    return connection


async def _prepare(connection: aiosqlite.Connection, query_only: bool) -> None:
    # FULL, not NORMAL: a power cut lost acknowledged commits in 58 of 60 cuts with NORMAL, in none with FULL.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"query_only={int(query_only)}",
    ):
        await connection.execute_fetchall(f"PRAGMA {pragma}")


def _check_there(path: str) -> None:
    if not Path(path).exists():
        raise DatabaseError(f"There is no database at {path} yet: import a list or run the bot first.")


def sqlite_path(url: str) -> str:
    """The file a DATABASE_URL names. Raises DatabaseError for anything but an SQLite file."""
    try:
        parsed = make_url(url)
    except Exception:
        raise DatabaseError("DATABASE_URL is not a database address, e.g. sqlite:///yizhan.db") from None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise DatabaseError("DATABASE_URL must name an SQLite file, e.g. sqlite:///yizhan.db")
    path = Path(parsed.database)
    if not path.parent.exists():
        raise DatabaseError(f"The folder {path.parent} does not exist; make it first.")
    return str(path)
