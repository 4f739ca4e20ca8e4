"""The stations in memory: what answers are made from, brought up to date by what changed in the database.

Whoever changed it: this process, an import beside it, or later another replica. The ledger's revision says what
is new, so catching up costs what changed, not what exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.hours import Timetable, compile_hours
from rules.hours.different import different
from rules.lookup import Directory
from rules.nearest import StationIndex
from rules.places import Places
from rules.rulebook import Rulebook
from rules.station import Station
from rules.working_days import Calendar
from storage import stations
from storage.campaigns import CampaignMemory
from storage.database import Database


class StationMemory:
    """Every station by id and code, its timetable, and the index that finds the nearest."""

    def __init__(self, rulebooks: Mapping[str, Rulebook], calendar: Calendar) -> None:
        self._rulebooks = rulebooks
        self._calendar = calendar
        self._timetables: dict[str | None, Timetable] = {}
        self._by_id: dict[int, Station] = {}
        self._by_code: dict[str, Station] = {}
        self._places: Places | None = None
        self._directory: Directory | None = None
        self._revision = 0
        self._data_version: int | None = None
        self.strangers: set[str] = set()  # rulebooks that stations name and nobody loaded: those stay out
        self.index = StationIndex(rulebooks, self.timetable_of)
        self.campaigns = CampaignMemory()

    async def catch_up(self, db: Database) -> int:
        """Take in what changed since the last time; how many stations that was. Cheap when nothing did."""
        version = await db.data_version()
        if version == self._data_version:
            return 0
        revision, changed = await db.read(stations.changed_since, self._revision)
        await self.campaigns.catch_up(db, [one.id for one in changed])
        self._take_in(changed)
        self._revision, self._data_version = revision, version
        return len(changed)

    def by_code(self, code: str) -> Station | None:
        return self._by_code.get(code.strip().lower())

    def by_id(self, id: int) -> Station | None:
        return self._by_id.get(id)

    def all(self) -> Sequence[Station]:
        return list(self._by_id.values())

    @property
    def calendar(self) -> Calendar:
        """The days off and the make-up workdays by which hours are read."""
        return self._calendar

    @property
    def directory(self) -> Directory:
        """What the stations are called; built when first asked for, and anew after a change."""
        if self._directory is None:
            self._directory = Directory(self._by_id.values())
        return self._directory

    @property
    def places(self) -> Places:
        """What the stations' words name; built when first asked for, and anew after a change."""
        if self._places is None:
            endings = {id: book.station_name.endings for id, book in self._rulebooks.items()}
            self._places = Places(self._by_id.values(), endings)
        return self._places

    def timetable(self, station: Station) -> Timetable:
        return different(self.timetable_of(station.hours), station.different_hours)

    def timetable_of(self, hours: str | None) -> Timetable:
        """One timetable for all who print the same hours; what cannot be compiled is unknown, never closed."""
        if hours not in self._timetables:
            try:
                self._timetables[hours] = compile_hours(hours, self._calendar)
            except ValueError:
                self._timetables[hours] = compile_hours(None, self._calendar)
        return self._timetables[hours]

    def _take_in(self, changed: list[Station]) -> None:
        known = [one for one in changed if one.rulebook in self._rulebooks]
        self.strangers |= {one.rulebook for one in changed} - self._rulebooks.keys()
        if self._by_id:
            for one in known:
                self.index.put(one)
        else:
            self.index = StationIndex.from_stations(known, self._rulebooks, self.timetable_of)
        if known:
            self._places = self._directory = None
        self._by_id.update({one.id: one for one in known})
        self._by_code.update({one.code: one for one in known})
