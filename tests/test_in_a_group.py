"""A group that holds a role hears of what is due, looks at the list, and is told where one hands in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers import staff
from handlers.ask import Ask
from handlers.routes import route
from sandbox.people import adds_to_group, buttons_of, presses, writes
from tests.town import station, town

STREET = "沙坪坝区/小龙坎街道"


async def test_a_group_sees_who_is_missing_and_one_person_hands_in(tmp_path):
    async with town(tmp_path, at="2026-11-23 08:00") as here:
        one, _ = await here.has(station("示例一站"), station("示例二站"))
        zhang, heads, keepers = here.somebody("张站长"), -77, -88
        for group, payload in (
            (heads, await here.invites("area_head", area=STREET)),
            (keepers, await here.invites("manager", one)),
        ):
            zhang.does(adds_to_group, group, "工作群")
            zhang.does(writes, f"/start@{here.app.telegram.username} {payload}", chat=group)
            await here.telegram.until(lambda group=group: len(here.telegram.sent(group)) > 1)

        async def press(group: int, label: str, says: str) -> str:
            found = [(one, data) for one in here.telegram.sent(group) for data, on in buttons_of(one.message).items()
                     if label in on]  # fmt: skip
            one, data = found[-1]
            zhang.does(presses, one.message_id, data, chat=group)
            return await here.telegram.until(
                lambda: next((each.text for each in here.telegram.sent(group) if says in each.text), "")
            )

        await here.until("2026-11-23 09:00")
        assert "私聊我" in await press(keepers, "报站点活动", "得是您自己的职责")
        listed = await press(heads, "未办名单：站点活动", "还有 2 个站点没报")
        assert "· 示例二站" in listed
        await press(heads, "催办", "已提醒 1 位")
        await here.passes(seconds=5)
        await here.telegram.until(lambda: any("提醒您" in each.text for each in here.telegram.sent(keepers)))
        await press(heads, "看名单", "■ 小龙坎街道（2 个）")
        await press(heads, "代办", "替谁报")
        await press(heads, "示例一站", "得是您自己的职责")


@pytest.mark.parametrize(
    ("press", "is_for_groups"),
    [
        *((press, True) for press in ("ticket:3", "take:3", "undone:5", "chase:5", "digest:week", "due")),
        *((press, False) for press in ("holiday:5", "today:abcde", "supply:abcde", "home", "case", "mend:abcde:floor")),
        *((press, False) for press in ("number:abcde", "review", "reply:3", "buy", "near:heat_food", "nobody knows")),
    ],
)
def test_what_may_be_pressed_in_a_group(press, is_for_groups):
    ask = Ask("telegram", 1, "-77", "press", datetime(2026, 11, 23, tzinfo=UTC), press=press, private=False)
    assert (route(ask) is not staff.ones_own) == is_for_groups
