"""Create the tables or bring them up to date; refuse a file that is newer than this program or changed by hand."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from storage.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
TRIES, BETWEEN_TRIES = 600, 0.05  # seconds: as long as any other wait for the file


class SchemaError(Exception):
    """The file's tables are not ones this program can use; the sentence says why and what to do."""


def upgrade(path: str) -> None:
    """Bring the SQLite file at `path` to the newest schema, creating it where it is missing; all or nothing.

    Two programs that start at once on a fresh file wait for each other. Raises SchemaError.
    """
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": 30})
    with engine.connect() as connection:
        _in_wal(connection)
        connection.rollback()
        connection.connection.dbapi_connection.isolation_level = None  # type: ignore[union-attr]
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            _bring_up_to_date(connection, path)
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


def _in_wal(connection: Connection) -> None:
    """SQLite waits for no other program that changes the mode of the same fresh file just now: it is asked again."""
    for tries_left in reversed(range(TRIES)):
        try:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            return
        except OperationalError as error:
            if "locked" not in str(error) or not tries_left:
                raise
            connection.rollback()
            time.sleep(BETWEEN_TRIES)


def _bring_up_to_date(connection: Connection, path: str) -> None:
    config = alembic_config(connection)
    scripts = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(connection).get_current_revision()
    if present is None and _tables(connection):
        raise SchemaError(f"{path} holds tables that are not ours. Name another file in DATABASE_URL.")
    if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaError(
            f"{path} was written by a newer version of this program (schema {present}). Update the program first."
        )
    if present != scripts.get_current_head():
        command.upgrade(config, "head")
    differences = drift(connection)
    if differences:
        raise SchemaError(
            f"The tables in {path} are not as this program made them ({differences[0]}). "
            "Restore a backup, or undo what was changed by hand."
        )


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings, without a file of their own; the migrations run on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def drift(connection: Connection) -> list[str]:
    """What differs between the database's tables and storage/tables.py, one line a difference."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "target_metadata": metadata, "render_as_batch": True}
    )
    return [_describe(difference) for difference in compare_metadata(context, metadata)]


def _describe(difference: Any) -> str:
    if isinstance(difference, list):
        return _describe(difference[0])
    words = [str(getattr(part, "name", part)) for part in difference if part is not None]
    return re.sub(r"\s+", " ", " ".join(words))


def _tables(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [name for (name,) in rows if not name.startswith("sqlite_")]
