"""Whom to tell when an announcement is done, and what a post for everyone showed, so that a change of it is seen."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ADDED = (("announcements", "report_to", 420), ("receipts", "language", 20), ("receipts", "digest", 20))


def upgrade() -> None:
    """Adds the columns, empty for what is there already, and ways to find what is due and what went to one person."""
    for table, column, length in ADDED:
        op.add_column(table, sa.Column(column, sa.String(length), nullable=False, server_default=""))
    op.create_index("deliveries_in_place", "deliveries", ["place", "kind"])
    op.drop_index("deliveries_due", "deliveries")
    op.create_index("deliveries_due", "deliveries", ["lane", "state", "task", "not_before", "position"])


def downgrade() -> None:
    """Drops them."""
    op.drop_index("deliveries_in_place", "deliveries")
    op.drop_index("deliveries_due", "deliveries")
    op.create_index("deliveries_due", "deliveries", ["lane", "state", "not_before", "position"])
    for table, column, _ in ADDED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
