"""Stories of the month's reminders: who hears what, when, once; what was done in the meantime, and who is not there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from storage import nudges, rounds, tables
from storage.times import to_ms
from tests.town import SQUARE, Town, north, station, town

STREET, NEXT_STREET = "沙坪坝区/小龙坎街道", "沙坪坝区/渝碚路街道"


async def does(here: Town, key: str, *stations: Any, state: str = "sent") -> None:
    """These stations did their part of this month's round."""

    def keep(connection) -> None:
        kept = rounds.of_period(connection, "shapingba", key, f"{here.now:%Y-%m}")
        person = connection.execute(select(tables.person.c.id).limit(1)).scalar_one()
        row = {"person_id": person, "kind": key, "round_id": kept.id, "unit": "", "proxy": 0, "words": "", "link": ""}
        row |= {"outlet": "", "begun_at": 0, "touched_at": 0, "sent_at": to_ms(here.now), "version": 1}
        id = connection.execute(insert(tables.submission).values(row).returning(tables.submission.c.id)).scalar_one()
        credit = {"submission_id": id, "round_id": kept.id, "unit": "", "state": state, "late": 0, "reason": ""}
        credit |= {"at": to_ms(here.now), "version": 1}
        connection.execute(insert(tables.credit), [credit | {"station_id": one.id} for one in stations])

    await here.app.city.db.write(keep)


async def test_a_manager_is_reminded_of_both_duties_in_one_message_until_they_are_done(tmp_path):
    async with town(tmp_path, at="2026-11-02 10:00") as here:
        (one,) = await here.has(station("示例一站", *SQUARE))
        manager = here.somebody("李姐")
        await here.appoints(manager, "manager", one)
        await here.until("2026-11-23 08:59")
        assert manager.heard == []
        await here.until("2026-11-23 09:00")
        print((await manager.hears("")).text)
        print(manager.bubbles[-1].buttons)
        await does(here, "activity", one)
        await here.until("2026-11-27 09:00")
        print((await manager.hears("")).text)
        await does(here, "publicity", one)
        await here.until("2026-12-08 09:00")
        assert len(manager.heard) == 2
