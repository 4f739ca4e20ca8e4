"""What is wrong between the parts of a rulebook: an unknown facility, a clause no document has, a ladder with a gap."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from rules.duties import NIGHT_BEGINS, NIGHT_ENDS, wrong_rrule
from rules.parts import OURS, Rule
from rules.rulebook import BESIDES, SYMPTOMS_OF_BUTTONS, Consumable, FacilityRule, Rulebook


def faults(rulebook: Rulebook) -> Iterator[str]:
    """What is wrong between the parts of a rulebook, one sentence each: place first, then the key's value."""
    yield from _repeated(rulebook)
    yield from _unknown_facilities(rulebook)
    yield from _unknown_items(rulebook)
    yield from _unnamed_symptoms(rulebook)
    yield from _hidden_priorities(rulebook)
    yield from _broken_ladder(rulebook)
    yield from _broken_duties(rulebook)
    yield from _broken_morning(rulebook)
    yield from _unknown_points(rulebook)
    yield from _ambiguous_aliases(rulebook)
    yield from _unknown_clauses(rulebook)
    yield from _miscounted(rulebook)


def clauses(part: object, place: str = "$") -> Iterator[tuple[str, str]]:
    """Every rule of a rulebook: its place ($.services[2]) and the clause it cites."""
    if isinstance(part, Rule):
        yield place, part.clause
    if isinstance(part, Struct):
        for field in part.__struct_fields__:
            yield from clauses(getattr(part, field), f"{place}.{field}")
    elif isinstance(part, tuple):
        for number, one in enumerate(part):
            yield from clauses(one, f"{place}[{number}]")


def _spelt(word: str) -> str:
    return re.sub(r"[\s_\-·“”\"]", "", unicodedata.normalize("NFKC", word)).casefold()


def _names(rule: FacilityRule | Consumable) -> set[str]:
    return {_spelt(word) for word in (rule.zh, rule.en, *rule.aliases)}


def _repeated(rulebook: Rulebook) -> Iterator[str]:
    keys = (
        "audiences",
        "kinds",
        "facilities",
        "services",
        "seasons",
        "levels",
        "symptoms",
        "consumables",
        "outages",
        "priorities",
        "duties",
        "outlets",
        "evaluation",
        "campaigns",
    )
    for key in keys:
        counted = Counter(one.id for one in getattr(rulebook, key))
        yield from (f"$.{key}: the id {id!r} is there {n} times" for id, n in counted.items() if n > 1)
    if "all" not in {one.id for one in rulebook.audiences}:
        yield "$.audiences: one must have the id 'all', it is what a list means that says nothing"
    if "fixed" not in {one.id for one in rulebook.kinds}:
        yield "$.kinds: one must have the id 'fixed', it is what a list means that says nothing"


def _unknown_facilities(rulebook: Rulebook) -> Iterator[str]:
    known = {one.id for one in rulebook.facilities}
    for number, service in enumerate(rulebook.services):
        place = f"$.services[{number}]"
        for id in service.gives:
            if id not in known:
                yield f"{place}.gives: {service.id!r} is given by {id!r}, which is not among the facilities"
        if service.stands_for not in service.gives:
            yield f"{place}.stands_for: {service.stands_for!r} is not among what gives {service.id!r}"
    required = {one.id for one in rulebook.facilities if one.required}
    for number, facility in enumerate(rulebook.facilities):
        if facility.instead_of and facility.instead_of not in required:
            yield f"$.facilities[{number}].instead_of: {facility.instead_of!r} is not a required facility"


def _unknown_items(rulebook: Rulebook) -> Iterator[str]:
    facilities = {one.id for one in rulebook.facilities}
    for number, consumable in enumerate(rulebook.consumables):
        if consumable.id in facilities or consumable.id in BESIDES:
            yield f"$.consumables[{number}].id: {consumable.id!r} is something else already"
        for id in consumable.stops:
            if id not in facilities:
                yield f"$.consumables[{number}].stops: {id!r} is not among the facilities"
    for number, outage in enumerate(rulebook.outages):
        for id in outage.stops:
            if id not in facilities:
                yield f"$.outages[{number}].stops: {id!r} is not among the facilities"
    yield from (f"$.facilities: {id!r} cannot be a facility's id" for id in BESIDES if id in facilities)
    for number, priority in enumerate(rulebook.priorities):
        for id in priority.items:
            if rulebook.class_of(id) is None:
                yield f"$.priorities[{number}].items: {id!r} is not among the facilities and consumables"
        for id in priority.symptoms:
            if rulebook.symptom(id) is None:
                yield f"$.priorities[{number}].symptoms: {id!r} is not among the symptoms"
    for number, symptom in enumerate(rulebook.symptoms):
        for id in symptom.items:
            if rulebook.class_of(id) not in symptom.of:
                yield f"$.symptoms[{number}].items: {id!r} is none of what {symptom.id!r} is of"


