"""The chaos runs, and its judge finds each thing that can be wrong."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from chaos.__main__ import main
from chaos.far_end import Arrival
from chaos.life import BETWEEN
from chaos.rounds import plans
from chaos.verdict import Books, Owed, Seen, judge

CHAT, OTHER = 1001, 1002


@pytest.mark.slow
def test_a_few_rounds_lose_nothing(capsys):
    assert main(["--rounds", "2", "--seed", "5"]) == 0
    figures = dict(line.rpartition(" ")[::2] for line in capsys.readouterr().out.splitlines())
    assert figures["rounds"] == "2"
    assert int(figures["notices owed"]) == int(figures["delivered"]) > 0
    assert list(figures.items())[-1] == ("lost", "0")


def test_a_third_of_the_kills_at_least_are_between_claiming_and_marking():
    for rounds in range(1, 40):
        made = plans(rounds, random.Random(rounds))
        assert len(made) == rounds
        assert 3 * sum(plan.stage in BETWEEN for plan in made) >= rounds
    assert {plan.stage for plan in made} == {*BETWEEN, "writing", "any"}


# ── the judge ─────────────────────────────────────────


def owed(id: int, kind: str = "over", chat: int = CHAT, **more) -> Owed:
    known = {"ticket": 7, "urgent": False, "state": "sent", "result": None, "message_id": 100 + id, "bundle": None}
    return Owed(id=id, kind=kind, chat=chat, **(known | more))


def came(notice: int, chat: int = CHAT, message: int | None = None, **more) -> Arrival:
    known = {"tickets": frozenset({7}), "signed": False, "answer_lost": False}
    return Arrival(chat, message or 100 + notice, notice, **(known | more))


def books(*notices: Owed, **more: int) -> Books:
    nothing = dict.fromkeys(("adrift", "untold", "unanswered", "given_up", "done_twice"), 0)
    return Books(notices, tickets=1, **(nothing | more))


AGAIN = came(1, message=150, signed=True)
FINE = {
    "one after the other": ([owed(1), owed(2)], [came(1), came(2)], []),
    "to two chats in any order": ([owed(1), owed(2, chat=OTHER)], [came(2, OTHER), came(1)], []),
    "became pointless": ([owed(1, state="dropped", message_id=None)], [], []),
    "said in an answer": ([owed(1, message_id=None)], [], []),
    "said in an answer that is kept right": ([owed(1, "told", answered=True)], [], []),
    "nobody there": ([owed(1, state="dead", result="nobody", chat=None, message_id=None)], [], []),
    "a reminder when it was asked for": ([owed(1, "later"), owed(2)], [came(2), came(1)], []),
    "waited for its like": ([owed(1, "told"), owed(2)], [came(2), came(1)], []),
    "an urgent one overtakes": ([owed(1), owed(2, "told", urgent=True)], [came(2), came(1)], []),
    "two in one message": ([owed(1, "told"), owed(2, "again", message_id=101, bundle=1)], [came(1)], []),
    "repeated, in flight at a kill": ([owed(1, message_id=150)], [came(1), AGAIN], [frozenset({1})]),
    "repeated, its answer lost": ([owed(1, message_id=150)], [came(1, answer_lost=True), AGAIN], []),
}
WRONG = {
    "never came": ("lost", [owed(1)], [], []),
    "still waiting": ("lost", [owed(1, state="waiting", message_id=None)], [], []),
    "given up": ("lost", [owed(1, state="dead", result="gave_up", message_id=None)], [came(1)], []),
    "came to somebody else": ("lost", [owed(1)], [came(1, OTHER)], []),
    "another message than noted": ("lost", [owed(1)], [came(1, message=150)], []),
    "not named in its bundle": (
        "lost", [owed(1, "told"), owed(2, "told", ticket=8, message_id=101, bundle=1)], [came(1)], [],
    ),
    "repeated without need": ("unexplained", [owed(1, message_id=150)], [came(1), AGAIN], []),
    "repeated twice for one kill": (
        "unexplained", [owed(1, message_id=150)], [came(1), AGAIN, AGAIN], [frozenset({1})],
    ),
    "repeated without the sign": (
        "unsigned", [owed(1, message_id=150)], [came(1), replace(AGAIN, signed=False)], [frozenset({1})],
    ),
    "overtaken": ("out_of_order", [owed(1), owed(2)], [came(2), came(1)], []),
    "urgent and overtaken by what is not": (
        "out_of_order", [owed(1, "told", urgent=True), owed(2)], [came(2), came(1)], [],
    ),
    "urgent and overtaken by its like": (
        "out_of_order", [owed(1, "told", urgent=True), owed(2, "told", urgent=True)], [came(2), came(1)], [],
    ),
    "overtaken by what may wait, too": ("out_of_order", [owed(1, "told"), owed(2, "again")], [came(2), came(1)], []),
    "overtaken within a bundle": (
        "out_of_order",
        [owed(1, "told"), owed(2, "told"), owed(3, "told", message_id=101, bundle=1)],
        [came(1), came(2)],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("notices", "arrivals", "kills"), FINE.values(), ids=FINE)
def test_what_is_fine(notices, arrivals, kills):
    assert judge(books(*notices), Seen(arrivals, kills)).good


@pytest.mark.parametrize(("what", "notices", "arrivals", "kills"), WRONG.values(), ids=WRONG)
def test_what_is_wrong(what, notices, arrivals, kills):
    found = judge(books(*notices), Seen(arrivals, kills))
    assert not found.good
    assert [name for name in ("lost", "unexplained", "unsigned", "out_of_order") if getattr(found, name)] == [what]


@pytest.mark.parametrize("what", ["adrift", "untold", "unanswered", "done_twice"])
def test_what_else_is_wrong_in_the_books(what):
    assert not judge(books(**{what: 1}), Seen([])).good


def test_what_was_given_up_with_an_apology_is_told_and_not_held_against_us():
    assert judge(books(given_up=1), Seen([])).good
