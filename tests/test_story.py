"""The microwave of 快乐里, from the first word to the last, with everybody who hears of it."""

from __future__ import annotations

from bot.rulebooks import FOLDER
from rules.lists.plan import Change, Plan
from sandbox.people import adds_to_group, blocks, buttons_of, opens_topic, presses, unblocks, upgrades_group, writes
from storage import history, people, roles, stations, tickets
from storage.history import Origin
from storage.station_list import import_list
from tests.test_escalation import STREET, count, reports, staffed
from tests.town import SQUARE, north, station, town


def last(hand) -> str:
    return hand.bubbles[-1].text


def buttons(hand) -> list[str]:
    return [label for row in hand.bubbles[-1].buttons for label in row]


async def asks_for_lunch(hand) -> str:
    hand.shares(*SQUARE)
    await hand.hears()
    hand.writes("热饭")
    return (await hand.hears()).text


async def test_from_the_report_to_the_repair_and_back_and_to_the_end(tmp_path):
    async with town(tmp_path, at="2026-11-23 11:40") as here:  # a Monday
        await staffed(here)
        manager, head = here.cast["manager"], here.cast["area_head"]
        office, general = here.cast["office"], here.cast["general_head"]
        await here.has(station("平顶山站", *north(300)))

        # A worker says so; one word marks it and leaves the station in the answers.
        here.worker.starts("st_" + here.station.code)
        await here.worker.hears("快乐里")
        here.worker.presses("⚠️ 有问题")
        await here.worker.hears("快乐里")
        here.worker.presses("🔧 东西坏了")
        await here.telegram.until(lambda: "微波炉" in buttons(here.worker))
        here.worker.presses("微波炉")
        await here.telegram.until(lambda: "坏了" in buttons(here.worker))
        here.worker.presses("坏了")
        await here.worker.hears("微波炉坏了")
        asker = here.somebody("小刘", "asker")
        first = await asks_for_lunch(asker)
        assert "快乐里" in first
        assert "有人反映" in first
        assert "待核实" in first

        # reported → manager told
        await here.passes(minutes=1)
        assert "微波炉坏了" in (await manager.hears("微波炉")).text
        assert count(here)["area_head"] == 0

        # silent → area head told
        await here.until("2026-11-23 15:45")
        assert "管理员" in (await head.hears("微波炉")).text

        # silent → office told
        await here.until("2026-11-24 15:50")
        assert "区域站长" in (await office.hears("微波炉")).text

        # promised: the ladder waits, all copies show it
        office.presses("我来处理")
        await here.telegram.until(lambda: "明天" in buttons(office))
        office.presses("明天")
        await here.telegram.until(lambda: "来处理" in last(office))
        await here.passes(seconds=5)
        assert "陈经办" in last(manager)
        assert "陈经办" in last(head)
        heard = count(here)
        await here.until("2026-11-25 17:55")
        assert count(here) == heard  # a promise is a promise

        # promise broken → the general head told, and whoever promised is asked
        await here.until("2026-11-25 18:05")
        await general.hears("微波炉")
        assert "修好了吗" in (await office.hears("时间到了")).text

        # fixed: everyone told, and the worker who said so
        manager.presses("已修好")
        await here.telegram.until(lambda: "修好了" in last(manager))
        await here.passes(minutes=3)
        for hand in (head, office, general):
            assert "修好了" in last(hand)
        assert "还没好" in buttons(here.worker)
        assert "快乐里" in await asks_for_lunch(asker)

        # not so: reopened, and it rings
        before = count(here)["manager"]
        here.worker.presses("还没好")
        await here.telegram.until(lambda: "还没好" not in buttons(here.worker))
        await here.passes(minutes=1)
        assert count(here)["manager"] == before + 1
        assert "没好" in last(manager)

        # fixed for good
        manager.presses("已修好")
        await here.passes(minutes=1)
        (ticket,) = await here.tickets()
        assert (ticket.state, ticket.closed_as, ticket.generation) == ("closed", "fixed", 1)
        happened = [one.what for one in await here.app.city.db.read(history.of_ticket, ticket.id)]
        assert " ".join(what for what in happened if what in WORTH_TELLING) == (
            "opened told told told promised promise_over told closed reopened told closed"
        )


