"""Lists that offices sent and have not decided on yet: a row each, and the file itself beside the photos.

Nothing of it outlives the decision, or a day: a list is full of names and phones, and the next one is always newer.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, func, insert, select, update

from storage.tables import list_file
from storage.times import to_ms

KEPT = timedelta(hours=24)  # a list that nobody confirmed; ours
FOLDER = "lists"  # in the media folder
_SHA = re.compile(r"[0-9a-f]{64}")

State = Literal["waiting", "imported", "dropped", "over"]


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list that was sent. `datum`: what was said of its coordinates; empty: nothing. `at` is aware UTC."""

    id: int
    person: int
    sha: str
    name: str
    datum: str
    state: State
    at: datetime


class FileGoneError(LookupError):
    """No such file is kept here."""


def wait(connection: Connection, person: int, sha: str, name: str, now: datetime) -> int:
    """Keep that somebody sent this and has not decided; its number."""
    row = {"person_id": person, "sha": sha, "name": name, "datum": "", "state": "waiting", "at": to_ms(now)}
    number: int = connection.execute(insert(list_file).values(row).returning(list_file.c.id)).scalar_one()
    return number


def find(connection: Connection, id: int) -> ListFile | None:
    """One that was sent."""
    row = connection.execute(select(list_file).where(list_file.c.id == id)).first()
    if row is None:
        return None
    at = datetime.fromtimestamp(row.at / 1000, UTC)
    return ListFile(row.id, row.person_id, row.sha, row.name, row.datum, row.state, at)


def say_datum(connection: Connection, id: int, datum: str) -> None:
    """What somebody said of the coordinates of the whole file."""
    connection.execute(update(list_file).where(list_file.c.id == id).values(datum=datum))


def end(connection: Connection, id: int, state: State, now: datetime) -> bool:
    """It is decided; its name is forgotten. False where it was before."""
    mine = (list_file.c.id == id) & (list_file.c.state == "waiting")
    decided = {"state": state, "name": "", "ended_at": to_ms(now)}
    return connection.execute(update(list_file).where(mine).values(decided)).rowcount > 0


def end_old(connection: Connection, now: datetime) -> int:
    """Those nobody decided on for a day are over; how many."""
    old = (list_file.c.state == "waiting") & (list_file.c.at <= to_ms(now - KEPT))
    decided = {"state": "over", "name": "", "ended_at": to_ms(now)}
    return connection.execute(update(list_file).where(old).values(decided)).rowcount


def first_over(connection: Connection) -> datetime | None:
    """When the oldest that waits is over; None where none does."""
    oldest = connection.execute(select(func.min(list_file.c.at)).where(list_file.c.state == "waiting")).scalar_one()
    return datetime.fromtimestamp(oldest / 1000, UTC) + KEPT if oldest is not None else None


def wanted(connection: Connection) -> set[str]:
    """The files that somebody still has to decide on."""
    return set(connection.execute(select(list_file.c.sha).where(list_file.c.state == "waiting")).scalars())


def sha_of(content: bytes) -> str:
    """What a file is kept under: the same file is kept once."""
    return hashlib.sha256(content).hexdigest()


class ListFiles:
    """The files themselves, in a folder of the media folder, which is made with the first. For asyncio.to_thread."""

    def __init__(self, media: Path) -> None:
        self.folder = media / FOLDER

    def keep(self, content: bytes) -> None:
        """Keep it whole, or not at all. Raises OSError of the disk."""
        path = self._path(sha_of(content))
        if path.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, half = tempfile.mkstemp(dir=self.folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(half, path)
        except BaseException:
            Path(half).unlink(missing_ok=True)
            raise

    def read(self, sha: str) -> bytes:
        """What is in it. Raises FileGoneError."""
        try:
            return self._path(sha).read_bytes()
        except FileNotFoundError:
            raise FileGoneError(sha) from None

    def kept(self) -> set[str]:
        """What is here."""
        return {one.stem for one in self.folder.glob("*.list")}

    def sweep(self, unwanted: set[str]) -> None:
        """Remove these. Ask what is `kept` first and what is `wanted` then: a file comes after its row."""
        for one in unwanted:
            self._path(one).unlink(missing_ok=True)

    def _path(self, sha: str) -> Path:
        if _SHA.fullmatch(sha) is None:
            raise FileGoneError(sha[:64])
        return self.folder / f"{sha}.list"
