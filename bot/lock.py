"""Only one bot may run on a database; every other command works beside it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from bot.settings import Refusal


class AlreadyRunningError(Refusal):
    """Another `run` holds this database."""


class RunLock:
    """Held while the bot runs; the system lets go of it when the process ends, however it ends."""

    def __init__(self, database: str) -> None:
        self._path = Path(f"{database}.run.lock")
        self._file: int | None = None

    def __enter__(self) -> RunLock:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise AlreadyRunningError(
                "Another bot is running on this database. Stop it first, or name another DATABASE_URL."
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
