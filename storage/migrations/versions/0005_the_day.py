"""The day at a station: what is different today, what was mended on the spot, supplies, complaints."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("proxy", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_correction_person_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_correction_station_id")),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_correction_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_station_id"), ["station_id"], unique=False)

    op.create_table(
        "supply",
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("remains", sa.Integer(), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("usual", sa.Integer(), nullable=True),
        sa.Column("expires_on", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("proxy", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told_on", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_supply_person_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_supply_station_id")),
        sa.PrimaryKeyConstraint("station_id", "item", name=op.f("pk_supply")),
    )
    with op.batch_alter_table("supply", schema=None) as batch_op:
        batch_op.create_index(
            "ix_supply_expires", ["expires_on"], unique=False, sqlite_where=sa.text("expires_on IS NOT NULL")
        )

    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reply_by", sa.BigInteger(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_by", sa.Integer(), nullable=True),
        sa.Column("replied_at", sa.BigInteger(), nullable=True),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_complaint_entered_by")),
        sa.ForeignKeyConstraint(["replied_by"], ["person.id"], name=op.f("fk_complaint_replied_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_complaint_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaint_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "special",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("together", sa.Text(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("proxy", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_special_ended_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_special_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["duty_round.id"], name=op.f("fk_special_round_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_special_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special")),
    )
    with op.batch_alter_table("special", schema=None) as batch_op:
        batch_op.create_index("ix_special_station", ["station_id", "until_at"], unique=False)
        batch_op.create_index("ix_special_round", ["round_id", "station_id"], unique=False)
        batch_op.create_index("ix_special_together", ["together"], unique=False)
        batch_op.create_index("ix_special_until", ["ended_at", "until_at"], unique=False)

    with op.batch_alter_table("picture", schema=None) as batch_op:
        batch_op.add_column(sa.Column("station_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_picture_station_id"), ["station_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_picture_station_id"), "station", ["station_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("picture", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_picture_station_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_picture_station_id"))
        batch_op.drop_column("station_id")

    with op.batch_alter_table("special", schema=None) as batch_op:
        batch_op.drop_index("ix_special_until")
        batch_op.drop_index("ix_special_together")
        batch_op.drop_index("ix_special_round")
        batch_op.drop_index("ix_special_station")

    op.drop_table("special")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaint_ticket_id"))

    op.drop_table("complaint")
    with op.batch_alter_table("supply", schema=None) as batch_op:
        batch_op.drop_index("ix_supply_expires", sqlite_where=sa.text("expires_on IS NOT NULL"))

    op.drop_table("supply")
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_station_id"))

    op.drop_table("correction")