WORTH_TELLING = ("opened", "told", "promised", "promise_over", "closed", "reopened")


async def test_a_managers_word_is_in_the_very_next_answer_of_anybody(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await here.has(station("平顶山站", *north(300)))
        manager = here.cast["manager"]
        asker = here.somebody("小刘", "asker")
        assert "快乐里" in await asks_for_lunch(asker)
        manager.writes("微波炉坏了")
        await manager.hears("微波炉坏了")
        assert "快乐里" not in (await asks_for_lunch(asker)).partition("平顶山")[0]
        manager.presses("已修好")
        await here.telegram.until(lambda: "修好了" in last(manager))
        assert "快乐里" in await asks_for_lunch(asker)


async def test_what_was_sent_by_mistake_is_taken_back_before_anybody_hears_and_corrected_after(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        worker = here.worker
        worker.starts("st_" + here.station.code)
        await worker.hears("快乐里")
        worker.presses("🔒 门锁着")
        await worker.hears()
        await here.telegram.until(lambda: any("撤销" in row for one in worker.bubbles for row in one.buttons))
        worker.presses("撤销")
        await worker.hears("撤")
        await here.passes(minutes=30)
        assert count(here)["manager"] == 0

        worker.starts("st_" + here.station.code)
        await worker.hears("您扫的")
        worker.presses("🔒 门锁着")
        await here.telegram.until(lambda: "撤销" in buttons(worker))
        await here.passes(minutes=2)
        assert count(here)["manager"] == 1
        worker.presses("撤销")
        await worker.hears("撤")
        await here.passes(minutes=2)
        assert count(here)["manager"] == 2
        assert "不用" in last(here.cast["manager"])


async def test_a_ladder_edited_midway_changes_new_tickets_only(tmp_path):
    book = tmp_path / "shapingba.toml"
    text = (FOLDER / "shapingba.toml").read_text("utf-8").partition("[[ladder]]")[0]
    quick = '[[ladder]]\nrole = "manager"\n[[ladder]]\nrole = "{role}"\nafter_minutes = 10\ncalendar = "always"\n'
    book.write_text(text + quick.format(role="area_head"), "utf-8")
    async with town(tmp_path, rulebook=str(book)) as here:
        await staffed(here)
        await reports(here)
        await here.passes(minutes=1)
    book.write_text(text + quick.format(role="general_head"), "utf-8")
    async with town(tmp_path, at="2026-11-23 11:42", rulebook=str(book)) as there:
        (old,) = await there.tickets()
        assert [step.role for step in old.ladder] == ["manager", "area_head"]
        there.station = there.app.city.stations.by_id(old.station)
        await reports(there, "water_dispenser")
        _, new = await there.tickets()
        assert [step.role for step in new.ladder] == ["manager", "general_head"]


async def test_blocked_then_back_again(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        manager = here.cast["manager"]
        manager.does(blocks)
        await here.telegram.until(lambda: True)
        await reports(here)
        await here.passes(minutes=1)
        assert count(here)["area_head"] == 2, "that the manager is out of reach, and what is broken"
        manager.does(unblocks)
        manager.writes("/tickets")
        await manager.hears("微波炉")
        await reports(here, "water_dispenser")
        await here.passes(minutes=3)
        await manager.hears("饮水")


async def test_several_at_once_come_as_one_and_danger_comes_at_once(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        manager = here.cast["manager"]
        await here.has()
        await reports(here, "microwave", by="a", staff=False)
        await here.passes(minutes=1)
        assert count(here)["manager"] == 1
        for item in ("water_dispenser", "paper_cups", "toilet_paper"):
            await reports(here, item, "broken" if item == "water_dispenser" else "gone", by=item, staff=False)
        await here.passes(seconds=61)
        assert count(here)["manager"] == 1
        await reports(here, "power_sockets", "unsafe", by="b", staff=False)
        await here.passes(seconds=1)
        assert count(here)["manager"] == 2
        assert "🚨" in last(manager)
        await here.passes(minutes=3)
        assert count(here)["manager"] == 3
        assert "3 件事" in last(manager)
        assert len(manager.bubbles[-1].buttons) == 3


async def test_a_group_with_topics_holds_a_role_is_told_there_and_answers_for_it(tmp_path):
    async with town(tmp_path) as here:
        (here.station,) = await here.has(station("快乐里站", *SQUARE))
        zhang, group = here.somebody("张站长", "head"), -1001234
        zhang.does(adds_to_group, group, "环卫值班群", kind="supergroup")
        thread = zhang.does(opens_topic, group, "报修")["message"]["message_thread_id"]
        payload = await here.invites("area_head", area=STREET)
        zhang.does(writes, f"/start@{here.app.telegram.username} {payload}", chat=group, thread=thread)
        await here.telegram.until(lambda: any("区域站长" in one.text for one in here.telegram.sent(group)))
        await reports(here)
        await here.passes(minutes=1)  # there is no manager: the head is told now
        (told,) = [one for one in here.telegram.sent(group) if "微波炉" in one.text]
        assert told.message["message_thread_id"] == thread
        data = next(data for data, label in buttons_of(told.message).items() if label == "已修好")
        zhang.does(presses, told.message_id, data, chat=group)
        await here.telegram.until(lambda: any("修好了" in one.text for one in here.telegram.sent(group)))
        (ticket,) = await here.tickets()
        assert ticket.closed_as == "fixed"


async def test_a_group_that_moved_is_told_under_its_new_number(tmp_path):
    async with town(tmp_path) as here:
        (here.station,) = await here.has(station("快乐里站", *SQUARE))
        zhang, group, larger = here.somebody("张站长", "head"), -77, -100777
        zhang.does(adds_to_group, group, "环卫值班群")
        zhang.does(
            writes, f"/start@{here.app.telegram.username} {await here.invites('area_head', area=STREET)}", chat=group
        )
        await here.telegram.until(lambda: any("区域站长" in one.text for one in here.telegram.sent(group)))
        zhang.does(upgrades_group, group, larger)
        await reports(here)
        await here.passes(minutes=1)
        await here.passes(minutes=1)
        assert any("微波炉" in one.text for one in here.telegram.sent(larger))


async def reports_by_buttons(here) -> None:
    """The manager, in three taps."""
    manager = here.cast["manager"]
    manager.writes("🔧 报修")
    await manager.hears("哪样东西")
    manager.presses("微波炉")
    await here.telegram.until(lambda: "坏了" in buttons(manager))
    manager.presses("坏了")
    await here.telegram.until(lambda: "报上去了" in last(manager))


async def test_what_the_manager_was_answered_is_kept_right_like_every_copy(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports_by_buttons(here)
        await here.until("2026-11-23 15:45")
        here.cast["area_head"].presses("已修好")
        await here.telegram.until(lambda: "修好了" in last(here.cast["area_head"]))
        await here.passes(seconds=5)
        (answer,) = [one for one in here.cast["manager"].bubbles if "管理员反映" in one.text][:1]
        assert "微波炉修好了" in answer.text
        assert "张站长" in answer.text


async def test_who_promises_at_once_and_breaks_it_is_not_asked_again_first(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports_by_buttons(here)
        manager = here.cast["manager"]
        manager.presses("我来处理")
        await here.telegram.until(lambda: "1 小时内" in buttons(manager))
        manager.presses("1 小时内")
        await here.telegram.until(lambda: "来处理" in last(manager))
        await here.passes(minutes=61)
        assert "说好的时间过了" in (await here.cast["area_head"].hears("微波炉")).text


async def test_who_says_at_once_that_they_cannot_sends_it_up_at_once(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports_by_buttons(here)
        manager = here.cast["manager"]
        manager.presses("修不了")
        await here.telegram.until(lambda: "缺配件" in buttons(manager))
        manager.presses("缺配件")
        assert "缺配件" in (await here.cast["area_head"].hears("微波炉")).text


async def test_what_a_head_cannot_mend_goes_above_the_head(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports(here)
        await here.passes(minutes=1)
        head = here.cast["area_head"]
        head.writes("/tickets")
        await head.hears("微波炉")
        head.presses("🟡 微波炉坏了 · 快乐里站")
        await here.telegram.until(lambda: "修不了" in buttons(head))
        head.presses("修不了")
        await here.telegram.until(lambda: "没有经费" in buttons(head))
        head.presses("没有经费")
        assert "没有经费" in (await here.cast["office"].hears("微波炉")).text


async def test_danger_rings_again_with_those_who_know_of_the_small_thing(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports(here, "microwave", "dirty", by="a", staff=False)
        await here.passes(minutes=5)
        assert count(here)["manager"] == 1
        await reports(here, "microwave", "unsafe", by="b", staff=False)
        await here.passes(seconds=2)
        assert count(here)["manager"] == 2
        assert "🚨" in last(here.cast["manager"])


async def test_a_copy_of_somebody_who_left_says_so_once_and_then_rests(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports(here)
        await here.passes(minutes=1)
        manager = here.cast["manager"]
        (role,) = await here.app.city.db.read(roles.held, here.ids["manager"], here.now)
        await here.app.city.db.write(roles.end, role, here.now, Origin())
        await here.passes(seconds=5)
        assert "不再负责" in manager.bubbles[0].text
        assert manager.bubbles[0].buttons == ()
        await here.until("2026-11-23 15:45")
        assert "不再负责" in manager.bubbles[0].text


async def test_a_thing_that_was_given_up_stays_away_whatever_the_next_list_says(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        id = await reports(here)

        def give_up_and_list_again(connection):
            tickets.close(connection, tickets.find(connection, id), "cannot_be_fixed", here.now, Origin())
            (known,) = stations.all_stations(connection)
            listed = Change(1, known, {}, ("microwave",), (), {})
            import_list(connection, lambda _there: Plan(changed=(listed,)), here.now)
            stations.touch(connection, here.station.id, here.now)

        await here.app.city.db.write(give_up_and_list_again)
        await here.app.city.stations.catch_up(here.app.city.db)
        kinds = {one.kind for one in here.app.city.stations.by_id(here.station.id).facilities}
        assert kinds == {"water_dispenser"}


async def test_water_that_came_back_mends_no_dispenser(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        first = await reports(here, "water_dispenser")
        second = await reports(here, "bottled_water", "gone", by="b")

        def end(connection):
            tickets.close(connection, tickets.find(connection, first), "somebody_elses", here.now, Origin())
            tickets.close(connection, tickets.find(connection, second), "fixed", here.now, Origin())

        await here.app.city.db.write(end)
        await here.app.city.stations.catch_up(here.app.city.db)
        states = {one.kind: one.state for one in here.app.city.stations.by_id(here.station.id).facilities}
        assert states["water_dispenser"] == "broken"


async def test_danger_that_is_taken_back_rings_round_the_clock_no_more(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports(here, "microwave", "dirty", by="a", staff=False)
        id = await reports(here, "microwave", "unsafe", by="b", staff=False)
        await here.passes(minutes=1)
        book = here.app.city.rulebooks["shapingba"]

        def take_back(connection):
            person = people.find(connection, "telegram", "b").id
            tickets.take_back(connection, tickets.find(connection, id), book, here.now, Origin(person))

        await here.app.city.db.write(take_back)
        await here.passes(seconds=1)
        await here.passes(hours=3)
        assert count(here)["area_head"] == 0
        await here.until("2026-11-23 15:50")
        assert count(here)["area_head"] == 1
