"""The contract of the ladder for any other program: invite, report, watch the steps in seconds, kill, go on.

The bot is the one the command line starts, the server imports nothing of ours, the rulebook's ladder takes seconds.
"""

from __future__ import annotations

import json
import re

import pytest

from bot.rulebooks import FOLDER
from tests.small_bot_api import SmallBotApi
from tests.test_contract import Shell, imported, running, shell, stocked, telegram, until  # noqa: F401

LADDER = """
[[ladder]]
role = "manager"
after_minutes = 0

[[ladder]]
role = "area_head"
after_minutes = {minutes}
calendar = "always"
quiet_hours = ""

[[ladder]]
role = "general_head"
after_minutes = {minutes}
calendar = "always"
"""
STREET = "沙坪坝区/小龙坎街道"
WORKER, MANAGER, HEAD, GENERAL = 7, 8, 9, 10


def climbing(stocked: Shell, minutes: float) -> Shell:  # noqa: F811
    """Stations are in, and the ladder takes so long a step."""
    text = (FOLDER / "shapingba.toml").read_text("utf-8").partition("[[ladder]]")[0]
    (stocked.folder / "quick.toml").write_text(text + LADDER.format(minutes=minutes), "utf-8")
    stocked.environment["RULEBOOK"] = str(stocked.folder / "quick.toml")
    return stocked


async def code_of(shell: Shell, name: str) -> str:  # noqa: F811
    _, out, _ = await shell.does("stations", "list", "--json")
    return next(one["code"] for one in map(json.loads, out.splitlines()) if one["name"] == name)


async def invite(shell: Shell, *words: str) -> str:  # noqa: F811
    status, out, err = await shell.does("invite", *words, "--json")
    assert status == 0, err
    made = json.loads(out)
    assert set(made) == {"payload", "link"}
    return made["payload"]


async def tickets(shell: Shell) -> list[dict]:  # noqa: F811
    _, out, _ = await shell.does("tickets", "list", "--json")
    return [json.loads(line) for line in out.splitlines()]


def labels(telegram: SmallBotApi, chat: int) -> dict[str, str]:  # noqa: F811
    """Every button the chat was ever shown: its words and what it sends."""
    found = {}
    for method in ("sendMessage", "editMessageText"):
        for call in telegram.made(method):
            if int(call["chat_id"]) == chat:
                for row in (call.get("reply_markup") or {}).get("inline_keyboard", []):
                    found |= {one["text"]: one.get("callback_data", "") for one in row}
    return found


async def takes(shell: Shell, telegram: SmallBotApi, chat: int, *words: str) -> str:  # noqa: F811
    payload = await invite(shell, *words)
    telegram.text(chat, f"/start {payload}")
    await until(lambda: telegram.said(chat))
    return payload


@pytest.mark.slow
async def test_a_whole_ladder_in_seconds(stocked: Shell, telegram: SmallBotApi):  # noqa: F811
    quick = climbing(stocked, minutes=0.02)
    code = await code_of(quick, "示例一站")
    async with running(quick):
        await takes(quick, telegram, MANAGER, "--role", "manager", "--station", code)
        await takes(quick, telegram, HEAD, "--role", "area_head", "--area", STREET)
        await takes(quick, telegram, GENERAL, "--role", "general_head")
        telegram.text(WORKER, f"/start st_{code}")
        await until(lambda: telegram.said(WORKER))
        telegram.text(WORKER, "微波炉坏了")
        await until(
            lambda: "坏了" in labels(telegram, WORKER) or any("微波炉" in one for one in telegram.said(WORKER)[1:])
        )
        if (await tickets(quick)) == []:  # asked where that is
            (where,) = [data for label, data in labels(telegram, WORKER).items() if "示例一站" in label]
            telegram.press(WORKER, where)
        for chat in (MANAGER, HEAD, GENERAL):
            await until(lambda chat=chat: any("微波炉" in one for one in telegram.said(chat)))
        (one,) = await tickets(quick)
        assert (one["id"], one["station"], one["item"], one["symptom"], one["state"]) == (
            1,
            code,
            "microwave",
            "broken",
            "open",
        )
        assert [(told["step"], told["role"], told["result"]) for told in one["told"]] == [
            (0, "manager", "sent"),
            (1, "area_head", "sent"),
            (2, "general_head", "sent"),
        ]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one["opened_at"])
        assert {"我来处理", "已修好", "修不了", "转给…", "稍后提醒"} <= set(labels(telegram, MANAGER))

        telegram.press(MANAGER, labels(telegram, MANAGER)["我来处理"])
        await until(lambda: "今天" in labels(telegram, MANAGER))
        telegram.press(MANAGER, labels(telegram, MANAGER)["今天"])
        await until(lambda: any("来处理" in one["text"] for one in telegram.made("editMessageText")))
        (one,) = await tickets(quick)
        assert (one["state"], one["promised_until"], one["due_at"]) == (
            "acknowledged",
            one["due_at"],
            one["promised_until"],
        )

        telegram.press(MANAGER, labels(telegram, MANAGER)["已修好"])
        await until(lambda: any("修好了" in one for one in telegram.said(WORKER)))
        await until(lambda: "还没好" in labels(telegram, WORKER))
        (one,) = await tickets(quick)
        assert (one["state"], one["closed_as"], one["due_at"]) == ("closed", "fixed", None)

        rung = len(telegram.said(MANAGER))
        telegram.press(WORKER, labels(telegram, WORKER)["还没好"])
        await until(lambda: len(telegram.said(MANAGER)) > rung)
        (one,) = await tickets(quick)
        assert (one["state"], one["closed_as"]) == ("open", None)


@pytest.mark.slow
async def test_an_invitation_is_good_once_and_a_kill_forgets_no_step(stocked: Shell, telegram: SmallBotApi):  # noqa: F811
    quick = climbing(stocked, minutes=0.05)
    code = await code_of(quick, "示例一站")
    async with running(quick) as bot:
        await takes(quick, telegram, MANAGER, "--role", "manager", "--station", code)
        used = await takes(quick, telegram, HEAD, "--role", "area_head", "--area", STREET)
        telegram.text(WORKER, f"/start {used}")
        await until(lambda: telegram.said(WORKER))
        telegram.text(MANAGER, "微波炉坏了")
        await until(lambda: any("微波炉坏了" in one for one in telegram.said(MANAGER)))
        bot.kill()
        await bot.wait()
    assert not any("微波炉" in one for one in telegram.said(HEAD))
    async with running(quick):
        await until(lambda: any("微波炉" in one for one in telegram.said(HEAD)))
    _, out, _ = await quick.does("people", "list", "--json")
    assert sorted(json.loads(line)["role"] for line in out.splitlines()) == ["area_head", "manager"]
    status, _, err = await quick.does("invite", "--role", "manager")
    assert status == 2
    assert len(err.strip().splitlines()) == 1
