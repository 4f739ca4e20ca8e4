"""A country to measure in: stations crowded in cities as China's are, some forty kinds of hours, 3 % partly broken."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.rulebooks import load_all
from rules.hours import SHANGHAI, Timetable, compile_hours
from rules.rulebook import Rulebook
from rules.station import Facility, Position, Station
from rules.working_days import Calendar, Year

STATIONS_OF_A_CITY: Final = 667  # in the middle: some have ten times as many
LUNCH: Final = datetime(2026, 11, 18, 12, 10, tzinfo=SHANGHAI)  # an ordinary Wednesday
COMMON: Final = "heat_food"
RARE: Final = "haircut"  # one station in twenty has what it takes
BROKEN: Final = 0.03

# How many in a hundred have it: what the documents require is nearly everywhere, the X of 9+X is not.
HAS: Final = {
    "table_chairs": 95,
    "water_dispenser": 92,
    "microwave": 80,
    "power_sockets": 80,
    "medicine_box": 75,
    "air_conditioner": 70,
    "toilet": 40,
    "wifi": 35,
    "fridge": 30,
    "toolkit": 25,
    "bookshelf": 20,
    "tv": 15,
    "locker": 10,
    "air_pump": 10,
    "haircut_kit": 5,
}


def hours() -> dict[str | None, float]:
    """About forty ways to be open, and how often each occurs."""
    lunch_break = {
        f"{days}{opens}-{noon},{back}-{closes}": 0.2 / 16
        for days in ("Mo-Fr ", "Mo-Sa ")
        for opens, closes in (("08:30", "17:30"), ("09:00", "17:00"))
        for noon, back in (("11:30", "13:30"), ("12:00", "13:00"), ("12:00", "14:00"), ("11:30", "14:00"))
    }
    all_day = {
        f"{days}{opens}-{closes}": 0.62 / 18
        for days in ("", "Mo-Fr ", "Mo-Sa ")
        for opens, closes in (
            ("07:00", "21:00"),
            ("08:00", "18:00"),
            ("09:00", "17:00"),
            ("10:00", "22:00"),
            ("06:00", "22:30"),
            ("08:30", "20:30"),
        )
    }
    others = {"24/7": 0.09, None: 0.04, "04:30-11:00,16:00-20:30": 0.02, "18:00-02:00": 0.02, "Sa-Su 10:00-16:00": 0.01}
    return dict([*lunch_break.items(), *all_day.items(), *others.items()])


class Nation:
    """`count` stations, always the same for the same `seed`; `around` gives places where people ask."""

    def __init__(self, count: int, seed: int = 2026) -> None:
        self._dice = np.random.default_rng(seed)
        self.places = self._crowded(count)
        self.stations = list(self._stations(count, random.Random(seed)))

    def around(self, count: int) -> list[Position]:
        """Somewhere within a kilometre or so of a station: where there are many, more people ask."""
        near = self.places[self._dice.integers(0, len(self.places), count)]
        return [Position(lat, lon) for lat, lon in near + self._dice.normal(0, 0.005, (count, 2))]

    def _crowded(self, count: int) -> NDArray[np.float64]:
        """Degrees: large cities have more stations and are wider, but not as much wider."""
        cities = max(1, count // STATIONS_OF_A_CITY)
        middles = np.stack([self._dice.uniform(22, 42, cities), self._dice.uniform(102, 121, cities)], axis=-1)
        size = self._dice.zipf(1.6, cities).clip(1, 60).astype(float)
        city = self._dice.choice(cities, count, p=size / size.sum())
        wide = 0.05 * np.sqrt(size[city]).clip(1, 5)
        places: NDArray[np.float64] = middles[city] + self._dice.normal(0, 1, (count, 2)) * wide[:, None]
        return places

    def _stations(self, count: int, dice: random.Random) -> Iterator[Station]:
        kinds = hours()
        kept = dice.choices(list(kinds), list(kinds.values()), k=count)
        everything = {kind: Facility(kind) for kind in HAS}
        for id, (lat, lon) in enumerate(self.places.tolist()):
            facilities = [everything[kind] for kind, share in HAS.items() if dice.random() * 100 < share]
            if facilities and dice.random() < BROKEN:
                broken = dice.randrange(len(facilities))
                facilities[broken] = Facility(facilities[broken].kind, "broken")
            yield Station(
                id=id,
                code=f"n{id:06d}",
                rulebook="shapingba",
                name=f"示例{id}号站",
                position=Position(lat, lon),
                hours=kept[id],
                audience="sanitation" if dice.random() < 0.05 else "all",
                facilities=tuple(facilities),
            )


def rulebooks() -> Mapping[str, Rulebook]:
    """The shipped ones."""
    return load_all()


def hours_of() -> Callable[[str | None], Timetable]:
    """Timetables in a year without holidays, one for each way to be open."""
    calendar = Calendar((Year(LUNCH.year, {}),))
    return cache(lambda expression: compile_hours(expression, calendar))