def _unnamed_symptoms(rulebook: Rulebook) -> Iterator[str]:
    for id, of in SYMPTOMS_OF_BUTTONS.items():
        found = rulebook.symptom(id)
        if found is None or of not in found.of:
            yield f"$.symptoms: one must have the id {id!r} and be of {of!r}, a button says it"


def _hidden_priorities(rulebook: Rulebook) -> Iterator[str]:
    *others, last = rulebook.priorities
    if last.items or last.symptoms:
        yield "$.priorities: the last one must name no items and no symptoms, so that it holds for everything"
    for number, one in enumerate(others):
        if not one.items and not one.symptoms:
            yield f"$.priorities[{number}]: {one.id!r} holds for everything, so those after it never count"


def _broken_ladder(rulebook: Rulebook) -> Iterator[str]:
    if rulebook.ladder[0].after_minutes or rulebook.ladder[0].urgent_minutes:
        yield "$.ladder[0].after_minutes: the first step is told at once, so it must be 0"
    for number, step in enumerate(rulebook.ladder):
        if bool(step.repeat_minutes) is not bool(step.repeats):
            yield f"$.ladder[{number}].repeats: repeat_minutes and repeats go together, one of them is 0"
    hours = rulebook.office_hours
    if hours.starts >= hours.ends:
        yield "$.office_hours: starts must be before ends"


def _broken_duties(rulebook: Rulebook) -> Iterator[str]:
    for number, duty in enumerate(rulebook.duties):
        place = f"$.duties[{number}]"
        if wrong := wrong_rrule(duty):
            yield f"{place}.rrule: {duty.rrule!r}: {wrong}"
        if (duty.form == "holiday") is not bool(duty.before_holidays) or (duty.before_holidays and duty.rrule):
            yield f"{place}.before_holidays: what is asked before holidays has the form holiday, and no rrule"
        if bool(duty.nag_days) is not bool(duty.nags):
            yield f"{place}.nags: nag_days and nags go together, one of them is 0"
        if duty.until is not None and duty.on_rest_days == "after":
            yield f"{place}.on_rest_days: a deadline with an hour is never moved later"
        steps = [step.after_days for step in duty.up]
        if steps != sorted(steps) or len({step.role for step in duty.up}) < len(steps):
            yield f"{place}.up: each role once, and the later step after the earlier one"
    at = rulebook.reminders.at
    if not NIGHT_ENDS <= at < NIGHT_BEGINS:
        yield f"$.reminders.at: {at:%H:%M} is at night"


def _broken_morning(rulebook: Rulebook) -> Iterator[str]:
    at, asked = rulebook.morning.list_at, rulebook.digests.morning
    if not asked <= at < NIGHT_BEGINS:
        yield f"$.morning.list_at: {at:%H:%M} is at night, or before anybody is asked ({asked:%H:%M})"


def _unknown_points(rulebook: Rulebook) -> Iterator[str]:
    for number, point in enumerate(rulebook.evaluation):
        place, symptom = f"$.evaluation[{number}]", rulebook.symptom(point.symptom)
        if point.item and rulebook.class_of(point.item) is None:
            yield f"{place}.item: {point.item!r} is not among what can be wrong with a station"
        kind = rulebook.class_of(point.item) if point.item else "facility"
        if symptom is None or kind not in symptom.of:
            yield f"{place}.symptom: {point.symptom!r} is not among what can be wrong with that"


def _ambiguous_aliases(rulebook: Rulebook) -> Iterator[str]:
    owner: dict[str, str] = {}
    for key in ("facilities", "consumables"):
        for number, one in enumerate(getattr(rulebook, key)):
            for name in sorted(_names(one)):
                if owner.setdefault(name, one.id) != one.id:
                    yield f"$.{key}[{number}].aliases: {name!r} means {owner[name]!r} already"


def _unknown_clauses(rulebook: Rulebook) -> Iterator[str]:
    known = {f"{doc.letter}{n}" for doc in rulebook.documents for n in range(1, doc.clauses + 1)}
    for place, clause in clauses(rulebook):
        if clause != OURS and re.sub(r"\.[1-9]\d*$", "", clause) not in known:
            yield f"{place}.clause: {clause!r} is in none of the documents, and it is not {OURS!r}"


def _miscounted(rulebook: Rulebook) -> Iterator[str]:
    required = sum(one.required for one in rulebook.facilities)
    if required != rulebook.equipment.required:
        yield f"$.equipment.required: says {rulebook.equipment.required}, {required} facilities are required"
    box = rulebook.territory
    if box.south >= box.north or box.west >= box.east:
        yield "$.territory: south must be below north and west below east"
