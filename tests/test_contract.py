"""The contract for any other program: these variables, a fresh database, any Bot API server.

The server here imports nothing of ours; the bot is the one the command line starts.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.command_line import Command, fork
from tests.small_bot_api import SmallBotApi

LIST = """站点名称,区县,街道,社区,纬度,经度,坐标系,开放时间,服务项目,服务对象
示例一站,沙坪坝区,小龙坎街道,快乐里社区,29.5577,106.4570,wgs84,24小时,热饭、饮水,
示例二站,沙坪坝区,小龙坎街道,,29.5597,106.4570,WGS84,24小时,热饭、充电,
示例环卫,沙坪坝区,小龙坎街道,,29.5578,106.4570,wgs84,24小时,热饭,环卫工人
"""


class Shell:
    """The command line, with one database and one rulebook."""

    def __init__(self, folder: Path, api: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "BOT_TOKEN": "1:x",
            "BOT_API_URL": api,
            "DATABASE_URL": f"sqlite:///{folder}/file.db",
            "RULEBOOK": "shapingba",
        }

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        """The whole of it, as somebody at a terminal starts it."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    def fork(self, *words: str) -> Command:
        """The same in a process that has been loaded already."""
        return fork(words, self.environment, Path(mkdtemp(prefix="says-", dir=self.folder.parent)))

    async def does(self, *words: str) -> tuple[int | None, str, str]:
        """Exit status, what was printed, what was complained of."""
        command = self.fork(*words)
        out, err = await command.communicate()
        return command.returncode, out.decode(), err.decode()


@asynccontextmanager
async def running(shell: Shell, whole: bool = False) -> AsyncIterator[asyncio.subprocess.Process | Command]:
    bot = await shell.start("run") if whole else shell.fork("run")
    try:
        yield bot
    finally:
        if bot.returncode is None:
            bot.kill()
        await bot.communicate()


@pytest.fixture
async def telegram() -> AsyncIterator[SmallBotApi]:
    async with SmallBotApi() as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path, telegram: SmallBotApi) -> Shell:
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    return Shell(tmp_path, telegram.url)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database the command line makes of the list: made once, copied for each test that begins with it."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "list.csv").write_text(LIST, "utf-8")
    command = [sys.executable, "-m", "bot", "stations", "import", str(folder / "list.csv")]
    subprocess.run(command, env=Shell(folder, "http://127.0.0.1:9").environment, check=True, stdout=subprocess.DEVNULL)
    return folder / "file.db"


@pytest.fixture
def stocked(shell: Shell, imported: Path) -> Shell:
    """The list is in."""
    shutil.copyfile(imported, shell.folder / imported.name)
    return shell


