"""Files people and the bot sent: kept in memory, found by file_id, measured where they are pictures."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.params import Upload
from sandbox.refusals import bad_request

Json = dict[str, Any]

LARGEST_DOWNLOAD = 20 * 1024 * 1024  # bytes a bot may fetch
LARGEST_PHOTO = 10 * 1024 * 1024
START_OF_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Stored:
    """One file. `path` is what getFile gives and /file/bot<token>/<path> serves.

    `claimed` is what is said of its size in bytes, where that is not the truth: 2 GB, without having them.
    """

    file_id: str
    file_unique_id: str
    path: str
    upload: Upload
    seconds: int = 0  # how long a voice note is
    claimed: int | None = None

    @property
    def size(self) -> int:
        """Bytes, as everybody is told."""
        return len(self.upload.content) if self.claimed is None else self.claimed

    @property
    def facts(self) -> Json:
        """The fields every file object of the Bot API begins with."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_unique_id,
            "file_size": self.size,
        }


class Files:
    def __init__(self) -> None:
        self._by_id: dict[str, Stored] = {}
        self._by_path: dict[str, Stored] = {}
        self._numbers = itertools.count()

    def keep(self, folder: str, upload: Upload, seconds: int = 0, claimed: int | None = None) -> Stored:
        number = next(self._numbers)
        ending = upload.name.rpartition(".")[2].lower() if "." in upload.name else "bin"
        safe = ending if ending.isalnum() else "bin"
        path = f"{folder}/file_{number}.{safe}"
        stored = Stored(f"sandbox-{folder}-{number}", f"u{number}", path, upload, seconds, claimed)
        self._by_id[stored.file_id] = self._by_path[stored.path] = stored
        return stored

    def by_id(self, file_id: str) -> Stored:
        """Raises Refused for an id nobody gave out."""
        if file_id not in self._by_id:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return self._by_id[file_id]

    def by_path(self, path: str) -> Stored | None:
        return self._by_path.get(path)

    def named(self, folder: str, file: Upload | str) -> Stored:
        """An upload is kept; a file_id is looked up. Addresses are refused: the sandbox stays offline."""
        if isinstance(file, Upload):
            return self.keep(folder, file)
        if "://" in file:
            raise bad_request("failed to get HTTP URL content")
        return self.by_id(file)


def document_facts(stored: Stored) -> Json:
    """A document as the Bot API describes it."""
    return {**stored.facts, "file_name": stored.upload.name, "mime_type": stored.upload.mime_type}


def voice_facts(stored: Stored, seconds: int) -> Json:
    """A voice note as the Bot API describes it."""
    return {**stored.facts, "duration": seconds, "mime_type": "audio/ogg"}


def photo_sizes(stored: Stored) -> list[Json]:
    """A thumbnail's entry and the full picture's. Raises Refused for what is no picture."""
    if len(stored.upload.content) > LARGEST_PHOTO:
        raise bad_request("file is too big")
    width, height = picture_size(stored.upload.content)
    full = {**stored.facts, "width": width, "height": height}
    scale = min(90 / max(width, height), 1.0)
    small = {
        **full,
        "file_unique_id": f"{stored.file_unique_id}s",
        "width": max(round(width * scale), 1),
        "height": max(round(height * scale), 1),
    }
    return [small, full]


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG or a JPEG. Raises Refused for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith(b"\xff\xd8"):
        for marker, segment in _jpeg_segments(content):
            if marker in START_OF_FRAME and len(segment) >= 5:
                height, width = struct.unpack(">HH", segment[1:5])
                return width, height
    raise bad_request("IMAGE_PROCESS_FAILED")


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        yield content[at + 1], content[at + 4 : at + 2 + length]
        at += 2 + length
