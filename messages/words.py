"""Every sentence in the person's language: `say("…")` looks it up in locales/ and puts the values in, made harmless.

The sentences in the code are English; Chinese is the default all the same (`zh_CN`). The catalogues are read as
they are written (.po), so there is nothing to build and nothing to go stale.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, Protocol

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from messages.message import escape

DEFAULT = "zh_CN"
NAMES = {"zh_CN": "中文", "en": "English"}  # what a language calls itself
_QUOTED = re.compile(r"“\{(\w+)\}”")
_INNER = str.maketrans("“”", "‘’")
LOCALES = Path(__file__).resolve().parent.parent / "locales"


class Html(str):
    """Text that is a Message's text already: put in as it is."""

    __slots__ = ()


class InBoth(Protocol):
    """A rulebook's words, in Chinese and in English."""

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


class Say:
    """One language. Call it with the English sentence and the values for its {places}."""

    def __init__(self, language: str, catalogue: NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    @cached_property
    def locale(self) -> Locale:
        """How the language writes days and months; to find it by its name takes longer than to write one."""
        return Locale.parse(self.language)

    def __call__(self, sentence: str, **values: Any) -> Html:
        """The sentence for a Message's text; values are escaped unless they are Html."""
        return Html(_filled(self._catalogue.gettext(sentence), values))

    def plain(self, sentence: str, **values: Any) -> str:
        """The sentence for a button, a key, a pin: places where nothing is formatted."""
        found = self._catalogue.gettext(sentence)
        return found.format(**_within_quotes(found, values))

    def many(self, one: str, several: str, n: int, **values: Any) -> Html:
        """The sentence that goes with `n` of something; {n} is the number."""
        return Html(_filled(self._catalogue.ngettext(one, several, n), {"n": n, **values}))

    def plain_many(self, one: str, several: str, n: int, **values: Any) -> str:
        """The same for a button."""
        return self._catalogue.ngettext(one, several, n).format(n=n, **values)

    def of(self, both: InBoth) -> str:
        """What data has in both languages (a service's name, a step of advice), in this one."""
        return both.zh if self.language.startswith("zh") else both.en

    def listed(self, words: Iterable[str]) -> str:
        """Words one after another, as the language separates them: 、 or a comma."""
        return self.plain(", ").join(words)


def marked(template: str, **values: Any) -> Html:
    """Values in a template that has no words of its own (🏠 {address}), made harmless like all others."""
    return Html(_filled(template, values))


def _filled(sentence: str, values: Mapping[str, Any]) -> str:
    inside = _within_quotes(sentence, values)
    harmless = {name: value if isinstance(value, Html) else _harmless(value) for name, value in inside.items()}
    return sentence.format(**harmless)


def quoted(name: str) -> str:
    """A name that stands inside “ ”: its own quotation marks are the inner ones."""
    return name.translate(_INNER)


def _within_quotes(sentence: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, those the sentence quotes made fit for it: a translation may quote what the English does not."""
    found = dict(values)
    for name in _QUOTED.findall(sentence):
        if isinstance(value := values.get(name), str):
            found[name] = Html(quoted(value)) if isinstance(value, Html) else quoted(value)
    return found


def _harmless(value: Any) -> Any:
    return escape(value) if isinstance(value, str) else value


@cache
def load_languages(folder: Path = LOCALES) -> Mapping[str, Say]:
    """Every language there is: English as the code has it, and one for each catalogue in `folder`, read once."""
    languages = {"en": Say("en", NullTranslations())}
    for path in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        name = path.parent.parent.name
        with path.open("rb") as file:
            catalogue = read_po(file, locale=name)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        languages[name] = Say(name, GNUTranslations(compiled))
    return languages


def choose(languages: Mapping[str, Say], chosen: str | None, told: str | None) -> Say:
    """The language the person chose, else the one their channel names (zh-hans, en-GB), else Chinese."""
    if chosen is not None and chosen in languages:
        return languages[chosen]
    return languages["en" if told and told.lower().startswith("en") else DEFAULT]
