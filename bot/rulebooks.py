"""Reads the rulebooks: one city's TOML file, with the words all cities share, into frozen data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bot.settings import Refusal
from rules.campaigns import CampaignRule
from rules.digests import DigestRule
from rules.duties import Reminders
from rules.evaluation import EvaluatingRule, PointRule
from rules.freshness import FreshnessRule
from rules.morning import MorningRule
from rules.parts import Part, Slug, Term, Word
from rules.register import RegisterRule
from rules.rulebook import (
    BESIDES,
    Consumable,
    LadderStep,
    Notices,
    OfficeHours,
    Outage,
    Priority,
    Reporting,
    Rulebook,
    Symptom,
)
from rules.rulebook_faults import faults
from rules.submissions import SubmissionRule
from rules.supplies import SupplyRule

FOLDER = Path(__file__).resolve().parent.parent / "rulebooks"
VOCABULARY = FOLDER / "vocabulary.toml"

Shape = TypeVar("Shape")


class RulebookError(Refusal):
    """A rulebook that cannot be used: one sentence naming the file, the place and the key."""


class SharedFacility(Part, frozen=True, kw_only=True):
    """What every city calls a facility, unless its own file says otherwise."""

    id: Slug
    zh: Word
    en: Word
    aliases: tuple[Word, ...] = ()


class SharedService(SharedFacility, frozen=True, kw_only=True):
    """What every city calls a service."""

    icon: Word


class Vocabulary(Part, frozen=True, kw_only=True):
    """The words that all rulebooks share, and the settings of a city that says nothing of its own."""

    facilities: tuple[SharedFacility, ...]
    services: tuple[SharedService, ...]
    terms: Mapping[str, Term]
    symptoms: tuple[Symptom, ...]
    consumables: tuple[Consumable, ...]
    outages: tuple[Outage, ...]
    priorities: tuple[Priority, ...]
    reporting: Reporting
    notices: Notices
    office_hours: OfficeHours
    ladder: tuple[LadderStep, ...]
    reminders: Reminders
    submissions: SubmissionRule
    register: RegisterRule
    digests: DigestRule
    morning: MorningRule
    evaluation: tuple[PointRule, ...]
    evaluating: EvaluatingRule
    campaigns: tuple[CampaignRule, ...]
    supplies: SupplyRule
    freshness: FreshnessRule


# A city's own replaces the shared one as a whole: half of one ladder and half of another is nobody's ladder.
SETTINGS = (
    "symptoms",
    "consumables",
    "outages",
    "priorities",
    "reporting",
    "notices",
    "office_hours",
    "ladder",
    "reminders",
    "submissions",
    "register",
    "digests",
    "morning",
    "evaluation",
    "evaluating",
    "campaigns",
    "supplies",
    "freshness",
)


def load(name_or_path: str | Path) -> Rulebook:
    """One rulebook, by the name of a shipped one (shapingba) or the path of a file.

    Raises RulebookError where there is none, or it has unknown, missing or contradicting keys.
    """
    path = _find(name_or_path)
    return _rulebook(path, _text(path), _text(VOCABULARY))


@lru_cache(maxsize=8)
def _rulebook(path: Path, text: str, shared: str) -> Rulebook:
    """What the two files say; the home's, which every start asks for twice, is worked through once."""
    vocabulary = _convert(VOCABULARY, _toml(VOCABULARY, shared), Vocabulary)
    plain = _with_shared_settings(_with_shared_words(_toml(path, text), vocabulary), vocabulary)
    rulebook = _convert(path, plain, Rulebook)
    for fault in faults(rulebook):
        raise RulebookError(f"{path}: {fault}.")
    return rulebook


def load_all(default: str | Path = "") -> Mapping[str, Rulebook]:
    """Every shipped rulebook by id, and the default one, which replaces a shipped one of the same id."""
    loaded = [load(path) for path in shipped()]
    if default:
        loaded.append(load(default))
    return {one.id: one for one in loaded}


def shipped() -> list[Path]:
    """The cities' files that come with the program."""
    return sorted(path for path in FOLDER.glob("*.toml") if path != VOCABULARY)


