"""Who said that the door is open; when a head hears that a station is closed for long."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("proxy", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opening_person_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_opening_station_id")),
        sa.PrimaryKeyConstraint("day", "station_id", name=op.f("pk_opening")),
    )
    with op.batch_alter_table("special", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tell_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("special", schema=None) as batch_op:
        tells = sa.text("tell_at IS NOT NULL")
        batch_op.create_index("ix_special_tell", ["tell_at"], sqlite_where=tells, postgresql_where=tells)


def downgrade() -> None:
    with op.batch_alter_table("special", schema=None) as batch_op:
        batch_op.drop_index("ix_special_tell")
        batch_op.drop_column("tell_at")

    op.drop_table("opening")
