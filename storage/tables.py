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
    text,
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
    Column("follows", Text),  # area or system: whose ladder its tickets climb; None: as the rulebook says
    Column("paused_at", BigInteger),  # 暂停 since then: nobody is sent there, and it owes nothing
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

# Whoever speaks to us, or a group that holds a role. No phone, no position; a name only of those who hold a role.
# /forget empties the row; the id stays, meaning nobody.
person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("chat", Text),
    Column("thread", Text),  # the topic of a group that holds a role
    Column("name", Text),
    Column("unreachable", Text),  # blocked, deactivated …; None: we reach them
    Column("unreachable_since", BigInteger),
    Column("language", Text),  # None: follow the channel
    Column("travel", Text),
    Column("sanitation", Integer, nullable=False),
    Column("need", Text),  # service id, "" for any; None: never asked
    Column("need_at", BigInteger),
    Column("need_for", BigInteger),  # the time it was asked for: tomorrow at six
    Column("recent_needs", Text),  # the last few, newest last: "heat_food water heat_food"
    Column("hears_campaigns", Integer, nullable=False, server_default="0"),  # 送清凉, 送温暖: they asked to be told
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

# SQLite uses an index on some of a table's rows only where a query says which in the same words.
NOT_CLOSED = text("state <> 'closed'")
IS_OWED = text("state IN ('waiting', 'sending')")
IS_STALE = text("stale = 1")
IN_A_BUNDLE = text("bundle IS NOT NULL")
IN_A_NUDGE = text("nudge_id IS NOT NULL AND person_id IS NOT NULL")
GOES_ON = text("next_at IS NOT NULL")
NOT_DONE = text("done_at IS NULL")
IS_DRAFT = text("sent_at IS NULL")
IS_WAITING = text("state = 'waiting'")
IS_TO_TELL = text("tell_at IS NOT NULL")

# ── people ────────────────────────────────────────────

# Who holds what, where. Never deleted, only ended. No station, area or system: everywhere.
role = Table(
    "role",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("station_id", ForeignKey("station.id"), index=True),
    Column("area", Text, nullable=False),  # 沙坪坝区/小龙坎街道
    Column("system", Text, nullable=False),  # 环卫
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("given_by", ForeignKey("person.id")),  # None: the command line
    Column("ended_by", ForeignKey("person.id")),
    Index("ix_role_above", "area", "station_id"),
)

# A link that gives a role (or a stand-in's turn) to the first who opens it. Only its hash is kept.
invitation = Table(
    "invitation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # a role, or stand_in
    Column("station_id", ForeignKey("station.id")),
    Column("area", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("for_person", ForeignKey("person.id")),  # stand_in: whose
    Column("until", BigInteger),  # stand_in: the end of the turn
    Column("made_by", ForeignKey("person.id")),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("used_by", ForeignKey("person.id")),
    Column("revoked_at", BigInteger),
)

# 值班: who receives and may do what somebody else would, and until when.
stand_in = Table(
    "stand_in",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),  # who is away
    Column("by_person", ForeignKey("person.id"), nullable=False, index=True),  # who stands in
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)

# ── tickets and what they owe ─────────────────────────

# One thing wrong at one station, from the first word to its end. `due_at` is when somebody must hear next.
ticket = Table(
    "ticket",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("station.id"), nullable=False),
    Column("item", Text, nullable=False),  # facility or consumable id, door, place, info
    Column("symptom", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("urgent", Integer, nullable=False),
    Column("sure", Integer, nullable=False),  # staff said so, or two people did; else one worker's word
    Column("by_staff", Integer, nullable=False),
    Column("people", Integer, nullable=False),  # how many said so and did not take it back
    Column("stops", Text, nullable=False),  # facilities that give nothing while it is open and sure: "microwave"
    Column("state", Text, nullable=False),  # open, acknowledged, answering, closed
    Column("closed_as", Text),
    Column("ladder", Text, nullable=False),  # JSON: the steps as they were when it began
    Column("step", Integer, nullable=False),  # the last that was told; -1: none yet
    Column("repeats", Integer, nullable=False),  # how often that step was told again
    Column("due_at", BigInteger),
    Column("step_due_at", BigInteger),
    Column("resting", Text),  # why nothing is due, where nothing is
    Column("provisional", Integer, nullable=False),  # due_at is computed without the year's make-up workdays
    Column("opened_at", BigInteger, nullable=False),
    Column("promised_by", ForeignKey("person.id")),
    Column("promised_until", BigInteger),
    Column("closed_at", BigInteger),
    Column("generation", Integer, nullable=False),  # how often it was reopened
    Column("version", Integer, nullable=False),  # grows with every change: whoever changes it names the one they saw
    Index(
        "uq_ticket_open",
        "station_id",
        "item",
        unique=True,
        sqlite_where=NOT_CLOSED,
        postgresql_where=NOT_CLOSED,
    ),
    Index("ix_ticket_station", "station_id", "item"),
    Index(
        "ix_ticket_due",
        "due_at",
        sqlite_where=NOT_CLOSED,
        postgresql_where=NOT_CLOSED,
    ),
)

