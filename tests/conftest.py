"""What would be the same for every test is done once a process: imports are laid aside, a database is made."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A machine that is busy has not failed: no example is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# The tests start some fifty programs: what they import is compiled once, whatever the shell says of bytecode.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long goes first: at the end no process waits for the other's last test."""
    items.sort(key=lambda one: one.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Everything is imported now and stays: the garbage collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def fresh_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A fresh database is a copy of one that was made the real way, and nobody cuts the power.

    tests/test_database.py makes some of its own, as the program does.
    """
    from storage import database  # not in the process that only hands out the tests
    from storage.schema import upgrade

    empty = tmp_path_factory.mktemp("fresh") / "empty.db"
    upgrade(str(empty))
    copies: set[str] = set()
    as_ever = database._prepare

    def copied(path: str) -> None:
        if not Path(path).exists():
            shutil.copyfile(empty, path)
            copies.add(path)
        elif path not in copies:
            upgrade(path)

    async def unhurried(connection: database.aiosqlite.Connection, query_only: bool) -> None:
        await as_ever(connection, query_only)
        await connection.execute_fetchall("PRAGMA synchronous=OFF")  # the disk may take its time

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "upgrade", copied)
        patch.setattr(database, "_prepare", unhurried)
        yield


@pytest.fixture(scope="session")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample lists as the first start of the demo takes them in; each start after that finds them."""
    from demo.stations import fresh_database

    folder = tmp_path_factory.mktemp("sampled")
    fresh_database(folder)
    return folder / "stations.db"


@pytest.fixture
def demo_folder(tmp_path: Path, sampled: Path) -> Path:
    """Where a demo ran before."""
    folder = tmp_path / "demo"
    folder.mkdir()
    shutil.copyfile(sampled, folder / sampled.name)
    return folder
