"""Reads a sentence: clean it, find times and places, cut it into words, weigh what they mean, say how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rules.understanding.evidence import Evidence, Witnesses, unexplained
from rules.understanding.lexicon import FILLER, OTHER, PERCENT, PLACE, TIME, Lexicon, listed
from rules.understanding.mending import Mender
from rules.understanding.pinyin import Sounds
from rules.understanding.places import Places, as_typed
from rules.understanding.ranker import Ranker, features
from rules.understanding.scanner import BREAK, Scanner, Token
from rules.understanding.spelling import clean
from rules.understanding.times import percents, times
from rules.understanding.understood import Understood, When
from rules.understanding.weighing import Circumstances, choices, guess, strengths, verdict

_ABOUT_THINGS = ("report_problem", "fixed", "on_it")
_USED_UP = ("low", "gone")  # what only supplies can be: 厕所没纸了 is about the paper
_PLAIN = 2  # characters nobody knows, up to which a sentence with mended characters may be acted on


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a sentence."""

    tokens: list[Token]
    heard: list[Evidence]
    strong: dict[str, float]
    place: str
    when: When | None
    unexplained: int


class Understanding:
    """Built once from the lexicon; reads sentences without ever failing."""

    def __init__(
        self,
        lexicon: Lexicon,
        sounds: Mapping[str, Sounds],
        simplify: Callable[[str], str] = str,
        sound: Callable[[str], str] = str,
    ) -> None:
        """`sounds`: syllables of the Chinese words; `simplify`: traditional to simplified; `sound`: one character's.

        Raises PatternError for a rule that cannot be used, and for supplies that no words name.
        """
        self._simplify = simplify
        self._meanings = lexicon.meanings
        self._scanner = Scanner(lexicon, sounds)
        self._witnesses = Witnesses(lexicon.meanings, self._scanner)
        self._gives = {**lexicon.meanings.gives, **lexicon.meanings.supplies}
        self._facilities = self._named_by(lexicon.meanings.gives)
        self._supplies = self._named_by(lexicon.meanings.supplies)
        self._things = {**self._facilities, **self._supplies}
        self._places = Places(self._scanner)
        self._mender = Mender(self._scanner, sound)
        self._silent = {BREAK, *map(self._witnesses.signs, (FILLER, OTHER, TIME, "daypart"))}
        self._asking = set(self._witnesses.signs("question"))
        self._ranker = Ranker(self._examples(lexicon), self._words(lexicon))

    def read(self, text: str, now: datetime) -> Understood:
        """What `text` asks for. `now` is aware; times in the text are resolved against it."""
        cleaned = clean(text, self._simplify)
        if not cleaned:
            return Understood()
        reading = self._reading(cleaned, now)
        understood = self._judged(text, reading)
        if understood.confident or not (mended := self._mender.mended(cleaned, reading.tokens)):
            return understood
        second = self._reading(mended, now)
        meant = self._judged(text, second)
        return meant if meant.confident and second.unexplained <= _PLAIN else understood

    def _reading(self, cleaned: str, now: datetime) -> _Reading:
        when, time_spans = times(cleaned, now)
        spans = [(start, end, TIME) for start, end in time_spans]
        spans += [(start, end, PERCENT) for start, end in percents(cleaned)]
        place, place_span = self._places.found(cleaned, spans)
        if place_span:
            spans = [one for one in spans if one[1] <= place_span[0] or one[0] >= place_span[1]]
            spans.append((*place_span, PLACE))
        tokens = self._scanner.cut(cleaned, spans)
        encoded, kept = self._scanner.encoded(tokens)
        heard = self._witnesses.heard(encoded, kept)
        asking = any(sign in self._asking for sign in encoded)
        words = sum(one.sign != BREAK for one in kept)
        around = Circumstances(asking, unexplained(kept, self._scanner), words, "?" in cleaned)
        strong = strengths(heard, around, self._meanings.services)
        return _Reading(tokens, heard, strong, place, when, around.unexplained)

    def _judged(self, text: str, reading: _Reading) -> Understood:
        services = self._meanings.services
        known = Understood(
            place=as_typed(reading.place, text),
            when=reading.when,
            all_night=any(one.meaning.all_night for one in reading.heard),
            urgent=any(one.meaning.urgent and reading.strong.get("first_aid", 0) >= 2 for one in reading.heard),
        )
        if (sure := verdict(reading.strong, services, known.urgent)) is None:
            intent, likely = guess(reading.strong, services)
            alike = self._ranker.ranked(self._features(reading.tokens)) if self._says_something(reading.tokens) else ()
            offered = choices(reading.strong, alike)
            return self._detailed(replace(known, intent=intent, services=likely, choices=offered), reading)
        intent, wanted = sure
        return self._detailed(replace(known, intent=intent, services=wanted, confident=True), reading)

    def _detailed(self, understood: Understood, reading: _Reading) -> Understood:
        """With what a report is about, or what somebody wants to be told."""
        ours = [one for one in reading.heard if understood.intent in one.meaning.means]
        if understood.intent == "hotline":
            topic = next((one.meaning.topic for one in ours if one.meaning.topic), "")
            return replace(understood, topic=topic, services=())
        if understood.intent == "services":
            item, symptom = _perhaps_told(reading.heard)
            return replace(understood, item=item, symptom=symptom)
        if understood.intent not in _ABOUT_THINGS:
            return understood
        symptom = next((one.meaning.symptom for one in ours if one.meaning.symptom), "")
        ours.sort(key=lambda one: one.meaning.symptom != symptom)  # what is said to be so, before what else is said
        item = self._item(symptom, ours, reading.tokens)
        named = [label for one in ours for label in one.meaning.means if label in self._meanings.services]
        given = tuple(dict.fromkeys(named)) or self._gives.get(item, ())
        return replace(understood, services=given, item=item, symptom=symptom)

    def _item(self, symptom: str, ours: Sequence[Evidence], tokens: Sequence[Token]) -> str:
        """What it is about: named with what is said of it, or implied by that, else named anywhere in the sentence."""
        of = self._supplies if symptom in _USED_UP else self._facilities if symptom else self._things
        for one in ours:
            if item := next((of[token.sign] for token in one.tokens if token.sign in of), one.meaning.item):
                return item
        return next((of[token.sign] for token in tokens if token.sign in of), "")

    def _named_by(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Signs of words → id of what they name."""
        return {sign: name for name in ids for sign in self._witnesses.signs(name)}

    def _says_something(self, tokens: Sequence[Token]) -> bool:
        """今天, 随便, 补报昨天的活动: words that say nothing, or speak of something else, resemble nothing of ours."""
        return any(one.sign not in self._silent for one in tokens)

    def _features(self, tokens: Sequence[Token]) -> list[str]:
        known = [one.sign for one in tokens if self._scanner.is_known(one) and one.sign != self._scanner.sign[FILLER]]
        meant = [label for sign in known for label in self._witnesses.alone(sign)]
        return features((one.text for one in tokens), known, meant)

    def _examples(self, lexicon: Lexicon) -> Iterator[tuple[str, list[str]]]:
        for label, lines in lexicon.examples.items():
            for line in filter(str.strip, lines.splitlines()):
                yield label, self._features(self._scanner.cut(clean(line, self._simplify)))

    def _words(self, lexicon: Lexicon) -> Iterator[tuple[str, list[str]]]:
        for language in lexicon.languages:
            for name, words in language.words.items():
                sign = self._scanner.sign[name]
                for label in (meant := self._witnesses.alone(sign)):
                    yield from ((label, features(word.split(), sign, meant)) for word in listed(words))


def _perhaps_told(heard: Iterable[Evidence]) -> tuple[str, str]:
    """没水了 asks for water, or says that there is none: the item and the symptom if it says so."""
    both = (one.meaning for one in heard if {"report_problem"} < set(one.meaning.means))
    return next(((one.item, one.symptom) for one in both if one.item and one.symptom), ("", ""))
