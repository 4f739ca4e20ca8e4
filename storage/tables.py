"""Every table on one page. Times are UTC milliseconds; true and false are 1 and 0."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One row. Its number grows with every change to a station, so that "what changed since 41?" has an answer
# in every process, whoever made the change.
ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)

station = Table(
    "station",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", Text, nullable=False, unique=True),  # on walls: never changes, never reused
    Column("rulebook", Text, nullable=False),
    Column("number", Text),  # the plaque's
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # rules.lists.reader.name_key: how a second import finds it
    Column("district", Text, nullable=False),  # first step of area: names repeat between districts
    Column("aliases", Text, nullable=False),  # JSON list
    Column("area", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("floor", Text, nullable=False),
    Column("landmark", Text, nullable=False),
    Column("lat", Float),  # WGS-84
    Column("lon", Float),
    Column("datum", Text),  # what they came in
    Column("hours", Text),
    Column("hours_text", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("built", Text),
    Column("host", Text, nullable=False),
    Column("area_m2", Float),
    Column("level", Text, nullable=False),
    Column("union_name", Text, nullable=False),
    Column("area_head", Text, nullable=False),
    Column("manager", Text, nullable=False),  # private
    Column("manager_phone", Text, nullable=False),  # private
    Column("public_phone", Text, nullable=False),
    Column("verified_on", Text),  # ISO date
    Column("verified_by", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    Index("ix_station_number", "rulebook", "number"),
    Index("ix_station_name_key", "name_key", "district"),
)

facility = Table(
    "facility",
    metadata,
    Column("station_id", ForeignKey("station.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("since", BigInteger),
)

# Whoever speaks to us. No name, no phone, no position. /forget empties the row; the id stays, meaning nobody.
person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("chat", Text),
    Column("language", Text),  # None: follow the channel
    Column("travel", Text),
    Column("sanitation", Integer, nullable=False),
    Column("need", Text),  # service id, "" for any; None: never asked
    Column("need_at", BigInteger),
    Column("need_for", BigInteger),  # the time it was asked for: tomorrow at six
    Column("recent_needs", Text),  # the last few, newest last: "heat_food water heat_food"
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("channel", "chat"),
)

favourite = Table(
    "favourite",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("station_id", ForeignKey("station.id"), primary_key=True),
    Column("since", BigInteger, nullable=False),
)

# What came of an update: its effect is in the database (and what the effect returned), its answer has left,
# or it was given up after failing. Never its content.
receipt = Table(
    "receipt",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("result", Text),  # JSON
    Column("effect_at", BigInteger),
    Column("answered_at", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("given_up_at", BigInteger),
    Column("seen_at", BigInteger, nullable=False, index=True),
)
