"""Opening hours: a list's words (`text`), OSM with our tags (`osm`), open, closed or unknown (`timetable`)."""

from rules.hours.timetable import SHANGHAI, Moment, Span, State, Timetable, compile_hours, has_times

__all__ = ["SHANGHAI", "Moment", "Span", "State", "Timetable", "compile_hours", "has_times"]
