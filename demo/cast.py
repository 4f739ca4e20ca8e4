"""Who is in the demo's four windows. The names are made up."""

from __future__ import annotations

from sandbox.world import FIRST_PERSON, Person

WORKER, MANAGER, AREA_HEAD, GENERAL_HEAD = PEOPLE = (
    Person(FIRST_PERSON, "王师傅", "worker"),
    Person(FIRST_PERSON + 1, "李姐", "manager"),
    Person(FIRST_PERSON + 2, "张站长", "area_head"),
    Person(FIRST_PERSON + 3, "赵主席", "general_head"),
)
