"""Whom to tell when an announcement is done, and what a post for everyone showed, so that a change of it is seen."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ADDED = (("announcements", "report_to", 420), ("receipts", "language", 20), ("receipts", "digest", 20))


def upgrade() -> None:
    """Adds the columns, empty for what is there already."""
    for table, column, length in ADDED:
        op.add_column(table, sa.Column(column, sa.String(length), nullable=False, server_default=""))


def downgrade() -> None:
    """Drops the columns."""
    for table, column, _ in ADDED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