# Who said so. The first opens the ticket, others join it; all hear how it ends.
report = Table(
    "report",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("ticket.id"), nullable=False, index=True),
    Column("person_id", ForeignKey("person.id"), index=True),  # None: forgotten
    Column("symptom", Text, nullable=False),
    Column("staff", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("taken_back_at", BigInteger),
)

# A photo, a voice note or words added to a ticket.
attachment = Table(
    "attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("ticket.id"), nullable=False, index=True),
    Column("person_id", ForeignKey("person.id")),
    Column("kind", Text, nullable=False),  # photo, voice, words
    Column("content", Text, nullable=False),  # the channel's id of the file, or the words
    Column("at", BigInteger, nullable=False),
)

# The outbox: what is owed to somebody who did not ask, written with the change that owes it.
notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("person_id", ForeignKey("person.id")),  # None: nobody, or an outside line
    Column("outside", Text),  # the outside line's name
    Column("ticket_id", ForeignKey("ticket.id"), index=True),
    Column("station_id", ForeignKey("station.id")),
    Column("generation", Integer, nullable=False),
    Column("step", Integer),
    Column("role", Text),
    Column("about", Text, nullable=False),  # JSON: what the words need beside the ticket
    Column("nudge_id", ForeignKey("nudge.id"), index=True),  # the reminder it is part of
    Column("urgent", Integer, nullable=False),  # 1: before everything else; -1: after everything else
    Column("state", Text, nullable=False),  # waiting, sending, sent, dead, dropped
    Column("result", Text),  # why dead or dropped: nobody, blocked, over …
    Column("due_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("maybe_twice", Integer, nullable=False),  # it may have been shown before: said so when it is sent again
    Column("created_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("message_id", Text),  # the copy: edited when the ticket changes
    Column("bundle", Integer),  # the notice in whose message this one was said
    Column("stale", Integer, nullable=False),  # the copy shows an older state
    Index(
        "ix_notice_owed",
        "person_id",
        "id",
        sqlite_where=IS_OWED,
        postgresql_where=IS_OWED,
    ),
    Index("ix_notice_stale", "id", sqlite_where=IS_STALE, postgresql_where=IS_STALE),
    Index("ix_notice_bundle", "bundle", sqlite_where=IN_A_BUNDLE, postgresql_where=IN_A_BUNDLE),
    Index("ix_notice_sent", "person_id", "sent_at"),
    Index(
        "uq_notice_nudge",
        "person_id",
        "nudge_id",
        unique=True,
        sqlite_where=IN_A_NUDGE,
        postgresql_where=IN_A_NUDGE,
    ),  # nobody hears one reminder twice, whatever dies in between
)

# What happened to a ticket or a role: who, what, when, from which update. Only ever added to.
event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("ticket_id", ForeignKey("ticket.id"), index=True),
    Column("role_id", ForeignKey("role.id"), index=True),
    Column("station_id", ForeignKey("station.id"), index=True),
    Column("person_id", ForeignKey("person.id")),
    Column("detail", Text, nullable=False),  # JSON
    Column("channel", Text),
    Column("update_id", BigInteger),
)

