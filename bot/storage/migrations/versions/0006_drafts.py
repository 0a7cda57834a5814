"""Whose draft a copy is in, so that two people's drafts of an announcement stay apart."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ONCE = "deliveries_once"


def upgrade() -> None:
    """Adds the column, and gives each draft that is there to whoever asked for its places."""
    op.add_column("deliveries", sa.Column("draft", sa.String(420), nullable=False, server_default=""))
    _unique("name", "round", "draft", "platform", "tenant", "place")
    deliveries = sa.table("deliveries", *map(sa.column, ("announcement", "task", "draft")))
    announcements = sa.table("announcements", *map(sa.column, ("id", "by")))
    by = sa.select(announcements.c.by).where(announcements.c.id == deliveries.c.announcement).scalar_subquery()
    op.execute(sa.update(deliveries).where(deliveries.c.task == "check").values(draft=by))


def downgrade() -> None:
    """Drops it, and the drafts, which could not be told apart without it."""
    op.execute("DELETE FROM deliveries WHERE draft <> ''")
    _unique("name", "round", "platform", "tenant", "place")
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_column("draft")


def _unique(*columns: str) -> None:
    """Says what there is one copy of."""
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(ONCE, type_="unique")
        batch.create_unique_constraint(ONCE, list(columns))
