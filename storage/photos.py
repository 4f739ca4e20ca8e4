"""Photos people sent, as files: only the picture is kept, nothing of who took it, where, when or with what.

A photo is judged by what is in it, turned upright, made small and written anew as a JPEG, so that no metadata is
left (EXIF with its GPS, XMP, IPTC, ICC, comments). Its name is the SHA-256 of what is written: the same photo is kept
once, and whoever forgets it must know that nothing else shows it.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import ExifTags, Image

LARGEST_BYTES = 20 * 1024 * 1024  # as much as Telegram lets a bot fetch
MOST_PIXELS = 40_000_000  # a telephone's camera; decoded they take up to 160 MB, so one after another
LONGEST_TO_SHORTEST = 20  # a wider strip shows nothing on a telephone
SIDE, SMALL_SIDE = 2048, 320  # pixels, the longer side
QUALITY, SMALL_QUALITY = 85, 75

_FORMATS = ("JPEG", "PNG", "WEBP")
_STARTS = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP", re.DOTALL)
_SHA = re.compile(r"[0-9a-f]{64}")
# How a camera was held → what turns the picture upright (EXIF 2.32, Orientation).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PhotoRefusedError(Exception):
    """Not kept: no picture we read (HEIC, an animation, a strip), too large, or damaged on its way."""

    def __init__(self, reason: Literal["not_a_picture", "too_large", "damaged"]) -> None:
        super().__init__(reason)
        self.reason = reason


class PhotoMissingError(LookupError):
    """No photo of that name is kept here."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo as it is kept: its name, its width and height in pixels, its size in bytes."""

    sha: str
    width: int
    height: int
    size: int


class Photos:
    """The photos in one folder, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turn = asyncio.Lock()

    async def keep(self, content: bytes) -> Kept:
        """Keep the photo in these bytes, and a thumbnail. Raises PhotoRefusedError, and OSError of the disk."""
        async with self._turn:
            return await asyncio.to_thread(self._keep, content)

    def read(self, sha: str) -> bytes:
        """The photo, a JPEG. Raises PhotoMissingError."""
        return _read(self._path(sha))

    def thumbnail(self, sha: str) -> bytes:
        """The photo in small, a JPEG. Raises PhotoMissingError."""
        return _read(self._path(sha, small=True))

    def forget(self, sha: str) -> None:
        """Remove the photo and its thumbnail; none there is no error. Raises PhotoMissingError for what is no name."""
        for small in (False, True):
            self._path(sha, small=small).unlink(missing_ok=True)

    def _keep(self, content: bytes) -> Kept:
        picture = _picture(content)
        photo = _jpeg(picture, SIDE, QUALITY)
        sha = hashlib.sha256(photo).hexdigest()
        # The thumbnail first: where there is a photo, there is its thumbnail.
        _write(self._path(sha, small=True), _jpeg(picture, SMALL_SIDE, SMALL_QUALITY))
        _write(self._path(sha), photo)
        return Kept(sha, *_within(picture.size, SIDE), len(photo))

    def _path(self, sha: str, *, small: bool = False) -> Path:
        if _SHA.fullmatch(sha) is None:
            raise PhotoMissingError(sha[:64])
        return self.folder / f"{sha}{'.small' if small else ''}.jpg"


def _picture(content: bytes) -> Image.Image:
    """The picture in these bytes: upright, without transparency, no larger than is kept. Raises PhotoRefusedError."""
    if len(content) > LARGEST_BYTES:
        raise PhotoRefusedError("too_large")
    if _STARTS.match(content) is None:
        raise PhotoRefusedError("not_a_picture")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            _check_shape(opened)
            opened.draft("RGB", (SIDE, SIDE))  # a large JPEG is decoded in half, a quarter or an eighth of its size
            opened.load()
            return _plain(opened)
    except PhotoRefusedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoRefusedError("too_large") from None
    except Exception:  # hostile bytes make a decoder raise anything from SyntaxError to struct.error
        raise PhotoRefusedError("damaged") from None


def _check_shape(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise PhotoRefusedError("too_large")
    if max(width, height) > LONGEST_TO_SHORTEST * min(width, height):
        raise PhotoRefusedError("not_a_picture")
    # A telephone's JPEG may hold a second picture (MPO: depth, the other eye); that is no animation.
    if picture.format != "MPO" and getattr(picture, "is_animated", False):
        raise PhotoRefusedError("not_a_picture")


def _plain(picture: Image.Image) -> Image.Image:
    """Nothing but red, green and blue, the right way up."""
    turn = _UPRIGHT.get(_orientation(picture))
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    small = picture if picture.mode == mode else picture.convert(mode)
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    if turn is not None:
        small = small.transpose(turn)
    clean = Image.new("RGB", small.size, "white")  # new, since whatever else a picture carries stays with it
    clean.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    return clean


def _orientation(picture: Image.Image) -> int:
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # damaged metadata is no reason to refuse a picture
        return 1
    return found if isinstance(found, int) else 1


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(side / max(size), 1.0)
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def _jpeg(picture: Image.Image, side: int, quality: int) -> bytes:
    size = _within(picture.size, side)
    resized = picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)
    written = io.BytesIO()
    resized.save(written, "JPEG", quality=quality, optimize=True)
    return written.getvalue()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise PhotoMissingError(path.stem) from None


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing, whenever the power goes; what is there already is the same."""
    if path.exists():
        return
    _make(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync(path.parent)


def _make(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """The name of what is new in it survives the power too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
