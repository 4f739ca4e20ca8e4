"""Lists that offices sent and have not decided on yet."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_list_file_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_file")),
    )
    with op.batch_alter_table("list_file", schema=None) as batch_op:
        waits = sa.text("state = 'waiting'")
        batch_op.create_index("ix_list_file_waits", ["at"], sqlite_where=waits, postgresql_where=waits)


def downgrade() -> None:
    with op.batch_alter_table("list_file", schema=None) as batch_op:
        batch_op.drop_index("ix_list_file_waits")

    op.drop_table("list_file")
