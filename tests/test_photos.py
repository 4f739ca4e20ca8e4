"""Photos on their way in: fetched, judged by what is in them, stripped of everything but the picture, kept."""

from __future__ import annotations

import asyncio
import gzip
import io
import logging
import os
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from telegram.ext import ExtBot

from bot.build import build
from bot.settings import Settings
from channels.telegram.fetch import Fetcher
from channels.telegram.transport import AiohttpRequest
from handlers import files
from handlers.ask import Ask
from handlers.desk import Desk
from handlers.files import CannotFetchError, TooLargeError
from messages.message import Message
from messages.words import load_languages
from sandbox.faults import Fault
from sandbox.server import Sandbox
from storage.people import Person
from storage.photos import LARGEST_BYTES, SIDE, Kept, PhotoMissingError, PhotoRefusedError, Photos
from tests.town import town

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
TWO_GB = 2_000_000_000
SECRET = "106°27′ Zhang's phone"


def picture(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """Red in the upper left corner, blue elsewhere."""
    colours = {"RGB": ((0, 0, 250), (250, 0, 0)), "RGBA": ((0, 0, 250, 255), (250, 0, 0, 255)), "L": (200, 90)}
    rest, corner = colours[mode]
    made = Image.new(mode, (width, height), rest)
    made.paste(corner, (0, 0, width // 2, height // 2))
    return made


def written(made: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    file = io.BytesIO()
    made.save(file, kind, **more)
    return file.getvalue()


def held(orientation: int, made: Image.Image) -> bytes:
    """As a camera writes it that was held that way."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return written(made, exif=exif)


def located(kind: str = "JPEG") -> bytes:
    """A photo that says where it was taken in every way we know."""
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = SECRET, SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (29.0, 33.0, 27.7), 3: "E", 4: (106.0, 27.0, 25.2)})
    more: dict[str, object] = {
        "exif": exif,
        "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    }
    if kind == "PNG":
        words = PngInfo()
        words.add_text("Location", SECRET)
        words.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET}</x:xmpmeta>")
        return written(picture(), kind, pnginfo=words, **more)
    xmp = f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode()
    made = written(picture(), kind, xmp=xmp, **more, **({"comment": SECRET.encode()} if kind == "JPEG" else {}))
    if kind != "JPEG":
        return made
    iptc = b"Photoshop 3.0\0" + SECRET.encode()
    return made[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + made[2:]


def segments(jpeg: bytes) -> set[str]:
    """The kinds of everything in a JPEG that stands before the picture itself."""
    found, at = set(), 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        found.add(f"{jpeg[at + 1]:X}")
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    return Photos(tmp_path / "media")


# ── nothing but the picture ───────────────────────────

ONLY_A_PICTURE = {"E0", "DB", "C0", "C4"}  # JFIF, quantization, frame, Huffman


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_where_and_by_whom_it_was_taken_is_not_kept(photos: Photos, kind: str):
    original = located(kind)
    assert SECRET.encode() in original
    assert Image.open(io.BytesIO(original)).getexif().get_ifd(0x8825)[4] == (106.0, 27.0, 25.2)
    kept = await photos.keep(original)
    for stored in (photos.read(kept.sha), photos.thumbnail(kept.sha)):
        assert segments(stored) <= ONLY_A_PICTURE
        assert SECRET.encode() not in stored
        assert not any(trace in stored for trace in (b"Exif", b"GPS", b"xmp", b"ICC", b"Photoshop"))
        opened = Image.open(io.BytesIO(stored))
        assert dict(opened.getexif()) == {}
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("orientation", "corner", "size"),
    [
        (1, "upper left", (60, 40)),
        (2, "upper right", (60, 40)),
        (3, "lower right", (60, 40)),
        (4, "lower left", (60, 40)),
        (5, "upper left", (40, 60)),
        (6, "upper right", (40, 60)),
        (7, "lower right", (40, 60)),
        (8, "lower left", (40, 60)),
        (0, "upper left", (60, 40)),
        (999, "upper left", (60, 40)),
    ],
)
async def test_however_the_camera_was_held_it_stands_upright(photos: Photos, orientation, corner, size):
    kept = await photos.keep(held(orientation, picture()))
    shown = Image.open(io.BytesIO(photos.read(kept.sha)))
    assert (kept.width, kept.height) == shown.size == size
    red = {
        f"{row} {column}"
        for row, y in (("upper", 5), ("lower", shown.height - 6))
        for column, x in (("left", 5), ("right", shown.width - 6))
        if shown.getpixel((x, y))[0] > 200
    }
    assert red == {corner}


@pytest.mark.parametrize(
    ("content", "size", "small"),
    [
        (written(picture(1, 1)), (1, 1), (1, 1)),
        (written(picture(2048, 1000)), (2048, 1000), (320, 156)),
        (written(picture(2560, 1920)), (2048, 1536), (320, 240)),
        (written(picture(1920, 2560), "PNG"), (1536, 2048), (240, 320)),
        (written(picture(60, 80), "WEBP"), (60, 80), (60, 80)),
        (written(picture(4100, 210)), (2048, 105), (320, 16)),
        (held(6, picture(4608, 3456)), (1536, 2048), (240, 320)),
        (written(picture(50, 50, "RGBA"), "PNG"), (50, 50), (50, 50)),
        (written(picture(50, 50, "L"), "PNG"), (50, 50), (50, 50)),
        (written(picture(50, 50).convert("CMYK")), (50, 50), (50, 50)),
        (written(picture(50, 50).quantize(), "PNG", transparency=0), (50, 50), (50, 50)),
    ],
    ids=lambda part: str(part)[:20] if isinstance(part, tuple) else "",
)
async def test_large_ones_are_made_small_and_small_ones_left_alone(photos: Photos, content, size, small):
    kept = await photos.keep(content)
    shown, thumbnail = (Image.open(io.BytesIO(read(kept.sha))) for read in (photos.read, photos.thumbnail))
    assert (kept.width, kept.height) == shown.size == size
    assert thumbnail.size == small
    assert (shown.mode, shown.format) == ("RGB", "JPEG")
    assert kept.size == len(photos.read(kept.sha))


async def test_what_shows_through_is_white(photos: Photos):
    kept = await photos.keep(written(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"))
    assert Image.open(io.BytesIO(photos.read(kept.sha))).getpixel((10, 10)) == (255, 255, 255)


async def test_the_second_picture_of_a_telephone_is_no_animation(photos: Photos):
    both = written(picture(), "MPO", save_all=True, append_images=[picture(30, 20)])
    assert Image.open(io.BytesIO(both)).n_frames == 2
    kept = await photos.keep(both)
    assert (kept.width, kept.height) == (60, 40)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
async def test_damaged_metadata_is_no_reason_to_refuse_a_picture(photos: Photos):
    broken = b"Exif\0\0MM\0*\xff\xff\xff\xff\0\0"
    made = written(picture())
    await photos.keep(made[:2] + b"\xff\xe1" + struct.pack(">H", len(broken) + 2) + broken + made[2:])


# ── what is refused ───────────────────────────────────


def _png_of(width: int, height: int) -> bytes:
    """A PNG that says it is that large, and has a few bytes."""
    made = written(picture(8, 8), "PNG")
    header = b"IHDR" + struct.pack(">II", width, height) + made[24:29]
    return made[:12] + header + struct.pack(">I", zlib.crc32(header)) + made[33:]


def _frames(kind: str) -> bytes:
    return written(picture(), kind, save_all=True, append_images=[picture(60, 40).rotate(90)])


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 500
NOISE = Image.frombytes("RGB", (300, 300), os.urandom(270_000))

REFUSED: dict[str, list[bytes]] = {
    "not_a_picture": [
        b"",
        b"hello",
        b"%PDF-1.7\n" + b"\0" * 100,
        b"PK\x03\x04" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"RIFF\x24\0\0\0WAVEfmt ",
        HEIC,
        written(picture(), "GIF"),
        written(picture(), "TIFF"),
        written(picture(), "BMP"),
        _frames("PNG"),
        _frames("WEBP"),
        written(picture(2100, 100)),
        written(picture(5, 101), "PNG"),
    ],
    "too_large": [
        b"\xff\xd8\xff" + b"\0" * LARGEST_BYTES,
        _png_of(8000, 5001),
        _png_of(12_000, 9_000),
        _png_of(60_000, 60_000),
    ],
    "damaged": [
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x24\0\0\0WEBPVP8 ",
        written(NOISE)[:-3000],
        written(NOISE, "PNG")[:-3000],
        written(NOISE, "WEBP", lossless=True)[:-3000],
        written(NOISE)[:300] + b"\0" * 3000,
        _png_of(800, 600),
    ],
}


@pytest.mark.parametrize(
    ("reason", "content"),
    [(reason, content) for reason, contents in REFUSED.items() for content in contents],
    ids=lambda part: part if isinstance(part, str) else repr(part[:12]),
)
async def test_what_is_refused(photos: Photos, reason: str, content: bytes):
    with pytest.raises(PhotoRefusedError) as refused:
        await photos.keep(content)
    assert refused.value.reason == reason
    assert not photos.folder.exists()


WHOLE = {kind: written(NOISE.crop((0, 0, 40, 30)), kind) for kind in ("JPEG", "PNG", "WEBP")}


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(sorted(WHOLE)), st.integers(0, 10_000), st.binary(min_size=1, max_size=8), st.integers(0, 10_000)
)
def test_whatever_happens_to_it_on_the_way_it_is_kept_or_refused(tmp_path: Path, kind, at, noise, end):
    whole = WHOLE[kind]
    at, end = at % len(whole), max(end % (2 * len(whole)), 1)
    spoilt = (whole[:at] + noise + whole[at + len(noise) :])[:end]
    photos = Photos(tmp_path / "media")
    try:
        kept = asyncio.run(photos.keep(spoilt))
    except PhotoRefusedError:
        return
    assert max(kept.width, kept.height) <= SIDE
    assert Image.open(io.BytesIO(photos.read(kept.sha))).size == (kept.width, kept.height)


# ── on the disk ───────────────────────────────────────


async def test_the_same_photo_is_kept_once_and_forgotten_for_good(photos: Photos):
    first, second, other = [await photos.keep(written(made)) for made in (picture(), picture(), picture(70, 40))]
    assert first == second != other
    assert len(list(photos.folder.iterdir())) == 4
    photos.forget(first.sha)
    photos.forget(first.sha)
    with pytest.raises(PhotoMissingError):
        photos.read(first.sha)
    with pytest.raises(PhotoMissingError):
        photos.thumbnail(first.sha)
    assert photos.thumbnail(other.sha)
    assert await photos.keep(written(picture())) == first
    assert photos.read(first.sha)


@pytest.mark.parametrize("name", ["", "../town", "a" * 63, "A" * 64, "a" * 64 + "/..", "é" * 64, "a" * 64])
@pytest.mark.parametrize("asked", ["read", "thumbnail"])
def test_no_name_leads_out_of_the_folder(photos: Photos, asked: str, name: str):
    with pytest.raises(PhotoMissingError):
        getattr(photos, asked)(name)


async def test_nobody_else_on_the_machine_reads_them(photos: Photos):
    kept = await photos.keep(written(picture()))
    assert photos.folder.stat().st_mode & 0o077 == 0
    assert (photos.folder / f"{kept.sha}.jpg").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("breaks", ["write", "fsync", "replace"])
async def test_a_disk_that_is_full_leaves_nothing_half_written(photos: Photos, monkeypatch, breaks: str):
    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    where = {"write": ("storage.photos.os.fdopen", full), "fsync": ("storage.photos.os.fsync", full)}
    with monkeypatch.context() as patch:
        patch.setattr(*where.get(breaks, ("storage.photos.os.replace", full)))
        with pytest.raises(OSError, match="No space"):
            await photos.keep(written(picture()))
    assert list(photos.folder.iterdir() if photos.folder.exists() else ()) == []
    await photos.keep(written(picture()))
    assert len(list(photos.folder.iterdir())) == 2


async def test_many_at_once(photos: Photos):
    kept = await asyncio.gather(*(photos.keep(written(picture(40 + number % 3, 40))) for number in range(9)))
    assert len(set(kept)) == 3
    assert sorted(path.suffix for path in photos.folder.iterdir()) == [".jpg"] * 6


# ── fetched from Telegram ─────────────────────────────


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def fetcher(box: Sandbox) -> AsyncIterator[Fetcher]:
    request = AiohttpRequest(box.token)
    bot = ExtBot(box.token, f"{box.url}/bot", base_file_url=f"{box.url}/file/bot", request=request)

    async def at_once(_seconds: float) -> None:
        return None

    yield Fetcher(bot, at_once)
    await request.shutdown()


def sent(box: Sandbox, content: bytes = b"0123456789" * 1000, size: int | None = None) -> str:
    return str(box.hand().sends_file("a.bin", content, size=size)["message"]["document"]["file_id"])


async def test_a_photo_arrives_whole(box: Sandbox, fetcher: Fetcher):
    content = written(NOISE)
    file = box.hand().sends_photo(content, "门口")["message"]["photo"][-1]["file_id"]
    assert await fetcher.fetch(file, LARGEST_BYTES) == content
    assert await fetcher.fetch(file, len(content)) == content


@pytest.mark.parametrize(
    ("said", "at_most", "asked_for"),
    [(TWO_GB, LARGEST_BYTES, False), (None, 9_999, False), (10, 5, False), (10, 9_999, True)],
    ids=["2 GB", "one byte too many", "it says so itself", "it said it was small"],
)
async def test_too_large_a_file_is_never_loaded(box: Sandbox, fetcher: Fetcher, said, at_most: int, asked_for: bool):
    if not asked_for:  # then nobody sees that it is gone
        box.faults.plan("file", Fault("refusal", code=404))
    with pytest.raises(TooLargeError):
        await fetcher.fetch(sent(box, size=said), at_most)


PASSING = [
    ("getFile", Fault("drop")),
    ("getFile", Fault("server_error", code=502)),
    ("getFile", Fault("flood", retry_after=3)),
    ("file", Fault("drop")),
    ("file", Fault("server_error", code=503)),
    ("file", Fault("done_then_drop")),
]
LASTING = [
    (
        "getFile",
        Fault("refusal", code=400, words="Bad Request: wrong file_id or the file is temporarily unavailable"),
        1,
    ),
    ("getFile", Fault("refusal", code=403, words="Forbidden: bot was blocked by the user"), 1),
    ("getFile", Fault("refusal", code=401, words="Unauthorized"), 1),
    ("getFile", Fault("flood", retry_after=60), 1),
    ("file", Fault("refusal", code=404, words="Not Found"), 1),
    *[(method, fault, 9) for method, fault in PASSING],  # aiohttp itself knocks twice at a connection it had
]


@pytest.mark.parametrize(("method", "fault"), PASSING, ids=lambda part: getattr(part, "kind", part))
async def test_what_passes_is_tried_again(box: Sandbox, fetcher: Fetcher, method: str, fault: Fault):
    box.faults.plan(method, fault)
    assert len(await fetcher.fetch(sent(box), LARGEST_BYTES)) == 10_000


@pytest.mark.parametrize(("method", "fault", "times"), LASTING, ids=lambda part: getattr(part, "kind", part))
async def test_what_lasts_is_said(box: Sandbox, fetcher: Fetcher, caplog, method: str, fault: Fault, times: int):
    caplog.set_level(logging.DEBUG)
    box.faults.plan(method, fault, times)
    with pytest.raises(CannotFetchError) as failed:
        await fetcher.fetch(sent(box), LARGEST_BYTES)
    told = f"{failed.value!r} {failed.value.__context__!r} {failed.value.__cause__!r} {_ours(caplog)}"
    assert box.token not in told
    assert "documents/" not in told


def _ours(caplog: pytest.LogCaptureFixture) -> str:
    return " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("telegram"))


async def test_a_server_that_names_paths_of_its_own_disk_is_not_followed(
    box: Sandbox, fetcher: Fetcher, tmp_path: Path
):
    secret = tmp_path / "secret"
    secret.write_bytes(b"not for you")
    box.on_result.append(lambda method, result: method == "getFile" and result.update(file_path=str(secret)))
    with pytest.raises(CannotFetchError, match="does not serve files"):
        await fetcher.fetch(sent(box), LARGEST_BYTES)


async def test_nobody_there(box: Sandbox, fetcher: Fetcher):
    with pytest.raises(CannotFetchError):
        await fetcher.fetch("nobody's", LARGEST_BYTES)
    await box.stop()
    with pytest.raises(CannotFetchError, match="not sent"):
        await fetcher.fetch("nobody's", LARGEST_BYTES)


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"0" * 1000)


async def _packed(_request: web.Request) -> web.Response:
    return web.Response(body=gzip.compress(b"0" * 10_000_000), headers={"Content-Encoding": "gzip"})


async def _elsewhere(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/packed")


@pytest.mark.parametrize(
    ("handler", "status", "size"),
    [(_endless, 200, 30_001), (_packed, 200, len(gzip.compress(b"0" * 10_000_000))), (_elsewhere, 302, 10)],
    ids=["without end", "much packed into little", "led elsewhere"],
)
async def test_no_server_makes_us_load_more_than_we_asked_for(handler, status: int, size: int):
    application = web.Application()
    application.router.add_get("/file", handler)
    request = AiohttpRequest("1:x")
    async with asyncio.timeout(10), TestServer(application) as server:
        answer, content = await request.download(str(server.make_url("/file")), 30_000)
        await request.shutdown()
    assert (answer, len(content)) == (status, size)


# ── a handler asks for the photo ──────────────────────

SAY = load_languages()["zh_CN"]
PHOTO = Ask("telegram", 3, "7", "photo", NOW, attachment="f", size=3000)
FILE = replace(PHOTO, what="file", mime="image/jpeg", filename="门口.jpg")


def desk(ask: Ask, photos: Photos, comes: bytes | Exception) -> Desk:
    async def fetch(channel: str, file: str, at_most: int) -> bytes:
        assert (channel, file, at_most) == ("telegram", "f", LARGEST_BYTES)
        if isinstance(comes, Exception):
            raise comes
        return comes

    city = SimpleNamespace(fetch=fetch, photos=photos)
    return Desk(ask, city, Person(), SAY)


NEVER = AssertionError("this is not to be fetched")


@pytest.mark.parametrize(
    ("ask", "comes"),
    [
        (PHOTO, written(picture())),
        (replace(PHOTO, size=None), written(picture())),
        (FILE, written(picture(), "PNG")),
        (replace(FILE, mime="", filename=""), written(picture(), "WEBP")),
        (replace(FILE, mime="application/octet-stream", filename="名单.xlsx"), written(picture())),
    ],
)
async def test_a_photo_is_kept_however_it_is_sent_and_named(photos: Photos, ask: Ask, comes: bytes):
    kept = await files.photo(desk(ask, photos, comes))
    assert isinstance(kept, Kept)
    assert photos.read(kept.sha)


@pytest.mark.parametrize(
    ("ask", "comes", "words"),
    [
        (replace(FILE, size=TWO_GB), NEVER, "太大了"),
        (replace(PHOTO, size=LARGEST_BYTES + 1), NEVER, "太大了"),
        (replace(PHOTO, size=None), TooLargeError(), "太大了"),
        (PHOTO, _png_of(60_000, 60_000), "太大了"),
        (replace(FILE, mime="video/mp4"), NEVER, "不是照片"),
        (replace(PHOTO, what="voice"), NEVER, "不是照片"),
        (replace(PHOTO, what="text", attachment=""), NEVER, "不是照片"),
        (replace(FILE, attachment=""), NEVER, "不是照片"),
        (replace(FILE, mime="image/heic"), HEIC, "不是照片"),
        (replace(FILE, filename="照片.jpg"), b"%PDF-1.7", "不是照片"),
        (PHOTO, written(NOISE)[:-3000], "没传完整"),
        (PHOTO, CannotFetchError("HTTP 404"), "没收到"),
    ],
)
async def test_what_is_said_where_there_is_no_photo(photos: Photos, ask: Ask, comes, words: str):
    said = await files.photo(desk(ask, photos, comes))
    assert isinstance(said, Message)
    assert words in said.text
    assert not photos.folder.exists()


async def test_a_disk_that_takes_nothing_is_not_the_person_s_fault(tmp_path: Path, caplog):
    (tmp_path / "media").write_text("a file where the folder should be")
    said = await files.photo(desk(PHOTO, Photos(tmp_path / "media"), written(picture())))
    assert isinstance(said, Message)
    assert "不是您的问题" in said.text
    assert "cannot be kept" in caplog.text


async def test_a_channel_without_files():
    fetch = files.from_channels({})
    with pytest.raises(CannotFetchError):
        await fetch("wechat", "f", 10)


# ── the whole way ─────────────────────────────────────


async def test_the_running_bot_fetches_and_keeps_beside_its_database(tmp_path: Path):
    async with town(tmp_path) as here:
        city, folder = here.app.city, tmp_path / "media"
        assert city.photos.folder == folder
        file = here.worker.sends_photo(located())["message"]["photo"][-1]["file_id"]
        kept = await city.photos.keep(await city.fetch("telegram", file, LARGEST_BYTES))
        assert sorted(path.name for path in folder.iterdir()) == [f"{kept.sha}.jpg", f"{kept.sha}.small.jpg"]


async def test_media_dir_is_where_the_operator_says(tmp_path: Path):
    there = Settings(bot_token="1:x", database_url=f"sqlite:///{tmp_path}/a.db", media_dir=f"{tmp_path}/elsewhere")
    app = await build(there)
    assert app.city.photos.folder == tmp_path / "elsewhere"
    await app.city.db.close()