# One row: when the heartbeat last beat, the latest moment it ever saw, and what it told the administrators.
pulse = Table(
    "pulse",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("beat_at", BigInteger, nullable=False),
    Column("latest", BigInteger, nullable=False),
    Column("held_until", BigInteger),  # no escalation before: the clock jumped, or we were away
    Column("summary_on", Text),  # ISO date of the last daily summary
    Column("digests_on", Text),  # JSON: how far morning lines, weeks and months were owed; storage/digests.py
    Column("alarm", Text),  # what is wrong now; None: nothing
    Column("repaired", Integer, nullable=False),  # tickets the audit found without a next step
)

# ── what is owed by the month, and what was handed in ─

# One duty, once: the activity of November. Of all stations alike, so its dates are its own and not theirs.
# `next_at` is when somebody must hear next; who has not done it is looked up then.
duty_round = Table(
    "duty_round",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rulebook", Text, nullable=False),
    Column("duty", Text, nullable=False),  # the rulebook's id; "asked:<n>": an office asked for it once
    Column("period", Text, nullable=False),  # 2026-11, 2026Q4, 2026; of one asked for, the day it is due
    Column("starts_on", Text, nullable=False),  # ISO date, local
    Column("ends_on", Text, nullable=False),  # the period's last day
    Column("due_at", BigInteger, nullable=False),
    Column("provisional", Integer, nullable=False),  # worked out without the year's make-up workdays
    Column("terms", Text, nullable=False),  # JSON: the duty as it was when the round began
    Column("asked_by", ForeignKey("person.id")),
    Column("asked_at", BigInteger),
    Column("owed_by", Text),  # JSON list of areas and systems an asked one is asked of; None: everybody
    Column("inner_of", ForeignKey("duty_round.id")),  # the stations' part of what a street owes
    Column("next_at", BigInteger),  # None: nobody hears of it any more
    Column("nudged_at", BigInteger),  # the planned moment of the last reminder that was begun
    Column("withdrawn_at", BigInteger),
    UniqueConstraint("rulebook", "duty", "period"),
    Index("ix_duty_round_next", "next_at", sqlite_where=GOES_ON, postgresql_where=GOES_ON),
)

