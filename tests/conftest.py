"""What would be the same for every test is done once a process: imports are laid aside, a database is made."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_collection_finish() -> None:
    """Everything is imported now and stays: the garbage collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def fresh_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A fresh database is a copy of one that was made the real way; tests/test_database.py makes each of its own."""
    from storage import database  # not in the process that only hands out the tests
    from storage.schema import upgrade

    empty = tmp_path_factory.mktemp("fresh") / "empty.db"
    upgrade(str(empty))

    def copied(path: str) -> None:
        if Path(path).exists():
            upgrade(path)
        else:
            shutil.copyfile(empty, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "upgrade", copied)
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
