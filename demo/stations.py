"""The demo's database: both cities' sample lists, imported once; a copy of that for every start.

The chats of the demo begin empty each time, so what the bot remembers of them has to as well.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, redirect_stdout
from datetime import UTC, date, datetime
from pathlib import Path

from bot.import_stations import ALL_IN, import_stations
from bot.settings import Refusal, Settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLES, TABLES = ROOT / "samples", ROOT / "storage" / "migrations" / "versions"
OPENED = datetime(2021, 10, 18, tzinfo=UTC)  # a station that came in this week would owe nothing this month
LISTS = (("shapingba.xlsx", "shapingba"), ("shanghai.csv", "shanghai"))


class NoStationsError(Refusal):
    """The sample lists did not come in."""


def fresh_database(folder: Path) -> None:
    """Put `demo.db` into `folder` with the sample stations and nobody in it. Raises Refusal."""
    if _outdated(folder / "stations.db"):
        _imported(folder)
    _remove(folder / "demo.db")
    shutil.rmtree(folder / "media", ignore_errors=True)
    shutil.copyfile(folder / "stations.db", folder / "demo.db")


def looked_at_before(folder: Path, first: date) -> None:
    """In `demo.db`: the days on which somebody looked at the sample stations lie before the demo's first, all of them
    as far apart as in the lists. Nothing moves where they lie before it already.
    """
    with closing(sqlite3.connect(folder / "demo.db")) as db, db:
        (newest,) = db.execute("SELECT max(verified_on) FROM station").fetchone()
        ahead = (date.fromisoformat(newest) - first).days + 1
        if ahead > 0:
            db.execute("UPDATE station SET verified_on = date(verified_on, ?)", (f"-{ahead} days",))


def _outdated(imported: Path) -> bool:
    """Whether it is missing, or from before the lists, the tables or the way they are taken in changed."""
    made_of = (Path(__file__), *(SAMPLES / name for name, _ in LISTS), *TABLES.glob("*.py"))
    return not imported.exists() or imported.stat().st_mtime < max(one.stat().st_mtime for one in made_of)


def _imported(folder: Path) -> None:
    """Import under another name: a start that is broken off here begins again at the next."""
    path, report = folder / "importing.db", folder / "import.txt"
    _remove(path)
    settings = Settings(database_url=f"sqlite:///{path}")
    with report.open("w", encoding="utf-8") as file, redirect_stdout(file):
        statuses = [
            import_stations(SAMPLES / name, settings=settings, rulebook=rulebook, now=OPENED)
            for name, rulebook in LISTS
        ]
    if statuses != [ALL_IN] * len(LISTS):
        raise NoStationsError(f"The sample stations did not come in; {report} says why.")
    path.rename(folder / "stations.db")


def _remove(database: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)