# One reminder of one round (or several people's, by one 催办), from its first notice to its last.
nudge = Table(
    "nudge",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("round_id", ForeignKey("duty_round.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),  # remind, missing, up, chase
    Column("role", Text, nullable=False),  # debtor, or a role of the ladder
    Column("at", BigInteger, nullable=False),  # planned for; of a chase: pressed
    Column("day", Text, nullable=False),  # local ISO date
    Column("scope", Text, nullable=False),  # chase: whose debtors; "" for all: area:… or system:…
    Column("asked_by", ForeignKey("person.id")),  # chase: who pressed
    Column("cursor", Integer, nullable=False),  # the last debtor that was looked at
    Column("told", Integer, nullable=False),  # notices owed
    Column("nobody", Integer, nullable=False),  # debtors whom nobody hears for
    Column("done_at", BigInteger),
    UniqueConstraint("round_id", "kind", "role", "day", "scope"),
    Index("ix_nudge_open", "id", sqlite_where=NOT_DONE, postgresql_where=NOT_DONE),
)

# What somebody handed in, or is putting together (sent_at: None). What it counts for is in `credit`.
submission = Table(
    "submission",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),  # activity, publicity, return
    Column("round_id", ForeignKey("duty_round.id"), nullable=False, index=True),
    Column("station_id", ForeignKey("station.id")),  # the one it was begun for
    Column("unit", Text, nullable=False),  # area or system it was begun for; "" for a station's
    Column("proxy", Integer, nullable=False),  # 代办: handed in by a head or an office
    Column("asking", Text),  # draft: the question that waits for its answer
    Column("held_on", Text),  # ISO date
    Column("headcount", Integer),
    Column("mostly_outdoor", Integer),
    Column("words", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("outlet", Text, nullable=False),  # where the publicity went: the rulebook's id, or words
    Column("publicity", Text),  # reported, adopted
    Column("begun_at", BigInteger, nullable=False),
    Column("touched_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("withdrawn_at", BigInteger),
    Column("version", Integer, nullable=False),
    Index("ix_submission_draft", "person_id", "id", sqlite_where=IS_DRAFT, postgresql_where=IS_DRAFT),
)

# For whom a submission counts. One joint activity counts for several stations.
credit = Table(
    "credit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submission.id"), nullable=False, index=True),
    Column("round_id", ForeignKey("duty_round.id"), nullable=False),
    Column("station_id", ForeignKey("station.id"), index=True),
    Column("unit", Text, nullable=False),
    Column("state", Text, nullable=False),  # sent, accepted, sent_back, withdrawn
    Column("late", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("decided_by", ForeignKey("person.id")),
    Column("decided_at", BigInteger),
    Column("reason", Text, nullable=False),  # sent back: why
    Column("version", Integer, nullable=False),
    UniqueConstraint("submission_id", "station_id", "unit"),
    Index("ix_credit_round", "round_id", "station_id"),
)

# A photo we keep, without what the camera wrote into it. One row a use.
picture = Table(
    "picture",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha", Text, nullable=False, index=True),  # of the file in the media folder
    Column("submission_id", ForeignKey("submission.id"), index=True),
    Column("evaluation_id", ForeignKey("evaluation.id"), index=True),
    Column("point", Text, nullable=False),  # of an evaluation: which point it shows
    Column("channel", Text, nullable=False),
    Column("file_id", Text, nullable=False),  # the channel's, for showing it again
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    Column("at", BigInteger, nullable=False),
    Column("station_id", ForeignKey("station.id"), index=True),  # of the place: `point` is outside or inside
)

# What we asked somebody and they have not answered yet. One a person: a new question takes the old one's place.
expected = Table(
    "expected",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("what", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
    Column("at", BigInteger, nullable=False),
)

# ── the register ──────────────────────────────────────

# 服务登记: how many came. A day's number stands for the whole day so far; ones and check-ins after it add to it.
# Of a worker's own check-in there is no person here.
visit = Table(
    "visit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("station.id"), nullable=False),
    Column("day", Text, nullable=False),  # ISO date, local
    Column("hour", Integer),  # local; None: a whole day's number
    Column("kind", Text, nullable=False),  # number, one, check_in
    Column("service", Text, nullable=False),  # "" for all together
    Column("n", Integer, nullable=False),
    Column("person_id", ForeignKey("person.id")),
    Column("proxy", Integer, nullable=False),
    Column("later", Integer, nullable=False),  # 补登: written down on another day
    Column("at", BigInteger, nullable=False),
    Column("taken_back_at", BigInteger),
    Index("ix_visit_day", "station_id", "day"),
    Index("ix_visit_by_day", "day", "station_id"),
)

# One tap after a check-in. Nobody's.
voice = Table(
    "voice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("station.id"), nullable=False),
    Column("day", Text, nullable=False),
    Column("score", Integer, nullable=False),  # 3 content, 2 so-so, 1 not content
    Column("comment", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_voice_day", "station_id", "day"),
)

# ── evaluations and campaigns ─────────────────────────

# An area head's look at a station (S13).
evaluation = Table(
    "evaluation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("station.id"), nullable=False, index=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("regular", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    Column("withdrawn_at", BigInteger),
    Column("version", Integer, nullable=False),
    Index("ix_evaluation_done", "done_at", "station_id"),
)

finding = Table(
    "finding",
    metadata,
    Column("evaluation_id", ForeignKey("evaluation.id"), primary_key=True),
    Column("point", Text, primary_key=True),  # the rulebook's id
    Column("passed", Integer, nullable=False),
    Column("item", Text, nullable=False),  # failed: what, as a ticket names it
    Column("symptom", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("ticket_id", ForeignKey("ticket.id")),
)

# 送清凉, 送温暖 (H11).
campaign = Table(
    "campaign",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rulebook", Text, nullable=False),
    Column("kind", Text, nullable=False),  # the rulebook's id
    Column("name", Text, nullable=False),
    Column("areas", Text, nullable=False),  # JSON list of areas and systems; empty: everywhere
    Column("audience", Text, nullable=False),
    Column("goods", Text, nullable=False),  # JSON list of words: 绿豆汤, 藿香正气水
    Column("from_on", Text, nullable=False),
    Column("until_on", Text, nullable=False),
    Column("made_by", ForeignKey("person.id")),
    Column("made_at", BigInteger, nullable=False),
    Column("told_at", BigInteger),  # those who agreed to hear were told
    Column("cursor", Integer, nullable=False, server_default="0"),  # the last person of them who was looked at
    Column("ended_at", BigInteger),
)

# What a station asked for, got, and handed out.
stock = Table(
    "stock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False, index=True),
    Column("station_id", ForeignKey("station.id"), nullable=False),
    Column("kind", Text, nullable=False),  # asked, given, handed_out, left
    Column("good", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("person_id", ForeignKey("person.id")),
    Column("at", BigInteger, nullable=False),
    Column("taken_back_at", BigInteger),
    Index("ix_stock_station", "station_id", "campaign_id"),
)

# ── the day at a station ──────────────────────────────

# Today is different: closed, other hours, no water, no power, or open on a holiday; from a moment to a moment.
# It ends by itself: whoever reads it compares the moment they ask about.
special = Table(
    "special",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("station.id"), nullable=False),
    Column("kind", Text, nullable=False),  # closed, hours, open, no_water, no_power
    Column("hours", Text),  # hours: 09:00-15:00, on each of the days
    Column("from_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("together", Text, nullable=False),  # the same for all that were set by one press: a street's
    Column("round_id", ForeignKey("duty_round.id")),  # a holiday: the round that asked
    Column("person_id", ForeignKey("person.id")),
    Column("proxy", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", ForeignKey("person.id")),
    Column("tell_at", BigInteger),  # its area's head hears of it then; None: need not, or has
    Index("ix_special_station", "station_id", "until_at"),
    Index("ix_special_round", "round_id", "station_id"),
    Index("ix_special_together", "together"),
    Index("ix_special_until", "ended_at", "until_at"),
    Index("ix_special_tell", "tell_at", sqlite_where=IS_TO_TELL, postgresql_where=IS_TO_TELL),
)

# 已开门: the door was open that day, says somebody, once a station and day. Taken back: the row is gone.
opening = Table(
    "opening",
    metadata,
    Column("day", Text, primary_key=True),  # ISO date, local
    Column("station_id", ForeignKey("station.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id")),
    Column("proxy", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# A permanent fact that was mended on the spot; a list older than it does not overwrite it.
correction = Table(
    "correction",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("station.id"), nullable=False, index=True),
    Column("field", Text, nullable=False),  # as in rules.station.Station; facility:<kind>
    Column("before", Text, nullable=False),  # JSON
    Column("after", Text, nullable=False),  # JSON
    Column("person_id", ForeignKey("person.id")),
    Column("proxy", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("undone_at", BigInteger),
    Column("undone_by", ForeignKey("person.id")),
)

# What is left of a consumable, and below how many somebody must bring more.
supply = Table(
    "supply",
    metadata,
    Column("station_id", ForeignKey("station.id"), primary_key=True),
    Column("item", Text, primary_key=True),  # the rulebook's consumable or facility (the medicine box)
    Column("remains", Integer),
    Column("threshold", Integer),  # None: the rulebook's
    Column("usual", Integer),  # how many it was filled up to last
    Column("expires_on", Text),  # ISO date
    Column("person_id", ForeignKey("person.id")),
    Column("proxy", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("told_on", Text),  # ISO date of the last word about its expiry
    Index("ix_supply_expires", "expires_on", sqlite_where=text("expires_on IS NOT NULL")),
)

# 12351, 12345 or somebody at the counter: what a ticket was entered for. Two people may complain of one thing.
complaint = Table(
    "complaint",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("ticket.id"), nullable=False, index=True),
    Column("source", Text, nullable=False),  # 12351, 12345, walk_in
    Column("number", Text, nullable=False),
    Column("reply_by", BigInteger),
    Column("reply", Text, nullable=False),
    Column("replied_by", ForeignKey("person.id")),
    Column("replied_at", BigInteger),
    Column("entered_by", ForeignKey("person.id")),
    Column("at", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),
)

# ── the office's list ─────────────────────────────────

# A list somebody sent in the chat, until they decide, or for a day. The file itself is beside the photos.
list_file = Table(
    "list_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("sha", Text, nullable=False),  # of the file in the media folder
    Column("name", Text, nullable=False),  # what they call it; forgotten with the file
    Column("datum", Text, nullable=False),  # what they said of its coordinates: wgs84, gcj02, bd09, unknown, ""
    Column("state", Text, nullable=False),  # waiting, imported, dropped, over
    Column("at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("ix_list_file_waits", "at", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING),
)
