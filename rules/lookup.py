"""Somebody typed a name, a street or the code on the wall: which stations can be meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rules.station import Station


def spelt(words: str) -> str:
    """Words without what people leave out or type otherwise: width, case, spaces, brackets, quotation marks."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", words)).casefold()


def marked(stations: Iterable[Station], typed: str) -> Station | None:
    """The station whose code or plaque number was typed."""
    wanted = spelt(typed)
    if not wanted:
        return None
    return next((one for one in stations if wanted in (one.code, spelt(one.number or ""))), None)


def named(stations: Iterable[Station], typed: str, limit: int) -> tuple[Station, ...]:
    """At most `limit` stations: the whole name first, then names, then addresses, landmarks and areas that hold it."""
    wanted = spelt(typed)
    if len(wanted) < 2:
        return ()
    ranked = ((_rank(one, wanted), one) for one in stations)
    fitting = [(rank, one.id, one) for rank, one in ranked if rank is not None]
    return tuple(one for _, _, one in sorted(fitting, key=lambda each: each[:2])[:limit])


def is_name(station: Station, typed: str) -> bool:
    """Whether exactly this station's name, or another name of it, was typed."""
    return _rank(station, spelt(typed)) == 0


def _rank(station: Station, wanted: str) -> int | None:
    names = [spelt(name) for name in (station.name, *station.aliases)]
    if wanted in names:
        return 0
    if any(wanted in name for name in names):
        return 1
    where = spelt(f"{station.area}{station.address}{station.landmark}")
    return 2 if wanted in where else None
