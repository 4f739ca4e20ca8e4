"""`python -m bot understand`: reads sentences on standard input and says, one JSON object a line, what they mean."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from bot.lexicon import understanding
from rules.understanding import Understood


def understand(source: BinaryIO, target: BinaryIO) -> None:
    """Answer every line of `source` (UTF-8, whatever is not is replaced) on `target`, each as soon as it is read.

    Raises LexiconError where the lexicon cannot be used.
    """
    lines = (line.decode(errors="replace") for line in source)
    for told in understood_lines(lines, datetime.now(UTC)):
        target.write(told.encode() + b"\n")
        target.flush()


def understood_lines(lines: Iterable[str], now: datetime) -> Iterator[str]:
    """One JSON object for each line, in its order, without line end. `now` is aware.

    Raises LexiconError where the lexicon cannot be used.
    """
    known = understanding()
    for line in lines:
        text = line.rstrip("\r\n")
        yield json.dumps(as_plain(text, known.read(text, now)), ensure_ascii=False)


def as_plain(text: str, understood: Understood) -> dict[str, Any]:
    """The object of one line; `when` is ISO 8601 with its offset, or null."""
    when = understood.when
    return {
        "text": text,
        "intent": understood.intent,
        "services": list(understood.services),
        "confident": understood.confident,
        "choices": list(understood.choices),
        "place": understood.place,
        "when": when.at.isoformat(timespec="minutes") if when else None,
        "onwards": bool(when and when.onwards),
        "all_night": understood.all_night,
        "item": understood.item,
        "symptom": understood.symptom,
        "topic": understood.topic,
        "urgent": understood.urgent,
    }
