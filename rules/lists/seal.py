"""A short mark of what an import does, for the button that confirms it: what was shown is done, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from typing import Any

from rules.lists.plan import Addition, Change, Plan

LETTERS = 10


def seal(plan: Plan) -> str:
    """The same for plans that do, refuse and hold back the same; another one as soon as anything of it differs."""
    said = [
        *(_addition(one) for one in plan.added),
        *(_change(one) for one in plan.changed),
        *((one.row, one.about) for one in plan.refused),
        *(one.code for one in plan.absent),
        *((one.station.id, one.mended.field, one.listed, one.known) for one in plan.held),
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:LETTERS]


def _addition(one: Addition) -> tuple[Any, ...]:
    return one.row, replace(one.station, created_at=None)


def _change(one: Change) -> tuple[Any, ...]:
    """Without what the list does not touch: that a microwave broke meanwhile is no other import."""
    before = [(name, getattr(one.station, name)) for name in one.values]
    others = [(each.name, repr(getattr(one, each.name))) for each in fields(one) if each.name != "station"]
    return one.station.id, before, others
