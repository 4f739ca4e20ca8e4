"""Printed times to minutes: twelve or twenty-four hours, and whether two readings are possible."""

from __future__ import annotations

from rules.hours.words import Clock, Unread

Range = tuple[int, int]  # minutes from midnight; an end over 1440 is in the night after

DAY = 24 * 60
NOON = 12 * 60

# The times a part of the day may have as the 24-hour clock prints them, and as the 12-hour clock does.
_PARTS: dict[str, tuple[tuple[int, int], tuple[int, int] | None]] = {
    "dawn": ((0, 6 * 60), None),
    "morning": ((4 * 60, NOON), None),
    "noon": ((11 * 60, 14 * 60 + 30), (60, 2 * 60 + 30)),
    "afternoon": ((NOON, 19 * 60), (60, 6 * 60 + 59)),
    "dusk": ((16 * 60, 20 * 60), (4 * 60, 8 * 60)),
    "evening": ((17 * 60, DAY), (5 * 60, 11 * 60 + 59)),
    "daytime": ((5 * 60, 20 * 60), None),
}


def _in_part(part: str, minutes: int) -> int | None:
    plain, twelve = _PARTS[part]
    if plain[0] <= minutes <= plain[1]:
        return minutes
    if twelve and twelve[0] <= minutes <= twelve[1]:
        return minutes + NOON
    return None


def resolved(first: str, opens: Clock, last: str, closes: Clock, *, tomorrow: bool) -> Range | None:
    """Minutes of a printed range; None where two readings are possible, or none."""
    start = _in_part(first, opens.minutes) if first else _plain_start(opens)
    if start is None or start >= DAY:
        return None
    end = _end(first, start, last, closes, tomorrow=tomorrow)
    if end is None or not start < end <= start + DAY or (start, end) == (0, 0):
        return None
    return start, DAY if end == DAY - 1 else end


def _plain_start(opens: Clock) -> int | None:
    """A bare 2:00 may be two in the afternoon."""
    return opens.minutes if opens.sure or opens.minutes >= 4 * 60 else None


def _end(first: str, start: int, last: str, closes: Clock, *, tomorrow: bool) -> int | None:
    end = closes.minutes
    if tomorrow:
        end = end if end < NOON and last in ("", "dawn", "morning") else 2 * DAY
        return end + DAY if end <= DAY else None
    if last:
        return _end_in_part(start, last, end)
    if end > start:
        return end
    if end == 0:
        return DAY if start > 0 else None
    if first in ("noon", "afternoon", "dusk", "evening") and start < end + NOON <= 22 * 60 and end < NOON:
        return end + NOON
    night = start >= (18 * 60) and end <= 8 * 60
    return end + DAY if night and first in ("", "evening") and (first == "" or end + NOON < start) else None


def _end_in_part(start: int, last: str, end: int) -> int | None:
    if last == "evening" and end in (0, NOON):
        return DAY
    if last == "dawn":
        return end + DAY if 0 < end <= 6 * 60 and start >= NOON else end
    if last == "morning" and start >= 18 * 60 and end <= 9 * 60:  # 晚9点-早6点
        return end + DAY
    return _in_part(last, end)


def without(ranges: list[Range], pause: Range, refusal: Unread) -> list[Range]:
    """The ranges with a pause taken out of the one that it lies inside of."""
    found: list[Range] = []
    hit = False
    for start, end in ranges:
        inside = start < pause[0] and pause[1] < end
        hit = hit or inside
        found += [(start, pause[0]), (pause[1], end)] if inside else [(start, end)]
    if not hit:
        raise refusal
    return found


def ascending(ranges: list[Range], text: str) -> tuple[Range, ...]:
    """Each range after the one before, touching ones joined. A second 2:00 after 9:00 was 14:00, or a slip: unread."""
    found: list[Range] = []
    for start, end in ranges:
        if found and start < found[-1][1]:
            raise Unread("unclear", text)
        if found and start == found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    if found[-1][1] > DAY + found[0][0]:
        raise Unread("unclear", text)
    return tuple(found)
