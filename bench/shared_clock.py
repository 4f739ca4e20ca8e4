"""Seconds in a file: one process sets them, another goes by them."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

SECONDS = struct.Struct("d")


class SharedClock:
    """As many processes as open the same file see the same seconds."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), SECONDS.size)

    @classmethod
    def new(cls, path: Path) -> SharedClock:
        """At zero."""
        path.write_bytes(SECONDS.pack(0.0))
        return cls(path)

    @property
    def now(self) -> float:
        """What was set last."""
        return float(SECONDS.unpack_from(self._memory)[0])

    @now.setter
    def now(self, seconds: float) -> None:
        SECONDS.pack_into(self._memory, 0, seconds)