async def until(true, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 – it happens in another process
            await asyncio.sleep(0.02)


async def test_a_worker_is_answered_by_the_bot_the_command_line_starts_and_a_need_survives_its_end(stocked, telegram):
    async with running(stocked, whole=True) as bot:
        telegram.text(7, "附近哪里可以热饭")
        await until(lambda: telegram.said(7))
        telegram.location(7, 29.5575, 106.4570)
        await until(lambda: len(telegram.said(7)) > 1)
        answer = telegram.said(7)[-1]
        assert 0 < answer.find("示例一站") < answer.find("示例二站")
        assert "示例环卫" not in answer
        telegram.location(8, 29.5600, 106.4570)  # the position first, then the need
        await until(lambda: telegram.said(8))
        telegram.text(8, "充电")
        await until(lambda: len(telegram.said(8)) > 1)
        assert "示例一站" not in telegram.said(8)[-1]
        telegram.text(9, "/start")
        await until(lambda: telegram.said(9))
        keyboard = telegram.made("sendMessage")[-1]["reply_markup"]["keyboard"]
        assert keyboard[0][0]["request_location"] is True
        telegram.text(10, "充电")
        await until(lambda: telegram.said(10))
        bot.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(bot.wait(), 60) == 0
    async with running(stocked, whole=True):
        telegram.location(10, 29.5575, 106.4570)
        await until(lambda: len(telegram.said(10)) > 1)
        assert "示例一站" not in telegram.said(10)[-1]
        assert "示例二站" in telegram.said(10)[-1]


async def test_what_an_import_changes_is_in_the_answers_within_a_second(shell, telegram):
    async with running(shell) as bot:
        telegram.location(7, 29.5575, 106.4570)
        await until(lambda: telegram.said(7))
        assert "示例" not in telegram.said(7)[-1]
        second_run = await shell.does("run")
        assert second_run[0] == 2
        assert "Another bot is running on this database" in second_run[2]
        assert (await shell.does("stations", "import", str(shell.folder / "list.csv")))[0] == 0
        await asyncio.sleep(1)
        telegram.location(7, 29.5575, 106.4570)
        await until(lambda: len(telegram.said(7)) > 1)
        assert "示例一站" in telegram.said(7)[-1]
        assert bot.returncode is None


async def test_the_list_for_other_programs(stocked):
    status, out, _ = await stocked.does("stations", "list", "--json")
    first = json.loads(out.splitlines()[0])
    code = first.pop("code")
    assert status == 0
    assert 4 <= len(code) <= 8
    assert code.isalnum()
    assert code == code.lower()
    assert first == {
        "number": None,
        "name": "示例一站",
        "rulebook": "shapingba",
        "area": "沙坪坝区/小龙坎街道/快乐里社区",
        "lat": 29.5577,
        "lon": 106.457,
        "hours": "24/7",
        "services": ["water", "heat_food"],
        "facilities": [{"id": "microwave", "state": "working"}, {"id": "water_dispenser", "state": "working"}],
        "audience": "all",
    }


LOOKS = [
    "stations list", "stations list --json", "stations follows k7m2 area", "stations qr --out s.pdf", "tickets list",
    "people list", "people end 1", "history", "invite --role manager --sheet c.pdf",
]  # fmt: skip


@pytest.mark.parametrize("command", LOOKS)
async def test_a_mistyped_database_is_a_sentence_and_no_new_file(shell, command):
    status, out, complaint = await shell.does(*command.split())
    assert (status, out) == (2, "")
    assert complaint == f"There is no database at {shell.folder}/file.db yet: import a list or run the bot first.\n"
    assert [one.name for one in shell.folder.iterdir()] == ["list.csv"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"BOT_TOKEN": ""}, "BOT_TOKEN is missing"),
        ({"BOT_TOKEN": "hello"}, "BOT_TOKEN is missing or is not a bot's token"),
        ({"BOT_API_URL": "telegram"}, "BOT_API_URL must begin with http"),
        ({"RULEBOOK": "atlantis"}, "atlantis"),
        ({"DATABASE_URL": "mysql://x"}, "must name an SQLite file"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_one_sentence_and_status_2(shell, change, says):
    shell.environment |= change
    status, _, complaint = await shell.does("run")
    assert status == 2
    assert says in complaint
    assert "Traceback" not in complaint


async def test_a_token_telegram_refuses_ends_the_program_with_a_sentence_that_does_not_show_it(shell):
    shell.environment["BOT_TOKEN"] = "12345678:wrongwrongwrongwrongwrongwrongwrong"
    status, _, complaint = await shell.does("run")
    assert status == 1
    assert "does not accept BOT_TOKEN" in complaint
    assert "wrongwrong" not in complaint


async def test_a_start_that_fails_ends_at_once_and_leaves_nothing_open(shell, tmp_path):
    """A database that was opened before the failure would keep the program from ending."""
    shell.environment["GEOCODER"] = "atlantis"
    status, _, complaint = await asyncio.wait_for(shell.does("run"), 60)
    assert (status, "geopy has no geocoder" in complaint) == (2, True)
    locked = tmp_path / "file.db"
    locked.write_bytes(b"not a database, a letter" * 500)
    del shell.environment["GEOCODER"]
    status, _, complaint = await asyncio.wait_for(shell.does("run"), 60)
    assert (status, "cannot be opened" in complaint) == (2, True)
