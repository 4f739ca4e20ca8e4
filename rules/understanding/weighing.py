"""Weighs what the words speak for: how strong each meaning is, and whether one is strong enough to act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules.understanding.evidence import Evidence
from rules.understanding.understood import MOST_CHOICES, Intent

ENOUGH = 3.0  # to act on
WORTH_OFFERING = 1.0
OUTRIGHT = 4.0  # a question for the hours themselves, not a wish for something that is open then
_ASKING, _NOTHING_ELSE = 1.0, 0.5  # what a question around it adds, and what saying nothing else does
_QUESTION_MARK = 2.0  # what one takes off news
# Likeness from which a meaning is worth a button, what share of the likeness to other talk it needs, and what strength
# adds to likeness: measured on examples held out, see docs/decisions.
_ALIKE, _MUCH_LESS, _A_WORD = 0.01, 0.5, 0.1
# When several are strong enough the first is meant: 饮水机漏水 is no wish for water, 谢谢，厕所在哪 no mere thanks.
_INTENTS: tuple[Intent, ...] = (
    "report_problem",
    "fixed",
    "on_it",
    "hotline",
    "opening_hours",
    "services",
    "navigation",
    "find_any",
    "thanks",
    "greeting",
)
_HELPED_BY_ASKING = ("find_any", "navigation")
_NEVER_OFFERED = ("thanks", "greeting", "on_it")
_TOLD = ("fixed", "on_it")  # 修好了 with a question mark is neither


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is around the words that mean something: a question word, and how much nobody knows."""

    asking: bool
    unexplained: int  # characters
    words: int
    question_mark: bool = False


def strengths(heard: Iterable[Evidence], around: Circumstances, services: Sequence[str]) -> dict[str, float]:
    """How strong each service id and intent is; what speaks against services is taken off."""
    strong: dict[str, float] = {}
    against = 0.0
    for one in heard:
        for label in _spoken_for(one):
            if label == "none":
                against = max(against, one.meaning.weight)
            else:
                strong[label] = max(strong.get(label, 0.0), _adjusted(label, one, around, services))
    return {label: weight - against for label, weight in strong.items()}


def _spoken_for(one: Evidence) -> Sequence[str]:
    """空调不制冷 is a report about cooling, and no wish for it."""
    if "report_problem" in one.meaning.means and one.meaning.weight >= ENOUGH:
        return ("report_problem",)
    return one.meaning.means


def _adjusted(label: str, one: Evidence, around: Circumstances, services: Sequence[str]) -> float:
    weight = one.meaning.weight
    if around.asking and (label in services or label in _HELPED_BY_ASKING):
        weight += _ASKING
    if around.unexplained == 0 and around.words <= 3 and label != "opening_hours":
        weight += _NOTHING_ELSE
    if around.question_mark and label in _TOLD:
        weight -= _QUESTION_MARK
    return weight - _doubt(one, around)


def _doubt(one: Evidence, around: Circumstances) -> float:
    """What words nobody knows take off: much for a single word, little for several that belong together."""
    if len(one.tokens) > 1:
        few, many = (9, 18) if around.asking else (4, 9)
    elif one.backed:
        few, many = 5, 12
    else:
        few, many = 2, 6
    return 0.0 if around.unexplained <= few else 1.0 if around.unexplained <= many else 2.0


def verdict(
    strong: Mapping[str, float], services: Sequence[str], urgent: bool
) -> tuple[Intent, tuple[str, ...]] | None:
    """The intent to act on and the services meant; None where nothing is strong enough, or two things are.

    What is urgent goes before everything else.
    """
    enough = {label: weight for label, weight in strong.items() if weight >= ENOUGH}
    wanted = tuple(label for label in strong if label in enough and label in services)
    meant = [intent for intent in _INTENTS if (wanted if intent == "services" else intent in enough)]
    if urgent and "first_aid" in wanted:
        return "services", wanted
    if not meant or _torn(meant):
        return None
    if meant[0] == "opening_hours" and wanted and enough["opening_hours"] < OUTRIGHT:
        return "services", wanted
    return meant[0], wanted


def _torn(meant: Sequence[Intent]) -> bool:
    """A report and a wish, a complaint and a wish, a fault and its end: only the person can say which comes first."""
    return len({"report_problem", "fixed", "hotline", "services"}.intersection(meant)) > 1


def guess(strong: Mapping[str, float], services: Sequence[str]) -> tuple[Intent, tuple[str, ...]]:
    """What it most likely is, where it is not sure: the strongest that a question would have made sure."""
    likeliest = max(strong, key=lambda label: strong[label], default="")
    if not likeliest or strong[likeliest] < ENOUGH - _ASKING:
        return "none", ()
    if likeliest in services:
        return "services", tuple(one for one in strong if one in services and strong[one] == strong[likeliest])
    return next(intent for intent in _INTENTS if intent == likeliest), ()


def choices(strong: Mapping[str, float], alike: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """What to offer: what words speak for and what the sentence resembles, unless it resembles other talk far more."""
    likeness = dict(alike)
    least = max(_ALIKE, _MUCH_LESS * likeness.pop("none", 0.0))
    labels = dict.fromkeys((*(one for one in strong if strong[one] >= WORTH_OFFERING), *likeness))
    total = {one: likeness.get(one, 0.0) + _A_WORD * max(strong.get(one, 0.0), 0.0) for one in labels}
    offered = [one for one in total if total[one] >= least and one not in _NEVER_OFFERED]
    return tuple(sorted(offered, key=lambda one: -total[one])[:MOST_CHOICES])
