"""What there is to say about a row of a list: why it was refused, what looks odd, what was left as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Refusal = Literal[
    "no_name",
    "no_place",  # neither address nor coordinates
    "half_position",  # one coordinate without the other
    "not_a_coordinate",
    "zero_position",
    "off_the_map",  # no such latitude or longitude, or not in China
    "no_datum",
    "unknown_datum",
    "unknown_rulebook",
    "repeated_row",  # the same station as an earlier row
    "code_twice",  # two rows with one of our codes
    "number_twice",  # two different stations under one plaque number
    "ambiguous",  # several stations in the system could be meant
    "out_of_reach",  # a station that whoever sent the list does not look after
]
Oddity = Literal[
    "swapped",  # latitude and longitude; comes in without a position
    "other_district_in_address",
    "outside_territory",
    "far_from_district",
    "near_another",
    "same_name",
    "second_in_community",  # S3.4
    "small_area",  # S8.2, H6
    "moved_far",
    "hours_unread",
    "hours_rule_unread",
    "unknown_facilities",
    "tick_unread",
    "answer_unread",  # neither yes nor no
    "audience_unread",
    "phone_unread",
    "phone_masked",  # in the public column: of no use to anybody
    "number_unread",
    "area_unread",
    "date_unread",
    "built_unread",
]
Note = Literal["not_a_station", "left_empty", "columns_ignored", "other_sheets"]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say. `row` as the spreadsheet counts, 0 for the whole list; `column` and `value` as printed."""

    about: Refusal | Oddity | Note
    row: int = 0
    column: str = ""
    value: str = ""
    name: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)  # what the sentence needs besides
