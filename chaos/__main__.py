"""`python -m chaos [--rounds N] [--seed S]`: kill the bot N times in the middle of everything, and count the losses."""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from chaos.life import BETWEEN
from chaos.rounds import Story, run
from chaos.verdict import Verdict

ROUNDS = 36


def main(line: Sequence[str] | None = None) -> int:
    """The exit status: 0 where nothing is lost, out of order or repeated without need; 1 else."""
    parser = argparse.ArgumentParser("python -m chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"lives that end by kill -9 (default {ROUNDS})")
    parser.add_argument("--seed", type=int, help="what happens depends on it, and on the machine's mood")
    parser.add_argument("--folder", type=Path, help="keep the database and the log there")
    given = parser.parse_args(line)
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    logging.basicConfig(level=logging.WARNING)
    with tempfile.TemporaryDirectory() as passing:
        folder = given.folder or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        story = asyncio.run(run(given.rounds, seed, folder))
    assert story.verdict is not None
    print(f"seed {seed}")
    for said in figures(story, story.verdict):
        print(said)
    return 0 if story.verdict.good else 1


def figures(story: Story, found: Verdict) -> Iterator[str]:
    """A line for each; the last says what is lost."""
    between = sum(story.killed[stage] for stage in BETWEEN)
    yield f"rounds {sum(story.killed.values())}"
    yield f"kills between claiming and marking {between}"
    yield "kills by stage " + ", ".join(f"{stage} {n}" for stage, n in sorted(story.killed.items()))
    yield f"tickets {found.books.tickets}"
    yield f"notices owed {found.owed}"
    yield f"delivered {found.delivered}"
    yield f"in flight at the kills {found.in_flight}"
    yield f"shown with the answer lost {found.unheard}"
    yield f"duplicated {found.repeated}"
    yield f"duplicated more often than in flight {_named(found.unexplained)}"
    yield f"duplicated without saying so {_named(found.unsigned)}"
    yield f"out of order {_named(found.out_of_order)}"
    yield f"tickets without a next step {found.books.adrift}"
    yield f"steps told to nobody {found.books.untold}"
    yield f"updates unanswered {found.books.unanswered}"
    yield f"updates given up {found.books.given_up}"
    yield f"effects done twice {found.books.done_twice}"
    yield f"lost {_named(found.lost)}"


def _named(notices: Sequence[int]) -> str:
    return f"{len(notices)}" + (f" (notices {', '.join(map(str, notices[:10]))})" if notices else "")


if __name__ == "__main__":
    sys.exit(main())