def _find(name_or_path: str | Path) -> Path:
    by_name = FOLDER / f"{name_or_path}.toml"
    if by_name in shipped():
        return by_name
    path = Path(name_or_path)
    if path.is_file():
        return path
    names = ", ".join(one.stem for one in shipped())
    raise RulebookError(f"There is no rulebook {str(name_or_path)!r}: give one of {names}, or a file's path.")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RulebookError(f"{path}: the file is not UTF-8 text.") from None
    except OSError as error:
        raise RulebookError(f"{path}: {error}.") from None


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(f"{path}: {error}.") from None


def _with_shared_words(plain: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    shared: dict[str, tuple[SharedFacility, ...]] = {
        "facilities": vocabulary.facilities,
        "services": vocabulary.services,
    }
    merged = dict(plain)
    for key, words in shared.items():
        if isinstance(entries := plain.get(key), list):
            known = {one.id: one for one in words}
            merged[key] = [_with_words(entry, known) for entry in entries]
    if isinstance(terms := plain.get("terms"), dict):
        merged["terms"] = {**msgspec.to_builtins(vocabulary.terms), **terms}
    return merged


def _with_shared_settings(plain: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    shared = {key: msgspec.to_builtins(getattr(vocabulary, key)) for key in SETTINGS}
    merged = {**shared, **plain}
    things = _ids(merged, "facilities")
    if "consumables" not in plain:
        merged["consumables"] = [_naming(one, stops=things) for one in shared["consumables"]]
    if "outages" not in plain:
        merged["outages"] = [_naming(one, stops=things) for one in shared["outages"]]
    items = {*things, *_ids(merged, "consumables"), *BESIDES}
    if "symptoms" not in plain:
        merged["symptoms"] = _narrowed(shared["symptoms"], items=items)
    if "priorities" not in plain:
        merged["priorities"] = _narrowed(shared["priorities"], items=items, symptoms=_ids(merged, "symptoms"))
    if "evaluation" not in plain:
        merged["evaluation"] = [one for one in shared["evaluation"] if one["symptom"] in _ids(merged, "symptoms")]
    return merged


def _narrowed(entries: list[dict[str, Any]], **known: set[str]) -> list[dict[str, Any]]:
    narrowed = [(_naming(one, **known), one) for one in entries]
    # Naming none means any: a shared entry about nothing this city has must not come to hold for everything.
    return [one for one, whole in narrowed if all(one[key] or not whole[key] for key in known)]


def _ids(plain: dict[str, Any], key: str) -> set[str]:
    """The ids of a list, as far as it is one: what it should be is said later."""
    entries = plain.get(key)
    if not isinstance(entries, list | tuple):
        return set()
    return {str(one.get("id")) for one in entries if isinstance(one, dict)}


def _naming(entry: dict[str, Any], **known: set[str]) -> dict[str, Any]:
    """The shared entry, naming only what this city has."""
    return {**entry, **{key: [id for id in entry[key] if id in ids] for key, ids in known.items()}}


def _with_words(entry: object, known: Mapping[str, SharedFacility]) -> object:
    if not isinstance(entry, dict) or (shared := known.get(entry.get("id", ""))) is None:
        return entry
    words = msgspec.to_builtins(shared)
    both = {**words, **entry}
    if isinstance(own := entry.get("aliases", []), list):
        # A city that renames a thing still reads lists that use the common name.
        both["aliases"] = [*own, *words["aliases"], shared.zh, shared.en]
    return both


def _convert(path: Path, plain: dict[str, Any], kind: type[Shape]) -> Shape:
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise RulebookError(f"{path}: {_at_its_place(str(error), plain)}.") from None


def _at_its_place(reason: str, plain: dict[str, Any]) -> str:
    """`Object contains unknown field `x` - at `$.services[2]`` → place first, with the entry's own id."""
    reason, _, place = reason.partition(" - at ")
    place = place.strip("`") or "$"
    reason = reason.replace("Object contains unknown field", "there is an unknown key")
    reason = reason.replace("Object missing required field", "there is a key missing:")
    if entry := re.match(r"\$\.(\w+)\[(\d+)\]", place):
        one = plain[entry[1]][int(entry[2])]
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            place += f" ({one['id']})"
    return f"{place}: {reason}"
